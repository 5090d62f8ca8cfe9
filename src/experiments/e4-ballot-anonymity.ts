import { quorumOf } from '../params/quorum.ts';
import {
  BALLOTS,
  type BallotAttack,
  type BallotCase,
  type BallotFound,
  canaries,
  publicBlocks,
  watch,
} from './ballot-attacks.ts';
import type { Way } from './ballot-journeys.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { groupBy, mean } from './statistics.ts';

/** In mean link delays. The last one is older than any gossip: by then all hold it and have said so. */
const AGES = [0.2, 0.5, 1, 2, 4, 6, 8, 40];
const OLD = 40;
/** Committees with canaries: their gossip costs more than the rest of the experiment. */
const CANARY_SIZES = [4, 10, 31];

function gridOf(sizes: readonly number[], ways: readonly Way[]): BallotCase[] {
  const points: BallotCase[] = [];
  const noCanary = { announce: 'with', canaryAgeDelays: null } as const;
  for (const n of sizes) {
    const { f } = quorumOf(n);
    for (const way of ways) {
      for (const colluders of [...new Set([0, Math.ceil(f / 2), f])])
        points.push({ way, attack: 'watch', n, colluders, ...noCanary });
      if (way !== 'direct') points.push({ way, attack: 'drop stems', n, colluders: f, ...noCanary });
      if (way === 'direct' || way === 'stem 1/4')
        points.push({ way, attack: 'public blocks', n, colluders: 0, ...noCanary });
      if (way !== 'stem 1/4' || !CANARY_SIZES.includes(n)) continue;
      for (const announce of ['without', 'with'] as const)
        for (const canaryAgeDelays of AGES)
          points.push({ way, attack: 'canary items', n, colluders: f, announce, canaryAgeDelays });
    }
  }
  return points;
}

type All = BallotCase & BallotFound & { readonly seed: number };
const where = (rows: readonly All[], attack: BallotAttack, way: Way): All[] =>
  rows.filter((row) => row.attack === attack && row.way === way);
const atF = ({ n, colluders }: All): boolean => colluders === quorumOf(n).f;
const canaryRows = (rows: readonly All[], announce: BallotCase['announce']): All[] =>
  rows.filter((row) => row.attack === 'canary items' && row.announce === announce);
/** Means over seeds, and over sizes if there are several. */
const byAge = (rows: readonly All[]) =>
  groupBy(rows, ['canaryAgeDelays']).map((group) => ({
    age: group[0]!.canaryAgeDelays!,
    chance: mean(group.map(({ n, colluders }) => 1 / (n - colluders))),
    listNames: mean(group.map(({ listNames }) => listNames!)),
    giverNames: mean(group.map(({ giverNames }) => giverNames!)),
    likeliestNames: mean(group.map(({ likeliestNames }) => likeliestNames)),
    entropyBits: mean(group.map(({ entropyBits }) => entropyBits)),
  }));

export const ballotAnonymity = defineExperiment<BallotCase, BallotFound>({
  id: 'e4-ballot-anonymity',
  title: 'Who cast this ballot?',
  question:
    'How often can colluding validators, or anybody who reads the blocks, name the author of a ballot, and what does hiding it cost in time?',
  method:
    'The validators’ own dissemination rules (direct, and Dandelion++ stems that broadcast with probability 1/4 a hop; 1/2 and 1/8 by the same rule), exponential links of ' +
    'mean 50 ms, re-sending after 500 ms, three stems, then f + 1 are asked to broadcast. The first-spy observer names who handed the ballot to the first colluder; the maximum-likelihood ' +
    'observer knows the rules and weighs all that colluders saw. “Drop stems”: colluders swallow stems, so that authors try again. “Public blocks”: no colluder, only which bundles ' +
    'name which ballots; when bundles are made is a model. “Canary items” (on stem 1/4): at every height each honest validator gets an item that nobody else has; its age when all make their ballots, ' +
    'in mean link delays, is a column. Meanwhile the project’s own mempools announce and pull items over the same links, once a mean delay, and the f colluders announce each canary to the ' +
    'validator that has it and to nobody else. With the announce rule a ballot lists what 2f + 1 validators hold by their announcements; without it what its author holds, which is a weaker rule for ' +
    'comparison (the same mempool is told another number). Canaries are deposits, and proofs take no time. Three observers: the giver names whom it gave a listed canary, one that knows the list ' +
    'of every validator names one that has this list, and the maximum-likelihood observer adds to the latter what colluders saw. Announcements show much of what validators hold and not what they heard, so what a real ' +
    'observer can do lies between the first two. Timing of ballots is not used by the observers. Not in it: ballots made at different moments, and canaries over several heights.',
  hypotheses: [
    {
      text: 'With direct sending any colluder names every author.',
      held: (rows) =>
        where(rows, 'watch', 'direct')
          .filter(({ colluders }) => colluders > 0)
          .every(({ firstSpyNames }) => firstSpyNames === 1),
    },
    {
      text: 'With stem 1/4 and f colluders the first spy is right less than half of the time at every n from 7.',
      held: (rows) =>
        where(rows, 'watch', 'stem 1/4')
          .filter((row) => atF(row) && row.n >= 7)
          .every(({ firstSpyNames }) => firstSpyNames < 0.5),
    },
    {
      text: 'The first spy’s success is what the walk’s theory says, within four standard errors.',
      held: (rows) =>
        rows
          .filter(({ firstSpyTheory: theory, colluders }) => theory !== null && colluders > 0)
          .every(
            ({ firstSpyTheory: theory, firstSpyNames }) =>
              Math.abs(firstSpyNames - theory!) <= 4 * Math.sqrt((theory! * (1 - theory!)) / BALLOTS) + 1e-9,
          ),
    },
    {
      text: 'Dropping stems names more authors than watching, at every n with f ≥ 1 and every stem.',
      held: (rows) =>
        groupBy(
          rows.filter((row) => row.way !== 'direct' && atF(row)),
          ['n', 'way'],
        ).every((group) => {
          const of = (attack: BallotAttack): number =>
            mean(group.filter((row) => row.attack === attack).map(({ likeliestNames }) => likeliestNames));
          return of('drop stems') > of('watch');
        }),
    },
    {
      text: 'Public blocks alone say more of a direct ballot than of one on a stem.',
      held: (rows) => {
        const share = (way: Way): number =>
          mean(where(rows, 'public blocks', way).map(({ likeliestNames }) => likeliestNames));
        return share('direct') > share('stem 1/4');
      },
    },
    {
      text: 'Without colluders, watching names an author no better than chance.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.colluders === 0,
          (row) => ({ likeliestNames: row.likeliestNames + 0.01 }),
        ),
      held: (rows) =>
        rows
          .filter(({ attack, colluders }) => attack === 'watch' && colluders === 0)
          .every(
            ({ entropyBits, bitsBefore, likeliestNames, n }) =>
              Math.abs(entropyBits - bitsBefore) < 1e-9 && Math.abs(likeliestNames - 1 / n) < 1e-9,
          ),
    },
    {
      text: 'Without the announce rule a canary of at most half a delay names at least 99 of 100 authors to one that knows the lists, at every n.',
      held: (rows) =>
        groupBy(canaryRows(rows, 'without'), ['n'])
          .flatMap(byAge)
          .filter(({ age }) => age <= 0.5)
          .every(({ listNames }) => listNames >= 0.99),
    },
    {
      text: 'With the rule a canary of at most one delay names authors no better than chance, within five points, at every n, to either observer of lists.',
      held: (rows) =>
        groupBy(canaryRows(rows, 'with'), ['n'])
          .flatMap(byAge)
          .filter(({ age }) => age <= 1)
          .every(({ listNames, giverNames, chance }) => Math.max(listNames, giverNames) <= chance + 0.05),
    },
    {
      text: 'With the rule a canary of 4 delays tells one that knows the lists less in larger committees: its gain over chance is smaller at n = 31 than at n = 4.',
      held: (rows) => {
        const gain = (size: number): number =>
          mean(
            canaryRows(rows, 'with')
              .filter(({ n, canaryAgeDelays }) => n === size && canaryAgeDelays === 4)
              .map(({ listNames, n, colluders }) => listNames! - 1 / (n - colluders)),
          );
        return gain(31) < gain(4);
      },
    },
    {
      text: 'The rule does not end it: at every n there is an age of at most 8 delays at which a canary names more than half of the authors to one that knows the lists.',
      held: (rows) =>
        groupBy(canaryRows(rows, 'with'), ['n']).every((group) =>
          byAge(group).some(({ age, listNames }) => age <= 8 && listNames > 0.5),
        ),
    },
    {
      text: 'A canary that is older than any gossip, 40 delays, marks no list, with the rule or without: to one that knows the lists all are equal.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.canaryAgeDelays === OLD,
          (row) => ({ listNames: row.listNames! + 0.01 }),
        ),
      held: (rows) =>
        rows
          .filter(({ canaryAgeDelays: age }) => age === OLD)
          .every(
            ({ listNames, canaryListed, n, colluders }) =>
              canaryListed === 1 && Math.abs(listNames! - 1 / (n - colluders)) < 1e-9,
          ),
    },
  ],
  grid: gridOf([4, 7, 10, 16, 31, 64], ['direct', 'stem 1/2', 'stem 1/4', 'stem 1/8']),
  quickGrid: gridOf([4, 10], ['direct', 'stem 1/4']),
  seeds: 10,
  quickSeeds: 2,
  columns: {
    way: {
      unit: 'category',
      meaning: 'how ballots travel; the fraction is the chance of broadcast at a hop',
    },
    attack: { unit: 'category', meaning: 'what the observers do' },
    n: { unit: 'count', meaning: 'validators' },
    colluders: { unit: 'count', meaning: 'validators that share what they see' },
    announce: {
      unit: 'category',
      meaning:
        'whether ballots list only what 2f + 1 announced, which is the project’s rule, or all that their authors hold; of consequence for canary items',
    },
    canaryAgeDelays: {
      unit: 'mean link delays',
      meaning:
        'age of the canary items when ballots are made, in mean link delays of 50 ms; nothing without them',
    },
    firstSpyNames: { unit: 'share', meaning: 'share of ballots whose author the first spy names' },
    firstSpyTheory: { unit: 'share', meaning: 'the same by theory' },
    likeliestNames: {
      unit: 'share',
      meaning: 'share of ballots whose author the maximum-likelihood observer names, ties tossed',
    },
    entropyBits: { unit: 'bits', meaning: 'entropy of the author that is left, mean' },
    bitsBefore: { unit: 'bits', meaning: 'entropy before: log2 of the honest validators' },
    publicMs: { unit: 'ms', meaning: 'from the first sending until every honest validator has it in public' },
    stems: { unit: 'count', meaning: 'stems tried' },
    canaryListed: { unit: 'share', meaning: 'share of ballots that list the canary of their author' },
    giverNames: {
      unit: 'share',
      meaning: 'share of ballots whose author the giver of the canaries names, chance if the list is empty',
    },
    listNames: {
      unit: 'share',
      meaning: 'share of ballots whose author one names that knows every validator’s list, ties tossed',
    },
  },
  run: (point, seed) => [
    point.attack === 'public blocks'
      ? publicBlocks(point, seed)
      : point.attack === 'canary items'
        ? canaries(point, seed)
        : watch(point, seed),
  ],
  charts: (rows) => {
    const watchAndDrop = groupBy(
      rows.filter((row) => atF(row) && row.attack !== 'public blocks' && row.attack !== 'canary items'),
      ['way', 'attack', 'n'],
    ).map((group) => ({
      what: `${group[0]!.way}, ${group[0]!.attack}`,
      n: group[0]!.n,
      share: mean(group.map(({ likeliestNames }) => likeliestNames)),
      bits: mean(group.map(({ entropyBits }) => entropyBits)),
      ms: mean(group.map(({ publicMs }) => publicMs)),
    }));
    // The age at which a canary serves the observer best, with the rule.
    const canary = groupBy(canaryRows(rows, 'with'), ['n']).map((group) => {
      const ages = byAge(group);
      return {
        what: 'stem 1/4, canary items',
        n: group[0]!.n,
        share: Math.max(...ages.map(({ likeliestNames }) => likeliestNames)),
        bits: Math.min(...ages.map(({ entropyBits }) => entropyBits)),
        ms: mean(group.map(({ publicMs }) => publicMs)),
      };
    });
    const shown = [...watchAndDrop, ...canary].filter(({ what }) =>
      [
        'direct, watch',
        'stem 1/2, watch',
        'stem 1/4, watch',
        'stem 1/8, watch',
        'stem 1/4, drop stems',
        'stem 1/4, canary items',
      ].includes(what),
    );
    const blind = [...new Set(rows.map(({ n }) => n))].map((n) => ({
      what: 'chance',
      n,
      share: 1 / (n - quorumOf(n).f),
      bits: Math.log2(n - quorumOf(n).f),
    }));
    const x = { field: 'n', title: 'validators', log: true } as const;
    const ages = (['without', 'with'] as const).flatMap((announce) => {
      const means = byAge(canaryRows(rows, announce).filter(({ n }) => n === 10));
      return (['giverNames', 'listNames'] as const).flatMap((observer) =>
        means.map((each) => ({
          age: each.age,
          what: `${announce} the rule, ${observer === 'giverNames' ? 'the giver' : 'who knows the lists'}`,
          share: each[observer],
        })),
      );
    });
    return [
      {
        title: 'Authors named by f colluding validators',
        caption:
          'Maximum-likelihood observer. Stems help, and more in larger committees; swallowing stems takes part of it back. Canary items: with the announce rule, at the age of at most 8 delays that serves the observer best, if it knows every list.',
        spec: lineSpec({
          rows: [...shown, ...blind],
          x,
          y: { field: 'share', title: 'share of authors named', format: '%', domain: [0, 1] },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Entropy of the author that is left, f colluders',
        caption: 'Bits, mean over the ballots; “chance” is all there was.',
        spec: lineSpec({
          rows: [...shown, ...blind],
          x,
          y: { field: 'bits', title: 'bits' },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Authors named by canary items alone, n = 10',
        caption:
          'By the age of the canaries when ballots are made, in mean link delays: with the announce rule and without it, to the giver of the canaries and to one that knows the list of every validator.',
        spec: lineSpec({
          rows: [
            ...ages,
            ...ages.map(({ age }) => ({ age, what: 'chance', share: 1 / (10 - quorumOf(10).f) })),
          ],
          x: { field: 'age', title: 'age of the canaries, delays', log: true },
          y: { field: 'share', title: 'share of authors named', format: '%', domain: [0, 1] },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'What hiding costs: time until a ballot is public everywhere',
        caption: 'ms at links of mean 50 ms; direct is one broadcast.',
        spec: lineSpec({
          rows: shown.filter(({ what }) => !what.includes('canary')),
          x,
          y: { field: 'ms', title: 'ms' },
          series: { field: 'what', title: '' },
        }),
      },
    ];
  },
});
