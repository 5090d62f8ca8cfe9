import { resolve } from 'node:path';
import type { Command } from 'commander';
import { equalBytes } from '../../base/bytes.ts';
import { FormatError } from '../../formats/errors.ts';
import {
  type AnyEvidence,
  EVIDENCE_FILE_BYTES,
  type EvidenceFile,
  parseEvidenceFile,
} from '../../formats/evidence-file.ts';
import { GENESIS_FILE_BYTES, type Genesis, parseGenesisFile } from '../../formats/genesis-file.ts';
import { EPOCHS_FILE_BYTES, parseEpochsFile } from '../../formats/state-files.ts';
import type { ClaimedProof } from '../../ledger/claims.ts';
import { type EpochChange, epochsAlong } from '../../ledger/epoch-change.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import { judgeDealings } from '../../validator/genesis/dealing-evidence.ts';
import { judgeRotation } from '../../validator/rotation-evidence.ts';
import { type EvidenceRules, judgeEvidence } from '../../validator/shown-evidence.ts';
import { answerNo } from '../answer-no.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';

interface Flags {
  readonly genesis: string;
  readonly epochs?: string;
  readonly keys?: string;
  readonly json: boolean;
}

/** Adds `velum evidence`. */
export function addEvidenceCommand(program: Command, terminal: Terminal): void {
  const evidence = program
    .command('evidence')
    .description('Judges evidence that a validator signed what no correct one signs.')
    .addHelpText(
      'after',
      '\nExample:\n  velum evidence verify out/faulty/evidence/1.json --genesis out/faulty/genesis.json',
    );
  evidence
    .command('verify')
    .argument('<file>', 'evidence/<n>.json of a run')
    .description('Whether a file of evidence convinces anybody who has the genesis.')
    .requiredOption('--genesis <file>', 'genesis.json of the chain')
    .option('--epochs <file>', 'changes of the committee, for evidence of a later epoch (epochs.json)')
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
signatures; a dealing convinces if its dealer signed it and it does not hold, or signed two, be it of the first keys or where a committee
hands its keys on. Nothing but the genesis and the verification keys is believed: of each change in --epochs is checked that the committee
before it certified it.
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
  const { epochs } = flags;
  const changes = epochs === undefined ? [] : parseEpochsFile(await read(epochs, EPOCHS_FILE_BYTES), epochs);
  const { kind, validator, height } = shown.evidence;
  const keysDir = flags.keys === undefined ? KEYS_DIR : resolve(terminal.cwd, flags.keys);
  const problem = await problemOf(shown, { ...genesis, changes }, keysDir);
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

/** What the reader of evidence knows: the genesis, believed, and changes of the committee, hostile. */
interface Known extends Genesis {
  readonly changes: readonly EpochChange[];
}

/** Why the evidence convinces nobody who has this genesis. */
async function problemOf(
  { chain, epoch: proof, evidence }: EvidenceFile,
  known: Known,
  keysDir: string,
): Promise<string | undefined> {
  const epochs = epochsAlong(known.chain, known.epoch, known.changes);
  if (epochs === undefined)
    return 'a change of the committee in --epochs is not certified by the committee before it';
  const number = proof.by === 'genesis' ? 1 : proof.number;
  const epoch = epochs[number - 1];
  if (epoch === undefined) return `it is of epoch ${number}, to which nothing leads: name --epochs`;
  const rules: EvidenceRules = { domain: epochDomain(known.chain, epoch), epoch };
  if (!equalBytes(chain, rules.domain.chainHash)) return 'it is of another chain than the genesis';
  if (!equalBytes(proof.hash, rules.domain.epochHash))
    return proof.by === 'genesis'
      ? 'it is of another epoch than the genesis names'
      : `it is of another epoch ${number} than the changes lead to`;
  return problemOfEvidence(rules, evidence, keysDir);
}

async function problemOfEvidence(
  rules: EvidenceRules,
  evidence: AnyEvidence,
  keysDir: string,
): Promise<string | undefined> {
  if (evidence.kind === 'dealing') return problemOfDealings(judgeDealings(rules, evidence), keysDir);
  if (evidence.kind === 'rotation') return problemOfDealings(judgeRotation(rules, evidence), keysDir);
  const judged = judgeEvidence(rules, evidence);
  if (typeof judged === 'string') return judged;
  for (const { signals, proof } of judged)
    if (!(await (await loadVerifier('ballot', keysDir)).verify([...signals], proof)))
      return 'the proof of a ballot does not hold';
  return undefined;
}

/** Why dealings convince nobody. @param judged what is wrong with the evidence, or proofs one of which must be false */
async function problemOfDealings(
  judged: string | readonly ClaimedProof[],
  keysDir: string,
): Promise<string | undefined> {
  if (typeof judged === 'string') return judged;
  if (judged.length === 0) return undefined;
  const verifier = await loadVerifier('dealing', keysDir);
  const bad = await verifier.verifyBatch(
    judged.map(({ signals }) => signals),
    judged.map(({ proof }) => proof),
  );
  return bad.length === 0 ? 'the dealing holds' : undefined;
}

/** What it shows, in words. */
function saidOf(evidence: AnyEvidence): string {
  if (evidence.kind === 'dealing')
    return evidence.dealings.length === 2 ? `${TWO} generation` : 'signed a dealing that does not hold';
  if (evidence.kind !== 'rotation') return `said two things at height ${evidence.height} (${evidence.kind})`;
  const { draft, item } = evidence;
  const what = item.fault.form === 'two' ? `${TWO} session` : 'signed a dealing that does not hold';
  return `${what}, to the committee of epoch ${draft.epoch}`;
}

const TWO = 'signed two dealings of one';
