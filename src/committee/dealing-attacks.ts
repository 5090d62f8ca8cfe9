import type { RandomBytes } from '../base/random.ts';
import { pointFromAffine } from '../crypto/babyjub.ts';
import { type MadeDealing, makeDealing } from '../crypto/dealing/deal.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { EncryptedShares } from '../crypto/dealing/encrypted-share.ts';
import type { DealingSession, PerKey } from '../crypto/dealing/session.ts';
import { r } from '../params/fields.ts';
import type { ValidatorIndex } from '../params/ids.ts';

/** What a Byzantine dealer has to work with. */
export interface DealerStage {
  readonly session: DealingSession;
  readonly self: ValidatorIndex;
  readonly random: RandomBytes;
  /** What a correct member in its place deals: fresh secrets where keys are generated, its shares where they are handed on. */
  readonly secrets: () => PerKey<bigint>;
  /** Whether the keys are made without it. */
  readonly isOver: boolean;
  /** A dealing as a correct member makes it, and another one; each the same whenever it is asked for. */
  readonly honest: () => ProvedDealing;
  readonly another: () => ProvedDealing;
  /** Proofs of what was dealt in a session, as whoever knows the shares can make them. */
  readonly prove: (made: MadeDealing, session: DealingSession) => ProvedDealing;
  /** The dealings of other members that it has seen so far. */
  readonly others: () => Iterable<ProvedDealing>;
}

/** A named way to deal badly, where keys are generated and where they are handed on. Add one by writing such a value in DEALING_ATTACKS. */
export interface DealingAttack {
  /** Lower case, words joined by hyphens. */
  readonly name: string;
  readonly explains: string;
  /** Where keys are generated it is no attack: fresh secrets are nobody's. */
  readonly isOfRotation?: true;
  /** What a Byzantine member deals; undefined: nothing now, and it is asked again whenever it hears something. */
  readonly deal: (stage: DealerStage) => ProvedDealing | undefined;
  /** What it shows the first member in its place, signed as well; nothing else by default. */
  readonly second?: (stage: DealerStage) => ProvedDealing;
  /** What it puts on a link in place of a frame, where keys are generated; the frame itself by default. */
  readonly twist?: (stage: DealerStage, bytes: Uint8Array, to: ValidatorIndex) => Uint8Array;
}

/** The one point of order 2. */
const HALF_TURN = pointFromAffine(0n, r - 1n)!;

const changed = (
  dealing: ProvedDealing,
  change: (one: EncryptedShares, recipient: number) => EncryptedShares,
): ProvedDealing => ({ ...dealing, shares: dealing.shares.map(change) });

export const HONEST_DEALING: DealingAttack = {
  name: 'none',
  explains: 'Everybody deals as it should.',
  deal: ({ honest }) => honest(),
};

export const DEALING_ATTACKS: readonly DealingAttack[] = [
  {
    name: 'bad-dealing',
    explains:
      'Deals a ciphertext to the first recipient that does not open to the shares committed to. Its proofs do not hold; every correct member finds that out by itself.',
    deal: ({ honest }) =>
      changed(honest(), (one, i) =>
        i > 0 ? one : { ...one, ciphertexts: { ...one.ciphertexts, coin: (one.ciphertexts.coin + 1n) % r } },
      ),
  },
  {
    name: 'wrong-degree',
    explains:
      'Deals by polynomials of one degree more, with true proofs: 2f + 1 shares would give different keys to different validators. The degree test refuses it.',
    deal: ({ session, self, random, secrets, prove }) =>
      prove(makeDealing({ ...session, degree: session.degree + 1 }, self, secrets(), random), session),
  },
  {
    name: 'small-order-dealing',
    explains: 'Deals a commitment with a part of order 2, which vanishes where points are multiplied by 8.',
    deal: ({ honest }) =>
      changed(honest(), (one, i) =>
        i > 0
          ? one
          : {
              ...one,
              commitments: { ...one.commitments, decryption: one.commitments.decryption.add(HALF_TURN) },
            },
      ),
  },
  {
    name: 'copied-dealing',
    explains:
      'Waits for the dealing of another and deals the same, so as to cancel or double its part in the key. Each proof names its dealer, so none holds.',
    deal: ({ others }) => {
      for (const dealing of others()) return dealing;
      return undefined;
    },
  },
  {
    name: 'foreign-dealing',
    explains:
      'Deals what it made for another session, of which the encryption keys are another’s: the contexts in its proofs are not those that the members compute.',
    deal: ({ session, self, random, secrets, prove }) => {
      const other = { ...session, id: session.id + 1n, keys8: [...session.keys8].reverse() };
      return prove(makeDealing(other, self, secrets(), random), other);
    },
  },
  {
    name: 'two-dealings',
    explains:
      'Signs two dealings, both sound, and shows one to some members and the other to the rest. Whoever gets to see both can convict it before anybody.',
    deal: ({ honest }) => honest(),
    second: ({ another }) => another(),
  },
  {
    name: 'silent-dealer',
    explains: 'Deals nothing, and takes part in everything else.',
    deal: () => undefined,
  },
  {
    name: 'late-dealer',
    explains: 'Deals soundly, but only when everybody else has the keys already. Nobody waits for it.',
    deal: ({ isOver, honest }) => (isOver ? honest() : undefined),
  },
];

/** Ways to deal badly that only make sense where keys are handed on: fresh secrets are nobody's. */
export const RESHARING_ATTACKS: readonly DealingAttack[] = [
  {
    name: 'swapped-keys',
    isOfRotation: true,
    explains:
      "Hands its share of the coin's key on as one of the decryption key, and the other way round, with true proofs. What is dealt is compared with its public shares.",
    deal: ({ session, self, random, secrets, prove }) => {
      const { decryption, coin } = secrets();
      return prove(makeDealing(session, self, { decryption: coin, coin: decryption }, random), session);
    },
  },
  {
    name: 'other-secret',
    isOfRotation: true,
    explains:
      'Hands on what is not its share, with true proofs, so as to change the keys or to destroy them.',
    deal: ({ session, self, random, secrets, prove }) =>
      prove(makeDealing(session, self, { ...secrets(), decryption: 5n }, random), session),
  },
];
