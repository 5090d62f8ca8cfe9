import { ballotShare } from '../crypto/identity.ts';
import type { BallotId, Height, ItemId } from '../params/ids.ts';
import { type Ballot, ballotMessage, encodeBallot } from './ballot.ts';
import type { BallotBox } from './ballot-box.ts';
import type { EpochContext } from './context.ts';
import { authorRoutes } from './dissemination.ts';
import type { Out } from './out.ts';

/** One's own ballot of one height: listed, proved, logged, sent, and sent again while nobody broadcast it. */
export class OwnBallot {
  readonly #context: EpochContext;
  readonly #height: Height;
  readonly #scope: bigint;
  #state: 'none' | 'proving' | 'sent' = 'none';
  #unproved: Omit<Ballot, 'proof'> | undefined;
  #sent: { readonly id: BallotId; readonly bytes: Uint8Array; attempts: number } | undefined;

  constructor(context: EpochContext, height: Height, scope: bigint) {
    this.#context = context;
    this.#height = height;
    this.#scope = scope;
  }

  get cast(): boolean {
    return this.#state !== 'none';
  }

  /** Asks for the proof of a ballot over these items. @param items at most MAX_BALLOT_ITEMS, any order */
  propose(items: readonly ItemId[], out: Out): void {
    const { secrets, committee, self } = this.#context;
    const sorted = [...items].sort();
    const x = ballotMessage(this.#scope, sorted);
    this.#state = 'proving';
    this.#unproved = {
      height: this.#height,
      items: sorted,
      ...ballotShare(secrets.identitySecret, this.#scope, x),
    };
    out.effects.push({
      type: 'prove',
      ref: `ballot:${this.#height}`,
      height: this.#height,
      items: sorted,
      statement: {
        identitySecret: secrets.identitySecret,
        path: committee.path(self),
        committeeRoot: committee.root,
        scope: this.#scope,
        x,
      },
    });
  }

  /** The proof is there: log the ballot, then send it. */
  proved(proof: Uint8Array, box: BallotBox, out: Out): void {
    if (this.#state !== 'proving' || this.#unproved === undefined) return;
    const ballot = { ...this.#unproved, proof };
    const bytes = encodeBallot(ballot);
    const id = box.own(ballot, out);
    this.#state = 'sent';
    this.#sent = { id, bytes, attempts: 0 };
    out.logs.push({ type: 'ballot', ballot: id, bytes });
    this.#send(out);
  }

  /** The re-send timer: try another way while no broadcast of it was seen. */
  resend(box: BallotBox, out: Out): void {
    if (this.#sent !== undefined && !box.isPublic(this.#sent.id)) this.#send(out);
  }

  #send(out: Out): void {
    const sent = this.#sent!;
    const { dissemination, quorum, self, routes } = this.#context;
    const committee = { n: quorum.n, f: quorum.f, self };
    for (const { to, kind } of authorRoutes(dissemination, sent.attempts, committee, routes)) {
      out.send(to, { kind, bytes: sent.bytes });
    }
    sent.attempts += 1;
  }
}
