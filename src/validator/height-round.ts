import { identityCommitment } from '../crypto/identity.ts';
import type { Certification } from '../ledger/certified-block.ts';
import { isEpochEventDue } from '../ledger/rotation/rotation.ts';
import { isMarketEventDue } from '../market/events.ts';
import {
  type BallotId,
  type Height,
  type ItemId,
  type ValidatorIndex,
  validatorIndex,
} from '../params/ids.ts';
import { AcsPort, type AcsPortState } from './acs-port.ts';
import { ballotScope } from './ballot.ts';
import {
  type Arrival,
  BallotBox,
  type BallotBoxOptions,
  type BallotBoxState,
  type Received,
} from './ballot-box.ts';
import { encodeBundle, signBundle } from './bundle.ts';
import type { Carried } from './carried.ts';
import type { EpochContext } from './context.ts';
import { relayRoute, STEM_TRIES } from './dissemination.ts';
import type { CertifiedHeight, HeightOutcome } from './height-results.ts';
import type { HeldItem } from './item-proofs.ts';
import type { Mempool } from './mempool.ts';
import type { RoundMessage } from './messages.ts';
import {
  gone,
  type Ordering,
  orderHeight,
  readOrdering,
  voidNullifiers,
  type WrittenOrdering,
  writeOrdering,
} from './ordering.ts';
import type { Out } from './out.ts';
import { OwnBallot, type OwnBallotState } from './own-ballot.ts';
import type { HeightProgress } from './progress.ts';
import { Settling, type SettlingState } from './settling.ts';
import { secretOf } from './tally.ts';
import { WordBox, type WordBoxState } from './word-box.ts';

type BallotMessage = Extract<RoundMessage, { ballot: unknown }>;

/** Times one validator passes one stem ballot on before it broadcasts it instead. */
const MAX_RELAYS = 4 * (STEM_TRIES + 1);

/** One height as plain data. */
export type HeightRoundState = {
  /** Nullifiers that count for nothing. */
  readonly voided: ReadonlySet<bigint>;
  readonly ballots: BallotBoxState;
  readonly own: OwnBallotState;
  readonly acs: AcsPortState;
  readonly settling: SettlingState;
  readonly words: WordBoxState;
  readonly relays: ReadonlyMap<BallotId, number | 'broadcast'>;
  readonly hasPositions: boolean;
  readonly ballotDue: boolean;
  readonly saidVotable: boolean;
  readonly hasProposed: boolean;
  readonly ordering: WrittenOrdering | undefined;
};

/**
 * One height at one validator (docs/PROTOCOL.md, 7): ballot → bundle → ACS → tally and re-check → finish → settle. Every input calls
 * `progress`, which takes each step as soon as what it needs is there; nothing waits for a clock.
 */
export class HeightRound {
  readonly height: Height;
  readonly #context: EpochContext;
  readonly #carried: Carried;
  readonly #mempool: Mempool;
  readonly #scope: bigint;
  #voided: ReadonlySet<bigint>;
  #ballots: BallotBox;
  #own: OwnBallot;
  #acs: AcsPort;
  #settling: Settling;
  #words: WordBox;
  /** Times a ballot was passed on, until it was broadcast. */
  #relays = new Map<BallotId, number | 'broadcast'>();
  /** Whether any account holds a position as this height begins. */
  #hasPositions: boolean;
  #ballotDue = false;
  /** Whether the ballot timer was asked for, and has not fired in vain since. */
  #saidVotable = false;
  #hasProposed = false;
  #ordering: Ordering | undefined;

  constructor(context: EpochContext, carried: Carried, mempool: Mempool, height: Height) {
    this.height = height;
    this.#context = context;
    this.#carried = carried;
    this.#mempool = mempool;
    this.#scope = ballotScope(context.domain, height);
    this.#hasPositions = [...carried.settlement.accounts.values()].some(
      ({ positions }) => positions.size > 0,
    );
    this.#voided = voidNullifiers(carried.revealed, this.#scope);
    this.#ballots = new BallotBox(this.#ballotOptions);
    this.#own = new OwnBallot(context, height);
    this.#words = new WordBox(context, height);
    this.#acs = new AcsPort(context, this.#ballots, this.#words, height);
    this.#settling = new Settling(context, carried, height);
  }

  /** May share memory with the round: encode it before the next input. */
  state(): HeightRoundState {
    return {
      voided: this.#voided,
      ballots: this.#ballots.state(),
      own: this.#own.state(),
      acs: this.#acs.state(),
      settling: this.#settling.state(),
      words: this.#words.state(),
      relays: this.#relays,
      hasPositions: this.#hasPositions,
      ballotDue: this.#ballotDue,
      saidVotable: this.#saidVotable,
      hasProposed: this.#hasProposed,
      ordering: this.#ordering === undefined ? undefined : writeOrdering(this.#ordering),
    };
  }

  /** The round that goes on from there. @param chain, mempool restored as well */
  static restore(
    context: EpochContext,
    carried: Carried,
    mempool: Mempool,
    height: Height,
    state: HeightRoundState,
  ): HeightRound {
    const round = new HeightRound(context, carried, mempool, height);
    const ordering = state.ordering === undefined ? undefined : readOrdering(state.ordering);
    round.#voided = state.voided;
    round.#ballots = BallotBox.restore(round.#ballotOptions, state.ballots);
    round.#own = OwnBallot.restore(context, height, state.own);
    round.#words = WordBox.restore(context, height, state.words);
    round.#acs = AcsPort.restore(context, round.#ballots, round.#words, height, state.acs);
    round.#settling = Settling.restore(context, carried, height, ordering, state.settling);
    round.#relays = new Map(state.relays);
    round.#hasPositions = state.hasPositions;
    round.#ballotDue = state.ballotDue;
    round.#saidVotable = state.saidVotable;
    round.#hasProposed = state.hasProposed;
    round.#ordering = ordering;
    return round;
  }

  get #ballotOptions(): BallotBoxOptions {
    const { quorum, committee } = this.#context;
    const { height } = this;
    const { distrusted } = this.#carried;
    const committeeRoot = committee.root;
    return { height, scope: this.#scope, committeeRoot, n: quorum.n, voided: this.#voided, distrusted };
  }

  /** What one came to; undefined before the height is ordered here. */
  get own(): HeightOutcome | undefined {
    return this.#settling.own;
  }

  /** Both certificates, once they are put together here. */
  get certification(): Certification | undefined {
    return this.#settling.certification;
  }

  /** How far it has come. Changes nothing. */
  progressed(): HeightProgress {
    return {
      height: this.height,
      ballots: this.#ballots.single().length + 2 * this.#ballots.pairs().length,
      proposals: this.#acs.progressed(),
      ordered: this.#ordering?.items.length,
      ...this.#settling.progressed(),
    };
  }

  /** The height's block. @param certification of what one came to */
  certified(certification: Certification): CertifiedHeight {
    return this.#settling.certified(certification);
  }

  /** The ballot timer fired. */
  ballotDue(out: Out): void {
    this.#ballotDue = true;
    this.progress(out);
    if (!this.#own.isCast) this.#saidVotable = false;
  }

  /** Asks for the ballot timer, once, when there is something to vote on. */
  sayVotable(out: Out): void {
    if (this.#saidVotable || this.#own.isCast || this.#ordering !== undefined || !this.#isVotable) return;
    this.#saidVotable = true;
    out.outputs.push({ type: 'votable', height: this.height });
  }

  /** The re-send timer fired: ask again for what is missing; who asks again is served again. */
  resend(out: Out): void {
    this.#ballots.resend(out);
    this.#acs.resend(out);
    if (this.#ordering === undefined) this.#own.resend(this.#ballots, this.#hasProposed, out);
  }

  /** One's own ballot's proof; too late once the height is ordered. */
  proved(items: readonly ItemId[], proof: Uint8Array, out: Out): void {
    if (this.#ordering !== undefined) return;
    this.#own.proved(items, proof, this.#ballots, out);
    this.progress(out);
  }

  /** The answer on a ballot's proof. */
  ballotVerified(key: string, ok: boolean, out: Out): void {
    const ballot = this.#ballots.verified(key, ok, out);
    if (ballot !== undefined) this.#received(ballot, out);
  }

  #received(received: Received, out: Out): void {
    if (received.isNew) this.#catchEquivocation(received, out);
    for (const as of received.arrivals) if (as !== 'ballot') this.#relay(received, as, out);
    this.progress(out);
  }

  /** Passes a ballot on, at most MAX_RELAYS times and then once to everybody; at most two of one nullifier. */
  #relay({ id, ballot }: Received, as: Arrival, out: Out): void {
    const { quorum, self, routes } = this.#context;
    const passed = this.#relays.get(id) ?? 0;
    if (passed === 'broadcast' || !this.#ballots.isRelayed(id)) return;
    const route = relayRoute(quorum.n, self, routes);
    const isLast = as === 'fluff' || passed === MAX_RELAYS || route.kind === 'ballot';
    this.#relays.set(id, isLast ? 'broadcast' : passed + 1);
    out.send(isLast ? 'all' : route.to, { kind: isLast ? 'ballot' : route.kind, ballot });
  }

  /** Two ballots of one nullifier give their author's identity secret, and with it the seat. */
  #catchEquivocation({ id, ballot: { nullifier } }: Received, out: Out): void {
    const pair = this.#ballots.equivocation(nullifier);
    if (pair === undefined || !pair.includes(id)) return;
    const [a, b] = pair.map((id) => this.#ballots.get(id)!);
    const secret = secretOf(a!, b!, this.#scope);
    if (secret === undefined) return;
    const commitment = identityCommitment(secret);
    const seat = this.#context.epoch.validators.findIndex((v) => v.identityCommitment === commitment);
    if (seat < 0) return; // Both ballots were proved to be of a seat, so only a broken circuit comes here.
    out.fault(validatorIndex(seat), 'BALLOT_EQUIVOCATION', {
      height: this.height,
      ballots: pair,
      nullifier,
      identitySecret: secret,
      copies: [a!, b!],
    });
  }

  /** A message of this height from a peer. */
  handle(from: ValidatorIndex, message: RoundMessage, out: Out): void {
    switch (message.kind) {
      case 'pullBallots':
        return this.#ballots.serve(from, message.ids, out);
      case 'ballot':
      case 'stem':
      case 'fluff':
        return this.#ballot(from, message, out);
      case 'acs':
        this.#acs.handle(from, message.bytes, out);
        break;
      case 'coin':
        this.#acs.coinShare(from, message.instance, message.round, message.share, out);
        break;
      case 'finish':
        if (this.#words.hear(from, message, out)) this.#settling.addFinish(from, message);
        break;
      case 'settled':
        if (this.#words.hear(from, message, out)) this.#settling.addSettled(from, message.signature);
        break;
    }
    this.progress(out);
  }

  /** Once the height is ordered nobody needs another ballot. */
  #ballot(from: ValidatorIndex, { kind, ballot }: BallotMessage, out: Out): void {
    if (this.#ordering !== undefined) return;
    const known = this.#ballots.offer(from, kind, ballot, out);
    if (known !== undefined) this.#received(known, out);
  }

  /** An item that this height ordered. */
  item(id: ItemId): HeldItem | undefined {
    return this.#ordering?.items.find((item) => item.id === id);
  }

  /** Takes every step of the height that can be taken. Idempotent. */
  progress(out: Out): void {
    if (this.#ordering === undefined) {
      this.#vote(out);
      this.#propose(out);
      this.#acs.review(out);
      this.#order(out);
    }
    this.#settling.progress(out);
  }

  /**
   * Vote when the timer fired and there is something to vote on, when a seen ballot lists an item that is listable here, or when
   * f + 1 others found something. f liars alone cannot start a height over items that no correct validator holds. (An item that is
   * merely held here might be one that a liar gave to one validator alone, to see whose ballot follows.)
   */
  #vote(out: Out): void {
    if (this.#own.isCast) return;
    const due = this.#ballotDue && this.#isVotable;
    const seen = this.#ballots.single();
    const isEndorsed = seen.some((id) =>
      this.#ballots.get(id)!.items.some((item) => this.#mempool.isListable(item)),
    );
    const others = seen.length + this.#ballots.pairs().length;
    if (due || isEndorsed || others >= this.#context.quorum.f + 1)
      this.#own.propose(this.#mempool.list(), out);
  }

  get #isVotable(): boolean {
    return this.#mempool.listable > 0 || this.#isEventDue();
  }

  #isEventDue(): boolean {
    const { report, settlement, ordering } = this.#carried;
    const seen = { prices: report.prices, timeS: report.clockS };
    const { market } = this.#context.chain;
    return (
      isMarketEventDue(market, settlement.market, seen, this.#hasPositions) ||
      isEpochEventDue(ordering.rotation) ||
      ordering.hasWaiting
    );
  }

  #propose(out: Out): void {
    if (this.#hasProposed) return;
    const ballots = this.#ballots.single();
    if (ballots.length < this.#context.quorum.q) return;
    this.#hasProposed = true;
    out.outputs.push({ type: 'proposed', height: this.height });
    const { domain, secrets, crypto } = this.#context;
    const { report } = this.#carried;
    const unsigned = { height: this.height, ballots, evidence: this.#ballots.pairs(), report };
    const bundle = signBundle(domain, unsigned, secrets.signSecret, crypto?.sign);
    this.#acs.propose(encodeBundle(bundle), out);
  }

  #order(out: Out): void {
    const { chosen } = this.#acs;
    if (chosen === undefined) return;
    const sources = {
      context: this.#context,
      carried: this.#carried,
      mempool: this.#mempool,
      ballots: this.#ballots,
      height: this.height,
      scope: this.#scope,
      voided: this.#voided,
    };
    this.#ordering = orderHeight(sources, chosen, out);
    if (this.#ordering === undefined) return;
    out.outputs.push({ type: 'ordered', result: this.#ordering.ordered });
    const ids = this.#ordering.items.map(({ id }) => id);
    const { sent } = this.#own;
    if (sent !== undefined && chosen.some(({ bundle }) => bundle.ballots.includes(sent.id)))
      this.#mempool.tallied(sent.items, ids);
    const { accepted, refused } = this.#ordering.ordered;
    const taken = gone(
      accepted.map(({ id }) => id),
      refused,
    );
    this.#mempool.advance(this.height, taken, out);
    this.#settling.begin(this.#ordering, out);
  }
}
