import { encodePoint, pointFromAffine } from '../../crypto/babyjub.ts';
import { r } from '../../params/fields.ts';
import { type CommitteeAttack, heightAfter } from '../attack.ts';
import { perp } from '../traders.ts';

/** (0, −1), the point of order 2. */
const ORDER_2 = encodePoint(pointFromAffine(0n, r - 1n)!);

export const forgedProof: CommitteeAttack = {
  name: 'forged-proof',
  explains:
    'Somebody can forge proofs of sealed batches. Until the last quarter of the heights one batch a height has a U of order 2, and one a tag that no key opens.',
  attackerNotes: 32,
  open: ({ world, heights }) => {
    const all = world.committee.secrets.map((_, i) => i);
    return {
      onHeight: (at) => {
        if (at >= heightAfter(0.75, heights)) return;
        for (const change of [{ U: ORDER_2 }, { tag: 12345n }]) {
          if (world.attacker.spendable.length === 0) return;
          const { item } = world.batch(world.attacker, [perp('buy', 1n)], world.terms(at));
          world.submit(world.variant(item, change).bytes, all);
        }
      },
    };
  },
};
