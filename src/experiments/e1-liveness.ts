import { defineExperiment, everyRow, planted } from './define.ts';
import { livenessCharts } from './liveness-charts.ts';
import {
  acs,
  COLUMNS,
  DEPTH,
  fieldGrid,
  gridOf,
  hotStuff,
  inTurn,
  isAcs,
  isHotStuff,
  isIn,
  isPbft,
  LIVENESS_VARIANTS,
  type LivenessRow,
  type LivenessVariant,
  meanRate,
  nameOf,
  stable,
} from './liveness-grid.ts';
import {
  LIVENESS_ATTACK_S,
  LIVENESS_LINK_MS,
  type LivenessFound,
  type LivenessPoint,
  livenessRun,
  RATE_S,
} from './liveness-run.ts';
import { groupBy, mean } from './statistics.ts';

/** What a variant keeps of its calm rate in a situation, at one n. */
const keptBy = (rows: readonly LivenessRow[], situation: LivenessPoint['situation']) =>
  groupBy(rows.filter(isIn(situation)), [...COLUMNS, 'hold', 'n']).map((group) => {
    const [at] = group as [LivenessRow];
    const calm = rows.filter((row) => isIn('calm')(row) && nameOf(row) === nameOf(at) && row.n === at.n);
    return { at, rate: meanRate(group), share: meanRate(group) / meanRate(calm) };
  });
/** Groups of one n, hold and pipeline, each with the common subset's and the others' part of what was computed a variant. */
const byPlace = <T extends { readonly at: LivenessRow }>(found: readonly T[]) => {
  const placeOf = ({ at }: T): string => `${at.n} ${at.hold} ${at.pipeline}`;
  return [...new Set(found.map(placeOf))].map((place) => {
    const here = found.filter((each) => placeOf(each) === place);
    return { acs: here.find(({ at }) => isAcs(at))!, pbft: here.filter(({ at }) => isPbft(at)) };
  });
};
const meansOf = (
  rows: readonly LivenessRow[],
  situation: LivenessPoint['situation'],
  column: 'afterMs' | 'longestGapMs' | 'heightsPerS',
) =>
  groupBy(rows.filter(isIn(situation)), [...COLUMNS, 'n']).map((group) => ({
    at: group[0]!,
    value: mean(group.map((row) => row[column]!)),
  }));
/** Of the adversary that holds whoever leads. */
const keepsMoreThanPbft = (rows: readonly LivenessRow[], among: (row: LivenessRow) => boolean): boolean =>
  byPlace(
    keptBy(
      rows.filter((row) => !isIn('held')(row) || among(row)),
      'held',
    ),
  ).every(({ acs, pbft }) => pbft.every(({ rate }) => acs.rate > rate));
const isLonger = ({ hold }: LivenessRow): boolean => hold === '2 s' || hold === 'unbounded';
/** Whether the first of two with a pipeline, with time-outs of 20 delays, orders more heights a second than the other, at each n and hold. */
const ordersMore = (
  rows: readonly LivenessRow[],
  more: LivenessPoint['protocol'],
  less: LivenessPoint['protocol'],
): boolean => {
  const own = rows.filter(
    ({ pipeline, timeoutDelays }) =>
      pipeline === DEPTH && (timeoutDelays === null || timeoutDelays === hotStuff.timeoutDelays),
  );
  return groupBy(
    own.filter(({ protocol }) => protocol === less),
    ['n', 'hold'],
  ).every((group) => {
    const [{ n, hold }] = group as [LivenessRow];
    const other = own.filter((row) => row.protocol === more && row.n === n && row.hold === hold);
    return meanRate(other) > meanRate(group);
  });
};
const isPatient = ({ protocol, timeoutDelays }: LivenessVariant): boolean =>
  protocol === 'pbft, stable leader' && timeoutDelays! >= 10;

export const liveness = defineExperiment<LivenessPoint, LivenessFound>({
  id: 'e1-liveness',
  title: 'Ordering under attack: common subset and PBFT',
  question:
    'Who goes on ordering while an adversary of the network holds messages of f validators back, while the network is split, with f crashed?',
  method:
    `The project’s own machines of the first-hand common subset and of PBFT in its simulator: exponential links of mean ${LIVENESS_LINK_MS} ms, time-outs in mean delays, doubled a view. ` +
    `One height at a time, or a pipeline of ${DEPTH}: so many heights are under way at once, each an instance of its own, and whatever they decide first, they are committed in order. ` +
    'Leaders of PBFT take turns over the heights, or are stable: whoever proposed what was decided a pipeline ago leads on, and the first leader is one of those that crash in “f crashed”. A view change is a height’s own and carries what is prepared there; ' +
    'a validator that gave up a leader at one height gives it no time at the heights that follow from those under way. A view of PBFT as published is one for all heights, and one message changes it; here the heights of a pipeline change it side by side, each after its own time-out. It runs from ' +
    'the beginning of a height, as requests always wait. ' +
    `“Held”: from ${LIVENESS_ATTACK_S.from} s to ${LIVENESS_ATTACK_S.to} s one adversary, the same for both: at any time it holds what up to f validators send, and no message longer than its bound. It uses that as harms most, as far as is known: ` +
    'with PBFT it holds the leaders that most validators follow at the lowest undecided height, until their views are over; with the common subset, which has no leader, f validators for as long as the bound, then the next f. “Others held”: f validators that do not ' +
    'lead, for the whole attack. “Partition”: half against half, same time. “f crashed”: from the start. A height counts when n − f correct validators have it: a validator whose messages are held is late itself, as its peers keep back what they cannot know it is ready for. Rates are heights a second, from a second after the beginning of the attack to its end. ' +
    'A common subset’s height holds at least n − f proposals, PBFT’s one: heights are compared, not proposals. Leaders in turn have no pipeline. At n = 7, and for a stable leader without a pipeline, the grid has calm, the adversary without a bound and crashes only. ' +
    'Beside them FIN, Alea-BFT and chained HotStuff with a stable leader (src/consensus/README.md), all with a pipeline, at n = 4 and 10, in calm, under three bounds and with f crashed: FIN and Alea under the adversary of the common subset, HotStuff under that of PBFT. A view of HotStuff is a block and has the time-out; a height takes four views of one leader. Not in it: requests of clients; other ways to use the same power.',
  earlier:
    'An earlier version held PBFT’s leaders without a bound and the validators of the common subset for 2 s at a time, gave PBFT leaders in turn and a time-out of 20 delays only, and drew three seeds: two of its verdicts changed with the seeds ' +
    '(the partition’s held in 11 of 20 sets). Its sentence that the common subset keeps half of its calm rate under attack did not hold (39, 27 and 20 % at n = 4, 7, 10). The next one counted a height when the last correct validator had it; its control failed in all 20 sets, as a held validator that did not lead was late itself and was waited for. ' +
    'The one after that had no pipeline and not n = 7, held any validator that anybody took for a leader, which could be more than f for a moment, and attacked for 12 s instead of 9. Its control asked that half of the calm rate is kept while others are held, which lies near what is kept at n = 10 (it held in 16 of 20 sets); now it asks for a tenth, as is asked of the common subset, and that less is left while leaders are held. ' +
    'A trial with one seed that is not published changed two new sentences: that a leader is found once was said of time-outs of 10 delays as well, at which a slow height changes views, and a pipeline was to give three times the heights (the common subset had 2.5 times at n = 4). ' +
    'The last one had neither FIN nor Alea nor HotStuff; the sentences on them are new, after a trial with the seed 100001, and those on the common subset and PBFT are about the same rows as before. LivenessRow is run again, as shares of coins had gone to validators that were too far behind to keep them.',
  hypotheses: [
    {
      text: 'While an adversary without a bound holds its leaders PBFT commits no more heights than were under way, with leaders in turn or stable, with a pipeline or without, at any time-out.',
      ...everyRow<LivenessRow>(
        (row) => isPbft(row) && row.hold === 'unbounded',
        ({ heightsPerS, pipeline }) => heightsPerS <= pipeline / RATE_S,
      ),
    },
    {
      text: 'The common subset keeps at least a tenth of its calm rate under the same adversary, at every bound and n, with a pipeline or without.',
      held: (rows) =>
        keptBy(rows, 'held')
          .filter(({ at }) => isAcs(at))
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
            const of = (protocol: LivenessPoint['protocol']): number =>
              pbft.find(({ at }) => at.protocol === protocol)!.value;
            const [turns, stays] = [of('pbft, leaders in turn'), of('pbft, stable leader')];
            return acs.value < stays && stays < turns;
          }),
    },
    {
      text: 'A stable leader with a pipeline is found once: in every run with f crashed its longest gap is shorter than two time-outs, where these are of 20 delays.',
      ...everyRow<LivenessRow>(
        (row) => isPbft(row) && isIn('f crashed')(row) && row.pipeline === DEPTH && row.timeoutDelays === 20,
        ({ longestGapMs, timeoutDelays }) => longestGapMs < 2 * timeoutDelays! * LIVENESS_LINK_MS,
      ),
    },
    {
      text: 'In a partition without a quorum nobody commits anything.',
      ...everyRow<LivenessRow>(isIn('partition'), ({ heightsPerS }) => heightsPerS === 0),
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
          at.pipeline === DEPTH && (isAcs(at) || (isPbft(at) && at.timeoutDelays === 20));
        return calm.filter(isCompared).every(({ at, value }) => {
          const single = nameOf({ ...at, pipeline: 1 });
          return value >= 2 * calm.find((each) => nameOf(each.at) === single && each.at.n === at.n)!.value;
        });
      },
    },
    {
      text: 'HotStuff with a stable leader and a pipeline commits no more heights than were under way, either, while an adversary without a bound holds its leaders.',
      ...everyRow<LivenessRow>(
        (row) => isHotStuff(row) && row.hold === 'unbounded',
        ({ heightsPerS, pipeline }) => heightsPerS <= pipeline / RATE_S,
      ),
    },
    {
      text: 'FIN and Alea keep at least a tenth of their calm rates under the same adversary, at every bound and n.',
      held: (rows) =>
        keptBy(rows, 'held')
          .filter(({ at }) => at.protocol === 'fin' || at.protocol === 'alea')
          .every(({ share }) => share >= 0.1),
    },
    {
      text: 'Under bounds of 2 s and more FIN and Alea order more heights a second than HotStuff and PBFT with a stable leader and as many under way, at every n.',
      held: (rows) => {
        const longer = rows.filter((row) => isIn('held')(row) && isLonger(row) && row.n !== 7);
        return (['fin', 'alea'] as const).every(
          (protocol) =>
            ordersMore(longer, protocol, 'hotstuff, stable leader') &&
            ordersMore(longer, protocol, 'pbft, stable leader'),
        );
      },
    },
    {
      text: 'Under bounds of 2 s and more the common subset, which is first-hand, orders more heights a second than FIN with as many under way, at every n.',
      held: (rows) =>
        ordersMore(
          rows.filter((row) => isIn('held')(row) && isLonger(row)),
          'acs',
          'fin',
        ),
    },
    {
      text: 'Under a bound of half a second FIN, which waits for one agreement and not for the slowest of n, orders more at n = 10.',
      held: (rows) =>
        ordersMore(
          rows.filter((row) => row.hold === '0.5 s' && row.n === 10),
          'fin',
          'acs',
        ),
    },
    {
      text: 'In calm PBFT with a stable leader orders more heights a second than HotStuff with as many under way, and that more than FIN, at every n: 3, 7 and 8 delays.',
      held: (rows) => {
        const calm = rows.filter(isIn('calm'));
        return (
          ordersMore(calm, 'hotstuff, stable leader', 'fin') &&
          ordersMore(
            calm.filter(({ n }) => n !== 7),
            'pbft, stable leader',
            'hotstuff, stable leader',
          )
        );
      },
    },
    {
      text: 'In calm the common subset orders more than FIN at n = 10: 4 delays against 8.',
      held: (rows) =>
        ordersMore(
          rows.filter((row) => isIn('calm')(row) && row.n === 10),
          'acs',
          'fin',
        ),
    },
    {
      text: 'It is the leader’s messages that stop PBFT: a stable leader with a pipeline and a time-out of 10 delays or more keeps at least a tenth of its calm rate while f others are held without a bound, and less while leaders are.',
      isControl: true,
      breaks: (rows) => planted(rows, isIn('others held'), () => ({ heightsPerS: 0 })),
      held: (rows) => {
        const patient = (situation: LivenessPoint['situation']) =>
          keptBy(rows, situation).filter(({ at }) => isPatient(at) && at.pipeline === DEPTH);
        return (
          patient('others held').every(({ share }) => share >= 0.1) &&
          patient('held').every(({ at, share }) => at.hold !== 'unbounded' || share < 0.1)
        );
      },
    },
  ],
  grid: [
    ...gridOf([4, 10], LIVENESS_VARIANTS, true),
    ...gridOf([7], LIVENESS_VARIANTS, false),
    ...fieldGrid([4, 10]),
  ],
  quickGrid: gridOf([4], [acs(1), acs(DEPTH), inTurn(20), stable(20, 1), stable(20, DEPTH)], true),
  seeds: 20,
  quickSeeds: 2,
  columns: {
    protocol: {
      unit: 'category',
      meaning: 'acs (first-hand over digest), fin, alea, or pbft or hotstuff and who leads',
    },
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
      meaning: `heights that n − f correct validators have, from ${LIVENESS_ATTACK_S.from + 1} s to ${LIVENESS_ATTACK_S.to} s`,
    },
    longestGapMs: { unit: 'ms', meaning: 'longest time between two commits of the whole run' },
    afterMs: { unit: 'ms', meaning: 'from the end of a partition to the first commit; nothing elsewhere' },
  },
  run: livenessRun,
  charts: livenessCharts,
});
