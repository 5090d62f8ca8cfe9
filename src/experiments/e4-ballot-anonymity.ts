import { quorumOf } from '../params/quorum.ts';
import { GossipCommittee, type Way } from './ballot-journeys.ts';
import { entropy, firstSpyTheory, named, posterior } from './ballot-observers.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment } from './define.ts';
import { groupBy, mean } from './statistics.ts';

type Attack = 'watch' | 'drop stems' | 'public blocks' | 'canary items';
interface Point {
  readonly way: Way;
  readonly attack: Attack;
  readonly n: number;
  readonly colluders: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly firstSpyNames: number;
  readonly firstSpyTheory: number | null;
  readonly likeliestNames: number;
  readonly entropyBits: number;
  readonly bitsBefore: number;
  readonly publicMs: number;
  readonly stems: number;
  readonly [column: string]: number | null;
}

const BALLOTS = 300;

function watch(point: Point, seed: number): Found {
  const committee = new GossipCommittee(point, seed);
  const drops = point.attack === 'drop stems';
  const journeys = Array.from({ length: BALLOTS }, () => committee.journey(committee.author(), drops));
  const posteriors = journeys.map(({ sights }) => posterior(sights, point));
  const h = point.n - point.colluders;
  return {
    firstSpyNames: mean(
      journeys.map(({ sights, author }) =>
        sights[0] === undefined ? 1 / h : Number(sights[0].from === author),
      ),
    ),
    firstSpyTheory: drops ? null : firstSpyTheory(point),
    likeliestNames: mean(posteriors.map((p, i) => named(p, journeys[i]!.author))),
    entropyBits: mean(posteriors.map(entropy)),
    bitsBefore: Math.log2(h),
    publicMs: mean(journeys.map(({ publicMs }) => publicMs)),
    stems: mean(journeys.map(({ stems }) => stems)),
  };
}

/**
 * Everybody's view of blocks, no colluders: which bundle names which ballot. A bundle is made when q ballots are public at its
 * proposer. With `direct` one's own counts at once, so a bundle without a ballot is not by its author; on a stem it counts
 * when it comes back.
 */
function publicBlocks(point: Point, seed: number): Found {
  const committee = new GossipCommittee(point, seed);
  const { n, way } = point;
  const { q } = quorumOf(n);
  const results: { named: number; entropy: number; publicMs: number }[] = [];
  for (let height = 0; height < Math.ceil(BALLOTS / n); height++) {
    const known = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (let author = 0; author < n; author++) {
      const { publicMs } = committee.journey(author, false);
      for (let at = 0; at < n; at++) {
        const isOwn = at === author && way === 'direct';
        known[at]![author] = isOwn
          ? 0
          : committee.arrival((at + 1) % n, at, way === 'direct' ? 0 : publicMs / 2);
      }
    }
    const bundles = known.map((times) => {
      const due = [...times].sort((a, b) => a - b)[q - 1]!;
      return times.map((time) => time <= due);
    });
    for (let author = 0; author < n; author++) {
      const naming = bundles.map((bundle) => Number(bundle[author]!));
      const total = naming.reduce((sum, x) => sum + x, 0);
      const p = naming.map((x) => (total === 0 ? 1 / n : x / total));
      results.push({
        named: named(p, author),
        entropy: entropy(p),
        publicMs: known.reduce((max, times) => Math.max(max, times[author]!), 0),
      });
    }
  }
  return {
    firstSpyNames: mean(results.map((result) => result.named)),
    firstSpyTheory: null,
    likeliestNames: mean(results.map((result) => result.named)),
    entropyBits: mean(results.map((result) => result.entropy)),
    bitsBefore: Math.log2(n),
    publicMs: mean(results.map((result) => result.publicMs)),
    stems: 0,
  };
}

/** One item for each honest validator alone: the first ballot that lists it is that validator's, whatever way it went. */
function canaries(point: Point, seed: number): Found {
  const watched = watch({ ...point, attack: 'watch' }, seed);
  return { ...watched, firstSpyTheory: null, firstSpyNames: 1, likeliestNames: 1, entropyBits: 0 };
}

function gridOf(sizes: readonly number[], ways: readonly Way[]): Point[] {
  const points: Point[] = [];
  for (const n of sizes) {
    const { f } = quorumOf(n);
    for (const way of ways) {
      for (const colluders of [...new Set([0, Math.ceil(f / 2), f])])
        points.push({ way, attack: 'watch', n, colluders });
      if (way !== 'direct') points.push({ way, attack: 'drop stems', n, colluders: f });
      if (way === 'direct' || way === 'stem 1/4') {
        points.push({ way, attack: 'public blocks', n, colluders: 0 });
        points.push({ way, attack: 'canary items', n, colluders: f });
      }
    }
  }
  return points;
}

type All = Point & Found & { readonly seed: number };
const where = (rows: readonly All[], attack: Attack, way: Way): All[] =>
  rows.filter((row) => row.attack === attack && row.way === way);
const atF = ({ n, colluders }: All): boolean => colluders === quorumOf(n).f;

export const ballotAnonymity = defineExperiment<Point, Found>({
  id: 'e4-ballot-anonymity',
  title: 'Who cast this ballot?',
  question:
    'How often can colluding validators, or anybody who reads the blocks, name the author of a ballot, and what does hiding it cost in time?',
  method:
    'The validators’ own dissemination rules (direct, and Dandelion++ stems that broadcast with probability 1/4 a hop; 1/2 and 1/8 by the same rule), exponential links of ' +
    'mean 50 ms, re-sending after 500 ms, three stems, then f + 1 are asked to broadcast. The first-spy observer names who handed the ballot to the first colluder; the maximum-likelihood ' +
    'observer knows the rules and weighs all that colluders saw. “Drop stems”: colluders swallow stems, so that authors try again. “Public blocks”: no colluder, only which bundles ' +
    'name which ballots; when bundles are made is a model. “Canary items”: the colluders hand each validator an item nobody else has, an item a validator and height; that ballots ' +
    'list it follows from the ballot rule and is not simulated. Timing is not used by the observers.',
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
          const of = (attack: Attack): number =>
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
      held: (rows) =>
        rows
          .filter(({ attack, colluders }) => attack === 'watch' && colluders === 0)
          .every(
            ({ entropyBits, bitsBefore, likeliestNames, n }) =>
              Math.abs(entropyBits - bitsBefore) < 1e-9 && Math.abs(likeliestNames - 1 / n) < 1e-9,
          ),
    },
  ],
  grid: gridOf([4, 7, 10, 16, 31, 64], ['direct', 'stem 1/2', 'stem 1/4', 'stem 1/8']),
  quickGrid: gridOf([4, 10], ['direct', 'stem 1/4']),
  seeds: 10,
  quickSeeds: 2,
  columns: {
    way: 'how ballots travel; the fraction is the chance of broadcast at a hop',
    attack: 'what the observers do',
    n: 'validators',
    colluders: 'validators that share what they see',
    firstSpyNames: 'share of ballots whose author the first spy names',
    firstSpyTheory: 'the same by theory',
    likeliestNames: 'share of ballots whose author the maximum-likelihood observer names, ties tossed',
    entropyBits: 'entropy of the author that is left, mean, bits',
    bitsBefore: 'entropy before: log2 of the honest validators, bits',
    publicMs: 'from the first sending until every honest validator has it in public, ms',
    stems: 'stems tried',
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
      rows.filter((row) => atF(row) && row.attack !== 'public blocks'),
      ['way', 'attack', 'n'],
    ).map((group) => ({
      what: `${group[0]!.way}, ${group[0]!.attack}`,
      n: group[0]!.n,
      share: mean(group.map(({ likeliestNames }) => likeliestNames)),
      bits: mean(group.map(({ entropyBits }) => entropyBits)),
      ms: mean(group.map(({ publicMs }) => publicMs)),
    }));
    const shown = watchAndDrop.filter(({ what }) =>
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
    return [
      {
        title: 'Authors named by f colluding validators',
        caption:
          'Maximum-likelihood observer. Stems help, and more in larger committees; swallowing stems takes part of it back, canary items take all.',
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
