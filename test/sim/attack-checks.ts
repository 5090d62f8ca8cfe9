import { expect } from 'vitest';
import { type AttackedOptions, AttackedRun } from '../../src/committee/attacked-run.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { kernels } from '../helpers/kernels.ts';

/** Heights within which an honest item is accepted; an action among them waits for the deposit that funds it. */
const PATIENCE = 3;

export const attackNamed = (name: string): AttackedOptions['attack'] =>
  ATTACKS.find((attack) => attack.name === name)!;

/**
 * Runs an attack by f validators and demands what every attack must leave in place: all heights are certified at all correct
 * validators, nobody correct is blamed, no coin is tossed, and what honest traders send is accepted within three heights.
 * @param from the first height whose items must not wait
 */
export function withstands(name: string, n: number, heights: number, seed = 1, from = 1): AttackedRun {
  const { f } = quorumOf(n);
  const run = new AttackedRun({
    kernels,
    validators: n,
    faulty: f,
    attack: attackNamed(name),
    heights,
    seed,
  });
  const result = run.run();
  const what = { attack: name, stalled: false, faultsAgainstCorrect: 0, coinShares: 0 };
  expect(result, `SEED=${seed} n=${n}`).toMatchObject(what);
  for (const row of result.heights) expect(row).toMatchObject({ settledBy: n - f, certifiedBy: n - f });
  const late = run.wishes.filter(
    ({ arrived, accepted }) =>
      arrived >= from &&
      arrived + PATIENCE <= heights &&
      !(accepted !== undefined && accepted <= arrived + PATIENCE),
  );
  expect(late.map(({ kind, arrived, accepted }) => `${name}: ${kind} of ${arrived}: ${accepted}`)).toEqual(
    [],
  );
  return run;
}
