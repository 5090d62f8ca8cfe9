import { resolve } from 'node:path';
import type { Command } from 'commander';
import { equalBytes } from '../../base/bytes.ts';
import { FormatError } from '../../formats/errors.ts';
import { EVIDENCE_FILE_BYTES, type EvidenceFile, parseEvidenceFile } from '../../formats/evidence-file.ts';
import { GENESIS_FILE_BYTES, type Genesis, parseGenesisFile } from '../../formats/genesis-file.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { KEYS_DIR } from '../../proofs/registry.ts';
import { type DealingEvidence, judgeDealings } from '../../validator/genesis/dealing-evidence.ts';
import { type EvidenceRules, judgeEvidence } from '../../validator/shown-evidence.ts';
import { answerNo } from '../answer-no.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';

interface Flags {
  readonly genesis: string;
  readonly keys?: string;
  readonly json: boolean;
}

/** Adds `velum evidence`. */
export function addEvidenceCommand(program: Command, terminal: Terminal): void {
  const evidence = program
    .command('evidence')
    .description('Judges evidence that a validator said two things where it may say one.')
    .addHelpText(
      'after',
      '\nExample:\n  velum evidence verify out/faulty/evidence/1.json --genesis out/faulty/genesis.json',
    );
  evidence
    .command('verify')
    .argument('<file>', 'evidence/<n>.json of a run')
    .description('Whether a file of evidence convinces anybody who has the genesis.')
    .requiredOption('--genesis <file>', 'genesis.json of the chain')
    .option(
      '--keys <dir>',
      "keys folder, for evidence of two ballots or of a dealing (default: the package's own)",
    )
    .option('--json', 'print one JSON object instead of a sentence', false)
    .addHelpText(
      'after',
      `
Example:
  velum epoch --faulty 1 --out out/faulty && velum evidence verify out/faulty/evidence/1.json --genesis out/faulty/genesis.json
Two ballots of one nullifier convince by their proofs; two bundles, finish or settlement messages of one height by their author's
signatures; a dealing of the first keys convinces if its dealer signed it and it does not hold, or signed two. Nothing but the genesis and the verification key is believed.
With --json prints {"convinces", "kind", "validator", "height", "reason"}; what the file says of itself is in it also if it convinces nobody.
Exit codes: 0 it convinces, 1 it does not, 2 a file cannot be read or is no evidence.`,
    )
    .action((file: string, flags: Flags) => verifyEvidence(file, flags, terminal));
}

async function verifyEvidence(file: string, flags: Flags, terminal: Terminal): Promise<void> {
  const read = (name: string, most: number): Promise<string> =>
    readTextFile(inputPath(terminal.cwd, name), most);
  const shown = parseEvidenceFile(await read(file, EVIDENCE_FILE_BYTES), file);
  const genesis = parseGenesisFile(await read(flags.genesis, GENESIS_FILE_BYTES), flags.genesis);
  const { kind, validator, height } = shown.evidence;
  const problem = await problemOf(
    shown,
    genesis,
    flags.keys === undefined ? KEYS_DIR : resolve(terminal.cwd, flags.keys),
  );
  const answer = { convinces: problem === undefined, kind, validator, height, reason: problem ?? null };
  if (problem !== undefined) {
    const no = new FormatError('EVIDENCE_REFUSED', `${file} convinces nobody: ${problem}`, { file });
    return answerNo(terminal, flags, answer, no);
  }
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `${file} convinces: validator ${validator} ${saidOf(shown.evidence)}\n`,
  );
}

/** Why the evidence convinces nobody who has this genesis. */
async function problemOf(
  { chain, epoch: proof, evidence }: EvidenceFile,
  { chain: genesis, epoch }: Genesis,
  keysDir: string,
): Promise<string | undefined> {
  const domain = epochDomain(genesis, epoch);
  if (!equalBytes(chain, domain.chainHash)) return 'it is of another chain than the genesis';
  if (!equalBytes(proof.hash, domain.epochHash)) return 'it is of another epoch than the genesis names';
  if (evidence.kind === 'dealing') return problemOfDealings({ domain, epoch }, evidence, keysDir);
  const judged = judgeEvidence({ domain, epoch }, evidence);
  if (typeof judged === 'string') return judged;
  for (const { signals, proof } of judged)
    if (!(await (await loadVerifier('ballot', keysDir)).verify([...signals], proof)))
      return 'the proof of a ballot does not hold';
  return undefined;
}

/** Why dealings convince nobody: they hold. */
async function problemOfDealings(
  rules: EvidenceRules,
  evidence: DealingEvidence,
  keysDir: string,
): Promise<string | undefined> {
  const judged = judgeDealings(rules, evidence);
  if (typeof judged === 'string' || judged.length === 0)
    return typeof judged === 'string' ? judged : undefined;
  const verifier = await loadVerifier('dealing', keysDir);
  const bad = await verifier.verifyBatch(
    judged.map(({ signals }) => signals),
    judged.map(({ proof }) => proof),
  );
  return bad.length === 0 ? 'the dealing holds' : undefined;
}

/** What it shows, in words. */
function saidOf(evidence: EvidenceFile['evidence']): string {
  const { kind, height } = evidence;
  if (kind !== 'dealing') return `said two things at height ${height} (${kind})`;
  return evidence.dealings.length === 2
    ? 'signed two dealings of one generation'
    : 'signed a dealing that does not hold';
}
