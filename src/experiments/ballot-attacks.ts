import { quorumOf } from '../params/quorum.ts';
import { Prng } from '../sim/prng.ts';
import { GossipCommittee, type Way } from './ballot-journeys.ts';
import { entropy, firstSpyTheory, named, posterior } from './ballot-observers.ts';
import { canaryLists } from './canary-gossip.ts';
import { mean } from './statistics.ts';

export type BallotAttack = 'watch' | 'drop stems' | 'public blocks' | 'canary items';
export interface BallotCase {
  readonly way: Way;
  readonly attack: BallotAttack;
  readonly n: number;
  readonly colluders: number;
  readonly announce: 'with' | 'without';
  readonly canaryAgeDelays: number | null;
  readonly [column: string]: string | number | null;
}
export interface BallotFound {
  readonly firstSpyNames: number;
  readonly firstSpyTheory: number | null;
  readonly likeliestNames: number;
  readonly entropyBits: number;
  readonly bitsBefore: number;
  readonly publicMs: number;
  readonly stems: number;
  readonly canaryListed: number | null;
  readonly giverNames: number | null;
  readonly listNames: number | null;
  readonly [column: string]: number | null;
}

/** Ballots of a run, or as many heights as have them. */
export const BALLOTS = 300;
/** The same with canaries, whose gossip costs more. */
const CANARY_BALLOTS = 60;
const NO_CANARIES = { canaryListed: null, giverNames: null, listNames: null };

export function watch(point: BallotCase, seed: number): BallotFound {
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
    ...NO_CANARIES,
  };
}

/**
 * Everybody's view of blocks, no colluders: which bundle names which ballot. A bundle is made when q ballots are public at its
 * proposer. With `direct` one's own counts at once, so a bundle without a ballot is not by its author; on a stem it counts
 * when it comes back.
 */
export function publicBlocks(point: BallotCase, seed: number): BallotFound {
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
    ...NO_CANARIES,
  };
}

/** Lists that the given one is equal to: the validators that could have made it. */
const makers = (lists: readonly (readonly number[])[], author: number): boolean[] => {
  const own = lists[author]!.join();
  return lists.map((list) => list.join() === own);
};

/**
 * At every height one item for each honest validator alone, then a ballot of each. Three observers: the giver names the validator to which it gave
 * an item on the list, one of several at random; one that knows every validator's list names one that has this list; and
 * that one with what colluders saw of the ballot's way.
 */
export function canaries(point: BallotCase, seed: number): BallotFound {
  const committee = new GossipCommittee(point, seed);
  const prng = new Prng(seed + 2 ** 36);
  const { n, colluders, announce } = point;
  const h = n - colluders;
  const setting = {
    n,
    colluders,
    rule: announce === 'with' ? ('held by 2f + 1' as const) : ('held' as const),
    ageDelays: point.canaryAgeDelays!,
  };
  const seen = Array.from({ length: Math.ceil(CANARY_BALLOTS / h) }, () =>
    canaryLists(setting, prng),
  ).flatMap((lists) =>
    lists.map((list, author) => {
      const could = makers(lists, author);
      const journey = committee.journey(author, false);
      const weights = posterior(journey.sights, point).map((p, j) => (could[j]! ? p : 0));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const p = weights.map((weight) => weight / total);
      return {
        ...journey,
        listed: Number(list.includes(author)),
        giver: list.length === 0 ? 1 / h : list.includes(author) ? 1 / list.length : 0,
        list: 1 / could.filter((is) => is).length,
        firstSpy: journey.sights[0] === undefined ? 1 / h : Number(journey.sights[0].from === author),
        likeliest: named(p, author),
        entropy: entropy(p),
      };
    }),
  );
  return {
    firstSpyNames: mean(seen.map(({ firstSpy }) => firstSpy)),
    firstSpyTheory: null,
    likeliestNames: mean(seen.map(({ likeliest }) => likeliest)),
    entropyBits: mean(seen.map((each) => each.entropy)),
    bitsBefore: Math.log2(h),
    publicMs: mean(seen.map(({ publicMs }) => publicMs)),
    stems: mean(seen.map(({ stems }) => stems)),
    canaryListed: mean(seen.map(({ listed }) => listed)),
    giverNames: mean(seen.map(({ giver }) => giver)),
    listNames: mean(seen.map(({ list }) => list)),
  };
}
