import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { findProject, type Project, sourceFile } from '../../project/project-file.ts';
import { type RegisteredCircuit, registeredCircuits } from '../../proofs/circuit-list.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import type { Terminal } from '../io.ts';
import { type Chosen, chooseCircuit, PACKAGE_PREFIX } from '../own/chosen.ts';
import { type Inspected, inspectChosen, inspectFile, vkeyHash } from '../own/inspected.ts';
import { table } from '../table.ts';

/** One circuit as it is listed: nothing is compiled for that. */
interface ListedCircuit {
  readonly name: string;
  readonly file: string;
  /** Template of a project's circuit, statement of one of this package. */
  readonly title: string;
  /** As they are named in the project file, or as they were reviewed. */
  readonly publicSignals: readonly string[];
  /** As reviewed; null of a project's circuit. */
  readonly constraints: number | null;
  readonly domain: number | null;
  readonly vkeySha256: string | null;
}

interface InspectFlags {
  readonly r1cs?: string;
  readonly sym?: string;
  readonly json: boolean;
}

export function addCircuitsCommand(program: Command, terminal: Terminal): void {
  const circuits = program
    .command('circuits')
    .description('The circuits of the project in this folder, and of this package.')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum circuits inspect multiplier --json');
  circuits
    .command('list')
    .description('Lists circuits, and compiles none of them.')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      "\nExample:\n  velum circuits list\nThe circuits of circuits.json come first. Where the project has a name of this package's, that one is velum:NAME.",
    )
    .action(async ({ json }: { readonly json: boolean }) => {
      const rows = await listed(terminal.cwd);
      await terminal.out(json ? `${JSON.stringify({ circuits: rows })}\n` : `${listing(rows).join('\n')}\n`);
    });
  circuits
    .command('build')
    .description('Compiles circuits with circom; nothing is done for what is built.')
    .argument('[circuit]', 'one of them (default: all of the project, or of this package)')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum circuits build multiplier\nA circuit of the project goes to its folder build/NAME, at the level of simplification that circuits.json says.',
    )
    .action(async (name: string | undefined, flags: { readonly json: boolean }) => {
      const all = await inspectAll(terminal.cwd, name);
      await print(terminal, flags, all, ({ row, folder, warnings }) => [
        `${row.name}: ${row.constraints} constraints in ${relative(terminal.cwd, folder ?? '')}/${row.name}.{r1cs,sym,wasm}`,
        ...warnings.map((warning) => `  ${warning}`),
      ]);
    });
  circuits
    .command('inspect')
    .description('Tells what a circuit is: sizes, hashes, public signals in order, inputs.')
    .argument('[circuit]', 'one of them (default: all of the project, or of this package)')
    .option('--r1cs <file>', 'a compiled circuit in place of a name')
    .option('--sym <file>', 'with --r1cs: names of its signals')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum circuits inspect orders --json\n  velum circuits inspect --r1cs mine.r1cs --sym mine.sym',
    )
    .action(async (name: string | undefined, flags: InspectFlags) => {
      const all =
        flags.r1cs === undefined
          ? await inspectAll(terminal.cwd, name)
          : [await inspectFile(terminal.cwd, flags.r1cs, flags.sym)];
      await print(terminal, flags, all, details);
    });
}

/** One by one: circom takes up to 4 GiB. */
async function inspectAll(cwd: string, name: string | undefined): Promise<Inspected[]> {
  const all: Inspected[] = [];
  for (const chosen of name === undefined ? await everyCircuit(cwd) : [chooseCircuit(cwd, name)])
    all.push(await inspectChosen(chosen));
  return all;
}

async function everyCircuit(cwd: string): Promise<Chosen[]> {
  const project = findProject(cwd);
  if (project === undefined)
    return (await registeredCircuits()).map(({ name }) => ({ isOwn: false, name }) as const);
  return [...project.circuits.values()].map((entry) => ({ isOwn: true, name: entry.name, project, entry }));
}

async function listed(cwd: string): Promise<ListedCircuit[]> {
  const project = findProject(cwd);
  const own =
    project === undefined ? [] : await Promise.all([...project.circuits.values()].map(ownRow(project)));
  const packaged = await Promise.all((await registeredCircuits()).map(packagedRow(project)));
  return [...own, ...packaged];
}

const ownRow =
  (project: Project) =>
  async (entry: Parameters<typeof sourceFile>[1]): Promise<ListedCircuit> => ({
    name: entry.name,
    file: relative(project.root, sourceFile(project, entry)),
    title:
      entry.template === undefined ? '' : `${entry.template}(${entry.params.map(parameterText).join(', ')})`,
    publicSignals: entry.pubs,
    constraints: null,
    domain: null,
    vkeySha256: await vkeyHash(join(project.root, 'keys'), entry.name),
  });

const parameterText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(parameterText).join(', ')}]` : String(value);

const packagedRow =
  (project: Project | undefined) =>
  async ({ name, file, statement, publicSignals, ...sizes }: RegisteredCircuit): Promise<ListedCircuit> => ({
    name: project === undefined ? name : PACKAGE_PREFIX + name,
    file,
    title: statement,
    publicSignals,
    constraints: sizes.constraints,
    domain: sizes.domain,
    vkeySha256: await vkeyHash(KEYS_DIR, name),
  });

async function print(
  terminal: Terminal,
  { json }: { readonly json: boolean },
  all: readonly Inspected[],
  text: (one: Inspected) => readonly string[],
): Promise<void> {
  const circuits = all.map(({ row }) => row);
  await terminal.out(json ? `${JSON.stringify({ circuits })}\n` : `${all.flatMap(text).join('\n')}\n`);
}

function listing(rows: readonly ListedCircuit[]): string[] {
  const head = ['circuit', 'is', 'source', 'constraints', 'domain', 'public', 'keys'];
  const body = rows.map(({ name, title, file, constraints, domain, publicSignals, vkeySha256 }) => [
    name,
    title,
    file,
    constraints === null ? '' : String(constraints),
    domain === null ? '' : String(domain),
    publicSignals.length > 6 ? String(publicSignals.length) : publicSignals.join(', '),
    vkeySha256 === null ? 'none' : vkeySha256.slice(0, 12),
  ]);
  return table([head, ...body], ['left', 'left', 'left', 'right', 'right'], 0);
}

function details({ row, title, file, publicSignals, inputs, warnings }: Inspected): string[] {
  const pairs: [string, string][] = [
    ['source', file],
    ['constraints', `${row.constraints} (domain ${row.domain})`],
    ['wires', String(row.wires)],
    ['public', `${row.publicOutputs} outputs, ${row.publicInputs} inputs: ${publicSignals.join(', ')}`],
    ['inputs', inputs.length === 0 ? 'not known without --sym' : inputs.join(', ')],
    ['r1cs sha256', row.r1csSha256],
    ['vkey sha256', row.vkeySha256 ?? 'none'],
  ];
  return [`${row.name} (${title})`, ...table(pairs), ...warnings.map((warning) => `  ${warning}`)];
}
