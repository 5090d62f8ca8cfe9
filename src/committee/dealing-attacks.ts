import type { RandomBytes } from '../base/random.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
import { pointFromAffine } from '../crypto/babyjub.ts';
import { type MadeDealing, makeDealing, randomSecrets } from '../crypto/dealing/deal.ts';
import { dealingBytes, decodeDealing, type ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { EncryptedShares } from '../crypto/dealing/encrypted-share.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { signDealing } from '../crypto/dealing/signed.ts';
import { r } from '../params/fields.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { decodeGenesisMessage, encodeGenesisMessage } from '../validator/genesis/messages.ts';

/** What a Byzantine dealer has to work with. */
export interface DealerStage {
  readonly session: DealingSession;
  readonly self: ValidatorIndex;
  readonly signSecret: Uint8Array;
  readonly random: RandomBytes;
  /** Whether every correct member has its keys. */
  readonly isOver: boolean;
  /** A dealing as a correct member makes it, and another one; each the same whenever it is asked for. */
  readonly honest: () => ProvedDealing;
  readonly another: () => ProvedDealing;
  /** Proofs of what was dealt in a session, as whoever knows the shares can make them. */
  readonly prove: (made: MadeDealing, session: DealingSession) => ProvedDealing;
  /** Every frame that anybody sent so far. */
  readonly frames: readonly { readonly from: ValidatorIndex; readonly bytes: Uint8Array }[];
}

/** A named way to deal badly where keys are generated. Add one by writing such a value in DEALING_ATTACKS. */
export interface DealingAttack {
  /** Lower case, words joined by hyphens. */
  readonly name: string;
  readonly explains: string;
  /** What a Byzantine member deals; undefined: nothing now, and it is asked again whenever it hears something. */
  readonly deal: (stage: DealerStage) => ProvedDealing | undefined;
  /** What it puts on a link in place of a frame; the frame itself by default. */
  readonly twist?: (stage: DealerStage, bytes: Uint8Array, to: ValidatorIndex) => Uint8Array;
}

/** The one point of order 2. */
const HALF_TURN = pointFromAffine(0n, r - 1n)!;

const changed = (
  dealing: ProvedDealing,
  change: (one: EncryptedShares, recipient: number) => EncryptedShares,
): ProvedDealing => ({ ...dealing, shares: dealing.shares.map(change) });

/** The dealings that members proposed so far, with their dealers. */
function* proposed({ frames, session, self }: DealerStage): Generator<ProvedDealing> {
  for (const { from, bytes } of frames) {
    if (from === self) continue;
    const message = decodeGenesisMessage(bytes);
    const parts = message?.kind === 'acs' ? (decodeAcsMessage(message.bytes)?.rbc ?? []) : [];
    for (const part of parts) {
      const body = part.bytes.subarray(0, dealingBytes(session.n));
      const dealing = part.kind === 'propose' ? decodeDealing(body, session.n) : undefined;
      if (dealing !== undefined) yield dealing;
    }
  }
}

/** Another dealing of the same dealer in the place of the one that it proposes. */
function replaceProposal({ self }: DealerStage, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const message = decodeGenesisMessage(bytes);
  const frame = message?.kind === 'acs' ? decodeAcsMessage(message.bytes) : undefined;
  if (frame === undefined) return bytes;
  const rbc = frame.rbc.map((part) =>
    part.kind === 'propose' && part.proposer === self ? { ...part, bytes: other } : part,
  );
  return encodeGenesisMessage({ kind: 'acs', bytes: encodeAcsMessage({ ...frame, rbc }) });
}

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
    deal: ({ session, self, random, prove }) =>
      prove(
        makeDealing({ ...session, degree: session.degree + 1 }, self, randomSecrets(random), random),
        session,
      ),
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
    deal: (stage) => {
      for (const dealing of proposed(stage)) return dealing;
      return undefined;
    },
  },
  {
    name: 'foreign-dealing',
    explains:
      'Deals what it made for another session, of which the encryption keys are another’s: the contexts in its proofs are not those that the members compute.',
    deal: ({ session, self, random, prove }) => {
      const other = { ...session, id: session.id + 1n, keys8: [...session.keys8].reverse() };
      return prove(makeDealing(other, self, randomSecrets(random), random), other);
    },
  },
  {
    name: 'two-dealings',
    explains:
      'Signs two dealings, both sound, and shows one to some members and the other to the rest. Whoever gets to see both can convict it before anybody.',
    deal: ({ honest }) => honest(),
    twist: (stage, bytes, to) => {
      const { session, self, signSecret, another } = stage;
      return to > 0
        ? bytes
        : replaceProposal(stage, bytes, signDealing(session, self, another(), signSecret));
    },
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
