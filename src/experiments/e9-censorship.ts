import { quorumOf } from '../params/quorum.ts';
import { MAX_LISTED_IN_VAIN } from '../params/sizes.ts';
import { type All, censorshipCharts, isTimed } from './censorship-charts.ts';
import { heightGrid, timeGrid, traderGrid } from './censorship-grid.ts';
import {
  type CensorshipFound,
  type CensorshipPoint,
  END_S,
  FIRST_S,
  type Hold,
  MEAN_MS,
  run,
  TIMEOUT_DELAYS,
  TRADER_HEIGHTS,
  VICTIMS,
} from './censorship-runs.ts';
import { defineExperiment, everyRow, planted } from './define.ts';
import { groupBy, mean } from './statistics.ts';

const isAcs = (row: All): boolean => isTimed(row) && row.lists === 'held by 2f + 1';
const isPbft = (row: All): boolean => isTimed(row) && row.protocol !== 'acs';
const isUnbounded = ({ hold }: All): boolean => hold === 'unbounded';
const isWeak = ({ part, lists }: All): boolean => part === 'variants' && lists !== 'held by 2f + 1';
/** A batch that is never in has waited until the end of the run, or longer. */
const longest = ({ longestWaitS }: All): number => longestWaitS ?? END_S - FIRST_S;
/** Whether one way has batches in sooner than each other at every n: means of the longest waits over seeds, with as few holders as there may be. */
const isSooner = (
  rows: readonly All[],
  holds: readonly Hold[],
  one: (row: All) => boolean,
  others: (row: All) => boolean,
): boolean =>
  groupBy(
    rows.filter(
      (row) =>
        isTimed(row) &&
        holds.includes(row.hold) &&
        row.censors > 0 &&
        row.censor === 'leaves out' &&
        row.holders === quorumOf(row.n).f + 1,
    ),
    ['n', 'hold'],
  ).every((here) => {
    const own = mean(here.filter(one).map(longest));
    return groupBy(here.filter(others), ['protocol', 'requestDelays']).every(
      (group) => own < mean(group.map(longest)),
    );
  });

export const censorship = defineExperiment<CensorshipPoint, CensorshipFound>({
  id: 'e9-censorship',
  title: 'Censorship: how long a victim’s batch is kept out',
  question:
    'How long do f validators that leave victims’ batches out, together with an adversary of the network, keep them out, with the common subset and with PBFT; and can a trader halt it all?',
  method:
    'Three parts. “One height”: the project’s tally, given how many of the correct validators list a batch, f + 1 to all of them; f censors list nothing, and the adversary chooses which ballots the bundles name: it tries ' +
    'all choices of as few ballots as there may be (a test compares with all sets of holders and all sets of named ballots, n = 4 and 7). “In time”: the project’s machines of the first-hand common subset and of PBFT in its simulator (exponential links of mean ' +
    `${MEAN_MS} ms); ${VICTIMS} batches of victims come from ${FIRST_S} s on, one after the other, each to f + 1 or to all correct validators at once. One adversary of the network, the same for both: from the beginning to ${END_S} s, the end of the run, it holds what up to f correct validators send, and no message ` +
    'longer than its bound. With PBFT it holds a correct leader until its view is over; with the common subset the same f validators always, so that what they announce comes late. That is what harms most as far as is known. With the common subset the ' +
    'correct validators’ own mempools run beside the machines, over links of the same kind and under the same hold: batches are announced, pulled and listed when a validator begins a height, censors ' +
    'announce nothing, and of the ballots cast until the height is out those are counted that harm most. “Held” is the rule without announcements, for comparison. That ballots take a delay, their proofs and the settlement of heights are left out, as are those of PBFT. With PBFT whoever gets a batch passes it on to all, and a correct ' +
    `leader proposes all that it holds. A view’s time-out is ${TIMEOUT_DELAYS} mean delays, doubled a view, anew at every height. Leaders in turn change with every height, so that requests need no timers. A stable leader leads on until it is voted out; with request timers (Castro and Liskov) a validator votes for that when a batch has waited for the request time-out since it came, or since this leader began if that is later: not doubled, as other requests were executed meanwhile. All f censors lead before a correct validator does. ` +
    'A slow censor proposes a batch in the last height that begins 8 mean delays or more before a time-out. A batch is in when f + 1 correct validators have put out a height with it. “Variants”: the network is the attacker’s, the agreement is not run and every height counts the most harmful ballots. A trader gives variant i of each of 64 batches to validator i alone, better bids than the victims’ and at every height better than before, and ' +
    'the censors announce to each validator that they hold what it got; announcements arrive before the ballots, copies after them; one victim’s batch a height comes to everybody. Lasting variants may be ordered during the whole run; renewed ones expire after four heights and are made anew, so that mempools forget that they were listed in vain. Which items may be listed is ' +
    'a column: “held by 2f + 1” is the project’s rule; “held” is the rule as it was before items were announced, “held by f + 1” lies between: the same mempool is told another number. Not in it: a trader who outbids the victim and pays, notes beyond 64, heights that overlap, n = 7 in time and some holds with all holders or with the shorter request time-out (cut for the run time).',
  earlier:
    'An earlier version gave the batch to all correct validators before every height: with the common subset the wait was then one height by construction, in any network, and no adversary could change these rows; they are gone. Its adversary could not choose who holds a batch. With PBFT there were no timers of requests: leaders in turn made a victim wait 2, 3, 4 and 6 heights at n = 4, 7, 10, 16 in calm, ' +
    'and held leaders kept it out for good; there the hold had no bound, with the common subset one of 2 s. It had two seeds, so that nothing was decided. The trader’s variants delayed victims by at most 5 heights under the weaker rules, for lasting variants were all it tried. Trials of this version (seeds from 900) came before its hypotheses: they took back that under a bound the common subset’s batch is in within the bound and 1.5 s (f validators that are held slow its heights, at n = 10 to seconds each under half a second), that it is the sooner one under half a second, and that f + 1 time-outs of requests are enough for f censors.',
  hypotheses: [
    {
      text: 'What the rule promises is what it keeps: with the most harmful ballots counted a batch is out of a height if fewer than 2f + 1 correct ballots list it, and in from 2f + 1 on, at every n.',
      isControl: true,
      isExact: true,
      breaks: (rows) =>
        planted(
          rows,
          ({ part, holders, n }) => part === 'one height' && holders === quorumOf(n).f + 1,
          () => ({ neverIn: 0 }),
        ),
      ...everyRow<All>(
        ({ part }) => part === 'one height',
        ({ holders, n, neverIn }) => (neverIn === 0) === holders >= 2 * quorumOf(n).f + 1,
      ),
    },
    {
      text: 'Under every bound the common subset has every batch in before the run ends, and under 8 s within 16 s, whoever holds it first.',
      ...everyRow<All>(
        (row) => isAcs(row) && row.censors > 0 && !isUnbounded(row),
        ({ hold, neverIn, longestWaitS }) => neverIn === 0 && (hold !== '8 s' || longestWaitS! <= 16),
      ),
    },
    {
      text: 'Without a bound nothing of a victim is in while the attack lasts, neither with the common subset nor with PBFT, request timers or not.',
      ...everyRow<All>(
        (row) => (isAcs(row) || isPbft(row)) && isUnbounded(row),
        ({ neverIn }) => neverIn === 1,
      ),
    },
    {
      text: 'It is the announce rule that costs this: ballots that list all that is held have the batch in under the same adversary, within 5 s.',
      ...everyRow<All>(
        (row) => isTimed(row) && row.lists === 'held' && isUnbounded(row),
        ({ neverIn, longestWaitS }) => neverIn === 0 && longestWaitS! <= 5,
      ),
    },
    {
      text: 'Under bounds of 2 s and 8 s the common subset has batches in sooner, in the mean, than PBFT with leaders in turn or stable with request timers, at every n.',
      held: (rows) => isSooner(rows, ['2 s', '8 s'], isAcs, isPbft),
    },
    {
      text: 'In calm and under 0.5 s PBFT with leaders in turn has them in sooner, in the mean, than the common subset, at every n.',
      held: (rows) =>
        isSooner(rows, ['none', '0.5 s'], ({ protocol }) => protocol === 'pbft, leaders in turn', isAcs),
    },
    {
      text: 'With request timers f stable censors are voted out in a calm network: a batch waits at most f + 1 time-outs and a second for each censor.',
      ...everyRow<All>(
        ({ part, hold, censor, censors, requestDelays }) =>
          part === 'in time' &&
          hold === 'none' &&
          censor === 'leaves out' &&
          censors > 0 &&
          requestDelays !== null,
        (row) =>
          longest(row) <= ((row.censors + 1) * row.requestDelays! * MEAN_MS) / 1000 + row.censors &&
          row.neverIn === 0,
      ),
    },
    {
      text: 'A censor that is only slow is never voted out and makes batches wait at least half of the time-out.',
      ...everyRow<All>(
        ({ censor }) => censor === 'is slow',
        ({ leaderChanges, meanWaitS, requestDelays }) =>
          leaderChanges === 0 && meanWaitS! >= (requestDelays! * MEAN_MS) / 2000,
      ),
    },
    {
      text: 'Without request timers a stable censor keeps all out in a calm network: it is they that vote it out.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.protocol === 'pbft, stable leader' && row.requestDelays === null,
          () => ({ neverIn: 0 }),
        ),
      ...everyRow<All>(
        (row) => row.protocol === 'pbft, stable leader' && row.requestDelays === null,
        ({ neverIn }) => neverIn === 1,
      ),
    },
    {
      text: 'Without censors and in a calm network every batch is in within 2.5 s, with each protocol.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => isTimed(row) && row.censors === 0 && row.protocol === 'acs',
          () => ({ longestWaitS: 5 }),
        ),
      ...everyRow<All>(
        (row) => isTimed(row) && row.censors === 0,
        (row) => longest(row) <= 2.5,
      ),
    },
    {
      text: 'With the announce rule neither kind of variants empties a height, and no victim waits longer than three.',
      isExact: true,
      ...everyRow<All>(
        (row) => row.part === 'variants' && !isWeak(row) && row.trader !== 'none',
        ({ emptyHeights, longestWaitHeights }) =>
          emptyHeights === 0 && longestWaitHeights !== null && longestWaitHeights <= 3,
      ),
    },
    {
      text: 'With either weaker rule renewed variants halt the ledger, for as long as they come: not one item is in any height, and none of the trader’s, so that it pays no fee. Where everything held is listed that needs no validator’s help.',
      isExact: true,
      ...everyRow<All>(
        (row) => isWeak(row) && row.trader === 'renewed variants',
        ({ emptyHeights, neverIn, traderAccepted }) =>
          emptyHeights === 1 && neverIn === 1 && traderAccepted === 0,
      ),
    },
    {
      text: 'Lasting variants halt it for four heights only, until what was listed in vain goes last, with either weaker rule.',
      isExact: true,
      ...everyRow<All>(
        (row) => isWeak(row) && row.trader === 'lasting variants',
        ({ emptyHeights, longestWaitHeights }) =>
          emptyHeights === MAX_LISTED_IN_VAIN / TRADER_HEIGHTS &&
          longestWaitHeights === MAX_LISTED_IN_VAIN + 1,
      ),
    },
    {
      text: 'Without the trader every rule lets every victim’s batch in at the next height: it is the variants that delay it.',
      isControl: true,
      isExact: true,
      breaks: (rows) =>
        planted(
          rows,
          ({ part, lists }) => part === 'variants' && lists === 'held',
          () => ({ longestWaitHeights: 2 }),
        ),
      ...everyRow<All>(
        ({ part, trader }) => part === 'variants' && trader === 'none',
        ({ longestWaitHeights }) => longestWaitHeights === 1,
      ),
    },
  ],
  grid: [...heightGrid([4, 6, 7, 10, 16]), ...timeGrid([4, 10]), ...traderGrid([4, 7])],
  quickGrid: [...heightGrid([4, 7]), ...timeGrid([4]), ...traderGrid([4])],
  seeds: 20,
  quickSeeds: 1,
  isFixed: ({ part }) => part !== 'in time',
  columns: {
    part: { unit: 'category', meaning: 'part of the experiment: one height, in time, or variants' },
    protocol: { unit: 'category', meaning: 'acs (ballots, first-hand over digest) or pbft, and who leads' },
    n: { unit: 'count', meaning: 'validators' },
    censors: { unit: 'count', meaning: 'validators that leave batches out' },
    holders: { unit: 'count', meaning: 'correct validators that have a batch first' },
    lists: {
      unit: 'category',
      meaning: 'what correct ballots list: given, or by a rule what mempools hold; none with pbft',
    },
    requestDelays: {
      unit: 'mean link delays',
      meaning: 'time-out of a request; nothing without such timers',
    },
    censor: { unit: 'category', meaning: 'what a censor that leads does' },
    hold: { unit: 'category', meaning: 'the longest that the adversary of the network holds a message' },
    trader: { unit: 'category', meaning: 'what a trader sends to one validator each' },
    heights: { unit: 'heights', meaning: 'heights decided until all batches are in, or the run ends' },
    endorsements: { unit: 'count', meaning: 'counted ballots that list the batch; one height only' },
    neverIn: { unit: 'share', meaning: 'batches of victims that no height of the run includes' },
    meanWaitS: { unit: 's', meaning: 'from handing in to inclusion, mean over the batches that are in' },
    longestWaitS: { unit: 's', meaning: 'the longest of these; nothing unless all are in' },
    longestWaitHeights: {
      unit: 'heights',
      meaning: 'heights until inclusion, at most; nothing unless all are in',
    },
    leaderChanges: {
      unit: 'count',
      meaning: 'heights of another proposer than the one before; stable leaders only',
    },
    emptyHeights: { unit: 'share', meaning: 'heights that include nothing at all; variants only' },
    traderAccepted: {
      unit: 'count',
      meaning: 'items of the trader that were included, for which it pays; variants only',
    },
    traderProofs: { unit: 'count', meaning: 'proofs that the trader made; variants only' },
  },
  run,
  charts: censorshipCharts,
});
