import { AuditError } from '../audit/errors.ts';
import { BaseError, FileError, VelumError } from '../base/errors.ts';
import { ClientError } from '../client/errors.ts';
import { CommitteeError } from '../committee/errors.ts';
import { ConsensusError } from '../consensus/errors.ts';
import { CryptoError } from '../crypto/errors.ts';
import { ExperimentError } from '../experiments/errors.ts';
import { FormatError } from '../formats/errors.ts';
import { printable } from '../formats/problems.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { HostError } from '../host/errors.ts';
import { LedgerError } from '../ledger/errors.ts';
import { NetError } from '../net/errors.ts';
import { NodeError } from '../node/errors.ts';
import { ProjectError } from '../project/errors.ts';
import { ProofsError } from '../proofs/errors.ts';
import { QueueError } from '../queue/errors.ts';
import { SimError } from '../sim/errors.ts';
import { TestingError } from '../testing/errors.ts';
import { ValidatorError } from '../validator/errors.ts';
import { WasmError } from '../wasm/errors.ts';
import { CliError } from './errors.ts';

/** The command did its work and the answer is no: refused, not verified, not settled. */
export const EXIT_REFUSED = 1;
/** The command line or a file that it names is not as it must be. */
export const EXIT_USAGE = 2;
/** A bug of ours (EX_SOFTWARE of sysexits.h). */
export const EXIT_BUG = 70;

/** The codes of all rooms. */
const CODES = {
  ...BaseError.codes,
  ...FileError.codes,
  ...CryptoError.codes,
  ...ConsensusError.codes,
  ...LedgerError.codes,
  ...ValidatorError.codes,
  ...HostError.codes,
  ...SimError.codes,
  ...CommitteeError.codes,
  ...WasmError.codes,
  ...Groth16Error.codes,
  ...AuditError.codes,
  ...ProjectError.codes,
  ...ProofsError.codes,
  ...TestingError.codes,
  ...ClientError.codes,
  ...FormatError.codes,
  ...NetError.codes,
  ...NodeError.codes,
  ...ExperimentError.codes,
  ...QueueError.codes,
  ...CliError.codes,
};

/** What each code ends a command with: the whole list, so that nobody adds a code without a thought for it. */
const EXIT_CODES: Readonly<Record<keyof typeof CODES, number>> = {
  ASSERTION: EXIT_BUG,
  CODEC_INPUT: EXIT_BUG,
  CRYPTO_INPUT: EXIT_BUG,
  CRYPTO_SCALAR_OUT_OF_RANGE: EXIT_BUG,
  CRYPTO_SELF_TEST: EXIT_BUG,
  KERNEL_MEMORY: EXIT_REFUSED,
  KERNEL_SELF_TEST: EXIT_REFUSED,
  CONSENSUS_INPUT: EXIT_BUG,
  LEDGER_INPUT: EXIT_BUG,
  VALIDATOR_INPUT: EXIT_BUG,
  VALIDATOR_BORDER: EXIT_BUG,
  WALLET_INPUT: EXIT_BUG,
  WALLET_PASSWORD: EXIT_USAGE,
  WALLET_EXISTS: EXIT_USAGE,
  WALLET_MISSING: EXIT_USAGE,
  WALLET_OPEN: EXIT_REFUSED,
  WALLET_EXPOSED: EXIT_USAGE,
  WALLET_FILE: EXIT_USAGE,
  WALLET_FUNDS: EXIT_REFUSED,
  WALLET_UNSETTLED: EXIT_REFUSED,
  PROVER_BUSY: EXIT_BUG,
  PROVER_CANCELLED: EXIT_BUG,
  PROVER_CLOSED: EXIT_BUG,
  EXPERIMENT_FAILED: EXIT_BUG,
  LOAD_FAILED: EXIT_BUG,
  HOST_DIVERGED: EXIT_REFUSED,
  HOST_LOG_DAMAGED: EXIT_REFUSED,
  HOST_LOG_OTHER: EXIT_USAGE,
  HOST_LOG_VERSION: EXIT_USAGE,
  VALIDATOR_SNAPSHOT_DAMAGED: EXIT_REFUSED,
  VALIDATOR_SNAPSHOT_OTHER: EXIT_USAGE,
  VALIDATOR_SNAPSHOT_VERSION: EXIT_USAGE,
  EPOCH_DIVERGED: EXIT_REFUSED,
  EPOCH_STALLED: EXIT_REFUSED,
  REPLAY_REFUSED: EXIT_REFUSED,
  HEIGHT_REFUSED: EXIT_REFUSED,
  AUDIT_FINDINGS: EXIT_REFUSED,
  CERTIFICATE_REFUSED: EXIT_REFUSED,
  TESTS_FAILED: EXIT_REFUSED,
  ASSUMPTION: EXIT_USAGE,
  AUDIT_FIELD: EXIT_USAGE,
  AUDIT_MEMORY: EXIT_USAGE,
  AUDIT_PROGRAM: EXIT_USAGE,
  AUDIT_TARGET: EXIT_USAGE,
  AUDIT_WITNESS: EXIT_USAGE,
  CERTIFICATE_FILE: EXIT_USAGE,
  CIRCUIT_FILE: EXIT_USAGE,
  SNAPSHOT_FILE: EXIT_USAGE,
  WAIVERS_FILE: EXIT_USAGE,
  CIRCUIT_COMPILE: EXIT_REFUSED,
  CIRCUIT_SOURCE: EXIT_USAGE,
  PROJECT_FILE: EXIT_USAGE,
  PROJECT_MISSING: EXIT_USAGE,
  WITNESS_PROGRAM: EXIT_USAGE,
  WITNESS_LIMIT: EXIT_REFUSED,
  CIRCUIT_UNSATISFIED: EXIT_REFUSED,
  KEYS_MISSING: EXIT_REFUSED,
  KEYS_STALE: EXIT_REFUSED,
  KEYS_UNSAFE: EXIT_REFUSED,
  KEYS_FILE: EXIT_USAGE,
  INPUTS_REFUSED: EXIT_REFUSED,
  NOT_VERIFIED: EXIT_REFUSED,
  PROVER_FAILED: EXIT_REFUSED,
  TOOL_MISSING: EXIT_REFUSED,
  CIRCUIT_INPUT: EXIT_USAGE,
  CIRCUIT_UNKNOWN: EXIT_USAGE,
  TEST_CIRCUIT: EXIT_USAGE,
  TEST_INPUT: EXIT_USAGE,
  TEST_PROGRAM: EXIT_USAGE,
  TEST_SIGNAL: EXIT_USAGE,
  KEYS_EXIST: EXIT_USAGE,
  CEREMONY_INPUT: EXIT_USAGE,
  CONTRIBUTION_FILE: EXIT_USAGE,
  PHASE_1_FILE: EXIT_USAGE,
  PROOF_FILE: EXIT_USAGE,
  PROVER_MISSING: EXIT_USAGE,
  BOOK_FILE: EXIT_USAGE,
  PORTFOLIO_FILE: EXIT_USAGE,
  FUNDING_FILE: EXIT_USAGE,
  RUN_FILES: EXIT_USAGE,
  EVIDENCE_FILE: EXIT_USAGE,
  EVIDENCE_REFUSED: EXIT_REFUSED,
  OTHER_FORMAT: EXIT_USAGE,
  NET_LISTEN: EXIT_USAGE,
  NODE_CONFIG: EXIT_USAGE,
  NODE_DEV_KEYS: EXIT_REFUSED,
  NODE_PROCESS_ENDED: EXIT_REFUSED,
  NOT_A_MEMBER: EXIT_USAGE,
  DEVNET_MISSING: EXIT_USAGE,
  DEVNET_FAILED: EXIT_REFUSED,
  NODE_UNREACHABLE: EXIT_REFUSED,
  NODE_REFUSED: EXIT_REFUSED,
  NODE_KEYS_MISSING: EXIT_USAGE,
  NODE_STORE_EXISTS: EXIT_USAGE,
  NODE_KEY_ALARM: EXIT_REFUSED,
  NODE_FOLDER_LOCKED: EXIT_USAGE,
  NODE_PAGE: EXIT_USAGE,
  NODE_KEYS_EXPOSED: EXIT_USAGE,
  NODE_KEYS_FILE: EXIT_USAGE,
  FILE_UNREADABLE: EXIT_USAGE,
  FILE_UNWRITABLE: EXIT_USAGE,
  MARKET_FILE: EXIT_USAGE,
  ORDERS_FILE: EXIT_USAGE,
  ORDERS_UNPAID: EXIT_USAGE,
  OUT_EXISTS: EXIT_USAGE,
  SIM_ADVERSARY: EXIT_BUG,
  SIM_SCENARIO: EXIT_USAGE,
  SIM_VIOLATED: EXIT_REFUSED,
  SIM_DIVERGED: EXIT_REFUSED,
  ATTACK_HARMS: EXIT_REFUSED,
  COMMITTEE_FAILED: EXIT_REFUSED,
  RESULTS_DIFFER: EXIT_REFUSED,
  ROWS_DIFFER: EXIT_REFUSED,
  TRACE_FILE: EXIT_USAGE,
  EXPERIMENT_FILES: EXIT_USAGE,
  EXPERIMENT_UNKNOWN: EXIT_USAGE,
  EXPERIMENT_FILE: EXIT_USAGE,
  SIM_LATENCIES: EXIT_USAGE,
  EXPERIMENT_MERGE: EXIT_USAGE,
  EXPERIMENT_SET: EXIT_USAGE,
  EXPERIMENT_JOB: EXIT_USAGE,
  QUEUE_ADDRESS: EXIT_USAGE,
  QUEUE_KEY_FILE: EXIT_USAGE,
  QUEUE_UNREACHABLE: EXIT_REFUSED,
  QUEUE_REFUSED: EXIT_REFUSED,
  QUEUE_ANSWERS: EXIT_REFUSED,
  QUEUE_TASK: EXIT_REFUSED,
  USAGE: EXIT_USAGE,
};

/** What a failed command answers: its exit code, and what it says as text and as JSON. */
export interface Failure {
  readonly exitCode: number;
  /** Whether the command has printed its JSON already: it says what failed. */
  readonly isTold: boolean;
  readonly text: string;
  readonly json: {
    readonly error: { readonly code: string; readonly message: string; readonly [key: string]: unknown };
  };
}

/**
 * What a failed command says; names of files and options may hold anything, so a terminal gets only printable text.
 * @param error anything that was thrown; what is no VelumError is a bug
 */
export function failureOf(error: unknown): Failure {
  const { text, ...rest } = answerTo(error);
  return { ...rest, text: text.split('\n').map(printable).join('\n') };
}

const isKnown = (code: string): code is keyof typeof CODES => Object.hasOwn(EXIT_CODES, code);

function answerTo(error: unknown): Failure {
  if (error instanceof VelumError) {
    const { code, sentence, message, data } = error;
    const exitCode = isKnown(code) ? EXIT_CODES[code] : EXIT_BUG;
    const text = `velum: ${message} (${code})\n`;
    return {
      exitCode,
      isTold: 'isTold' in data,
      text: exitCode === EXIT_BUG ? `${text}${sentence} ${REPORT}${stackOf(error)}` : text,
      json: { error: { ...plain(data), code, message } },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT_BUG,
    isTold: false,
    text: `velum: ${message}\nThis is a bug. ${REPORT}${stackOf(error)}`,
    json: { error: { code: 'ASSERTION', message } },
  };
}

const REPORT = 'Please report it with the command and the lines below.\n';
const stackOf = (error: unknown): string => (error instanceof Error ? `${error.stack ?? ''}\n` : '');

/** Error data with bigints as decimal strings, so that it is JSON. */
function plain(data: object): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}
