import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { auditCircuit, STAGES, type Stage, type Subject } from '../../audit/audit.ts';
import { type Names, namesByNumber, namesFromSym } from '../../audit/names.ts';
import type { ProofTampering } from '../../audit/proof-tamper.ts';
import { type AuditReport, assembleReport, reportJson } from '../../audit/report.ts';
import { sarifOf } from '../../audit/sarif.ts';
import { parseSnapshot, type Snapshot, snapshotChanges, snapshotOf } from '../../audit/snapshot.ts';
import { parseWaivers, type Waiver } from '../../audit/waivers.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { MAX_R1CS_BYTES, MAX_WTNS_BYTES, parseR1cs, parseWitness, type R1cs } from '../../groth16/r1cs.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { root } from '../../proofs/compile.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { type OwnCircuit, openOwnCircuit, tamperWithOwnProof } from '../../proofs/own-circuit.ts';
import { auditReportText } from '../audit-report.ts';
import { circuitName } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { writeWholeFile } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';

interface AuditFlags {
  readonly r1cs?: string;
  readonly wtns?: readonly string[];
  readonly sym?: string;
  readonly snapshot?: string;
  readonly waivers?: string;
  readonly sarif?: string;
  readonly json: boolean;
}

/** Files of a circuit, at most: a few million constraints. */
const MAX_TEXT_BYTES = 1 << 28;
const OWN_WAIVERS = join(root, 'circuits/waivers.json');

export function addAuditCommand(program: Command, terminal: Terminal): void {
  program
    .command('audit')
    .description(
      'Looks for what a circuit forgets to constrain, in its compiled form; also in circuits of others.',
    )
    .argument('<circuit>', 'ballot, orders, …; with --r1cs, the name that waivers use')
    .option(
      '--r1cs <file>',
      'a compiled circuit over BN254, of circom or any compiler that writes the format',
    )
    .option('--wtns <files...>', 'witnesses of true statements; several are several places to look from')
    .option('--sym <file>', 'names of its signals')
    .option('--snapshot <file>', 'compare with what was reviewed; written if it is not there')
    .option('--waivers <file>', 'findings that were explained (default: circuits/waivers.json for our own)')
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  velum audit ballot
  circom mine.circom --O2 --r1cs --sym --wasm && node mine_js/generate_witness.js mine_js/mine.wasm in.json w.wtns
  velum audit mine --r1cs mine.r1cs --wtns w.wtns --sym mine.sym --sarif mine.sarif

Exit codes: 0 nothing open, 1 open findings, 2 wrong options or files, 70 a bug.`,
    )
    .action((circuit: string, flags: AuditFlags) => audit(circuit, flags, terminal));
}

async function audit(circuit: string, flags: AuditFlags, terminal: Terminal): Promise<void> {
  const isOwn = flags.r1cs === undefined;
  if (isOwn && (flags.wtns !== undefined || flags.sym !== undefined))
    throw new CliError('USAGE', '--wtns and --sym go with --r1cs\nSee velum audit --help.');
  if (!isOwn && flags.wtns === undefined)
    throw new CliError(
      'USAGE',
      '--r1cs needs --wtns, a witness of a true statement\nSee velum audit --help.',
    );
  const waivers = await waiversOf(circuit, flags, terminal.cwd);
  const opened = isOwn ? await openOwnCircuit(circuitName(circuit)) : await openFiles(flags, terminal.cwd);
  const reviewed = await snapshotFor(opened, flags, terminal);
  const result = await auditCircuit(opened.subject, (stage) => showStage(terminal, circuit, stage));
  const tampering = isOwn ? await tamper(circuit, terminal) : undefined;
  await clearLine(terminal);
  const changes = reviewed === undefined ? [] : snapshotChanges(opened.now, reviewed);
  const report = assembleReport(
    { circuit, file: opened.file, snapshot: opened.now, reviewed, result, tampering },
    changes,
    waivers,
  );
  await print(report, flags, terminal);
}

async function print(report: AuditReport, flags: AuditFlags, terminal: Terminal): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  if (flags.sarif !== undefined)
    await writeWholeFile(
      resolve(terminal.cwd, flags.sarif),
      `${JSON.stringify(sarifOf(report, version), null, 2)}\n`,
    );
  const open = report.open.length;
  if (!flags.json) await terminal.out(auditReportText(report));
  if (open > 0) {
    const message = `${report.circuit} has ${open} open ${open === 1 ? 'finding' : 'findings'}`;
    throw new CliError('AUDIT_FINDINGS', message, flags.json ? { audit: reportJson(report) } : {});
  }
  if (flags.json) await terminal.out(`${JSON.stringify(reportJson(report))}\n`);
}

/** A circuit from files, whoever wrote it. */
async function openFiles(flags: AuditFlags, cwd: string): Promise<Omit<OwnCircuit, 'reviewed'>> {
  const path = resolve(cwd, flags.r1cs!);
  const bytes = await readRegularFile(path, MAX_R1CS_BYTES);
  const r1cs = parsed(path, () => parseR1cs(bytes));
  const witnesses: Subject['witnesses'][number][] = [];
  for (const file of flags.wtns!) {
    const at = resolve(cwd, file);
    const wtns = await readRegularFile(at, MAX_WTNS_BYTES);
    witnesses.push({ label: file, witness: parsed(at, () => parseWitness(wtns)) });
  }
  const names =
    flags.sym === undefined ? namesByNumber(r1cs) : await readNames(r1cs, resolve(cwd, flags.sym));
  const r1csSha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    subject: { r1cs, names, witnesses },
    file: relative(cwd, path),
    now: snapshotOf(r1cs, names.wires, r1csSha256),
  };
}

async function readNames(r1cs: R1cs, path: string): Promise<Names> {
  const sym = await readTextFile(path, MAX_TEXT_BYTES);
  return parsed(path, () => namesFromSym(r1cs, sym));
}

/** What a parser says of a file, with the file's path. */
function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
    throw new Groth16Error('CIRCUIT_FILE', `${path} cannot be used: ${cause.message}`, { path }, cause);
  }
}

/** What was reviewed: of our own circuits the registry and the keys' manifest, else the file that --snapshot names. */
async function snapshotFor(
  opened: Omit<OwnCircuit, 'reviewed'> & { readonly reviewed?: Snapshot },
  { snapshot }: AuditFlags,
  { cwd, err }: Terminal,
): Promise<Snapshot | undefined> {
  if (snapshot === undefined) return opened.reviewed;
  const path = resolve(cwd, snapshot);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return parseSnapshot(await readTextFile(path, MAX_TEXT_BYTES), path);
  await writeWholeFile(path, `${JSON.stringify(opened.now, null, 2)}\n`);
  await err(`wrote ${snapshot}: from now on a change of the circuit is a finding\n`);
  return opened.now;
}

async function waiversOf(circuit: string, flags: AuditFlags, cwd: string): Promise<Waiver[]> {
  if (flags.waivers === undefined && flags.r1cs !== undefined) return [];
  const path = flags.waivers === undefined ? OWN_WAIVERS : resolve(cwd, flags.waivers);
  const all = parseWaivers(await readTextFile(path, MAX_TEXT_BYTES), path);
  return all.filter((waiver) => waiver.circuit === circuit);
}

/** The proof of the example for other statements; keys that are not there, or of another version, are the snapshot's to tell. */
async function tamper(circuit: string, terminal: Terminal): Promise<ProofTampering | undefined> {
  await showStage(terminal, circuit, 'proof');
  try {
    return await tamperWithOwnProof(circuitName(circuit));
  } catch (error) {
    if (ProofsError.is(error, 'KEYS_MISSING') || Groth16Error.is(error, 'KEYS_STALE')) return undefined;
    throw error;
  }
}

async function showStage(terminal: Terminal, circuit: string, stage: Stage | 'proof'): Promise<void> {
  if (!terminal.isErrTty) return;
  const all: readonly string[] = [...STAGES, 'proof'];
  await terminal.err(`\r\u001b[K${circuit} [${all.indexOf(stage) + 1}/${all.length}] ${stage} …`);
}

async function clearLine(terminal: Terminal): Promise<void> {
  if (terminal.isErrTty) await terminal.err('\r\u001b[K');
}
