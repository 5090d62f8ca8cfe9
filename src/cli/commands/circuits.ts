import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { parseR1cs } from '../../groth16/r1cs.ts';
import { type RegisteredCircuit, registeredCircuits } from '../../proofs/circuit-list.ts';
import { circuitShape } from '../../proofs/circuits.ts';
import { compileCircuit, root } from '../../proofs/compile.ts';
import { KEYS_DIR } from '../../proofs/registry.ts';
import { circuitName } from '../circuit-args.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

/** One circuit as compiled, and its key. */
interface CircuitRow {
  readonly name: string;
  readonly constraints: number;
  /** Groth16's: the power of two ≥ constraints + public signals + 1. */
  readonly domain: number;
  readonly publicInputs: number;
  readonly publicOutputs: number;
  readonly wires: number;
  readonly r1csSha256: string;
  /** Null where the package has no keys of the circuit. */
  readonly vkeySha256: string | null;
}

interface JsonFlag {
  readonly json: boolean;
}

export function addCircuitsCommand(program: Command, terminal: Terminal): void {
  const circuits = program
    .command('circuits')
    .description('The circuits of this package.')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum circuits inspect orders --json');
  circuits
    .command('list')
    .description('Lists the statements and what they cost.')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum circuits list')
    .action(async (flags: JsonFlag) => {
      const all = await registeredCircuits();
      const rows = await Promise.all(all.map(rowOf));
      await print(terminal, flags, rows, () => listing(all, rows));
    });
  circuits
    .command('build')
    .description(
      'Compiles circuits with circom at --O2 into build/circuits; nothing is done for what is built.',
    )
    .argument('[circuit]', 'one of them (default: all)')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum circuits build orders')
    .action(async (name: string | undefined, flags: JsonFlag) => {
      const chosen = await choose(name);
      const rows: CircuitRow[] = [];
      for (const circuit of chosen) rows.push(await rowOf(circuit));
      await print(terminal, flags, rows, () =>
        rows.flatMap(({ name: built, constraints }) => [
          `${built}: ${constraints} constraints in ${relative(terminal.cwd, join(root, 'build/circuits'))}/${built}.{r1cs,sym,wasm}`,
        ]),
      );
    });
  circuits
    .command('inspect')
    .description('Tells what a circuit is: sizes, hashes, public signals in order, inputs.')
    .argument('[circuit]', 'one of them (default: all)')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum circuits inspect orders --json')
    .action(async (name: string | undefined, flags: JsonFlag) => {
      const chosen = await choose(name);
      const rows: CircuitRow[] = [];
      for (const circuit of chosen) rows.push(await rowOf(circuit));
      await print(terminal, flags, rows, () => chosen.flatMap((circuit, i) => details(circuit, rows[i]!)));
    });
}

async function choose(name: string | undefined): Promise<readonly RegisteredCircuit[]> {
  const all = await registeredCircuits();
  return name === undefined ? all : all.filter((circuit) => circuit.name === circuitName(name));
}

async function rowOf({ name, file }: RegisteredCircuit): Promise<CircuitRow> {
  const bytes = await readFile((await compileCircuit(join(root, file))).r1cs);
  const r1cs = parseR1cs(bytes);
  const rows = r1cs.constraints.length + r1cs.outputCount + r1cs.publicInputCount + 1;
  const vkey = join(KEYS_DIR, name, 'vkey.json');
  return {
    name,
    constraints: r1cs.constraints.length,
    domain: 2 ** Math.ceil(Math.log2(rows)),
    publicInputs: r1cs.publicInputCount,
    publicOutputs: r1cs.outputCount,
    wires: r1cs.wireCount,
    r1csSha256: sha256(bytes),
    vkeySha256: existsSync(vkey) ? sha256(await readFile(vkey)) : null,
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function print(
  terminal: Terminal,
  { json }: JsonFlag,
  circuits: readonly CircuitRow[],
  text: () => readonly string[],
): Promise<void> {
  await terminal.out(json ? `${JSON.stringify({ circuits })}\n` : `${text().join('\n')}\n`);
}

function listing(all: readonly RegisteredCircuit[], rows: readonly CircuitRow[]): string[] {
  const head = ['circuit', 'statement', 'constraints', 'domain', 'public', 'wires', 'keys'];
  const body = rows.map((row, i) => [
    row.name,
    all[i]!.statement,
    String(row.constraints),
    String(row.domain),
    String(row.publicInputs + row.publicOutputs),
    String(row.wires),
    row.vkeySha256 === null ? 'none' : row.vkeySha256.slice(0, 12),
  ]);
  return table([head, ...body], ['left', 'left', 'right', 'right', 'right', 'right'], 0);
}

function details({ statement, file, name, publicSignals }: RegisteredCircuit, row: CircuitRow): string[] {
  const inputs = Object.entries(circuitShape(name).inputs).map(
    ([signal, shape]) => `${signal}${shape.map((n) => `[${n}]`).join('')}`,
  );
  const pairs: [string, string][] = [
    ['source', file],
    ['constraints', `${row.constraints} (domain ${row.domain})`],
    ['wires', String(row.wires)],
    ['public', `${row.publicOutputs} outputs, ${row.publicInputs} inputs: ${publicSignals.join(', ')}`],
    ['inputs', inputs.join(', ')],
    ['r1cs sha256', row.r1csSha256],
    ['vkey sha256', row.vkeySha256 ?? 'none'],
  ];
  return [`${name} (${statement})`, ...table(pairs)];
}
