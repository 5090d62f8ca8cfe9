import type { LivenessFound, LivenessPoint } from './liveness-run.ts';
import { LIVENESS_HOLDS } from './liveness-run.ts';
import { mean } from './statistics.ts';

export type LivenessVariant = Pick<LivenessPoint, 'protocol' | 'timeoutDelays' | 'pipeline'>;
/** Heights under way at once, where they overlap. */
export const DEPTH = 4;
export const acs = (pipeline: number): LivenessVariant => ({
  protocol: 'acs',
  timeoutDelays: null,
  pipeline,
});
export const inTurn = (timeoutDelays: number): LivenessVariant => ({
  protocol: 'pbft, leaders in turn',
  timeoutDelays,
  pipeline: 1,
});
export const stable = (timeoutDelays: number, pipeline: number): LivenessVariant => ({
  protocol: 'pbft, stable leader',
  timeoutDelays,
  pipeline,
});
export const LIVENESS_VARIANTS: readonly LivenessVariant[] = [
  ...[acs(1), acs(DEPTH), inTurn(20), stable(20, 1)],
  ...[4, 10, 20].map((timeoutDelays) => stable(timeoutDelays, DEPTH)),
];
/** What others propose, beside the two: fewer sizes and situations. */
export const hotStuff: LivenessVariant = {
  protocol: 'hotstuff, stable leader',
  timeoutDelays: 20,
  pipeline: DEPTH,
};
export const LIVENESS_FIELD: readonly LivenessVariant[] = [
  { protocol: 'fin', timeoutDelays: null, pipeline: DEPTH },
  { protocol: 'alea', timeoutDelays: null, pipeline: DEPTH },
  hotStuff,
];
export const fieldGrid = (sizes: readonly number[]): LivenessPoint[] =>
  sizes.flatMap((n) =>
    LIVENESS_FIELD.flatMap((variant) => [
      { ...variant, situation: 'calm', hold: 'none', n } as const,
      ...(['0.5 s', '2 s', 'unbounded'] as const).map(
        (hold): LivenessPoint => ({ ...variant, situation: 'held', hold, n }),
      ),
      { ...variant, situation: 'f crashed', hold: 'none', n } as const,
    ]),
  );
/** @param isFull every situation; else calm, the unbounded adversary and crashes */
export const gridOf = (
  sizes: readonly number[],
  variants: readonly LivenessVariant[],
  isFull: boolean,
): LivenessPoint[] =>
  sizes.flatMap((n) =>
    variants.flatMap((variant) => {
      const at = (
        situation: LivenessPoint['situation'],
        hold: LivenessPoint['hold'] = 'none',
      ): LivenessPoint => ({
        ...variant,
        situation,
        hold,
        n,
      });
      const always = [at('calm'), at('held', 'unbounded'), at('f crashed')];
      if (!isFull || isSingle(variant)) return always;
      return [
        ...always,
        ...LIVENESS_HOLDS.filter((hold) => hold !== 'unbounded').map((hold) => at('held', hold)),
        ...(variant.protocol === 'pbft, stable leader' ? [at('others held')] : []),
        at('partition'),
      ];
    }),
  );
/** A stable leader without a pipeline: only what a pipeline changes is asked of it. */
export const isSingle = ({ protocol, pipeline }: LivenessVariant): boolean =>
  protocol === 'pbft, stable leader' && pipeline === 1;

/** A row. */
export type LivenessRow = LivenessPoint & LivenessFound & { readonly seed: number };

export const isAcs = ({ protocol }: LivenessVariant): boolean => protocol === 'acs';
export const isHotStuff = ({ protocol }: LivenessVariant): boolean => protocol === hotStuff.protocol;
export const isPbft = ({ protocol }: LivenessVariant): boolean => protocol.startsWith('pbft');
export const isIn =
  (situation: LivenessPoint['situation']) =>
  (row: LivenessRow): boolean =>
    row.situation === situation;
export const nameOf = ({ protocol, timeoutDelays, pipeline }: LivenessVariant): string => {
  const heights = pipeline === 1 ? '' : ` × ${pipeline}`;
  if (timeoutDelays === null) return `${protocol}${heights}`;
  const [name, leaders] = protocol.split(', ');
  return `${name} ${leaders === 'stable leader' ? 'stable' : 'in turn'}${heights}, ${timeoutDelays} delays`;
};
export const meanRate = (rows: readonly LivenessRow[]): number =>
  mean(rows.map(({ heightsPerS }) => heightsPerS));

export const COLUMNS = ['protocol', 'timeoutDelays', 'pipeline'] as const;
