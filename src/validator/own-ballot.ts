import { ballotShare } from '../crypto/identity.ts';
import type { BallotId, Height, ItemId } from '../params/ids.ts';
import { type Ballot, ballotMessage, ballotScope, encodeBallot } from './ballot.ts';
import type { BallotBox } from './ballot-box.ts';
import type { EpochContext } from './context.ts';
import { authorRoutes } from './dissemination.ts';
import type { Out } from './out.ts';
import type { ProveRef } from './refs.ts';
import type { BallotStatement } from './types.ts';

interface Sent {
  readonly id: BallotId;
  readonly ballot: Ballot;
  attempts: number;
}

/** What one's own ballot of a height over these items is proved on: made again where only its ref was kept. */
export function ballotStatement(
  { domain, secrets, committee, self }: EpochContext,
  { height, items }: ProveRef,
): BallotStatement {
  const scope = ballotScope(domain, height);
  const { identitySecret } = secrets;
  const x = ballotMessage(scope, items);
  return { identitySecret, path: committee.path(self), committeeRoot: committee.root, scope, x };
}

/** One's own ballot of one height: listed, proved, logged, sent, and sent again until it is out. At most one a height. */
export class OwnBallot {
  readonly #context: EpochContext;
  readonly #height: Height;
  #isCast = false;
  /** While the proof is being made. */
  #unproved: Omit<Ballot, 'proof'> | undefined;
  #sent: Sent | undefined;

  constructor(context: EpochContext, height: Height) {
    this.#context = context;
    this.#height = height;
  }

  get isCast(): boolean {
    return this.#isCast;
  }

  /** Asks for the proof of a ballot over these items. @param items at most MAX_BALLOT_ITEMS, any order */
  propose(items: readonly ItemId[], out: Out): void {
    const ref = { type: 'own', height: this.#height, items: [...items].sort() } as const;
    const statement = ballotStatement(this.#context, ref);
    this.#isCast = true;
    this.#unproved = {
      height: ref.height,
      items: ref.items,
      ...ballotShare(statement.identitySecret, statement.scope, statement.x),
    };
    out.effects.push({ type: 'prove', ref, statement });
  }

  /** The proof of a ballot over these items is there: log the ballot, then send it. */
  proved(items: readonly ItemId[], proof: Uint8Array, box: BallotBox, out: Out): void {
    if (this.#unproved === undefined || String(items) !== String(this.#unproved.items)) return;
    const ballot = { ...this.#unproved, proof };
    this.#unproved = undefined;
    const id = box.own(ballot);
    out.logs.push({ type: 'ballot', ballot: id, bytes: encodeBallot(ballot) });
    this.#sent = { id, ballot, attempts: 0 };
    this.#send(this.#sent, out);
  }

  /**
   * The re-send timer: try another way unless the ballot is out. f + 1 broadcasters are proof that it is; one may be a liar
   * that sent it to nobody else, and suffices only if one has proposed, for then the height goes on without it.
   */
  resend(box: BallotBox, hasProposed: boolean, out: Out): void {
    if (this.#sent === undefined) return;
    const { quorum, self } = this.#context;
    const by = box.broadcasters(this.#sent.id);
    const isOut = by.has(self) || by.size >= quorum.f + 1 || (by.size > 0 && hasProposed);
    if (!isOut) this.#send(this.#sent, out);
  }

  #send(sent: Sent, out: Out): void {
    const { dissemination, quorum, self, routes } = this.#context;
    const committee = { n: quorum.n, f: quorum.f, self };
    for (const { to, kind } of authorRoutes(dissemination, sent.attempts, committee, routes)) {
      out.send(to, { kind, ballot: sent.ballot });
    }
    sent.attempts += 1;
  }
}
