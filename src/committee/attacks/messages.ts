import { bytesToBigint } from '../../base/bytes.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../../consensus/acs/codec.ts';
import { height, itemId, type ValidatorIndex } from '../../params/ids.ts';
import { HEIGHT_WINDOW, MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, PROOF_BYTES } from '../../params/sizes.ts';
import { decodeMessage, encodeMessage } from '../../validator/messages.ts';
import { type AttackStage, type CommitteeAttack, heightAfter } from '../attack.ts';
import { flipped } from '../faulty.ts';
import { perp } from '../traders.ts';

export const unsigned: CommitteeAttack = {
  name: 'unsigned',
  explains:
    'Byzantine validators give good decryption and beacon shares with bad signatures: a height settles everywhere, and they try to keep it from being certified.',
  open: () => ({
    twist: (bytes) => {
      const message = decodeMessage(bytes);
      if (message?.kind !== 'finish' && message?.kind !== 'settled') return [bytes];
      return [encodeMessage({ ...message, signature: flipped(message.signature, 17) })];
    },
  }),
};

const isShown = (to: number): boolean => to % 2 === 0;

export const halfShown: CommitteeAttack = {
  name: 'half-shown',
  explains:
    'Half of the committee is shown what the other half is not: the attacker’s item of each height, and the ballots and bundles of the Byzantine validators, which answer nobody who asks for them.',
  attackerNotes: 16,
  open: ({ world }) => {
    const half = world.committee.secrets.map((_, i) => i).filter(isShown);
    return {
      twist: (bytes, _from, to) => {
        const message = decodeMessage(bytes);
        if (isShown(to) || message === undefined) return [bytes];
        if (message.kind === 'item' || 'ballot' in message) return [];
        if (message.kind !== 'acs') return [bytes];
        const { rbc, votes } = decodeAcsMessage(message.bytes)!;
        const shown = rbc.filter(({ kind }) => kind !== 'propose' && kind !== 'payload');
        if (shown.length + votes.length === 0) return [];
        return [encodeMessage({ ...message, bytes: encodeAcsMessage({ rbc: shown, votes }) })];
      },
      onHeight: (at) => {
        if (world.attacker.spendable.length === 0) return;
        const { bytes } = world.batch(world.attacker, [perp('sell', 1n)], world.terms(at));
        world.submit(bytes, half);
      },
    };
  },
};

/** Large frames and small ones that a Byzantine validator sends each peer at every height. */
const LARGE = 6;
const SMALL = 2000;

export const earlyFlood: CommitteeAttack = {
  name: 'early-flood',
  explains:
    'Until the last quarter of the heights Byzantine validators send everybody six frames of a megabyte and two thousand empty questions for the heights to come, to fill their memory.',
  open: ({ world, liars, heights, prng }) => ({
    onHeight: (at) => {
      if (at >= heightAfter(0.75, heights)) return;
      const { members, correct } = world.committee;
      const small = (early: number): Uint8Array =>
        encodeMessage({ kind: 'pullBallots', height: height(at + early), ids: [] });
      const large = encodeMessage({
        kind: 'acs',
        height: height(at + 1),
        bytes: prng.bytes(Math.min(MAX_FRAME_BYTES, MAX_MESSAGE_BYTES - 64)),
      });
      for (const from of liars) {
        for (const to of correct) {
          for (let k = 0; k < LARGE; k++) members.inject(from, to, large.slice());
          for (let k = 0; k < SMALL; k++) members.inject(from, to, small(1 + (k % HEIGHT_WINDOW)));
        }
      }
    },
  }),
};

/** A ballot of the right form whose proof does not hold. */
function badBallot({ prng }: AttackStage, at: number): Uint8Array {
  const field = (): bigint => bytesToBigint(prng.bytes(31));
  const items = [itemId(Array.from(prng.bytes(32), (byte) => byte.toString(16).padStart(2, '0')).join(''))];
  const ballot = {
    height: height(at),
    items,
    nullifier: field(),
    y: field(),
    proof: prng.bytes(PROOF_BYTES),
  };
  return encodeMessage({ kind: 'ballot', ballot });
}

export const badBallots: CommitteeAttack = {
  name: 'bad-ballots',
  explains:
    'At the beginning of each height every Byzantine validator sends everybody 2n ballots with bad proofs, ahead of the honest ones.',
  open: (stage) => ({
    onHeight: (at) => {
      const { members, correct, quorum } = stage.world.committee;
      const ballots = Array.from({ length: 2 * quorum.n }, () => badBallot(stage, at));
      const say = (from: ValidatorIndex): void => {
        for (const to of correct) for (const bytes of ballots) members.inject(from, to, bytes);
      };
      stage.liars.forEach(say);
    },
  }),
};
