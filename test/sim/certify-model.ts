import { quorumOf } from '../../src/params/quorum.ts';

/**
 * How heights follow one another among n validators, f of them Byzantine, as a counter system: a correct validator's state is
 * what it has SENT for each height; what it has received is not kept. A step that needs k messages is possible as soon as
 * k − f correct validators have sent one (the f others add theirs, to whom they like), and due when k correct ones have sent
 * one that is still under way or repeated on request. Messages that are sent may stay under way for ever as far as a possible
 * step is concerned, so every delay is covered; a state in which no step is due is one where the Byzantine validators need
 * only fall silent for the correct ones to wait for ever. Whoever drops a height may have its undelivered messages of that
 * height lost with it: a step that waits for them stops being due.
 * Assumed: there is always something to vote on, and the agreement ends when all n − f correct validators take part in it
 * (that is the other model's part: aba-model.ts).
 * @see Konnov, Veith, Widder, CAV '15 (threshold automata), for the technique
 */
export interface CertifyRules {
  /** Who sends the certificate of a height to all: whoever comes to hold it, only who put it together, or nobody. */
  readonly tells: 'holders' | 'assemblers' | 'nobody';
  /** Whether the certificate of an earlier height still reaches a peer after a later one was sent to it. */
  readonly repeats: 'every' | 'newest';
  /** Whoever takes a block does not send its certificate if it knows one of a height so much later. */
  readonly quietBelow: number;
  /** Whether who lags takes certified blocks: of a height whose certificate it got, or from the signers of a later one. */
  readonly blocks: boolean;
  /** Settled heights that stay live whether certified or not; undefined: a height stays live until it is certified. */
  readonly kept: number | undefined;
}

/** The rules of src/validator. */
export const RULES: CertifyRules = {
  tells: 'holders',
  repeats: 'every',
  quietBelow: 2,
  blocks: true,
  kept: undefined,
};

/**
 * A height at one correct validator.
 * - live: begun · ordered (header signed) · settled (settlement signed too)
 * - over: assembled (put the certificate together) · adopted (settled, took the certificate from a peer) · taken and
 *   takenOrdered (took the block before and after it had signed the header), told or not · dropped (by the rule `kept`)
 */
const STAGES = {
  absent: '-',
  begun: 'b',
  ordered: 'o',
  settled: 's',
  assembled: 'A',
  adopted: 'a',
  taken: 't',
  takenOrdered: 'T',
  takenQuietly: 'q',
  takenOrderedQuietly: 'Q',
  dropped: 'd',
} as const;
const LIVE = 'bos';
const SIGNED_HEADER = 'osAaTQd';
const SIGNED_SETTLEMENT = 'sAad';
const CERTIFIED = 'AatTqQ';
const HAS_STATE = `s${CERTIFIED}d`;
const TELLS = { holders: 'AatT', assemblers: 'A', nobody: '' } as const;

/** One letter a height, for each correct validator. */
export type CertifyState = readonly string[];

export interface CertifyStep {
  readonly by: number;
  readonly height: number;
  readonly what: 'order' | 'settle' | 'assemble' | 'adopt' | 'take';
  readonly due: boolean;
  readonly next: CertifyState;
}

type Add = (what: CertifyStep['what'], stage: keyof typeof STAGES, due: boolean) => void;

/** Correct validators that stand at one of these stages at a height. */
const count = (state: CertifyState, h: number, stages: string): number =>
  state.filter((node) => stages.includes(node[h]!)).length;

export class CertifyModel {
  readonly heights: number;
  readonly rules: CertifyRules;
  readonly #f: number;
  readonly #q: number;
  readonly #shares: number;
  readonly #correct: number;

  constructor(n: number, heights: number, rules: CertifyRules = RULES) {
    const { f, q, sharesRequired } = quorumOf(n);
    this.heights = heights;
    this.rules = rules;
    this.#f = f;
    this.#q = q;
    this.#shares = sharesRequired;
    this.#correct = n - f;
  }

  get initial(): CertifyState {
    const none = STAGES.absent.repeat(this.heights);
    return new Array<string>(this.#correct).fill(this.#began(none));
  }

  /** Whether every correct validator is through all heights. */
  isDone(state: CertifyState): boolean {
    const through = this.rules.kept === undefined ? CERTIFIED : HAS_STATE;
    return state.every((node) => [...node].every((stage) => through.includes(stage)));
  }

  /** Rounds that one correct validator keeps at once, at most. */
  liveRounds(state: CertifyState): number {
    return Math.max(...state.map((node) => [...node].filter((stage) => LIVE.includes(stage)).length));
  }

  /** All that may happen next at any correct validator. */
  steps(state: CertifyState): CertifyStep[] {
    const out: CertifyStep[] = [];
    for (let by = 0; by < state.length; by++) {
      // Equal validators do equal things: one of them is enough.
      const node = state[by]!;
      if (state.indexOf(node) < by) continue;
      const add =
        (h: number): Add =>
        (what, stage, due) => {
          const moved = this.#began(`${node.slice(0, h)}${STAGES[stage]}${node.slice(h + 1)}`);
          out.push({ by, height: h + 1, what, due, next: state.with(by, moved) });
        };
      for (let h = 0; h < this.heights; h++) this.#settle(state, node[h]!, h, add(h));
      const next = [...node].findIndex((stage) => !CERTIFIED.includes(stage));
      if (next >= 0 && this.rules.kept === undefined) this.#certify(state, node[next]!, next, add(next));
    }
    return out;
  }

  #settle(state: CertifyState, stage: string, h: number, add: Add): void {
    if (stage === STAGES.begun) {
      const begun = this.#correct - count(state, h, STAGES.absent);
      if (begun + this.#f >= this.#q) add('order', 'ordered', count(state, h, LIVE) >= this.#q);
    }
    if (stage === STAGES.ordered && count(state, h, SIGNED_HEADER) + this.#f >= this.#shares) {
      add('settle', 'settled', count(state, h, 'os') >= this.#shares);
    }
  }

  /** Of the first height that is not certified: heights are certified in their order. */
  #certify(state: CertifyState, stage: string, h: number, add: Add): void {
    const { tells, blocks, quietBelow } = this.rules;
    if (!this.#hasCertificate(state, h)) return;
    const isDue = tells === 'nobody' ? count(state, h, CERTIFIED) > 0 : this.#comes(state, h);
    if (stage === STAGES.settled) {
      add('assemble', 'assembled', count(state, h, STAGES.settled) >= this.#q);
      if (tells !== 'nobody') add('adopt', 'adopted', isDue);
      return;
    }
    if (!blocks) return;
    const isBegun = stage === STAGES.begun;
    add('take', isBegun ? 'taken' : 'takenOrdered', isDue);
    for (let later = h + quietBelow; later < this.heights; later++) {
      if (!this.#hasCertificate(state, later)) continue;
      return add('take', isBegun ? 'takenQuietly' : 'takenOrderedQuietly', isDue);
    }
  }

  /** Whether so many signed that the Byzantine validators can put a certificate together, for themselves or for anybody. */
  #hasCertificate(state: CertifyState, h: number): boolean {
    return (
      count(state, h, SIGNED_HEADER) + this.#f >= this.#q &&
      count(state, h, SIGNED_SETTLEMENT) + this.#f >= this.#q
    );
  }

  /**
   * Whether the certificate of a height reaches everybody some time: by a correct validator that told it, or with the block, out
   * of the store of a correct signer of a later certificate. Of that one's correct signers any f + 1 may be named in it.
   */
  #comes(state: CertifyState, h: number): boolean {
    if (this.#isTold(state, h)) return true;
    for (let later = h + 1; this.rules.blocks && later < this.heights; later++) {
      if (!this.#isTold(state, later)) continue;
      const signers = state.filter((node) => SIGNED_SETTLEMENT.includes(node[later]!));
      const serving = signers.filter((node) => CERTIFIED.includes(node[h]!)).length;
      if (serving > signers.length - (this.#f + 1)) return true;
    }
    return false;
  }

  #isTold(state: CertifyState, h: number): boolean {
    const telling = TELLS[this.rules.tells];
    return state.some((node) => {
      const isNewest = ![...node.slice(h + 1)].some((stage) => telling.includes(stage));
      return telling.includes(node[h]!) && (this.rules.repeats === 'every' || isNewest);
    });
  }

  /** Begins the next height when its conditions hold: the one before is settled, the one before that certified. */
  #began(node: string): string {
    const { kept } = this.rules;
    const next = node.indexOf(STAGES.absent);
    if (next === -1 || (next > 0 && !HAS_STATE.includes(node[next - 1]!))) return node;
    if (kept === undefined && next > 1 && !CERTIFIED.includes(node[next - 2]!)) return node;
    const over = kept === undefined ? 0 : Math.max(0, next - kept);
    const before = node.slice(0, next);
    return this.#began(
      `${STAGES.dropped.repeat(over)}${before.slice(over)}${STAGES.begun}${node.slice(next + 1)}`,
    );
  }
}

export interface CertifyExploration {
  /** Different states, correct validators being interchangeable. */
  readonly states: number;
  /** States in which nothing is due. */
  readonly ends: number;
  /** Rounds that any correct validator keeps at once, at most. */
  readonly liveRounds: number;
  /** The shortest way to a state in which nothing is due although somebody is not through all heights. */
  readonly stuck: readonly string[] | undefined;
}

/** Visits every state, nearest first. */
export function exploreCertify(model: CertifyModel): CertifyExploration {
  const parents = new Map<CertifyState, { readonly state: CertifyState; readonly step: CertifyStep }>();
  const seen = new Set([keyOf(model.initial)]);
  const queue: CertifyState[] = [model.initial];
  let ends = 0;
  let liveRounds = 0;
  let stuck: readonly string[] | undefined;
  for (let i = 0; i < queue.length; i++) {
    const state = queue[i]!;
    const steps = model.steps(state);
    liveRounds = Math.max(liveRounds, model.liveRounds(state));
    if (!steps.some(({ due }) => due)) {
      ends += 1;
      if (!model.isDone(state)) stuck ??= traceOf(parents, state);
    }
    for (const step of steps) {
      const key = keyOf(step.next);
      if (seen.has(key)) continue;
      seen.add(key);
      parents.set(step.next, { state, step });
      queue.push(step.next);
    }
  }
  return { states: seen.size, ends, liveRounds, stuck };
}

const keyOf = (state: CertifyState): string => [...state].sort().join(' ');

function traceOf(
  parents: ReadonlyMap<CertifyState, { readonly state: CertifyState; readonly step: CertifyStep }>,
  end: CertifyState,
): string[] {
  const lines: string[] = [`nothing is due: ${end.join(' ')}`];
  for (let at = parents.get(end); at !== undefined; at = parents.get(at.state)) {
    const { by, what, height, due } = at.step;
    lines.unshift(`${'ABVWX'[by]} ${what}s ${height}${due ? '' : ' with help'}`);
  }
  return lines;
}
