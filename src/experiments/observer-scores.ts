import { mean } from './statistics.ts';

/** An observer names somebody only when it is so sure. */
const SURE = 0.9;
/** Less is no possibility. */
const IMPOSSIBLE = 1e-9;
/** Probabilities within this part of the greatest are as great. */
const TIED = 1e-6;

/** One answer of an observer, a probability for each candidate, beside the truth. */
export interface AnswerScore {
  /** How likely the first choice is right, ties tossed, and how likely the observer thinks it is. */
  readonly right: number;
  readonly top: number;
  /** Candidates that are possible. */
  readonly possible: number;
  readonly entropyBits: number;
  /** What the truth was worth to the observer: −log2 of its probability. */
  readonly surpriseBits: number;
}

export function answerScore(p: readonly number[], truth: number): AnswerScore {
  const top = Math.max(...p);
  const tied = p.filter((x) => x > top * (1 - TIED)).length;
  return {
    right: p[truth]! > top * (1 - TIED) ? 1 / tied : 0,
    top,
    possible: p.filter((x) => x > IMPOSSIBLE).length,
    entropyBits: p.reduce((sum, x) => (x > 0 ? sum - x * Math.log2(x) : sum), 0),
    surpriseBits: -Math.log2(p[truth]!),
  };
}

/** Means over answers. */
export interface ScoreSummary {
  /** Share whose first choice is right; the observer is calibrated if its mean confidence is the same. */
  readonly named: number;
  readonly confidence: number;
  /** Of those named with 90 % certainty the share that is right; nothing if none was. */
  readonly precision: number | null;
  /** Share of all that were named so, and rightly. */
  readonly recall: number;
  readonly possible: number;
  readonly entropyBits: number;
  readonly surpriseBits: number;
}

export function summaryOf(scores: readonly AnswerScore[]): ScoreSummary {
  const claimed = scores.filter(({ top }) => top >= SURE);
  return {
    named: mean(scores.map(({ right }) => right)),
    confidence: mean(scores.map(({ top }) => top)),
    precision: claimed.length === 0 ? null : mean(claimed.map(({ right }) => right)),
    recall: claimed.reduce((sum, { right }) => sum + right, 0) / scores.length,
    possible: mean(scores.map(({ possible }) => possible)),
    entropyBits: mean(scores.map(({ entropyBits }) => entropyBits)),
    surpriseBits: mean(scores.map(({ surpriseBits }) => surpriseBits)),
  };
}
