import { ERROR_CODES, type ErrorCode, VelumError } from '../base/errors.ts';
import { printable } from '../formats/problems.ts';

export const EXIT_OK = 0;
/** The command did its work and the answer is no: refused, not verified, not settled. */
export const EXIT_REFUSED = 1;
/** The command line or a file that it names is not as it must be. */
export const EXIT_USAGE = 2;
/** A bug of ours (EX_SOFTWARE of sysexits.h). */
export const EXIT_BUG = 70;

/** Errors that are not bugs. */
const EXIT_CODES: Partial<Readonly<Record<ErrorCode, number>>> = {
  EPOCH_DIVERGED: EXIT_REFUSED,
  EPOCH_STALLED: EXIT_REFUSED,
  REPLAY_REFUSED: EXIT_REFUSED,
  AUDIT_FINDINGS: EXIT_REFUSED,
  AUDIT_WITNESS: EXIT_USAGE,
  CIRCUIT_FILE: EXIT_USAGE,
  SNAPSHOT_FILE: EXIT_USAGE,
  WAIVERS_FILE: EXIT_USAGE,
  CIRCUIT_COMPILE: EXIT_REFUSED,
  CIRCUIT_UNSATISFIED: EXIT_REFUSED,
  KEYS_MISSING: EXIT_REFUSED,
  KEYS_STALE: EXIT_REFUSED,
  KEYS_UNSAFE: EXIT_REFUSED,
  NOT_VERIFIED: EXIT_REFUSED,
  PROVER_FAILED: EXIT_REFUSED,
  TOOL_MISSING: EXIT_REFUSED,
  CIRCUIT_INPUT: EXIT_USAGE,
  CIRCUIT_UNKNOWN: EXIT_USAGE,
  KEYS_FILE: EXIT_USAGE,
  KEYS_EXIST: EXIT_USAGE,
  CONTRIBUTION_FILE: EXIT_USAGE,
  PHASE_1_FILE: EXIT_USAGE,
  PROOF_FILE: EXIT_USAGE,
  PROVER_MISSING: EXIT_USAGE,
  BOOK_FILE: EXIT_USAGE,
  PORTFOLIO_FILE: EXIT_USAGE,
  FUNDING_FILE: EXIT_USAGE,
  RUN_FILES: EXIT_USAGE,
  FILE_UNREADABLE: EXIT_USAGE,
  FILE_UNWRITABLE: EXIT_USAGE,
  MARKET_FILE: EXIT_USAGE,
  ORDERS_FILE: EXIT_USAGE,
  OUT_EXISTS: EXIT_USAGE,
  SIM_VIOLATED: EXIT_REFUSED,
  SIM_DIVERGED: EXIT_REFUSED,
  TRACE_FILE: EXIT_USAGE,
  EXPERIMENT_FILES: EXIT_USAGE,
  USAGE: EXIT_USAGE,
};

/** What a failed command answers: its exit code, and what it says as text and as JSON. */
export interface Failure {
  readonly exitCode: number;
  readonly text: string;
  readonly json: {
    readonly error: { readonly code: ErrorCode; readonly message: string; readonly [key: string]: unknown };
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

function answerTo(error: unknown): Failure {
  if (error instanceof VelumError) {
    const exitCode = EXIT_CODES[error.code] ?? EXIT_BUG;
    const { code, message, data } = error;
    const text = `velum: ${message} (${code})\n`;
    return {
      exitCode,
      text: exitCode === EXIT_BUG ? `${text}${ERROR_CODES[code]} ${REPORT}${stackOf(error)}` : text,
      json: { error: { ...plain(data), code, message } },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT_BUG,
    text: `velum: ${message}\nThis is a bug. ${REPORT}${stackOf(error)}`,
    json: { error: { code: 'ASSERTION', message } },
  };
}

const REPORT = 'Please report it with the command and the lines below.\n';
const stackOf = (error: unknown): string => (error instanceof Error ? `${error.stack ?? ''}\n` : '');

/** Error data with bigints as decimal strings, so that it is JSON. */
function plain(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}
