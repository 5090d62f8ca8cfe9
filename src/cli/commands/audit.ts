import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { auditInThread } from '../../audit/audit-thread.ts';
import { notChecked } from '../../audit/outputs.ts';
import type { ProofTampering } from '../../audit/proof-tamper.ts';
import { type AuditReport, assembleReport, failureText, isFailed, reportJson } from '../../audit/report.ts';
import { sarifOf } from '../../audit/sarif.ts';
import { parseSnapshot, type Snapshot, snapshotChanges } from '../../audit/snapshot.ts';
import { SourceLines } from '../../audit/source-lines.ts';
import { parseWaivers, type Waiver } from '../../audit/waivers.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { root } from '../../proofs/compile.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { tamperWithOwnProof } from '../../proofs/own-circuit.ts';
import { writeVerdictFiles } from '../audit-files.ts';
import { MAX_TEXT_BYTES, type OpenedCircuit, openFiles, openOwn } from '../audit-open.ts';
import { auditReportText } from '../audit-report.ts';
import { StageBar } from '../audit-stages.ts';
import { circuitName } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import { hearingInterrupt } from '../interrupt.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { checkTakesFiles } from '../out-place.ts';
import { openAudited } from '../own/audited.ts';
import { chooseCircuit } from '../own/chosen.ts';
import { packageVersion } from '../version.ts';
import { addAuditCheckCommand } from './audit-check.ts';

interface AuditFlags {
  readonly r1cs?: string;
  readonly wasm?: string;
  readonly wtns?: readonly string[];
  readonly sym?: string;
  readonly source?: string;
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

const OWN_WAIVERS = join(root, 'circuits/waivers.json');

export function addAuditCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('audit')
    .description(
      'Proves that each output of a compiled circuit has one value for each input, or forges two; and looks for what else a circuit forgets to constrain. Also for circuits of others.',
    )
    .argument('[circuit]', 'of circuits.json, or ballot, orders, …; with --r1cs, the name that waivers use')
    .option('--r1cs <file>', 'a compiled circuit, of circom or any compiler that writes the format')
    .option('--wtns <files...>', 'witnesses of true statements: places from which more is looked for')
    .option('--sym <file>', 'names of its signals')
    .option('--wasm <file>', 'its witness program, which makes first witnesses to forge from; with --sym')
    .option('--source <file.circom>', 'its source, for lines (default: beside --r1cs, of the same name)')
    .option('--assume <what...>', 'what callers promise: bits=in[*], range:8=x, subgroup=P[*], input=hint')
    .option('--target <names...>', 'public inputs that are asked like outputs')
    .option(
      '--budget <seconds>',
      'time for proofs and forgeries; as much again, at least 60, for checks at witnesses',
      secondsOf,
      BUDGET_S,
    )
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
  velum audit multiplier --strict
  circom mine.circom --O1 --r1cs --sym && velum audit --r1cs mine.r1cs --sym mine.sym
  velum audit --r1cs mine.r1cs --sym mine.sym --wasm mine_js/mine.wasm
  velum audit --r1cs mine.r1cs --sym mine.sym --assume 'bits=in[*]' --strict --sarif mine.sarif
  velum audit --r1cs mine.r1cs --sym mine.sym --assume 'subgroup=P[*]'
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
  const { r1cs, out } = flags;
  if (out !== undefined) {
    const folder = resolve(terminal.cwd, out);
    await checkTakesFiles(folder, folder);
  }
  await checkOutFiles(terminal.cwd, flags.sarif);
  const isOwn = r1cs === undefined;
  if (isOwn && [flags.wtns, flags.sym, flags.source, flags.wasm].some((file) => file !== undefined))
    throw new CliError('USAGE', '--sym, --wasm, --wtns and --source go with --r1cs\nSee velum audit --help.');
  if (flags.wasm !== undefined && flags.sym === undefined)
    throw new CliError('USAGE', '--wasm goes with --sym, which tells its inputs\nSee velum audit --help.');
  if (isOwn && named === undefined)
    throw new CliError('USAGE', 'name a circuit, or give one by --r1cs\nSee velum audit --help.');
  const chosen = isOwn ? chooseCircuit(terminal.cwd, named!) : undefined;
  const circuit = chosen?.name ?? named ?? basename(r1cs!, '.r1cs');
  if (chosen?.isOwn) {
    const { opened, waivers } = await openAudited(chosen, terminal.cwd);
    const { assume, target } = chosen.entry;
    const asked = {
      ...flags,
      assume: [...assume, ...(flags.assume ?? [])],
      target: [...target, ...(flags.target ?? [])],
    };
    return examine(
      circuit,
      opened,
      [...waivers, ...(await waiversOf(circuit, flags, terminal.cwd, []))],
      asked,
      terminal,
    );
  }
  const waivers = await waiversOf(circuit, flags, terminal.cwd, isOwn ? OWN_WAIVERS : []);
  const opened = isOwn ? await openOwn(circuit) : await openFiles({ ...flags, r1cs }, terminal.cwd);
  return examine(circuit, opened, waivers, flags, terminal, isOwn);
}

/** @param isPackaged whether there is an example, whose proof can be tried for other statements */
async function examine(
  circuit: string,
  opened: OpenedCircuit,
  waivers: readonly Waiver[],
  flags: AuditFlags,
  terminal: Terminal,
  isPackaged = false,
): Promise<void> {
  const bar = new StageBar(terminal, circuit);
  const { answer, checks, ended } = await hearingInterrupt((signal) =>
    auditInThread(
      { files: opened.files, assume: flags.assume ?? [], target: flags.target ?? [] },
      flags.budget * 1000,
      signal,
      (stage, done, total) => bar.show(stage, done, total),
    ),
  );
  const tampering = isPackaged && checks !== undefined ? await tamper(circuit, bar) : undefined;
  await bar.clear();
  const out = flags.out ?? join('out/audit', circuit.replace(/[^\w.-]/g, '_'));
  const outputs = await writeVerdictFiles(answer, out, terminal.cwd);
  const reviewed = await snapshotFor(answer.snapshot, opened.reviewed, flags, terminal);
  const report = assembleReport(
    {
      circuit,
      file: opened.file,
      snapshot: answer.snapshot,
      reviewed,
      result: checks,
      outputs,
      notChecked: notChecked(answer.leftOpen, checks, ended),
      tampering,
    },
    [...answer.findings, ...(reviewed === undefined ? [] : snapshotChanges(answer.snapshot, reviewed))],
    waivers,
    new SourceLines(opened.sources),
  );
  await print(report, flags, terminal);
}

async function print(report: AuditReport, flags: AuditFlags, terminal: Terminal): Promise<void> {
  if (flags.sarif !== undefined)
    await writeWholeFile(
      resolve(terminal.cwd, flags.sarif),
      `${JSON.stringify(sarifOf(report, packageVersion()), null, 2)}\n`,
    );
  await terminal.out(flags.json ? `${JSON.stringify(reportJson(report))}\n` : auditReportText(report));
  if (isFailed(report, flags.strict))
    throw new CliError('AUDIT_FINDINGS', failureText(report, flags.strict), { isTold: true });
}

/** What was reviewed: of our own circuits the registry and the keys' manifest, else the file that --snapshot names. */
async function snapshotFor(
  now: Required<Snapshot>,
  reviewed: Snapshot | undefined,
  { snapshot }: AuditFlags,
  { cwd, err }: Terminal,
): Promise<Snapshot | undefined> {
  if (snapshot === undefined) return reviewed;
  const path = resolve(cwd, snapshot);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return parseSnapshot(await readTextFile(path, MAX_TEXT_BYTES), path);
  await writeWholeFile(path, `${JSON.stringify(now, null, 2)}\n`);
  const names = now.labelsSha256 === null ? ', but without a .sym file no names are compared' : '';
  await err(`wrote ${snapshot}: from now on a change of the circuit is a finding${names}\n`);
  return now;
}

/** @param unless file of the waivers where no flag names one, or none */
async function waiversOf(
  circuit: string,
  flags: AuditFlags,
  cwd: string,
  unless: string | readonly Waiver[],
): Promise<readonly Waiver[]> {
  if (flags.waivers === undefined && typeof unless !== 'string') return unless;
  const path = flags.waivers === undefined ? (unless as string) : resolve(cwd, flags.waivers);
  const all = parseWaivers(await readTextFile(path, MAX_TEXT_BYTES), path);
  return all.filter((waiver) => waiver.circuit === circuit);
}

/** The proof of the example for other statements; keys that are not there, or of another version, are the snapshot's to tell. */
async function tamper(circuit: string, bar: StageBar): Promise<ProofTampering | undefined> {
  bar.show('proof', 0, 1);
  try {
    return await tamperWithOwnProof(circuitName(circuit));
  } catch (error) {
    if (ProofsError.is(error, 'KEYS_MISSING') || Groth16Error.is(error, 'KEYS_STALE')) return undefined;
    throw error;
  }
}
