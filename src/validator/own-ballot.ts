import { type BallotWitness, ballotShare } from '../crypto/identity.ts';
import type { BallotId, Height, ItemId } from '../params/ids.ts';
import { type Ballot, ballotMessage, ballotScope } from './ballot.ts';
import type { BallotBox } from './ballot-box.ts';
import type { EpochContext } from './context.ts';
import { authorRoutes } from './dissemination.ts';
import type { Out } from './out.ts';
import type { ProveRef } from './refs.ts';
import type { Effect } from './types.ts';

/** One's own ballot as plain data. Its share y, on the line through the identity secret, is written only once it was sent. */
export type OwnBallotState = {
  readonly isCast: boolean;
  /** What it lists, while its proof is being made. */
  readonly unproved: readonly ItemId[] | undefined;
  readonly sent: Readonly<Sent> | undefined;
};

interface Sent {
  readonly id: BallotId;
  readonly ballot: Ballot;
  attempts: number;
}

/** What one's own ballot of a height over these items is proved on: made again where only its ref was kept. */
export function ballotStatement(
  { domain, secrets, committee, self }: EpochContext,
  { height, items }: ProveRef,
): BallotWitness {
  const scope = ballotScope(domain, height);
  const { identitySecret } = secrets;
  const x = ballotMessage(scope, items);
  return { identitySecret, path: committee.path(self), committeeRoot: committee.root, scope, x };
}

/** One's own ballot of one height: listed, proved, sent, and sent again until it is out. At most one a height. */
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

  /** May share memory with the ballot: encode it before the next input. */
  state(): OwnBallotState {
    return { isCast: this.#isCast, unproved: this.#unproved?.items, sent: this.#sent };
  }

  /** The ballot that goes on from there. */
  static restore(context: EpochContext, height: Height, state: OwnBallotState): OwnBallot {
    const own = new OwnBallot(context, height);
    own.#isCast = state.isCast;
    if (state.unproved !== undefined) own.#list(state.unproved);
    own.#sent = state.sent === undefined ? undefined : { ...state.sent };
    return own;
  }

  get isCast(): boolean {
    return this.#isCast;
  }

  /** The ballot that was sent, and what it lists. */
  get sent(): { readonly id: BallotId; readonly items: readonly ItemId[] } | undefined {
    return this.#sent && { id: this.#sent.id, items: this.#sent.ballot.items };
  }

  /** Asks for the proof of a ballot over these items; who lost its vote has none to cast. @param items at most MAX_BALLOT_ITEMS, any order */
  propose(items: readonly ItemId[], out: Out): void {
    this.#isCast = true;
    const { committee, self } = this.#context;
    if (committee.leaf(self) === 0n) return;
    out.effects.push(this.#list([...items].sort()));
  }

  /** @param items ascending. @returns the proof that is wanted */
  #list(items: readonly ItemId[]): Extract<Effect, { type: 'prove' }> {
    const ref = { type: 'own', height: this.#height, items } as const;
    const statement = ballotStatement(this.#context, ref);
    const { identitySecret, scope, x } = statement;
    this.#unproved = { height: this.#height, items, ...ballotShare(identitySecret, scope, x) };
    return { type: 'prove', ref, statement };
  }

  /** The proof of a ballot over these items is there: send the ballot. */
  proved(items: readonly ItemId[], proof: Uint8Array, box: BallotBox, out: Out): void {
    if (this.#unproved === undefined || String(items) !== String(this.#unproved.items)) return;
    const ballot = { ...this.#unproved, proof };
    this.#unproved = undefined;
    const id = box.own(ballot);
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
