import { assert } from '../../base/errors.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { ABA_ROUND_WINDOW, MAX_ABA_ROUND } from '../../params/sizes.ts';
import type { ConsensusFault } from '../faults.ts';
import { NOTHING, type Step, StepBuffer } from '../step.ts';
import { RoundVotes, type RoundVotesState } from './round.ts';
import { type AbaRules, MMR } from './rules.ts';
import { Terms, type TermsState } from './terms.ts';
import { type Bit, type BitSet, BOTH, only, single, type Vote, type VoteKind } from './votes.ts';

export type AbaOutput =
  | { readonly type: 'decide'; readonly bit: Bit }
  /** 2f + 1 FIRST: whatever the others' inputs, this agreement will decide 1 (README, first-hand). */
  | { readonly type: 'sure' };
/** The own share of this round's coin may be released now, and not before. */
export interface AbaEffect {
  readonly type: 'coin';
  readonly round: number;
}
export type AbaStep = Step<Vote, AbaOutput, AbaEffect>;

/** An agreement as plain data. */
export type AbaState = TermsState & {
  /** By round, ascending. */
  readonly rounds: ReadonlyMap<number, RoundVotesState>;
  readonly coins: ReadonlyMap<number, Bit>;
  readonly round: number;
  readonly estimate: Bit | undefined;
  readonly decision: Bit | undefined;
  /** undefined while there is no own TERM. */
  readonly ownTermRound: number | undefined;
  readonly isClosed: boolean;
  readonly firsts: number;
};

/** Coins everybody knows: 1 in round 0, 0 in round 1. Real ones, with CONF before them, follow. */
const FIXED_COINS: readonly Bit[] = [1, 0];
const ONLY_ONE = only(1);

/**
 * Binary agreement: every correct validator decides the same bit, and some correct one had it as input.
 * Signature-free, O(1) expected rounds, n ≥ 3f + 1, no clock.   [README.md, Binary agreement]
 * Deviation D3: CONF before a real coin (without it a scheduler can keep the estimates apart for ever).
 * Deviation D4: the coins of rounds 0 and 1 are fixed and have no CONF.
 * Deviation D5: TERM(b, r) stands for its sender's BVAL, AUX and CONF in rounds above r, up to the receiver's own.
 * Deviation D6: in round 0 AUX does not wait for an input.
 * Deviation D13: who has decided enters a later round only when f + 1 validators have spoken in it.
 * Deviation D10: with first-hand rules round 0 has FIRST and re-proposals.
 * @see Mostéfaoui, Moumen, Raynal, PODC '14, Fig. 1–2; Tholoniat and Gramoli, arXiv 1909.07453
 */
export class MmrAba {
  private readonly n: number;
  private readonly quorum: Quorum;
  private readonly rules: AbaRules;
  private readonly buffer = new StepBuffer<Vote, AbaOutput, AbaEffect>();
  private rounds: (RoundVotes | undefined)[] = [];
  private readonly coins = new Map<number, Bit>();
  private round = 0;
  private estimate: Bit | undefined;
  private terms: Terms;
  private decision: Bit | undefined;
  /** r of the own TERM(b, r): later rounds are voted by it. */
  private ownTermRound = Number.POSITIVE_INFINITY;
  private isClosed = false;
  /** Senders of FIRST. */
  private firsts = 0;

  /** @param rules MMR or FIRST_HAND; anything less is an experiment */
  constructor({ n, rules = MMR }: { n: number; rules?: AbaRules }) {
    this.n = n;
    this.quorum = quorumOf(n);
    this.rules = rules;
    this.terms = new Terms(n);
  }

  /** May share memory with the agreement: encode it before the next input. */
  state(): AbaState {
    const { coins, round, estimate, decision, isClosed, firsts } = this;
    return {
      ...this.terms.state(),
      rounds: new Map(this.rounds.flatMap((state, r) => (state === undefined ? [] : [[r, state.state()]]))),
      coins,
      round,
      estimate,
      decision,
      ownTermRound: Number.isFinite(this.ownTermRound) ? this.ownTermRound : undefined,
      isClosed,
      firsts,
    };
  }

  /** The agreement that gives for every input the step which the one of the state would have given. */
  static restore({ n, rules = MMR }: { n: number; rules?: AbaRules }, state: AbaState): MmrAba {
    const aba = new MmrAba({ n, rules });
    for (const [r, votes] of state.rounds) aba.rounds[r] = RoundVotes.restore(n, votes);
    for (const [r, bit] of state.coins) aba.coins.set(r, bit);
    aba.round = state.round;
    aba.estimate = state.estimate;
    aba.terms = Terms.restore(state);
    aba.decision = state.decision;
    aba.ownTermRound = state.ownTermRound ?? Number.POSITIVE_INFINITY;
    aba.isClosed = state.isClosed;
    aba.firsts = state.firsts;
    return aba;
  }

  /** The round this validator is in: votes and coin shares up to ABA_ROUND_WINDOW above it are of use. */
  get currentRound(): number {
    return this.round;
  }

  /** The decided bit, once there is one. */
  get decided(): Bit | undefined {
    return this.decision;
  }

  /** Whether this validator's part is over: it holds 2f + 1 TERM, so every correct one gets f + 1 and decides. */
  get closed(): boolean {
    return this.isClosed;
  }

  /**
   * The own input. A second one, or one after round 0, changes nothing: the estimate comes from the votes then.
   * With first-hand rules a 1 is said whenever it comes: it re-proposes after a 0, and after round 0.
   */
  input(bit: Bit): AbaStep {
    if (this.isClosed) return NOTHING;
    const isFirst = this.estimate === undefined && this.round === 0;
    if (isFirst) this.estimate = bit;
    if (bit === 1 && this.rules.firstHand && (isFirst || this.rules.reproposes)) this.sendFirst();
    else if (isFirst) this.sendBval(0, only(bit));
    return this.buffer.take();
  }

  /** A peer's vote; hostile. It is handled in ITS round's state, whatever the current round. */
  handle(from: ValidatorIndex, vote: Vote): AbaStep {
    if (this.isClosed) return NOTHING;
    if (!this.isWellFormed(vote)) {
      this.blame(from, 'ABA_MALFORMED', { kind: vote.kind, round: vote.round, values: vote.values });
    } else if (vote.kind === 'term') {
      this.onTerm(from, vote.values, vote.round);
    } else if (vote.round > this.round + ABA_ROUND_WINDOW) {
      const evidence = { round: vote.round, own: this.round };
      if (this.rules.realCoins) this.blame(from, 'ABA_ROUND_BEYOND_WINDOW', evidence);
    } else if (vote.round >= this.round || this.rules.oldRounds) {
      const state = this.votesOf(vote.round);
      if (vote.kind === 'first') this.onFirst(state, from);
      else if (vote.kind === 'bval') this.onBval(state, from, vote.values, vote.round);
      else this.onSpoken(state, from, vote);
      if (vote.round === this.round || (this.decision !== undefined && vote.round === this.round + 1))
        this.progress();
    }
    return this.buffer.take();
  }

  /**
   * The common coin of a round, as soon as the owner knows it, also before this validator gets there.
   * @throws {BaseError} ASSERTION if it contradicts an earlier answer: the coin is common
   */
  coin(round: number, bit: Bit): AbaStep {
    if (this.isClosed) return NOTHING;
    assert((this.coins.get(round) ?? bit) === bit, 'a coin has one value');
    this.coins.set(round, bit);
    if (round === this.round) this.progress();
    return this.buffer.take();
  }

  /** What this agreement waits for, and where it is. */
  status() {
    return {
      waitsFor: this.waitsFor(),
      round: this.round,
      decided: this.decision,
      closed: this.isClosed,
      terms: this.terms.size,
      roundsHeld: this.rounds.reduce((held) => held + 1, 0),
    };
  }

  private waitsFor(): 'nothing' | 'bvals' | 'auxes' | 'confs' | 'coin' | 'terms' {
    if (this.isClosed) return 'nothing';
    const state = this.rounds[this.round];
    if (state === undefined || state.bin === 0) return 'bvals';
    if (state.values !== 0) return this.coinOf(this.round) === undefined ? 'coin' : 'terms';
    return state.sentConf ? 'confs' : 'auxes';
  }

  /**
   * BVAL(r, b): f + 1 ⇒ relay, in every round until closed; 2f + 1 ⇒ bin_r ∪= {b}. MMR14 Fig. 1. Above the own round only
   * messages are in the count, so a correct validator has entered every round that another votes in.
   */
  private onBval(state: RoundVotes, from: ValidatorIndex, b: BitSet, round: number): void {
    const support = state.addBval(from, b);
    if (support === 0) return;
    if (support >= this.quorum.f + 1) this.sendBval(round, b);
    if (support >= 2 * this.quorum.f + 1) {
      if (state.first === 0) state.first = b;
      state.bin |= b;
    }
  }

  /** AUX or CONF as a message: its sender is in this round or has been. */
  private onSpoken(state: RoundVotes, from: ValidatorIndex, { kind, round, values }: Vote): void {
    state.addSpeaker(from);
    if (kind === 'aux') this.onAux(state, from, values, round);
    else this.onConf(state, from, values, round);
  }

  private onAux(state: RoundVotes, from: ValidatorIndex, b: BitSet, round: number): void {
    const before = state.auxOf(from);
    if (before === 0) state.setAux(from, b);
    else if (before !== b) this.blame(from, 'ABA_AUX_EQUIVOCATION', { round, first: before, second: b });
  }

  private onConf(state: RoundVotes, from: ValidatorIndex, set: BitSet, round: number): void {
    const before = state.confOf(from);
    if (before === 0) state.setConf(from, set);
    else if (before !== set) this.blame(from, 'ABA_CONF_EQUIVOCATION', { round, first: before, second: set });
  }

  /** FIRST: BVAL(0, 1) and AUX(0, 1) of one that has delivered; 2f + 1 of them make a 1 sure. */
  private onFirst(state: RoundVotes, from: ValidatorIndex): void {
    this.onBval(state, from, ONLY_ONE, 0);
    if (this.rules.auxAtOnce) this.onAux(state, from, ONLY_ONE, 0);
    if (!state.addFirst(from)) return;
    this.firsts += 1;
    if (this.firsts === 2 * this.quorum.f + 1) this.buffer.output({ type: 'sure' });
  }

  /** TERM(b, r): f + 1 ⇒ decide b; 2f + 1 ⇒ close. */
  private onTerm(from: ValidatorIndex, b: BitSet, round: number): void {
    const before = this.terms.of(from);
    if (before !== 0) {
      const firstRound = this.terms.roundOf(from);
      if (before !== b || firstRound !== round) {
        const evidence = { first: before, firstRound, second: b, secondRound: round };
        this.blame(from, 'ABA_TERM_EQUIVOCATION', evidence);
      }
      return;
    }
    const support = this.terms.add(from, b, round);
    this.rounds.forEach((state, r) => {
      if (state !== undefined && r > round && (r <= this.round || this.rules.termsAhead))
        this.applyTerm(state, r, from, b);
    });
    if (support >= this.quorum.f + 1 && this.decision === undefined) this.decide(single(b)!);
    if (support >= 2 * this.quorum.f + 1) this.close();
    else this.progress();
  }

  /** A TERM of an earlier round, counted as its sender's votes of this one. */
  private applyTerm(state: RoundVotes, round: number, from: ValidatorIndex, b: BitSet): void {
    this.onBval(state, from, b, round);
    this.onAux(state, from, b, round);
    if (this.hasConf(round)) this.onConf(state, from, b, round);
  }

  /** Goes through the current round's conditions, and on to the next round, as far as they hold. */
  private progress(): void {
    while (!this.isClosed) {
      const round = this.round;
      const state = this.votesOf(round);
      if (state.first !== 0 && !state.sentAux) {
        state.sentAux = true;
        this.vote('aux', round, state.first);
      }
      if (state.values === 0) state.values = this.settleValues(state, round);
      const coin = this.coinOf(round);
      if (state.values === 0 || coin === undefined || !this.finishRound(state.values, coin)) return;
    }
  }

  private coinOf(round: number): Bit | undefined {
    return FIXED_COINS[round] ?? this.coins.get(round);
  }

  /** q AUX within bin_r ⇒ vals; from round 2 on CONF(r, vals), and q CONF within bin_r ⇒ V and the coin. 0 before. */
  private settleValues(state: RoundVotes, round: number): BitSet | 0 {
    const vals = state.auxValues(this.quorum.q);
    if (vals === 0 || isCoinFixed(round)) return vals;
    if (this.rules.conf && !state.sentConf) {
      state.sentConf = true;
      this.vote('conf', round, vals);
    }
    const values = this.rules.conf ? state.confValues(this.quorum.q) : vals;
    if (values !== 0) this.buffer.effect({ type: 'coin', round });
    return values;
  }

  /**
   * V = {b}: est = b, decide if b is the coin; else est = coin. Then the next round; once decided, est stays.
   * @returns whether the next round was entered; until it is, this may be called again
   */
  private finishRound(values: BitSet, coin: Bit): boolean {
    const b = single(values);
    if (b === coin && this.decision === undefined) this.decide(b);
    this.estimate = this.decision ?? b ?? coin;
    if (this.isClosed || !this.mayEnter(this.round + 1)) return false;
    this.enter(this.round + 1, this.estimate);
    return true;
  }

  /**
   * Who has decided goes on for others alone: where f + 1 validators sent an AUX or CONF, a correct one is that is not done.
   * TERM and BVAL say nothing here: both are of rounds that nobody may be in.
   */
  private mayEnter(round: number): boolean {
    if (round > MAX_ABA_ROUND) return false;
    if (this.decision === undefined || this.rules.decidedEnters === 'always') return true;
    if (this.rules.decidedEnters === 'never') return false;
    return (this.rounds[round]?.speakers ?? 0) >= this.quorum.f + 1;
  }

  /** From here on the TERMs of earlier rounds stand for votes of this one; what they make due is relayed. */
  private enter(round: number, estimate: Bit): void {
    this.round = round;
    const state = this.votesOf(round);
    if (!this.rules.termsAhead) this.applyTerms(state, round);
    this.sendBval(round, only(estimate));
  }

  private decide(b: Bit): void {
    this.decision = b;
    this.ownTermRound = this.round;
    this.buffer.output({ type: 'decide', bit: b });
    this.buffer.send('all', { kind: 'term', round: this.round, values: only(b) });
    if (!this.rules.staysUntilTerms) this.close();
  }

  private close(): void {
    this.isClosed = true;
    this.rounds = [];
    this.coins.clear();
  }

  /** FIRST, while no AUX is out; after it only BVAL(0, 1), so that 1 still gets into every bin. */
  private sendFirst(): void {
    const state = this.votesOf(0);
    if (state.sentAux) return this.sendBval(0, ONLY_ONE);
    state.sentAux = this.rules.auxAtOnce;
    state.sentBval |= ONLY_ONE;
    this.emit('first', 0, ONLY_ONE);
  }

  /** BVAL(r, b), once; the own TERM has said it already for rounds above it. */
  private sendBval(round: number, b: BitSet): void {
    const state = this.votesOf(round);
    if (state.sentBval & b) return;
    state.sentBval |= b;
    if (round <= this.ownTermRound || only(this.decision!) !== b) this.emit('bval', round, b);
  }

  /** AUX or CONF; the own TERM stands for both in rounds above it. */
  private vote(kind: 'aux' | 'conf', round: number, values: BitSet): void {
    if (round <= this.ownTermRound) this.emit(kind, round, values);
  }

  private emit(kind: VoteKind, round: number, values: BitSet): void {
    this.buffer.send('all', { kind, round, values });
  }

  /** The state of a round. */
  private votesOf(round: number): RoundVotes {
    const known = this.rounds[round];
    if (known !== undefined) return known;
    const state = new RoundVotes(this.n);
    this.rounds[round] = state;
    if (this.rules.termsAhead) this.applyTerms(state, round);
    return state;
  }

  private applyTerms(state: RoundVotes, round: number): void {
    for (let from = 0; from < this.n; from++) {
      const b = this.terms.standsIn(from, round);
      if (b !== 0) this.applyTerm(state, round, from as ValidatorIndex, b);
    }
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence });
  }

  private hasConf(round: number): boolean {
    return this.rules.conf && !isCoinFixed(round);
  }

  /** Whether a vote has a round and a value that its kind can have. */
  private isWellFormed({ kind, round, values }: Vote): boolean {
    if (!Number.isInteger(round) || round < 0 || round > MAX_ABA_ROUND) return false;
    if (kind === 'first') return this.rules.firstHand && round === 0 && values === ONLY_ONE;
    if (kind === 'conf') return this.hasConf(round) && values >= 1 && values <= BOTH;
    return values === 1 || values === 2;
  }
}

const isCoinFixed = (round: number): boolean => round < FIXED_COINS.length;
