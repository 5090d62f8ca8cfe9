import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, everyRow, planted } from './define.ts';
import { runUnderHold } from './leader-hold.ts';
import { meanPoints } from './mean-points.ts';
import { groupBy, mean } from './statistics.ts';

const PROTOCOLS = ['acs', 'pbft, leaders in turn', 'pbft, stable leader'] as const;
const HOLDS = ['0.5 s', '2 s', '8 s', 'unbounded'] as const;
type Hold = (typeof HOLDS)[number];
interface Point {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly timeoutDelays: number | null;
  readonly pipeline: number;
  readonly situation: 'calm' | 'held' | 'others held' | 'partition' | 'f crashed';
  readonly hold: 'none' | Hold;
  readonly n: number;
  readonly [column: string]: string | number | null;
}
interface Found {
  readonly heightsPerS: number;
  readonly longestGapMs: number;
  readonly afterMs: number | null;
  readonly [column: string]: number | null;
}

const MEAN_MS = 50;
const ATTACK_S = { from: 3, to: 12 };
/** When a run is over: what comes after the attack is asked of partitions only. */
const END_S = 12;
const END_AFTER_PARTITION_S = 18;
/** Rates leave out the first second of the attack, in which what was on its way before arrives. */
const RATE_S = ATTACK_S.to - ATTACK_S.from - 1;
/** More heights than time allows. */
const HEIGHTS = 2000;
const BOUND_MS: Readonly<Record<Hold, number>> = {
  '0.5 s': 500,
  '2 s': 2000,
  '8 s': 8000,
  unbounded: (ATTACK_S.to - ATTACK_S.from) * 1000,
};

const endMsOf = ({ situation }: Point): number =>
  1000 * (situation === 'partition' ? END_AFTER_PARTITION_S : END_S);

function commitTimes(point: Point, seed: number): number[] {
  const { protocol, timeoutDelays, pipeline, situation, hold, n } = point;
  const { f } = quorumOf(n);
  const window = { fromMs: ATTACK_S.from * 1000, toMs: ATTACK_S.to * 1000 };
  const boundMs = hold === 'none' ? 0 : BOUND_MS[hold];
  const { report, quorumMs } = runUnderHold({
    protocol: protocol === 'acs' ? 'acs' : 'pbft',
    leaders: protocol === 'pbft, stable leader' ? 'stable' : 'in turn',
    n,
    seed,
    heights: HEIGHTS,
    pipeline,
    untilMs: endMsOf(point),
    timeoutMs: (timeoutDelays ?? 0) * MEAN_MS,
    payloadBytes: 256,
    delay: { kind: 'exp', meanMs: MEAN_MS },
    // Neither side has a quorum.
    partitions:
      situation === 'partition'
        ? [{ ...window, side: Array.from({ length: Math.floor(n / 2) }, (_, i) => i) }]
        : [],
    attack:
      situation === 'held'
        ? { ...window, boundMs, slotMs: boundMs }
        : situation === 'others held'
          ? { ...window, sparesLeaders: true }
          : undefined,
    faulty: situation === 'f crashed' ? f : 0,
    adversary: crash,
  });
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  return [...quorumMs];
}

function run(point: Point, seed: number): Found[] {
  const times = commitTimes(point, seed);
  const bounds = [0, ...times, endMsOf(point)];
  const first = times.find((at) => at >= ATTACK_S.to * 1000) ?? endMsOf(point);
  const [from, to] = [(ATTACK_S.from + 1) * 1000, ATTACK_S.to * 1000];
  const heights = times.filter((at) => at >= from && at < to).length;
  return [
    {
      heightsPerS: heights / RATE_S,
      longestGapMs: Math.round(Math.max(...bounds.slice(1).map((at, i) => at - bounds[i]!))),
      afterMs: point.situation === 'partition' ? Math.round(first - ATTACK_S.to * 1000) : null,
    },
  ];
}

type Variant = Pick<Point, 'protocol' | 'timeoutDelays' | 'pipeline'>;
/** Heights under way at once, where they overlap. */
const DEPTH = 4;
const acs = (pipeline: number): Variant => ({ protocol: 'acs', timeoutDelays: null, pipeline });
const inTurn = (timeoutDelays: number): Variant => ({
  protocol: 'pbft, leaders in turn',
  timeoutDelays,
  pipeline: 1,
});
const stable = (timeoutDelays: number, pipeline: number): Variant => ({
  protocol: 'pbft, stable leader',
  timeoutDelays,
  pipeline,
});
const VARIANTS: readonly Variant[] = [
  ...[acs(1), acs(DEPTH), inTurn(20), stable(20, 1)],
  ...[4, 10, 20].map((timeoutDelays) => stable(timeoutDelays, DEPTH)),
];
/** @param isFull every situation; else calm, the unbounded adversary and crashes */
const gridOf = (sizes: readonly number[], variants: readonly Variant[], isFull: boolean): Point[] =>
  sizes.flatMap((n) =>
    variants.flatMap((variant) => {
      const at = (situation: Point['situation'], hold: Point['hold'] = 'none'): Point => ({
        ...variant,
        situation,
        hold,
        n,
      });
      const always = [at('calm'), at('held', 'unbounded'), at('f crashed')];
      if (!isFull || isSingle(variant)) return always;
      return [
        ...always,
        ...HOLDS.filter((hold) => hold !== 'unbounded').map((hold) => at('held', hold)),
        ...(variant.protocol === 'pbft, stable leader' ? [at('others held')] : []),
        at('partition'),
      ];
    }),
  );
/** A stable leader without a pipeline: only what a pipeline changes is asked of it. */
const isSingle = ({ protocol, pipeline }: Variant): boolean =>
  protocol === 'pbft, stable leader' && pipeline === 1;

type All = Point & Found & { readonly seed: number };
const isPbft = ({ protocol }: Variant): boolean => protocol !== 'acs';
const isIn =
  (situation: Point['situation']) =>
  (row: All): boolean =>
    row.situation === situation;
const nameOf = ({ protocol, timeoutDelays, pipeline }: Variant): string => {
  const heights = pipeline === 1 ? '' : ` × ${pipeline}`;
  if (timeoutDelays === null) return `${protocol}${heights}`;
  return `${protocol === 'pbft, stable leader' ? 'pbft stable' : 'pbft in turn'}${heights}, ${timeoutDelays} delays`;
};
const meanRate = (rows: readonly All[]): number => mean(rows.map(({ heightsPerS }) => heightsPerS));

const COLUMNS = ['protocol', 'timeoutDelays', 'pipeline'] as const;
/** What a variant keeps of its calm rate in a situation, at one n. */
const keptBy = (rows: readonly All[], situation: Point['situation']) =>
  groupBy(rows.filter(isIn(situation)), [...COLUMNS, 'hold', 'n']).map((group) => {
    const [at] = group as [All];
    const calm = rows.filter((row) => isIn('calm')(row) && nameOf(row) === nameOf(at) && row.n === at.n);
    return { at, rate: meanRate(group), share: meanRate(group) / meanRate(calm) };
  });
/** Groups of one n, hold and pipeline, each with the common subset's and the others' part of what was computed a variant. */
const byPlace = <T extends { readonly at: All }>(found: readonly T[]) => {
  const placeOf = ({ at }: T): string => `${at.n} ${at.hold} ${at.pipeline}`;
  return [...new Set(found.map(placeOf))].map((place) => {
    const here = found.filter((each) => placeOf(each) === place);
    return { acs: here.find(({ at }) => !isPbft(at))!, pbft: here.filter(({ at }) => isPbft(at)) };
  });
};
const meansOf = (
  rows: readonly All[],
  situation: Point['situation'],
  column: 'afterMs' | 'longestGapMs' | 'heightsPerS',
) =>
  groupBy(rows.filter(isIn(situation)), [...COLUMNS, 'n']).map((group) => ({
    at: group[0]!,
    value: mean(group.map((row) => row[column]!)),
  }));
/** Of the adversary that holds whoever leads. */
const keepsMoreThanPbft = (rows: readonly All[], among: (row: All) => boolean): boolean =>
  byPlace(
    keptBy(
      rows.filter((row) => !isIn('held')(row) || among(row)),
      'held',
    ),
  ).every(({ acs, pbft }) => pbft.every(({ rate }) => acs.rate > rate));
const isPatient = ({ protocol, timeoutDelays }: Variant): boolean =>
  protocol === 'pbft, stable leader' && timeoutDelays! >= 10;

export const liveness = defineExperiment<Point, Found>({
  id: 'e1-liveness',
  title: 'Ordering under attack: common subset and PBFT',
  question:
    'Who goes on ordering while an adversary of the network holds messages of f validators back, while the network is split, with f crashed?',
  method:
    `The project’s own machines of the first-hand common subset and of PBFT in its simulator: exponential links of mean ${MEAN_MS} ms, time-outs in mean delays, doubled a view. ` +
    `One height at a time, or a pipeline of ${DEPTH}: so many heights are under way at once, each an instance of its own, and whatever they decide first, they are committed in order. ` +
    'Leaders of PBFT take turns over the heights, or are stable: whoever proposed what was decided a pipeline ago leads on, and the first leader is one of those that crash in “f crashed”. A view change is a height’s own and carries what is prepared there; ' +
    'a validator that gave up a leader at one height gives it no time at the heights that follow from those under way. A view of PBFT as published is one for all heights, and one message changes it; here the heights of a pipeline change it side by side, each after its own time-out. It runs from ' +
    'the beginning of a height, as requests always wait. ' +
    `“Held”: from ${ATTACK_S.from} s to ${ATTACK_S.to} s one adversary, the same for both: at any time it holds what up to f validators send, and no message longer than its bound. It uses that as harms most, as far as is known: ` +
    'with PBFT it holds the leaders that most validators follow at the lowest undecided height, until their views are over; with the common subset, which has no leader, f validators for as long as the bound, then the next f. “Others held”: f validators that do not ' +
    'lead, for the whole attack. “Partition”: half against half, same time. “f crashed”: from the start. A height counts when n − f correct validators have it: a validator whose messages are held is late itself, as its peers keep back what they cannot know it is ready for. Rates are heights a second, from a second after the beginning of the attack to its end. ' +
    'A common subset’s height holds at least n − f proposals, PBFT’s one: heights are compared, not proposals. Leaders in turn have no pipeline. At n = 7, and for a stable leader without a pipeline, the grid has calm, the adversary without a bound and crashes only. Not in it: requests of clients; other ways to use the same power.',
  earlier:
    'An earlier version held PBFT’s leaders without a bound and the validators of the common subset for 2 s at a time, gave PBFT leaders in turn and a time-out of 20 delays only, and drew three seeds: two of its verdicts changed with the seeds ' +
    '(the partition’s held in 11 of 20 sets). Its sentence that the common subset keeps half of its calm rate under attack did not hold (39, 27 and 20 % at n = 4, 7, 10). The next one counted a height when the last correct validator had it; its control failed in all 20 sets, as a held validator that did not lead was late itself and was waited for. ' +
    'The one after that had no pipeline and not n = 7, held any validator that anybody took for a leader, which could be more than f for a moment, and attacked for 12 s instead of 9. Its control asked that half of the calm rate is kept while others are held, which lies near what is kept at n = 10 (it held in 16 of 20 sets); now it asks for a tenth, as is asked of the common subset, and that less is left while leaders are held. ' +
    'A trial with one seed that is not published changed two new sentences: that a leader is found once was said of time-outs of 10 delays as well, at which a slow height changes views, and a pipeline was to give three times the heights (the common subset had 2.5 times at n = 4).',
  hypotheses: [
    {
      text: 'While an adversary without a bound holds its leaders PBFT commits no more heights than were under way, with leaders in turn or stable, with a pipeline or without, at any time-out.',
      ...everyRow<All>(
        (row) => isPbft(row) && row.hold === 'unbounded',
        ({ heightsPerS, pipeline }) => heightsPerS <= pipeline / RATE_S,
      ),
    },
    {
      text: 'The common subset keeps at least a tenth of its calm rate under the same adversary, at every bound and n, with a pipeline or without.',
      held: (rows) =>
        keptBy(rows, 'held')
          .filter(({ at }) => !isPbft(at))
          .every(({ share }) => share >= 0.1),
    },
    {
      text: 'Under every bound the common subset orders more heights a second than PBFT with as many under way, with leaders in turn or stable, at every time-out and n.',
      held: (rows) => keepsMoreThanPbft(rows, () => true),
    },
    {
      text: 'Under bounds of 2 s and more it does.',
      held: (rows) => keepsMoreThanPbft(rows, ({ hold }) => hold !== '0.5 s'),
    },
    {
      text: 'With f crashed, one height at a time, a stable leader’s longest gap is shorter than that of leaders in turn with the same time-out, and that of the common subset is shorter than both, at every n.',
      held: (rows) =>
        byPlace(meansOf(rows, 'f crashed', 'longestGapMs'))
          .filter(({ acs }) => acs.at.pipeline === 1)
          .every(({ acs, pbft }) => {
            const of = (protocol: Point['protocol']): number =>
              pbft.find(({ at }) => at.protocol === protocol)!.value;
            const [turns, stays] = [of('pbft, leaders in turn'), of('pbft, stable leader')];
            return acs.value < stays && stays < turns;
          }),
    },
    {
      text: 'A stable leader with a pipeline is found once: in every run with f crashed its longest gap is shorter than two time-outs, where these are of 20 delays.',
      ...everyRow<All>(
        (row) => isIn('f crashed')(row) && row.pipeline === DEPTH && row.timeoutDelays === 20,
        ({ longestGapMs, timeoutDelays }) => longestGapMs < 2 * timeoutDelays! * MEAN_MS,
      ),
    },
    {
      text: 'In a partition without a quorum nobody commits anything.',
      ...everyRow<All>(isIn('partition'), ({ heightsPerS }) => heightsPerS === 0),
    },
    {
      text: 'After the partition the common subset’s first commit comes earlier, in the mean, than that of every PBFT with as many heights under way, at every n.',
      held: (rows) =>
        byPlace(meansOf(rows, 'partition', 'afterMs')).every(({ acs, pbft }) =>
          pbft.every(({ value }) => acs.value < value),
        ),
    },
    {
      text: 'In calm a stable leader with a time-out of 10 delays or more orders more heights a second than the common subset with as many under way, at every n: 3 delays against 4.',
      held: (rows) =>
        byPlace(meansOf(rows, 'calm', 'heightsPerS')).every(({ acs, pbft }) =>
          pbft.filter(({ at }) => isPatient(at)).every(({ value }) => value > acs.value),
        ),
    },
    {
      text: `In calm ${DEPTH} heights under way give the common subset, and a stable leader with a time-out of 20 delays, at least twice the heights a second of one at a time, at every n.`,
      held: (rows) => {
        const calm = meansOf(rows, 'calm', 'heightsPerS');
        const isCompared = ({ at }: (typeof calm)[0]): boolean =>
          at.pipeline === DEPTH && (!isPbft(at) || at.timeoutDelays === 20);
        return calm.filter(isCompared).every(({ at, value }) => {
          const single = nameOf({ ...at, pipeline: 1 });
          return value >= 2 * calm.find((each) => nameOf(each.at) === single && each.at.n === at.n)!.value;
        });
      },
    },
    {
      text: 'It is the leader’s messages that stop PBFT: a stable leader with a pipeline and a time-out of 10 delays or more keeps at least a tenth of its calm rate while f others are held without a bound, and less while leaders are.',
      isControl: true,
      breaks: (rows) => planted(rows, isIn('others held'), () => ({ heightsPerS: 0 })),
      held: (rows) => {
        const patient = (situation: Point['situation']) =>
          keptBy(rows, situation).filter(({ at }) => isPatient(at) && at.pipeline === DEPTH);
        return (
          patient('others held').every(({ share }) => share >= 0.1) &&
          patient('held').every(({ at, share }) => at.hold !== 'unbounded' || share < 0.1)
        );
      },
    },
  ],
  grid: [...gridOf([4, 10], VARIANTS, true), ...gridOf([7], VARIANTS, false)],
  quickGrid: gridOf([4], [acs(1), acs(DEPTH), inTurn(20), stable(20, 1), stable(20, DEPTH)], true),
  seeds: 20,
  quickSeeds: 2,
  columns: {
    protocol: { unit: 'category', meaning: 'acs (first-hand over digest) or pbft, and who leads' },
    timeoutDelays: {
      unit: 'mean link delays',
      meaning: 'time-out of the first view; nothing without time-outs',
    },
    pipeline: { unit: 'heights', meaning: 'heights under way at once' },
    situation: { unit: 'category', meaning: 'what happens' },
    hold: { unit: 'category', meaning: 'the longest that the adversary holds a message' },
    n: { unit: 'count', meaning: 'validators' },
    heightsPerS: {
      unit: 'heights/s',
      meaning: `heights that n − f correct validators have, from ${ATTACK_S.from + 1} s to ${ATTACK_S.to} s`,
    },
    longestGapMs: { unit: 'ms', meaning: 'longest time between two commits of the whole run' },
    afterMs: { unit: 'ms', meaning: 'from the end of a partition to the first commit; nothing elsewhere' },
  },
  run,
  charts: (rows) => {
    const calm = new Map(
      rows.filter(isIn('calm')).map((row) => [`${nameOf(row)} ${row.n} ${row.seed}`, row.heightsPerS]),
    );
    const order = VARIANTS.map(nameOf);
    const largest = Math.max(...rows.map(({ n }) => n));
    const held = rows.filter((row) => isIn('held')(row) && row.n === largest && !isSingle(row));
    const kept = meanPoints(
      held,
      [...COLUMNS, 'hold'],
      (row) => row.heightsPerS / calm.get(`${nameOf(row)} ${row.n} ${row.seed}`)!,
      (row) => ({ what: nameOf(row), hold: row.hold }),
    );
    const rates = meanPoints(
      held,
      [...COLUMNS, 'hold'],
      ({ heightsPerS }) => heightsPerS,
      (row) => ({ what: nameOf(row), hold: row.hold }),
    );
    const gaps = meanPoints(
      rows.filter(isIn('f crashed')),
      [...COLUMNS, 'n'],
      ({ longestGapMs }) => longestGapMs / 1000,
      (row) => ({ what: nameOf(row), n: row.n }),
    );
    const x = { field: 'hold', title: 'no message is held longer than', order: HOLDS };
    const series = { field: 'what', title: '', order };
    return [
      {
        title: `Heights a second while f validators are held, n = ${largest}`,
        caption: `By the bound of the adversary, which is the same for all; × ${DEPTH} is a pipeline of so many heights. Without a bound it stops PBFT for as long as it likes; the common subset loses what f slower validators cost.`,
        spec: lineSpec({ rows: rates, x, y: { field: 'value', title: 'heights a second' }, series }),
      },
      {
        title: `Share of the calm rate that is kept, n = ${largest}`,
        caption: 'Of each protocol’s own rate in calm, seed by seed.',
        spec: lineSpec({
          rows: kept,
          x,
          y: { field: 'value', title: 'share of the calm rate', format: '%' },
          series,
        }),
      },
      {
        title: 'Longest time without a commit, f crashed',
        caption:
          'Seconds. Where leaders take turns each dead one costs its time-out again; a stable leader is found once.',
        spec: barSpec({
          rows: gaps,
          x: { field: 'n', title: 'validators', order: [4, 7, 10] },
          y: { field: 'value', title: 'seconds' },
          series,
        }),
      },
    ];
  },
});
