import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createWitnessCalculator } from '../../groth16/witness.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import { explaining, readInput } from '../circuit-args.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';
import { chooseCircuit, keysFolder, namedCircuit } from '../own/chosen.ts';
import { readAnyInput } from '../own/input.ts';
import { openCompiled, openProgram, timeoutOf, WITNESS_SECONDS, witnessOf } from '../own/opened.ts';

interface WitnessFlags {
  readonly input: string;
  readonly out: string;
  readonly wasm?: string;
  readonly timeout: number;
  readonly keys?: string;
  readonly json: boolean;
}

export function addWitnessCommand(program: Command, terminal: Terminal): void {
  program
    .command('witness')
    .description('Computes all wires of a circuit; the file is as secret as the input.')
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .requiredOption('--input <file>', 'signals; velum input CIRCUIT --example shows one')
    .option('--wasm <file>', 'a witness program of circom in place of a circuit by name')
    .option(
      '--timeout <seconds>',
      'for witness programs that are not of this package',
      timeoutOf,
      WITNESS_SECONDS,
    )
    .option('--out <file.wtns>', 'where the witness goes', 'witness.wtns')
    .option('--keys <dir>', "keys folder (default: the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum witness orders --input input.json --out witness.wtns\n  velum witness --wasm multiplier.wasm --input input.json\nThe stock tool reads it: npx snarkjs wtns check build/circuits/orders.r1cs witness.wtns',
    )
    .action(async (text: string | undefined, flags: WitnessFlags) => {
      const { out, json } = flags;
      await checkOutFiles(terminal.cwd, out);
      const { circuit, witness } = await computed(text, flags, terminal);
      await writeWholeFile(resolve(terminal.cwd, out), witness);
      await terminal.out(
        json ? `${JSON.stringify({ circuit, out })}\n` : `wrote the witness of ${circuit}: ${out}\n`,
      );
    });
}

async function computed(
  text: string | undefined,
  { input, wasm, keys, timeout }: WitnessFlags,
  { cwd }: Terminal,
): Promise<{ readonly circuit: string; readonly witness: Uint8Array }> {
  const path = inputPath(cwd, input);
  const chosen = wasm === undefined ? chooseCircuit(cwd, namedCircuit(text, 'witness')) : undefined;
  if (chosen?.isOwn !== false) {
    const program = await (chosen === undefined ? openProgram(cwd, wasm!, text) : openCompiled(chosen));
    const signals = await readAnyInput(program.name, path, program.shape);
    return { circuit: program.name, witness: await witnessOf(program, signals, timeout * 1000) };
  }
  const circuit = chosen.name;
  const signals = await readInput(circuit, path);
  const { read } = await loadCircuit(circuit, keysFolder(cwd, keys, chosen));
  const calculator = await createWitnessCalculator(circuit, await read('wasm'));
  const flat = flattenSignals(circuit, signals);
  return { circuit, witness: await explaining(circuit, async () => calculator.calculate(flat)) };
}
