import { toHex } from '../base/bytes.ts';
import { decodeAcsMessage } from '../consensus/acs/codec.ts';
import type { AcsMessage, VoteGroup } from '../consensus/acs/frame.ts';
import { r } from '../params/fields.ts';
import { type Ballot, ballotMessage, ballotScope } from '../validator/ballot.ts';
import { decodeMessage, type Message } from '../validator/messages.ts';
import type { CommitteeWorld } from './world.ts';

/**
 * Hears every frame that left a correct validator, over all its lives, and remembers what it must say once: one PROPOSE, VAL,
 * ECHO and READY a broadcast, one AUX and one CONF a round, one TERM an agreement, one coin share a toss, one finish and one
 * settlement message a height. From any two ballots of one nullifier it computes whatever secret they show.
 */
export class EquivocationMonitor {
  readonly equivocations: string[] = [];
  /** What pairs of ballots show: identity secrets. */
  readonly secretsShown: bigint[] = [];
  readonly #world: CommitteeWorld;
  readonly #said = new Map<string, string>();
  readonly #ballots = new Map<bigint, Ballot>();

  /** @param who is heard: those that are correct by default */
  constructor(world: CommitteeWorld, who: readonly number[] = world.correct) {
    this.#world = world;
    const heard = new Set<number>(who);
    for (const { from, to, bytes } of world.frames) if (heard.has(from)) this.#hear(from, to, bytes);
  }

  #hear(from: number, to: number, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (message === undefined) return void this.equivocations.push(`${from} says what nobody can read`);
    if ('ballot' in message) return this.#hearBallot(message.ballot);
    if (message.kind === 'acs') {
      const { rbc, votes } = decodeAcsMessage(message.bytes)!;
      const who = `${message.height} ${from}`;
      this.#hearBroadcasts(who, to, rbc);
      for (const group of votes) this.#hearVotes(who, group);
    } else this.#hearOnce(from, message, bytes);
  }

  #hearOnce(from: number, message: Message, bytes: Uint8Array): void {
    if (message.kind === 'coin')
      this.#once(`${message.height} ${from} coin ${message.instance} ${message.round}`, toHex(bytes));
    if (message.kind === 'finish' || message.kind === 'settled')
      this.#once(`${message.height} ${from} ${message.kind}`, toHex(bytes));
  }

  #hearBroadcasts(who: string, to: number, parts: AcsMessage['rbc']): void {
    for (const { kind, proposer, bytes } of parts) {
      if (kind === 'pull' || kind === 'payload') continue;
      this.#once(`${who} ${kind} ${proposer} ${kind === 'val' ? to : ''}`, toHex(bytes));
    }
  }

  #hearVotes(who: string, { kind, round, values, instances }: VoteGroup): void {
    for (let j = 0; j < 8 * instances.length; j++) {
      if ((instances[j >> 3]! & (1 << (j & 7))) === 0 || kind === 'bval') continue;
      if (kind === 'term') this.#once(`${who} term ${j}`, `${round}:${values}`);
      else this.#once(`${who} ${kind === 'first' ? 'aux' : kind} ${j} ${round}`, String(values));
    }
  }

  /** y = isk + a1·x: two points of one line. */
  #hearBallot(ballot: Ballot): void {
    const before = this.#ballots.get(ballot.nullifier) ?? ballot;
    this.#ballots.set(ballot.nullifier, before);
    const [x1, x2] = [before, ballot].map(({ height, items }) =>
      ballotMessage(ballotScope(this.#world.domain, height), items),
    ) as [bigint, bigint];
    if (x1 === x2) return;
    this.equivocations.push(`${ballot.height} ballot of ${ballot.nullifier}`);
    const slope = (ballot.y - before.y) * inverse(x2 - x1);
    this.secretsShown.push((((before.y - slope * x1) % r) + r) % r);
  }

  #once(what: string, value: string): void {
    const before = this.#said.get(what) ?? value;
    this.#said.set(what, before);
    if (before !== value) this.equivocations.push(what);
  }
}

/** x^(r−2) mod r. */
function inverse(x: bigint): bigint {
  let [base, exponent, out] = [((x % r) + r) % r, r - 2n, 1n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) out = (out * base) % r;
    base = (base * base) % r;
  }
  return out;
}
