/** Every code a VelumError may carry, with the sentence that explains it. Areas add their lines here. */
export const ERROR_CODES = {
  ASSERTION: 'An invariant of the program does not hold: a bug.',
  CRYPTO_SCALAR_OUT_OF_RANGE: 'A scalar is 0 or not below the group order.',
  CRYPTO_INPUT: 'A cryptographic function got an input of the wrong shape.',
  CRYPTO_SELF_TEST: 'A library does not compute the curve the protocol is written for.',
  CODEC_INPUT: 'A value cannot be encoded: a list or integer exceeds its stated limit.',
  CONSENSUS_INPUT: 'A consensus machine got an input that its owner must not pass.',
  CIRCUIT_UNKNOWN: 'No circuit of that name is registered.',
  CIRCUIT_COMPILE: 'The compiler refused a circuit.',
  CIRCUIT_INPUT: 'A circuit input has the wrong shape or range.',
  CIRCUIT_UNSATISFIED: 'The inputs do not satisfy the circuit.',
  AUDIT_WITNESS: 'A witness does not satisfy the circuit that is audited.',
  AUDIT_FINDINGS: 'An audit found what nobody has explained.',
  WAIVERS_FILE: 'The file of waivers is not valid.',
  SNAPSHOT_FILE: 'The file is no snapshot of a circuit.',
  CIRCUIT_FILE: 'A file is no compiled circuit or witness over the BN254 scalar field.',
  KEYS_MISSING: 'A key file is missing.',
  KEYS_STALE: 'The keys do not belong to the circuit as it is now.',
  KEYS_FILE: 'A file is no Groth16 verification key over BN254.',
  KEYS_UNSAFE: 'A verification key would accept forged proofs.',
  KEYS_EXIST: 'Keys would be overwritten.',
  NOT_VERIFIED: 'A proof or a key was checked and is not valid.',
  CONTRIBUTION_FILE: 'A proving key made elsewhere does not continue the one that is there.',
  PHASE_1_FILE: 'A powers-of-tau file is not what was asked for.',
  PROOF_FILE: 'A file is no proof or no list of public signals.',
  PROVER_CANCELLED: 'A proof was given up because its caller asked for it.',
  PROVER_MISSING: 'An external prover is not installed.',
  PROVER_FAILED: 'A proving process failed.',
  PROVER_CLOSED: 'The prover was closed while proofs were wanted.',
  PROVER_BUSY: 'The prover queue is full.',
  MARKET_INPUT: 'A market parameter is out of range.',
  LEDGER_INPUT: 'A ledger function got a value that its caller must not pass.',
  HOST_LOG_DAMAGED: 'The log of a validator is damaged before its end.',
  HOST_LOG_VERSION: 'The log of a validator was written by another version of this program.',
  HOST_LOG_OTHER: 'The log is that of another validator, chain or epoch.',
  HOST_DIVERGED: 'The replay of a log sends something else than was sent.',
  VALIDATOR_INPUT: 'A validator got an input that its owner must not pass.',
  ORDERS_FILE: 'The orders file has bad rows.',
  MARKET_FILE: 'The market file is not valid.',
  BOOK_FILE: 'The book file has bad rows.',
  PORTFOLIO_FILE: 'The portfolio file is not valid.',
  FUNDING_FILE: 'The funding file is not valid.',
  RUN_FILES: 'The files of a run are not what a run writes.',
  REPLAY_REFUSED: 'A block does not replay to what the run says.',
  FILE_UNREADABLE: 'A file cannot be read.',
  FILE_UNWRITABLE: 'A file or directory cannot be written.',
  TOOL_MISSING: 'A program that the command needs is not installed.',
  SIM_VIOLATED: 'A simulation broke a property that must hold: a bug of a protocol or of the simulator.',
  SIM_DIVERGED: 'A trace does not replay to its hash.',
  TRACE_FILE: 'The trace file is not valid.',
  EXPERIMENT_FAILED: 'A job of an experiment failed: a bug.',
  EXPERIMENT_FILES: 'A directory holds no finished run of an experiment.',
  USAGE: 'The command line is not understood.',
  OUT_EXISTS: 'The output directory exists.',
  EPOCH_DIVERGED: 'Correct validators settled to different state roots: a bug.',
  EPOCH_STALLED: 'A height ended without settlement.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * Our own bug or bad local input. What a peer sends never becomes one: parsers answer `undefined` or a fault.
 * `data` goes into logs and JSON, so it holds no secret.
 */
export class VelumError extends Error {
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VelumError';
    this.code = code;
    this.data = data;
  }
}

/** Throws ASSERTION unless the condition holds; `why` states the invariant. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new VelumError('ASSERTION', `invariant broken: ${why}`);
}
