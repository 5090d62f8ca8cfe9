import type { AbaRules } from '../../src/consensus/aba/rules.ts';
import { quorumOf } from '../../src/params/quorum.ts';

/**
 * One agreement as a counter system, for exploring every schedule: a correct validator's state is what it has SENT and
 * where it stands; what it has received is not kept. A step that needs k votes is possible as soon as k − f correct
 * validators have sent one (the f liars fill up, differently to everybody), and due when k correct ones have. So the
 * model has every schedule of the machine and every behaviour of the liars, and more; a state in which nothing is due
 * is one where the machines may stop for ever. Own messages are heard at any time, coins are the adversary's choice.
 * Bounded: the number of rounds. Reduced: correct validators are interchangeable, so states are kept sorted.
 * @see Konnov, Veith, Widder, CAV '15 (threshold automata), for the technique
 */
export interface ModelOptions {
  readonly n: number;
  readonly rules: AbaRules;
  /** Rounds … rounds − 1 are explored, from round 0 on, or from the round in which all begin. */
  readonly rounds: number;
  /** Inputs from the outside that this run allows; both by default. */
  readonly inputs?: readonly (0 | 1)[];
}

/**
 * What a correct validator has sent in a round, and its bin and V while it is there. Sets of bits are masks. BVAL that its own TERM
 * stands for are not sent.
 */
export interface ModelRound {
  readonly bval: number;
  readonly first: boolean;
  readonly bin: number;
  readonly aux: number;
  readonly conf: number;
  readonly values: number;
}

export interface ModelNode {
  /** Inputs so far: 1 = a 0, 2 = a 1, 3 = a 0 and then a 1. */
  readonly input: number;
  readonly round: number;
  /** {decision}, or 0; the round of the own TERM. */
  readonly decided: number;
  readonly termRound: number;
  readonly closed: boolean;
  readonly rounds: readonly ModelRound[];
}

export interface ModelState {
  readonly nodes: readonly ModelNode[];
  /** {coin} of each round, or 0 while nobody knows it. */
  readonly coins: readonly number[];
}

export interface Action {
  readonly node: ModelNode;
  readonly coins: readonly number[];
  /** Follows from messages of correct validators alone, so it happens some time. */
  readonly due: boolean;
  /** Takes no other step away from anybody, now or later: a BVAL sent, a second member of bin. */
  readonly grows: boolean;
}

const EMPTY: ModelRound = { bval: 0, first: false, bin: 0, aux: 0, conf: 0, values: 0 };
const SETS = [1, 2, 3] as const;
const FIXED_COINS = [2, 1];
const isFixed = (round: number): boolean => round < FIXED_COINS.length;

export class AbaModel {
  readonly f: number;
  readonly q: number;
  readonly correct: number;
  readonly options: ModelOptions;
  readonly sharesRequired: number;

  constructor(options: ModelOptions) {
    const { f, q, sharesRequired } = quorumOf(options.n);
    this.options = options;
    this.f = f;
    this.q = q;
    this.correct = options.n - f;
    this.sharesRequired = sharesRequired;
  }

  get initial(): ModelState {
    const { rounds } = this.options;
    const node: ModelNode = {
      input: 0,
      round: 0,
      decided: 0,
      termRound: rounds,
      closed: false,
      rounds: new Array(rounds).fill(EMPTY),
    };
    return { nodes: new Array(this.correct).fill(node), coins: new Array(rounds).fill(0) };
  }

  /**
   * All validators at the start of round r, so many of them with estimate 1, nothing known of rounds before. Or some of them still in the
   * round before, where they decided what all the others have for estimate.
   */
  begin(r: number, ones: number, decided = 0): ModelState {
    const { nodes, coins } = this.initial;
    return {
      nodes: nodes.map((node, i) => {
        const b = i < ones ? 2 : 1;
        if (i >= decided) return this.sendBval({ ...node, input: 3, round: r }, r, b);
        const last = withRound({ ...node, input: 3, round: r - 1 }, r - 1, { bval: b, aux: b, values: b });
        return this.decide(last, b);
      }),
      coins: coins.map((_, at) => (at < r ? 3 : 0)),
    };
  }

  /** All that this validator may do next. */
  actions(state: ModelState, node: ModelNode): Action[] {
    if (node.closed) return [];
    const out: Action[] = [];
    const add = (next: ModelNode, due: boolean, coins = state.coins): void => {
      out.push({ node: next, coins, due, grows: false });
    };
    const grow = (next: ModelNode, due: boolean): void => {
      out.push({ node: next, coins: state.coins, due, grows: true });
    };
    this.addRelays(state, node, add, grow);
    this.addBins(state, node, add, grow);
    this.addInputs(state, node, add);
    this.addTerms(state, node, add);
    if (node.round < this.options.rounds) this.addProgress(state, node, add);
    return out;
  }

  /** A validator without an input gets one; a 1 that one has, all get: the broadcast delivers everywhere. */
  private addInputs(
    { nodes }: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean) => void,
  ): void {
    const { inputs = [0, 1], rules } = this.options;
    if (node.input === 0 && inputs.includes(0))
      add(this.sendBval({ ...node, input: 1 }, 0, isInRoundZero(node) ? 1 : 0), true);
    const isOver = node.input & 2 || (node.input === 1 && !rules.firstHand);
    if (isOver || !inputs.includes(1)) return;
    const isKnown = rules.firstHand && nodes.some(({ input }) => input & 2);
    add(this.proposeOne(node), node.input === 0 || isKnown);
  }

  private proposeOne(node: ModelNode): ModelNode {
    const { rules } = this.options;
    const isFirst = node.input === 0 && isInRoundZero(node);
    const next = { ...node, input: node.input | 2 };
    if (!rules.firstHand) return this.sendBval(next, 0, isFirst ? 2 : 0);
    if (!isFirst && !rules.reproposes) return next;
    const round = next.rounds[0]!;
    if (round.aux !== 0) return this.sendBval(next, 0, 2);
    return withRound(next, 0, { first: true, bval: round.bval | 2, aux: rules.auxAtOnce ? 2 : 0 });
  }

  /** A relay ahead of the own round may be left to a TERM, if the decision comes first: only the others just grow. */
  private addRelays(
    state: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean) => void,
    grow: (next: ModelNode, due: boolean) => void,
  ): void {
    const from = this.options.rules.oldRounds ? 0 : node.round;
    for (let r = from; r < this.options.rounds; r++) {
      for (const b of [1, 2]) {
        const next = this.sendBval(node, r, b);
        const isAhead = r > node.round;
        const support =
          isAhead && !this.options.rules.termsAhead ? this.messages(state, r, b) : this.support(state, r, b);
        if (support < 1 || next === node) continue;
        (isAhead && node.decided === 0 ? add : grow)(next, support > this.f);
      }
    }
  }

  /** Closing is left out: it silences one only when f + 1 correct TERM are out, which everybody decides by. */
  private addTerms(
    { nodes }: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean) => void,
  ): void {
    for (const b of node.decided === 0 ? [1, 2] : []) {
      const terms = nodes.filter(({ decided }) => decided === b).length;
      if (terms >= 1) add(this.decide(node, b), terms > this.f);
    }
  }

  /** A member of bin; the first one makes the AUX. */
  private addBins(
    state: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean) => void,
    grow: (next: ModelNode, due: boolean) => void,
  ): void {
    const r = node.round;
    const round = node.rounds[r];
    if (round === undefined || round.values !== 0) return;
    for (const b of [1, 2]) {
      const support = this.support(state, r, b);
      if (round.bin & b || support <= this.f) continue;
      const next = withRound(node, r, { bin: round.bin | b, aux: round.aux || b });
      (round.aux === 0 ? add : grow)(next, support > 2 * this.f);
    }
  }

  /** What the current round allows: CONF, V, the next round. */
  private addProgress(
    state: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean, coins?: readonly number[]) => void,
  ): void {
    const r = node.round;
    const round = node.rounds[r]!;
    if (round.values !== 0) return this.addFinish(state, node, add);
    const hasConf = this.options.rules.conf && !isFixed(r);
    const aux = this.unions(
      round.bin,
      SETS.map((s) => this.sent(state, r, s, ({ aux }) => aux)),
    );
    if (hasConf && round.conf === 0) {
      for (const set of aux.sets) add(withRound(node, r, { conf: set }), aux.due);
      return;
    }
    const { sets, due } = hasConf
      ? this.unions(
          round.bin,
          SETS.map((s) => this.sent(state, r, s, ({ conf }) => conf)),
        )
      : aux;
    for (const set of sets) {
      const next = withRound(node, r, { bin: 0, values: set });
      add(isFixed(r) && node.decided === 0 ? this.finish(next, FIXED_COINS[r]!) : next, due);
    }
  }

  /** A coin is known to those that hear enough shares; whoever hears them first finds out which one it is. */
  private addFinish(
    state: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean, coins: readonly number[]) => void,
  ): void {
    const { nodes, coins } = state;
    const r = node.round;
    const shares = nodes.filter(({ rounds }) => rounds[r]!.values !== 0).length;
    const known = isFixed(r) || coins[r] === 3 ? this.correct : shares;
    if (known + this.f < this.sharesRequired) return;
    const isDue = known >= this.sharesRequired;
    // Who has decided is where it is for the others, and the coin is nothing to it.
    if (node.decided !== 0) return this.addEntry(state, node, (next, due) => add(next, due && isDue, coins));
    for (const coin of [1, 2]) {
      if (coins[r] !== 0 && coins[r] !== coin) continue;
      add(this.finish(node, coin), isDue, coins.with(r, coin));
    }
  }

  /** Correct validators that sent AUX or CONF of round r. */
  speakers(nodes: readonly ModelNode[], r: number): number {
    return nodes.filter(({ termRound, rounds }) => r <= termRound && (rounds[r]!.aux | rounds[r]!.conf) !== 0)
      .length;
  }

  /** Who has decided goes on when f + 1 validators spoke in the next round; of rounds that are not explored nothing is known. */
  private addEntry(
    { nodes }: ModelState,
    node: ModelNode,
    add: (next: ModelNode, due: boolean) => void,
  ): void {
    const r = node.round + 1;
    const { decidedEnters } = this.options.rules;
    if (r === this.options.rounds || decidedEnters === 'never') return;
    const speakers = this.speakers(nodes, r);
    if (decidedEnters === 'always') add(this.enter(node, node.decided), true);
    else if (speakers >= 1) add(this.enter(node, node.decided), speakers > this.f);
  }

  /** V = {b}: est = b, decide if b = coin; else est = coin. Who decides stays until it is called. */
  private finish(node: ModelNode, coin: number): ModelNode {
    const { values } = node.rounds[node.round]!;
    if (values === coin) return this.decide(node, coin);
    return this.enter(node, values === 3 ? coin : values);
  }

  /** Of an old round only what is read later is kept: that the share of its coin is out, and whether V was {0} in round 0. */
  private enter(node: ModelNode, estimate: number): ModelNode {
    const r = node.round;
    const { values } = node.rounds[r]!;
    const left = isFixed(r) ? (r === 0 && values === 1 ? 1 : 0) : 3;
    const next = withRound({ ...node, round: r + 1 }, r, { values: left });
    return r + 1 < this.options.rounds ? this.sendBval(next, r + 1, estimate) : next;
  }

  private decide(node: ModelNode, b: number): ModelNode {
    return { ...node, decided: b, termRound: node.round, closed: !this.options.rules.staysUntilTerms };
  }

  /** BVAL(r, b), once, unless the own TERM stands for it. */
  private sendBval(node: ModelNode, r: number, b: number): ModelNode {
    const { bval } = node.rounds[r]!;
    if ((bval | b) === bval || (node.decided === b && node.termRound < r)) return node;
    return withRound(node, r, { bval: bval | b });
  }

  /** Correct validators that sent BVAL(r, b). */
  private messages({ nodes }: ModelState, r: number, b: number): number {
    return nodes.filter(({ rounds }) => rounds[r]!.bval & b).length;
  }

  /** Correct validators that stand for BVAL(r, b), by the vote or by TERM. */
  private support({ nodes }: ModelState, r: number, b: number): number {
    let count = 0;
    for (const node of nodes) {
      if (node.rounds[r]!.bval & b || (node.decided === b && node.termRound < r)) count += 1;
    }
    return count;
  }

  /** Correct validators whose AUX or CONF of round r is this set, by the vote or by TERM. */
  private sent({ nodes }: ModelState, r: number, set: number, of: (round: ModelRound) => number): number {
    let count = 0;
    for (const node of nodes) {
      if ((node.termRound < r ? node.decided : of(node.rounds[r]!)) === set) count += 1;
    }
    return count;
  }

  /** Unions that q votes within bin can have, of so many correct ones for {0}, {1}, {0, 1} and f of liars. */
  private unions(bin: number, counts: readonly number[]): { sets: readonly number[]; due: boolean } {
    const within = SETS.filter((s) => (s & ~bin) === 0);
    const all = within.reduce((sum, s) => sum + counts[s - 1]!, 0);
    const sets = within.filter((union) => {
      const inside = within.filter((s) => (s & ~union) === 0);
      const total = inside.reduce((sum, s) => sum + counts[s - 1]!, 0);
      const reached = inside.reduce((mask, s) => (counts[s - 1]! > 0 ? mask | s : mask), 0);
      return total + this.f >= this.q && (reached === union || this.f > 0);
    });
    return { sets, due: all >= this.q };
  }
}

/** Whether an input still is its estimate: later it comes from the votes. */
const isInRoundZero = ({ round, rounds }: ModelNode): boolean => round === 0 && rounds[0]!.values === 0;

function withRound(node: ModelNode, r: number, fields: Partial<ModelRound>): ModelNode {
  return { ...node, rounds: node.rounds.with(r, { ...node.rounds[r]!, ...fields }) };
}
