import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { auditCircuit, STAGES, type Stage, type Subject } from '../../audit/audit.ts';
import { type Names, namesByNumber, namesFromSym } from '../../audit/names.ts';
import { notChecked, uniquenessFindings } from '../../audit/outputs.ts';
import type { ProofTampering } from '../../audit/proof-tamper.ts';
import { type AuditReport, assembleReport, isFailed, reportJson } from '../../audit/report.ts';
import { sarifOf } from '../../audit/sarif.ts';
import { parseSnapshot, type Snapshot, snapshotChanges, snapshotOf } from '../../audit/snapshot.ts';
import { parseWaivers, type Waiver } from '../../audit/waivers.ts';
import { FileError } from '../../base/errors.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import {
  MAX_R1CS_BYTES,
  MAX_WTNS_BYTES,
  parseR1csOverAny,
  parseWitness,
  type R1cs,
} from '../../groth16/r1cs.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { r } from '../../params/fields.ts';
import { root } from '../../proofs/compile.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { type OwnCircuit, openOwnCircuit, tamperWithOwnProof } from '../../proofs/own-circuit.ts';
import { auditReportText } from '../audit-report.ts';
import { askUniqueness } from '../audit-uniqueness.ts';
import { circuitName } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { writeWholeFile } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { addAuditCheckCommand } from './audit-check.ts';

interface AuditFlags {
  readonly r1cs?: string;
  readonly wtns?: readonly string[];
  readonly sym?: string;
  readonly snapshot?: string;
  readonly waivers?: string;
  readonly sarif?: string;
  readonly assume?: readonly string[];
  readonly target?: readonly string[];
  readonly budget: number;
  readonly out?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

/** Seconds for proofs and forgeries, unless said. */
const BUDGET_S = 60;
const MAX_BUDGET_S = 86_400;

/** Files of a circuit, at most: a few million constraints. */
const MAX_TEXT_BYTES = 1 << 28;
const MAX_SOURCE_BYTES = 1 << 22;
const OWN_WAIVERS = join(root, 'circuits/waivers.json');

export function addAuditCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('audit')
    .description(
      'Proves that each output of a compiled circuit has one value for each input, or forges two; and looks for what else a circuit forgets to constrain. Also for circuits of others.',
    )
    .argument('[circuit]', 'ballot, orders, …; with --r1cs, the name that waivers use')
    .option('--r1cs <file>', 'a compiled circuit, of circom or any compiler that writes the format')
    .option('--wtns <files...>', 'witnesses of true statements: places from which more is looked for')
    .option('--sym <file>', 'names of its signals')
    .option('--assume <what...>', 'what callers promise of inputs: bits=in[*], range:8=x')
    .option('--target <names...>', 'public inputs that are asked like outputs')
    .option('--budget <seconds>', 'time for proofs and forgeries', secondsOf, BUDGET_S)
    .option('--out <dir>', 'for the certificate and forged witnesses (default: out/audit/<circuit>)')
    .option('--strict', 'fail for every open finding, an output that is not decided among them', false)
    .option('--snapshot <file>', 'compare with what was reviewed; written if it is not there')
    .option('--waivers <file>', 'findings that were explained (default: circuits/waivers.json for our own)')
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Verdicts: PROVED (with a certificate), FORGED (with two witnesses of one input), UNKNOWN (with the open constraint).
docs/AUDIT.md says how to read them.

Examples:
  velum audit ballot
  circom mine.circom --O1 --r1cs --sym && velum audit --r1cs mine.r1cs --sym mine.sym
  velum audit --r1cs mine.r1cs --sym mine.sym --assume 'bits=in[*]' --strict --sarif mine.sarif
  velum audit check out/audit/mine/certificate.json --r1cs mine.r1cs

Exit codes: 0 nothing of what follows, 1 an output is forged, the circuit is not the one that was reviewed, or with
--strict anything is open, 2 wrong options or files, 70 a bug. Ctrl-C ends the search with what was found until then.`,
    )
    .action((circuit: string | undefined, flags: AuditFlags) => audit(circuit, flags, terminal));
  addAuditCheckCommand(command, terminal);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= MAX_BUDGET_S))
    throw new CliError('USAGE', `--budget ${text}: seconds, more than 0\nSee velum audit --help.`);
  return seconds;
}

async function audit(named: string | undefined, flags: AuditFlags, terminal: Terminal): Promise<void> {
  const isOwn = flags.r1cs === undefined;
  if (isOwn && (flags.wtns !== undefined || flags.sym !== undefined))
    throw new CliError('USAGE', '--wtns and --sym go with --r1cs\nSee velum audit --help.');
  const circuit = named ?? (flags.r1cs === undefined ? undefined : basename(flags.r1cs, '.r1cs'));
  if (circuit === undefined)
    throw new CliError('USAGE', 'name a circuit, or give one by --r1cs\nSee velum audit --help.');
  const waivers = await waiversOf(circuit, flags, terminal.cwd);
  const opened = isOwn ? await openOwn(circuit) : await openFiles(flags, terminal.cwd);
  const reviewed = await snapshotFor(opened, flags, terminal);
  const { names, witnesses } = opened.subject;
  const answered = await askUniqueness(
    {
      ...opened,
      r1cs: opened.subject.r1cs,
      names,
      witnesses: witnesses.map(({ witness }) => witness),
      sha256: createHash('sha256').update(opened.r1csFile).digest('hex'),
    },
    {
      assume: flags.assume ?? [],
      target: flags.target ?? [],
      budgetMs: flags.budget * 1000,
      out: flags.out ?? join('out/audit', circuit.replace(/[^\w.-]/g, '_')),
    },
    terminal,
  );
  const isChecked = witnesses.length > 0 && opened.modulus === r;
  const result = isChecked
    ? await auditCircuit(opened.subject, (stage) => showStage(terminal, circuit, stage))
    : undefined;
  const tampering = isOwn ? await tamper(circuit, terminal) : undefined;
  await clearLine(terminal);
  const { outputs, assumptions, result: asked } = answered;
  const found = [
    ...uniquenessFindings(asked, outputs, names),
    ...(reviewed === undefined ? [] : snapshotChanges(opened.now, reviewed)),
  ];
  const without = isChecked
    ? undefined
    : 'dropped constraints, leaks and what else needs a witness over BN254 (--wtns)';
  const report = assembleReport(
    {
      circuit,
      file: opened.file,
      snapshot: opened.now,
      reviewed,
      result,
      outputs,
      notChecked: notChecked(asked, assumptions, without),
      tampering,
    },
    found,
    waivers,
  );
  await print(report, opened.source, flags, terminal);
}

async function print(
  report: AuditReport,
  source: string | undefined,
  flags: AuditFlags,
  terminal: Terminal,
): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  if (flags.sarif !== undefined)
    await writeWholeFile(
      resolve(terminal.cwd, flags.sarif),
      `${JSON.stringify(sarifOf(report, version, source), null, 2)}\n`,
    );
  const open = report.open.length;
  if (!flags.json) await terminal.out(auditReportText(report));
  if (isFailed(report, flags.strict)) {
    const message = `${report.circuit} has ${open} open ${open === 1 ? 'finding' : 'findings'}`;
    throw new CliError('AUDIT_FINDINGS', message, flags.json ? { audit: reportJson(report) } : {});
  }
  if (flags.json) await terminal.out(`${JSON.stringify(reportJson(report))}\n`);
}

/** A circuit with all that its audit reads. */
interface Opened extends Omit<OwnCircuit, 'reviewed'> {
  readonly reviewed?: Snapshot;
  readonly modulus: bigint;
  /** Text of `file`, if that is a circom source. */
  readonly source: string | undefined;
}

async function openOwn(circuit: string): Promise<Opened> {
  const own = await openOwnCircuit(circuitName(circuit));
  return { ...own, modulus: r, source: await sourceAt(join(root, own.file)) };
}

/** A circuit from files, whoever wrote it. */
async function openFiles(flags: AuditFlags, cwd: string): Promise<Opened> {
  const path = resolve(cwd, flags.r1cs!);
  const bytes = await readRegularFile(path, MAX_R1CS_BYTES);
  const r1cs = parsed(path, () => parseR1csOverAny(bytes));
  const witnesses: Subject['witnesses'][number][] = [];
  for (const file of flags.wtns ?? []) {
    const at = resolve(cwd, file);
    const wtns = await readRegularFile(at, MAX_WTNS_BYTES);
    witnesses.push({ label: file, witness: parsed(at, () => parseWitness(wtns)) });
  }
  const names =
    flags.sym === undefined ? namesByNumber(r1cs) : await readNames(r1cs, resolve(cwd, flags.sym));
  const r1csSha256 = createHash('sha256').update(bytes).digest('hex');
  const beside = path.replace(/(\.r1cs)?$/, '.circom');
  const source = await sourceAt(beside);
  return {
    subject: { r1cs, names, witnesses },
    r1csFile: bytes,
    modulus: r1cs.field.modulus,
    file: relative(cwd, source === undefined ? path : beside),
    source,
    now: snapshotOf(r1cs, names.wires, r1csSha256),
  };
}

/** The text of a source that may be there: it only tells lines. */
async function sourceAt(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path, MAX_SOURCE_BYTES);
  } catch (error) {
    if (FileError.is(error, 'FILE_UNREADABLE')) return undefined;
    throw error;
  }
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
  opened: Opened,
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
