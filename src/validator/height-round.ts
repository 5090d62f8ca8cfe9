import { identityCommitment } from '../crypto/identity.ts';
import {
  type BallotId,
  type Height,
  height,
  type ItemId,
  type ValidatorIndex,
  validatorIndex,
} from '../params/ids.ts';
import { MAX_BALLOT_ITEMS } from '../params/sizes.ts';
import { AcsPort } from './acs-port.ts';
import { ballotScope, encodeBallot } from './ballot.ts';
import { type Arrival, BallotBox, type VerifiedBallot } from './ballot-box.ts';
import { encodeBundle, signReport } from './bundle.ts';
import type { Chain } from './chain.ts';
import type { EpochContext } from './context.ts';
import { relayRoute, STEM_TRIES } from './dissemination.ts';
import type { Mempool } from './mempool.ts';
import type { Message } from './messages.ts';
import { type Ordering, orderHeight, voidNullifiers } from './ordering.ts';
import type { Out } from './out.ts';
import { OwnBallot } from './own-ballot.ts';
import { Settling } from './settling.ts';
import { secretOf } from './tally.ts';

/** Messages that belong to one height. */
export type HeightMessage = Exclude<Message, { kind: 'item' | 'ballot' | 'stem' | 'fluff' }>;

/** Times one validator passes one stem ballot on before it broadcasts it instead. */
const MAX_RELAYS = 4 * (STEM_TRIES + 1);

/**
 * One height at one validator (PROTOCOL §4): ballot → bundle → ACS → tally and re-check → finish → settle. Every input calls
 * `progress`, which takes each step as soon as what it needs is there; nothing waits for a clock.
 */
export class HeightRound {
  readonly height: Height;
  readonly #context: EpochContext;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #scope: bigint;
  readonly #void: ReadonlySet<bigint>;
  readonly #ballots: BallotBox;
  readonly #own: OwnBallot;
  readonly #acs: AcsPort;
  readonly #settling: Settling;
  readonly #relays = new Map<string, number>();
  readonly #caught = new Set<bigint>();
  #ballotDue = false;
  #proposed = false;
  #ordering: Ordering | undefined;

  constructor(context: EpochContext, chain: Chain, mempool: Mempool, height: Height) {
    this.height = height;
    this.#context = context;
    this.#chain = chain;
    this.#mempool = mempool;
    this.#scope = ballotScope(context.domain, height);
    this.#void = voidNullifiers(chain.revealed, this.#scope);
    this.#ballots = new BallotBox(height, this.#scope, context.committee.root, context.quorum.n);
    this.#own = new OwnBallot(context, height, this.#scope);
    this.#acs = new AcsPort(context, this.#ballots, height);
    this.#settling = new Settling(context, chain, height);
  }

  get isSettled(): boolean {
    return this.#settling.isSettled;
  }

  /** The ballot timer fired. */
  ballotDue(out: Out): void {
    this.#ballotDue = true;
    this.progress(out);
  }

  /** The re-send timer fired. */
  resend(out: Out): void {
    this.#own.resend(this.#ballots, out);
  }

  /** One's own ballot's proof. */
  proved(proof: Uint8Array, out: Out): void {
    this.#own.proved(proof, this.#ballots, out);
    this.progress(out);
  }

  /** A ballot from a peer, hostile bytes. */
  ballot(from: ValidatorIndex, as: Arrival, bytes: Uint8Array, out: Out): void {
    const known = this.#ballots.offer(from, as, bytes, out);
    if (known !== undefined) this.#received(known, out);
  }

  /** The answer on a ballot's proof. */
  ballotVerified(key: string, ok: boolean, out: Out): void {
    const ballot = this.#ballots.verified(key, ok, out);
    if (ballot !== undefined) this.#received(ballot, out);
  }

  #received(received: VerifiedBallot, out: Out): void {
    for (const { as } of received.arrivals) if (as !== 'ballot') this.#relay(received, as, out);
    if (received.isNew) this.#catchEquivocation(received, out);
    this.progress(out);
  }

  #relay({ id, ballot }: VerifiedBallot, as: Arrival, out: Out): void {
    const { quorum, self, routes } = this.#context;
    const count = (this.#relays.get(id) ?? 0) + 1;
    this.#relays.set(id, count);
    if (count > 2 * MAX_RELAYS) return;
    const bytes = encodeBallot(ballot);
    const route = relayRoute(quorum.n, self, routes);
    if (as === 'fluff' || count > MAX_RELAYS) out.send('all', { kind: 'ballot', bytes });
    else out.send(route.to, { kind: route.kind, bytes });
  }

  /** Two ballots of one nullifier give their author's identity secret, and with it the seat. */
  #catchEquivocation({ ballot }: VerifiedBallot, out: Out): void {
    for (const pair of this.#ballots.pairs()) {
      const [a, b] = pair.map((id) => this.#ballots.get(id)!);
      if (a!.nullifier !== ballot.nullifier || this.#caught.has(ballot.nullifier)) continue;
      const secret = secretOf(a!, b!, this.#scope);
      if (secret === undefined) continue;
      this.#caught.add(ballot.nullifier);
      const seat = this.#context.genesis.validators.findIndex(
        (v) => v.identityCommitment === identityCommitment(secret),
      );
      const evidence = {
        height: this.height,
        ballots: pair,
        nullifier: ballot.nullifier.toString(),
        identitySecret: secret.toString(),
      };
      out.fault(seat < 0 ? undefined : validatorIndex(seat), 'BALLOT_EQUIVOCATION', evidence);
    }
  }

  /** A message of this height from a peer. */
  handle(from: ValidatorIndex, message: HeightMessage, out: Out): void {
    switch (message.kind) {
      case 'pullBallots':
        return this.#ballots.pulled(from, message.ids as BallotId[], out);
      case 'pullItems':
        return this.#mempool.pulled(from, message.ids as ItemId[], this.#keptItems(), out);
      case 'acs':
        this.#acs.handle(from, message.bytes, out);
        break;
      case 'coin':
        this.#acs.coinShare(from, message.instance, message.round, message.share, out);
        break;
      case 'finish':
        this.#settling.addFinish(from, message, out);
        break;
      case 'settled':
        this.#settling.addSettled(from, message.signature);
        break;
    }
    this.progress(out);
  }

  /** Takes every step of the height that can be taken. Idempotent. */
  progress(out: Out): void {
    if (this.#ordering === undefined) {
      this.#vote(out);
      this.#propose(out);
    }
    this.#acs.review(out);
    if (this.#ordering === undefined) this.#order(out);
    this.#settling.progress(out);
  }

  /** Vote when the timer fired and there is something to vote on, or when f + 1 others found something. */
  #vote(out: Out): void {
    if (this.#own.cast) return;
    const items = this.#mempool.listable(MAX_BALLOT_ITEMS);
    const due = this.#ballotDue && (items.length > 0 || this.#indexMoved());
    if (due || this.#ballots.size >= this.#context.quorum.f + 1) this.#own.propose(items, out);
  }

  #indexMoved(): boolean {
    const { report, settlement } = this.#chain;
    return report.prices.some((price, feed) => price !== settlement.market.medians[feed]);
  }

  #propose(out: Out): void {
    if (this.#proposed) return;
    const ballots = this.#ballots.single().filter((id) => !this.#void.has(this.#ballots.get(id)!.nullifier));
    if (ballots.length < this.#context.quorum.q) return;
    this.#proposed = true;
    const { domain, secrets } = this.#context;
    const { report } = this.#chain;
    const signature = signReport(domain, this.height, report, secrets.signSecret);
    const bundle = { height: this.height, ballots, evidence: this.#ballots.pairs(), report, signature };
    this.#acs.propose(encodeBundle(bundle), out);
  }

  #order(out: Out): void {
    const { chosen } = this.#acs;
    if (chosen === undefined) return;
    const sources = {
      context: this.#context,
      chain: this.#chain,
      mempool: this.#mempool,
      ballots: this.#ballots,
      height: this.height,
      scope: this.#scope,
    };
    this.#ordering = orderHeight(sources, chosen, out);
    if (this.#ordering === undefined) return;
    out.outputs.push({ type: 'ordered', result: this.#ordering.ordered });
    const ordered = this.#ordering.items.map(({ id }) => id);
    this.#mempool.advance(ordered, height(this.height + 1), out);
    this.#settling.begin(this.#ordering, out);
  }

  #keptItems(): ReadonlyMap<ItemId, Uint8Array> {
    return new Map(this.#ordering?.items.map(({ id, bytes }) => [id, bytes]));
  }
}
