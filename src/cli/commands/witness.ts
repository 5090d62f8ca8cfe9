import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createWitnessCalculator } from '../../groth16/witness.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import { circuitName, explaining, keysFolder, readInput } from '../circuit-args.ts';
import { writeWholeFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';

interface WitnessFlags {
  readonly input: string;
  readonly out: string;
  readonly keys?: string;
  readonly json: boolean;
}

export function addWitnessCommand(program: Command, terminal: Terminal): void {
  program
    .command('witness')
    .description('Computes all wires of a circuit; the file is as secret as the input.')
    .argument('<circuit>', 'ballot, orders, … (velum circuits list)')
    .requiredOption('--input <file>', 'signals; velum input CIRCUIT --example shows one')
    .option('--out <file.wtns>', 'where the witness goes', 'witness.wtns')
    .option('--keys <dir>', "keys folder (default: the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum witness orders --input input.json --out witness.wtns\nThe stock tool reads it: npx snarkjs wtns check build/circuits/orders.r1cs witness.wtns',
    )
    .action(async (text: string, { input, out, keys, json }: WitnessFlags) => {
      const circuit = circuitName(text);
      const signals = await readInput(circuit, inputPath(terminal.cwd, input));
      const { read } = await loadCircuit(circuit, keysFolder(terminal.cwd, keys));
      const calculator = await createWitnessCalculator(circuit, await read('wasm'));
      const flat = flattenSignals(circuit, signals);
      const witness = await explaining(circuit, async () => calculator.calculate(flat));
      await writeWholeFile(resolve(terminal.cwd, out), witness);
      await terminal.out(
        json ? `${JSON.stringify({ circuit, out })}\n` : `wrote the witness of ${circuit}: ${out}\n`,
      );
    });
}
