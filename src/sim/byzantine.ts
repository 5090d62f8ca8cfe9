import { BASE, decodePoint, encodePoint } from '../crypto/babyjub.ts';
import { ballotShare } from '../crypto/identity.ts';
import type { Machine } from '../host/machine.ts';
import { type Height, type ItemId, itemId } from '../params/ids.ts';
import { type Ballot, ballotMessage } from '../validator/ballot.ts';
import { decodeMessage, encodeMessage } from '../validator/messages.ts';
import type { ValidatorStep } from '../validator/out.ts';
import { type ProveRef, refKey } from '../validator/refs.ts';
import type { Effect, Input } from '../validator/types.ts';
import { type Signer, signedMessage } from '../validator/word-message.ts';

/** What a Byzantine validator does; everything else it does by the rules. */
export type Misdeed = 'equivocating ballot' | 'bad decryption share' | 'silence';

type Prove = Extract<Effect, { type: 'prove' }>;

/** An item id nobody holds, for the second ballot of an author whose first one lists nothing. */
const NO_SUCH_ITEM = itemId('00'.repeat(32));

/**
 * A validator that breaks the protocol in chosen ways. It knows only its own secrets; the equivocating ballots both carry valid
 * proofs, the bad shares are points of the right form.
 */
export class ByzantineValidator implements Machine {
  readonly #inner: Machine;
  readonly #signer: Signer;
  readonly #misdeeds: ReadonlySet<Misdeed>;
  /** Second ballots that are being proved, by ref. */
  readonly #twins = new Map<string, Omit<Ballot, 'proof'>>();

  /** @param signer itself: a bad message that it did not sign would not be heard */
  constructor(inner: Machine, misdeeds: readonly Misdeed[], signer: Signer) {
    this.#inner = inner;
    this.#signer = signer;
    this.#misdeeds = new Set(misdeeds);
  }

  get height(): Height {
    return this.#inner.height;
  }

  /** Of the validator inside: second ballots that are being proved are forgotten. */
  snapshot(): Uint8Array {
    return this.#inner.snapshot();
  }

  handle(input: Input): ValidatorStep {
    if (input.type === 'proved') {
      const twin = this.#twins.get(refKey(input.ref));
      if (twin !== undefined) return twinStep({ ...twin, proof: input.proof });
    }
    const step = this.#inner.handle(input);
    if (this.#misdeeds.has('silence')) return { ...step, sends: [], effects: [] };
    let { sends, effects } = step;
    if (this.#misdeeds.has('equivocating ballot')) {
      effects = effects.flatMap((effect): Effect[] =>
        effect.type === 'prove' ? [effect, this.#twinOf(effect)] : [effect],
      );
    }
    if (this.#misdeeds.has('bad decryption share')) {
      sends = sends.map((sending) => ({ ...sending, bytes: withBadShares(this.#signer, sending.bytes) }));
    }
    return { ...step, sends, effects };
  }

  /** A second ballot of the same height over other items: same nullifier, another x. */
  #twinOf({ ref: { height, items }, statement }: Prove): Prove {
    const others: readonly ItemId[] = items.length > 0 ? items.slice(1) : [NO_SUCH_ITEM];
    const x = ballotMessage(statement.scope, others);
    const share = ballotShare(statement.identitySecret, statement.scope, x);
    const ref: ProveRef = { type: 'own', height, items: others };
    this.#twins.set(refKey(ref), { height, items: others, ...share });
    return { type: 'prove', ref, statement: { ...statement, x } };
  }
}

function twinStep(ballot: Ballot): ValidatorStep {
  const bytes = encodeMessage({ kind: 'ballot', ballot });
  const sends = [{ to: 'all', at: ballot.height, bytes }] as const;
  return { sends, effects: [], outputs: [], faults: [] };
}

/** A finish message with [1]B added to every decryption share; any other frame as it is. */
function withBadShares(signer: Signer, bytes: Uint8Array): Uint8Array {
  const message = decodeMessage(bytes);
  if (message?.kind !== 'finish') return bytes;
  const shares = message.shares.map((share) => encodePoint(decodePoint(share)!.add(BASE)));
  return encodeMessage(signedMessage(signer, { ...message, shares }));
}
