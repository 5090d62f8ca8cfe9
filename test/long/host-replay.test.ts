import { describe, test } from 'vitest';
import { replaysAlike, storedRun } from '../sim/stored-run.ts';

describe.each(['direct', 'stem'] as const)('%s', (dissemination) => {
  const run = storedRun(4, dissemination);
  test.each([0, 1, 2, 3])(
    'a replay from every snapshot of validator %i sends byte for byte what was sent, and ends in the same state',
    (i) => replaysAlike(run, i),
  );
});
