import { quorumOf } from '../params/quorum.ts';
import { Prng } from '../sim/prng.ts';
import { GossipCommittee, type Journey, type Setting, type Way } from './ballot-journeys.ts';
import { firstSpy, markLikelihoods, SightModel } from './ballot-observers.ts';
import { canaryLists } from './canary-gossip.ts';
import { matchedOneToOne, normal } from './matching.ts';
import { type AnswerScore, answerScore, summaryOf } from './observer-scores.ts';
import { mean } from './statistics.ts';

export type BallotAttack = 'watch' | 'drop stems' | 'public blocks' | 'canary items' | 'others’ sights';
export interface BallotCase {
  readonly way: Way;
  readonly attack: BallotAttack;
  readonly n: number;
  readonly colluders: number;
  readonly spreadMs: number;
  /** Of consequence for canaries only. */
  readonly announce: 'with' | 'without' | 'no canaries';
  readonly [column: string]: string | number | null;
}
export interface BallotFound {
  readonly canaryAgeDelays: number | null;
  readonly names: number;
  readonly confidence: number;
  readonly precision: number | null;
  readonly recall: number;
  readonly entropyBits: number;
  readonly chance: number;
  readonly aloneNames: number | null;
  readonly untimedNames: number | null;
  readonly plainNames: number | null;
  readonly firstSpyNames: number | null;
  readonly publicMs: number;
  readonly stems: number;
  readonly canaryListed: number | null;
  readonly unlistedNames: number | null;
  readonly listNames: number | null;
  readonly giverNames: number | null;
  readonly [column: string]: number | null;
}

/** Ballots of a run, or as many heights as have them. */
const BALLOTS = 300;
/** The same with canaries, whose gossip costs more. */
const CANARY_BALLOTS = 60;
/** Ballots of heights that an observer plays through before, to learn how often what it looks for happens. */
const TRAINING_BALLOTS = 120;

const settingOf = ({ way, n, colluders, spreadMs, attack }: BallotCase): Setting => ({
  ...{ way, n, colluders, spreadMs },
  drops: attack === 'drop stems',
});
const heightsOf = (ballots: number, each: number): number => Math.ceil(ballots / each);

/** The answers of one observer on one height beside the truth. */
const scored = (answers: readonly (readonly number[])[], authors: readonly number[]): AnswerScore[] =>
  answers.map((p, i) => answerScore(p, authors[i]!));
const namedBy = (heights: readonly (readonly AnswerScore[])[]): number => summaryOf(heights.flat()).named;
/** What the strongest observer of a run found. */
function strongest(heights: readonly (readonly AnswerScore[])[]) {
  const { named, confidence, precision, recall, entropyBits } = summaryOf(heights.flat());
  return { names: named, confidence, precision, recall, entropyBits };
}
const costOf = (journeys: readonly Journey[]) => ({
  publicMs: mean(journeys.map(({ publicMs }) => publicMs)),
  stems: mean(journeys.map(({ stems }) => stems)),
});
const NO_SIGHTS = { aloneNames: null, untimedNames: null, plainNames: null, firstSpyNames: null };
const NO_CANARIES = {
  ...{ canaryAgeDelays: null, canaryListed: null },
  ...{ unlistedNames: null, listNames: null, giverNames: null },
};

/** An order of so many things, each as likely. */
function shuffled(count: number, prng: Prng): number[] {
  const out = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** What every observer of ballots' ways answers on one height. */
export function observed(
  journeys: readonly Journey[],
  models: { readonly timed: SightModel; readonly untimed: SightModel },
) {
  const h = journeys.length;
  const weights = journeys.map(({ sights }) => models.timed.likelihoods(sights));
  const untimed = journeys.map(({ sights }) => models.untimed.likelihoods(sights));
  return {
    jointly: matchedOneToOne(weights),
    alone: weights.map((line) => normal(line)),
    untimed: matchedOneToOne(untimed),
    plain: untimed.map((line) => normal(line)),
    firstSpy: journeys.map(({ sights }) => firstSpy(sights, h)),
  };
}

/** Colluders see what comes to them, and swallow it or not. In the control each ballot is judged by the sights of some other. */
export function watch(point: BallotCase, seed: number): BallotFound {
  const setting = settingOf(point);
  const committee = new GossipCommittee(setting, new Prng(seed));
  const shuffler = new Prng(seed + 2 ** 36);
  const models = { timed: new SightModel(setting, true), untimed: new SightModel(setting, false) };
  const h = point.n - point.colluders;
  const heights = Array.from({ length: heightsOf(BALLOTS, h) }, () => committee.height());
  const answers = heights.map((journeys) => observed(journeys, models));
  const authors = heights.map((journeys) =>
    point.attack === 'others’ sights' ? shuffled(h, shuffler) : journeys.map(({ author }) => author),
  );
  const scores = (observer: keyof ReturnType<typeof observed>): AnswerScore[][] =>
    answers.map((each, i) => scored(each[observer], authors[i]!));
  return {
    ...strongest(scores('jointly')),
    chance: 1 / h,
    aloneNames: namedBy(scores('alone')),
    untimedNames: namedBy(scores('untimed')),
    plainNames: namedBy(scores('plain')),
    firstSpyNames: namedBy(scores('firstSpy')),
    ...costOf(heights.flat()),
    ...NO_CANARIES,
  };
}

/** How often a validator's own mark is there, by counting. */
const shareOf = (marks: readonly boolean[]): number =>
  (marks.filter((is) => is).length + 0.5) / (marks.length + 1);

/**
 * Everybody's view of blocks, no colluders: which bundle names which ballots. A bundle names the first q ballots that are public at its
 * proposer. With `direct` one's own is so at once; on a stem it is when somebody broadcasts it.
 */
export function publicBlocks(point: BallotCase, seed: number): BallotFound {
  const { n } = point;
  const { q } = quorumOf(n);
  const bundlesOf = (journeys: readonly Journey[]): boolean[][] =>
    Array.from({ length: n }, (_, at) => {
      const times = journeys.map(({ publicAt }) => publicAt[at]!);
      const due = [...times].sort((a, b) => a - b)[q - 1]!;
      return times.map((time) => time <= due);
    });
  const training = new GossipCommittee(settingOf(point), new Prng(seed + 2 ** 37));
  const own = shareOf(
    Array.from({ length: heightsOf(TRAINING_BALLOTS, n) }, () =>
      bundlesOf(training.height()).map((bundle, at) => bundle[at]!),
    ).flat(),
  );
  const committee = new GossipCommittee(settingOf(point), new Prng(seed));
  const heights = Array.from({ length: heightsOf(BALLOTS, n) }, () => committee.height());
  const seen = heights.map((journeys) => {
    const bundles = bundlesOf(journeys);
    const weights = journeys.map((_, ballot) =>
      markLikelihoods(
        bundles.map((bundle) => bundle[ballot]!),
        own,
        (q - own) / (n - 1),
      ),
    );
    const authors = journeys.map(({ author }) => author);
    return {
      jointly: scored(matchedOneToOne(weights), authors),
      alone: scored(
        weights.map((line) => normal(line)),
        authors,
      ),
    };
  });
  return {
    ...strongest(seen.map(({ jointly }) => jointly)),
    chance: 1 / n,
    ...NO_SIGHTS,
    aloneNames: namedBy(seen.map(({ alone }) => alone)),
    ...costOf(heights.flat()),
    ...NO_CANARIES,
  };
}

/**
 * At every height one item for each honest validator alone, then a ballot of each. All observers match ballots to authors by the sights of colluders, with the
 * times; the strongest also knows what every validator would list, the giver how often a canary is listed by the validator that got it and by others.
 * @returns a row for each age
 */
export function canaries(point: BallotCase, ages: readonly number[], seed: number): BallotFound[] {
  const { n, colluders, announce } = point;
  const h = n - colluders;
  const rule = announce === 'with' ? ('held by 2f + 1' as const) : ('held' as const);
  const listsOf = (ballots: number, prng: Prng): ReturnType<typeof canaryLists>[] =>
    Array.from({ length: heightsOf(ballots, h) }, () => canaryLists({ n, colluders, rule }, ages, prng));
  const training = listsOf(TRAINING_BALLOTS / 2, new Prng(seed + 2 ** 37));
  const runs = listsOf(CANARY_BALLOTS, new Prng(seed + 2 ** 36));
  const committee = new GossipCommittee(settingOf(point), new Prng(seed));
  const model = new SightModel(settingOf(point), true);
  return ages.map((canaryAgeDelays, age) => {
    const marks = training.flatMap((lists) =>
      lists[age]!.flatMap((list, author) =>
        Array.from({ length: h }, (_, i) => ({ isOwn: i === author, is: list.includes(i) })),
      ),
    );
    const own = shareOf(marks.filter(({ isOwn }) => isOwn).map(({ is }) => is));
    const others = shareOf(marks.filter(({ isOwn }) => !isOwn).map(({ is }) => is));
    const seen = runs.map((run) => {
      const lists = run[age]!;
      const journeys = committee.height();
      const authors = journeys.map(({ author }) => author);
      const ways = journeys.map(({ sights }) => model.likelihoods(sights));
      const looks = lists.map((list) => list.join());
      const could = looks.map((look) => looks.map((other) => Number(look === other)));
      const given = lists.map((list) =>
        markLikelihoods(
          lists.map((_, j) => list.includes(j)),
          own,
          others,
        ),
      );
      const both = (weights: readonly (readonly number[])[]): number[][] =>
        ways.map((line, i) => line.map((weight, j) => weight * weights[i]![j]!));
      const by = (weights: readonly (readonly number[])[]): AnswerScore[] =>
        scored(matchedOneToOne(weights), authors);
      return {
        journeys,
        listed: lists.map((list, author) => Number(list.includes(author))),
        all: by(both(could)),
        giver: by(both(given)),
        ways: by(ways),
        lists: by(could),
      };
    });
    return {
      canaryAgeDelays,
      ...strongest(seen.map(({ all }) => all)),
      chance: 1 / h,
      ...NO_SIGHTS,
      ...costOf(seen.flatMap(({ journeys }) => journeys)),
      canaryListed: mean(seen.flatMap(({ listed }) => listed)),
      unlistedNames: namedBy(seen.map(({ ways }) => ways)),
      listNames: namedBy(seen.map(({ lists }) => lists)),
      giverNames: namedBy(seen.map(({ giver }) => giver)),
    };
  });
}
