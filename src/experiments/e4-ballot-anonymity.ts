import { quorumOf } from '../params/quorum.ts';
import {
  type BallotAttack,
  type BallotCase,
  type BallotFound,
  canaries,
  publicBlocks,
  watch,
} from './ballot-attacks.ts';
import { ballotCharts } from './ballot-charts.ts';
import type { Way } from './ballot-journeys.ts';
import { type BallotRow, isCanaryOf, meanOf, names, OURS, STEMS, WATCHED, where } from './ballot-rows.ts';
import { defineExperiment, everyRow, planted, type Rival } from './define.ts';
import { groupBy } from './statistics.ts';

/** In mean link delays. The last one is older than any gossip: by then all hold it and have said so. */
const AGES = [0.2, 0.5, 1, 2, 4, 6, 8, 40];
const OLD = 40;
/** Committees with canaries: their gossip costs more than the rest of the experiment. */
const CANARY_SIZES = [4, 10, 31];
const SPREADS_MS = [100, 500];

function gridOf(sizes: readonly number[], stems: readonly Way[]): BallotCase[] {
  const points: BallotCase[] = [];
  const put = (
    way: Way,
    attack: BallotAttack,
    n: number,
    colluders: number,
    more: Partial<BallotCase> = {},
  ): void =>
    void points.push({
      way,
      attack,
      n,
      colluders,
      spreadMs: 0,
      announce: 'no canaries',
      ...more,
    } as BallotCase);
  for (const n of sizes) {
    const { f } = quorumOf(n);
    put('direct', 'watch', n, f);
    for (const way of ['direct', OURS] as const) put(way, 'public blocks', n, 0);
    for (const way of stems) for (const attack of ['watch', 'drop stems'] as const) put(way, attack, n, f);
    if (f > 1) put(OURS, 'watch', n, Math.ceil(f / 2));
    for (const spreadMs of SPREADS_MS) put(OURS, 'watch', n, f, { spreadMs });
    if (!CANARY_SIZES.includes(n)) continue;
    put(OURS, 'others’ sights', n, f);
    for (const announce of ['without', 'with'] as const) put(OURS, 'canary items', n, f, { announce });
  }
  return points;
}

/** An observer of ballots on their way, by the share that it names. */
const observer = (
  name: string,
  column: 'names' | 'aloneNames' | 'untimedNames' | 'plainNames' | 'firstSpyNames',
): Rival<BallotRow> => ({
  name,
  score: (row) => (WATCHED.some((attack) => attack === row.attack) ? row[column] : null),
  without: (rows) =>
    planted(
      rows,
      () => true,
      () => ({ [column]: null }),
    ),
});

export const ballotAnonymity = defineExperiment<BallotCase, BallotFound>({
  id: 'e4-ballot-anonymity',
  title: 'Who cast this ballot?',
  question:
    'How often can colluding validators, or anybody who reads the blocks, name the author of a ballot, and what does hiding it cost in time?',
  method:
    'Every honest validator makes one ballot a height, and the ballot goes its way by the validators’ own dissemination rules (direct, and Dandelion++ stems that broadcast with probability 1/4 a hop; 1/2 and 1/8 by the same rule with another ' +
    'toss), over exponential links of mean 50 ms; an author that has not heard its ballot broadcast sends again every 500 ms, three stems, then f + 1 are asked to broadcast. The last validators collude: they share who handed them what and when. ' +
    'The strongest observer knows all rules, the distribution of delays and when ballots are made, the moment or the span. For each ballot it weighs every honest validator: who handed over each stem and at what time, the first copy of a broadcast (the later copies say nothing more), ' +
    'whether a second stem is the first one come back or a new try; then all ballots of a height are matched to authors one to one, exactly up to 13 of them and by belief propagation above. Beside it stand weaker ones: each ballot alone, without times, neither, and the first spy, which names who handed the ballot to the first ' +
    'colluder. It counts as sure from 90 % on (precision, recall). Confidence is the probability that it gives its first choice; if it is calibrated, so many first choices are right. ' +
    '“Drop stems”: colluders swallow stems and requests, so that authors try again. Ballots are made at one moment, in other rows (stem 1/4, f colluders that watch) at times uniform over 100 or 500 ms. “Others’ sights” is a control: authors are shuffled. ' +
    '“Public blocks”: no colluder, only which bundles name which ballots; a bundle names the first q ballots that are public at its proposer, the observer has played through heights before to learn how often a bundle names its proposer’s own ballot, and matches all. ' +
    '“Canary items” (stem 1/4): at every height each honest validator gets an item that nobody else has; its age when all make their ballots, in mean link delays, is a column. Meanwhile the project’s own mempools announce and pull items over the same links, once a mean delay, and the f colluders ' +
    'announce each canary to the validator that has it and to nobody else. With the announce rule a ballot lists what 2f + 1 validators hold by their announcements; without it what its author holds, a weaker rule for comparison (the same mempool is told another number). Canaries are deposits, and proofs take no time. ' +
    'Observers of canaries also use the sights and times of ballots. The strongest knows what each validator would list, more than a real one can know; the giver knows whom it gave each canary and how often such a one is listed by its holder and by others, less than a real one can know. With direct sending the sender is the author: these rows are there for the cost. ' +
    'Left out: blocks and sights together, canaries over several heights, links that are not alike, colluders that pass stems on by other rules.',
  earlier:
    'An earlier version weighed each ballot by itself and without times and called it maximum likelihood: at n = 4 with stem 1/4 and one colluder that watches it named .54, matching all ballots .58 and with times .64; with stems dropped .66, .78 and .81 (eight seeds from 910). Of public blocks it took a ballot’s author in proportion to the bundles that name it, and on a stem its model gave the author’s own bundle no difference; ' +
    'when a ballot is public at whom now comes from its simulated way. An author tried again only if its stem was swallowed; now also if the stem is slow, as validators do. With canaries the shares were those of equal lists, not of an observer’s answers, the giver used nothing but the list, and each of the eight ages had gossip of its own. Theory beside the first spy, the row without colluders and “direct sending names every author” held by construction and are gone; so is that a canary of 4 delays tells less in ' +
    'larger committees, which held and misled: a few delays later it tells more there. Ten seeds are now 20. Trials before this run (seeds from 900) made the sentences on 1/8 against 1/2 and on canaries of 6 delays, and the limits: from n = 16, by points, at 1/4 and 1/8.',
  hypotheses: [
    {
      text: 'With stem 1/4 and f colluders that watch, the strongest observer names less than half of the authors at every n from 16.',
      held: (rows) =>
        groupBy(
          where(rows, 'watch', OURS).filter(({ n }) => n >= 16),
          ['n'],
        ).every((group) => names(group) < 0.5),
    },
    {
      text: 'That is no hiding in the crowd: at n = 31 and 64 it still names more than five times as many as chance, watching stems of 1/4.',
      held: (rows) =>
        groupBy(
          where(rows, 'watch', OURS).filter(({ n }) => n >= 31),
          ['n'],
        ).every((group) => names(group) > 5 * group[0]!.chance),
    },
    {
      compares: true,
      text: 'Matching all ballots of a height names at least two points more than each ballot alone at n = 4, 7 and 10, over all stems, watching and dropping.',
      held: (rows) =>
        WATCHED.every((attack) =>
          groupBy(
            where(rows, attack).filter(({ n }) => n <= 10),
            ['n'],
          ).every((group) => names(group) >= meanOf(group, ({ aloneNames }) => aloneNames) + 0.02),
        ),
    },
    {
      compares: true,
      text: 'The times of sights tell: with ballots of one moment matching names more with them than without, over all n and stems that are watched; with ballots made over half a second on stem 1/4 less of that gain is left.',
      held: (rows) => {
        const gain = (own: readonly BallotRow[]): number =>
          names(own) - meanOf(own, ({ untimedNames }) => untimedNames);
        const spread = rows.filter(({ attack, spreadMs }) => attack === 'watch' && spreadMs === 500);
        return gain(where(rows, 'watch')) > 0 && gain(spread) < gain(where(rows, 'watch', OURS));
      },
    },
    {
      text: 'Dropping stems of 1/4 and 1/8 names more authors than watching them, at every n.',
      held: (rows) =>
        groupBy(
          where(rows, 'drop stems').filter(({ way }) => way !== 'stem 1/2'),
          ['n', 'way'],
        ).every(
          (group) =>
            names(group) > names(where(rows, 'watch', group[0]!.way).filter(({ n }) => n === group[0]!.n)),
        ),
    },
    {
      text: 'Against colluders that drop stems longer ones hide less: 1/8 names more authors than 1/2 at every n.',
      held: (rows) =>
        groupBy(where(rows, 'drop stems', 'stem 1/8'), ['n']).every(
          (group) =>
            names(group) > names(where(rows, 'drop stems', 'stem 1/2').filter(({ n }) => n === group[0]!.n)),
        ),
    },
    {
      text: 'Public blocks alone say more of a direct ballot than of one on a stem, in the mean over n, and of one on a stem no more than chance, within three points.',
      held: (rows) => {
        const gain = (way: Way): number =>
          meanOf(where(rows, 'public blocks', way), (row) => row.names - row.chance);
        return gain('direct') > gain(OURS) && Math.abs(gain(OURS)) <= 0.03;
      },
    },
    {
      text: 'The strongest observer is calibrated: over all n and stems its mean confidence is within three points of the share that it names rightly, watching and dropping, and within five with canaries.',
      held: (rows) =>
        ([...WATCHED, 'canary items'] as const).every((attack) => {
          const own = where(rows, attack);
          return (
            Math.abs(names(own) - meanOf(own, ({ confidence }) => confidence)) <=
            (attack === 'canary items' ? 0.05 : 0.03)
          );
        }),
    },
    {
      text: 'Without the announce rule a canary of at most half a delay names at least 99 of 100 authors, at every n.',
      held: (rows) =>
        groupBy(rows.filter(isCanaryOf('without', (age) => age <= 0.5)), ['n', 'canaryAgeDelays']).every(
          (group) => names(group) >= 0.99,
        ),
    },
    {
      text: 'With the rule a canary of at most one delay tells next to nothing: with the lists at most two points more are named than without them, at every n.',
      held: (rows) =>
        groupBy(rows.filter(isCanaryOf('with', (age) => age <= 1)), ['n']).every(
          (group) => names(group) <= meanOf(group, ({ unlistedNames }) => unlistedNames) + 0.02,
        ),
    },
    {
      text: 'The rule does not end it: a canary of 6 delays names more than nine of ten authors at n = 10 and 31 to who knows the lists, and more than three quarters to its giver.',
      held: (rows) =>
        groupBy(
          rows.filter(isCanaryOf('with', (age) => age === 6)).filter(({ n }) => n >= 10),
          ['n'],
        ).every((group) => names(group) > 0.9 && meanOf(group, ({ giverNames }) => giverNames) > 0.75),
    },
    {
      text: 'By the sights of other ballots an author is named no better than chance, within five points in the mean over n.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.attack === 'others’ sights',
          (row) => ({ names: row.chance + 0.06 }),
        ),
      held: (rows) =>
        Math.abs(meanOf(where(rows, 'others’ sights'), (row) => row.names - row.chance)) <= 0.05,
    },
    {
      text: 'No observer of the same run is better: in the mean over n and stems none of the weaker ones names a point more, watching, dropping, in public blocks and with canaries.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.attack === 'drop stems',
          (row) => ({ untimedNames: row.names + 0.02 }),
        ),
      held: (rows) => {
        const weaker = (attack: BallotAttack, of: readonly (keyof BallotFound & string)[]) => ({
          attack,
          of,
        });
        const ways = ['aloneNames', 'untimedNames', 'plainNames', 'firstSpyNames'] as const;
        return [
          ...WATCHED.map((attack) => weaker(attack, ways)),
          weaker('public blocks', ['aloneNames']),
          weaker('canary items', ['unlistedNames', 'listNames', 'giverNames']),
        ].every((each) => {
          const own = where(rows, each.attack);
          return each.of.every((observer) => meanOf(own, (row) => row[observer]!) <= names(own) + 0.01);
        });
      },
    },
    {
      text: 'A canary that is older than any gossip, 40 delays, is on all lists and tells nothing, with the rule or without.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.canaryAgeDelays === OLD,
          (row) => ({ names: row.unlistedNames! + 0.01 }),
        ),
      ...everyRow<BallotRow>(
        ({ canaryAgeDelays: age }) => age === OLD,
        (row) => row.canaryListed === 1 && Math.abs(row.names - row.unlistedNames!) < 1e-9,
      ),
    },
  ],
  // Of the same sights: who weighs more names more, or a claim that rests on it is not decided.
  rivals: [
    observer('matching with times', 'names'),
    observer('each ballot alone', 'aloneNames'),
    observer('without times', 'untimedNames'),
    observer('neither', 'plainNames'),
    observer('first spy', 'firstSpyNames'),
  ],
  grid: gridOf([4, 7, 10, 16, 31, 64], STEMS),
  quickGrid: gridOf([4, 10], [OURS]),
  seeds: 20,
  quickSeeds: 2,
  columns: {
    way: {
      unit: 'category',
      meaning: 'how ballots travel; the fraction is the chance of broadcast at a hop',
    },
    attack: { unit: 'category', meaning: 'what the observers do' },
    n: { unit: 'count', meaning: 'validators' },
    colluders: { unit: 'count', meaning: 'validators that share what they see' },
    spreadMs: { unit: 'ms', meaning: 'time over which the ballots of a height are made, uniformly' },
    announce: {
      unit: 'category',
      meaning:
        'whether ballots list only what 2f + 1 announced, which is the project’s rule, or all that their authors hold',
    },
    canaryAgeDelays: {
      unit: 'mean link delays',
      meaning:
        'age of the canary items when ballots are made, in mean link delays of 50 ms; nothing without them',
    },
    names: {
      unit: 'share',
      meaning: 'share of ballots whose author is the strongest observer’s first choice, ties tossed',
    },
    confidence: { unit: 'share', meaning: 'probability that it gives its first choice, mean' },
    precision: {
      unit: 'share',
      meaning: 'share of right ones among those named with 90 % certainty; nothing if none was',
    },
    recall: { unit: 'share', meaning: 'share of all ballots whose author was named so, and rightly' },
    entropyBits: { unit: 'bits', meaning: 'entropy of the author that is left, mean' },
    chance: { unit: 'share', meaning: 'share named by guessing among the honest validators' },
    aloneNames: { unit: 'share', meaning: 'share named by the same weights, each ballot alone' },
    untimedNames: { unit: 'share', meaning: 'share named by matching without times' },
    plainNames: { unit: 'share', meaning: 'share named without times, each ballot alone' },
    firstSpyNames: { unit: 'share', meaning: 'share named by the first spy' },
    publicMs: {
      unit: 'ms',
      meaning: 'from the first sending until every honest validator has it in public, mean',
    },
    stems: { unit: 'count', meaning: 'stems tried, mean' },
    canaryListed: { unit: 'share', meaning: 'share of ballots that list the canary of their author' },
    unlistedNames: { unit: 'share', meaning: 'share named by matching with times and without lists' },
    listNames: { unit: 'share', meaning: 'share named by what every validator would list, without sights' },
    giverNames: {
      unit: 'share',
      meaning:
        'share named by the giver of the canaries, with sights and times, from how often they are listed',
    },
  },
  per: ['canaryAgeDelays'],
  run: (point, seed) => {
    if (point.attack === 'canary items') return canaries(point, AGES, seed);
    return [point.attack === 'public blocks' ? publicBlocks(point, seed) : watch(point, seed)];
  },
  charts: ballotCharts,
});
