import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { Links } from '../sim/links.ts';
import { Prng } from '../sim/prng.ts';
import { authorRoutes, relayRoute, STEM_TRIES } from '../validator/dissemination.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment } from './define.ts';
import { groupBy, mean } from './statistics.ts';

type Way = 'direct' | 'stem 1/2' | 'stem 1/4' | 'stem 1/8';
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
const LINK_MS = 50;
const RESEND_MS = 500;
const FLUFF: Readonly<Record<Way, number>> = {
  direct: 1,
  'stem 1/2': 1 / 2,
  'stem 1/4': 1 / 4,
  'stem 1/8': 1 / 8,
};

/** What colluders saw of one ballot: who handed it to them, in which way, in which try. */
interface Sight {
  readonly from: number;
  readonly as: 'stem' | 'broadcast' | 'asked';
}
interface Journey {
  readonly author: number;
  readonly sights: readonly Sight[];
  /** When the last honest validator has it in public; from the author's first sending, ms. */
  readonly publicMs: number;
  readonly stems: number;
}

class Committee {
  readonly n: number;
  readonly f: number;
  readonly honest: number;
  private readonly prng: Prng;
  private readonly links: Links;
  private readonly way: Way;

  constructor({ n, colluders, way }: Point, seed: number) {
    this.n = n;
    this.f = quorumOf(n).f;
    this.honest = n - colluders;
    this.way = way;
    this.prng = new Prng(seed);
    this.links = new Links(n, { delay: { kind: 'exp', meanMs: LINK_MS } }, new Prng(seed + 2 ** 35));
  }

  private readonly random = (bytes: number): Uint8Array => this.prng.bytes(bytes);

  author(): number {
    return this.prng.below(this.honest);
  }

  below(n: number): number {
    return this.prng.below(n);
  }

  /** The validators' own rule for 1/4; for other probabilities the same rule with another toss. */
  private relay(self: ValidatorIndex): ValidatorIndex | 'all' {
    if (this.way === 'stem 1/4') return relayRoute(this.n, self, this.random).to;
    if (this.prng.chance(FLUFF[this.way])) return 'all';
    return this.first(self, 0).to as ValidatorIndex;
  }

  private first(self: ValidatorIndex, attempt: number) {
    return this.routes(self, attempt)[0]!;
  }

  private routes(self: ValidatorIndex, attempt: number) {
    const strategy = this.way === 'direct' ? 'direct' : 'stem';
    return authorRoutes(strategy, attempt, { n: this.n, f: this.f, self }, this.random);
  }

  arrival(from: number, to: number, atMs: number): number {
    return this.links.arrival(from, to, 400, atMs);
  }

  private broadcastMs(from: number, atMs: number): number {
    let last = atMs;
    for (let to = 0; to < this.honest; to++) last = Math.max(last, this.arrival(from, to, atMs));
    return last;
  }

  /** One ballot's way out. @param drops whether colluders swallow what comes on a stem */
  journey(author: number, drops: boolean): Journey {
    const self = validatorIndex(author);
    const sights: Sight[] = [];
    const isColluder = (i: number): boolean => i >= this.honest;
    let stems = 0;
    for (let attempt = 0; ; attempt++) {
      let atMs = attempt * RESEND_MS;
      const routes = this.routes(self, attempt);
      if (routes[0]!.kind === 'ballot') {
        if (this.honest < this.n) sights.push({ from: author, as: 'broadcast' });
        return { author, sights, publicMs: this.broadcastMs(author, atMs), stems };
      }
      if (attempt >= STEM_TRIES) {
        // f + 1 are asked to broadcast; one is honest, and colluders among them know that authors ask.
        if (routes.some(({ to }) => isColluder(to as number))) sights.push({ from: author, as: 'asked' });
        const times = routes
          .filter(({ to }) => !isColluder(to as number))
          .map(({ to }) => this.broadcastMs(to as number, this.arrival(author, to as number, atMs)));
        return { author, sights, publicMs: Math.min(...times), stems };
      }
      stems += 1;
      let [at, next]: [number, ValidatorIndex | 'all'] = [author, routes[0]!.to];
      let isSeen = false;
      while (next !== 'all') {
        atMs = this.arrival(at, next, atMs);
        if (isColluder(next) && !isSeen) {
          sights.push({ from: at, as: 'stem' });
          isSeen = true;
        }
        at = next;
        if (isColluder(at) && drops) break;
        next = this.relay(validatorIndex(at));
      }
      if (next !== 'all') continue;
      if (!isSeen && this.honest < this.n && !isColluder(at)) sights.push({ from: at, as: 'broadcast' });
      return { author, sights, publicMs: this.broadcastMs(at, atMs), stems };
    }
  }
}

/** P(the walk's k-th holder is the author), on a complete graph of h honest validators. */
const returns = (h: number): number[] => {
  const out = [1];
  for (let k = 1; k < 400; k++) out.push(h > 1 ? (1 - out[k - 1]!) / (h - 1) : 1);
  return out;
};

/**
 * What a sight says of the author: P(it came from the author). A stem walks among h honest validators, leaves it by p or meets one of
 * c colluders first.
 * @see Reiter and Rubin, Crowds, ACM TISSEC 1 (1998), §5, for the geometric argument
 */
function fromAuthor(as: Sight['as'], n: number, c: number, p: number): number {
  if (as === 'asked') return 1;
  const h = n - c;
  const goesOn = ((h - 1) / (n - 1)) * (1 - p);
  const back = returns(h);
  let [sum, total] = [0, 0];
  for (let k = as === 'stem' ? 0 : 1; k < back.length; k++) {
    const weight = goesOn ** k;
    sum += weight * back[k]!;
    total += weight;
  }
  return as === 'broadcast' && p === 1 ? 1 : sum / total;
}

/** P(first spy is right): met on the first stem, or else the broadcaster is the author. */
function firstSpyTheory({ n, colluders: c, way }: Point): number {
  const p = FLUFF[way];
  if (c === 0) return 1 / n;
  if (way === 'direct') return 1;
  const h = n - c;
  const goesOn = ((h - 1) / (n - 1)) * (1 - p);
  const met = c / (n - 1) / (1 - goesOn);
  return met * fromAuthor('stem', n, c, p) + (1 - met) * fromAuthor('broadcast', n, c, p);
}

/** The posterior over honest authors after some sights, each author as likely as another before. */
function posterior(sights: readonly Sight[], { n, colluders, way }: Point): number[] {
  const h = n - colluders;
  const weights = new Array<number>(h).fill(1);
  for (const { from, as } of sights) {
    if (from >= h) continue;
    const right = fromAuthor(as, n, colluders, FLUFF[way]);
    for (let j = 0; j < h; j++) weights[j]! *= j === from ? right : h > 1 ? (1 - right) / (h - 1) : 0;
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const entropy = (p: readonly number[]): number =>
  p.reduce((sum, x) => (x > 0 ? sum - x * Math.log2(x) : sum), 0);
/** Chance that naming the likeliest is right, ties tossed. */
function named(p: readonly number[], author: number): number {
  const top = Math.max(...p);
  const tied = p.filter((x) => Math.abs(x - top) < 1e-12).length;
  return Math.abs(p[author]! - top) < 1e-12 ? 1 / tied : 0;
}

function watch(point: Point, seed: number): Found {
  const committee = new Committee(point, seed);
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
  const committee = new Committee(point, seed);
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
          'Maximum-likelihood observer. Stems help, and more in larger committees; swallowing stems and canary items undo it.',
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
