import { code, errorsOf } from '../base/errors.ts';
import type { FileProblems } from '../formats/errors.ts';

/** What a command line cannot do, and what a command found. */
export const CliError = errorsOf({
  USAGE: code('The command line is not understood.'),
  AUDIT_FINDINGS: code<{ readonly isTold: true }>(
    'An audit found what nobody has explained. With `--json` its report is the answer.',
  ),
  TESTS_FAILED: code<{ readonly isTold: true }>(
    'Tests of circuits failed. With `--json` they are the answer.',
  ),
  CERTIFICATE_REFUSED: code('A certificate does not prove what it says.'),
  ORDERS_UNPAID: code<{ readonly batch: string }>(
    'A batch of the orders file needs more than its trader has.',
  ),
  NOT_A_MEMBER: code('A registration or a home is of nobody in the registry of a chain.'),
  DEVNET_MISSING: code('A folder holds no devnet.'),
  DEVNET_FAILED: code('A devnet did not do what it was started for.'),
  EPOCH_DIVERGED: code<{ readonly height: number }>(
    'Correct validators settled to different state roots: a bug.',
  ),
  EPOCH_STALLED: code<{ readonly height: number }>('A height ended without settlement.'),
  SIM_VIOLATED: code<{ readonly violations: readonly unknown[] }>(
    'A simulation broke a property that must hold: a bug of a protocol or of the simulator.',
  ),
  SIM_DIVERGED: code('A trace does not replay to its hash.'),
  ATTACK_HARMS: code<{ readonly isTold: true }>(
    'A committee did not withstand an attack. With `--json` its result is the answer.',
  ),
  RESULTS_DIFFER: code<{ readonly isTold: true }>(
    'Two results of a market are not the same. With `--json` the differences are the answer.',
  ),
  ROWS_DIFFER: code<{ readonly isTold: true }>(
    'Jobs of an experiment that ran again found other rows. With `--json` they are the answer.',
  ),
  LOAD_FAILED: code<{ readonly isTold: true }>(
    'A committee under load did what no correct committee does: a bug. With `--json` its points are the answer.',
  ),
  TRACE_FILE: code<FileProblems>('The trace file is not valid.'),
  EXPERIMENT_FILES: code<FileProblems | { readonly path: string }>(
    'A directory holds no finished run of an experiment.',
  ),
});
