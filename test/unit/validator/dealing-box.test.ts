import { expect, test } from 'vitest';
import { DEALING_ATTACKS } from '../../../src/committee/dealing-attacks.ts';
import { GenesisWorld } from '../../../src/committee/genesis-world.ts';
import { signDealing } from '../../../src/crypto/dealing/signed.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { DealingBox } from '../../../src/validator/genesis/dealing-box.ts';
import { dealingEvidence } from '../../../src/validator/genesis/dealing-evidence.ts';
import { Out } from '../../../src/validator/out.ts';
import { knownDealing, unproved } from '../../helpers/dealings.ts';

test('a dealer that hides its second dealing behind other proposals is convicted once, also after a restart', () => {
  const world = new GenesisWorld({ members: 4, faulty: 1, attack: DEALING_ATTACKS[0]!, seed: 1 });
  const { configs, session } = world;
  const dealer = validatorIndex(3);
  const { signSecret } = configs[3]!.secrets;
  const [first, second] = [1, 2].map((seed) =>
    signDealing(session, dealer, unproved(knownDealing(session, dealer, { seed }).dealing), signSecret),
  );
  const garbage = first!.with(first!.length - 1, first!.at(-1)! ^ 1);
  const out = new Out();
  const box = new DealingBox(configs[0]!);
  box.seen(dealer, first!, out);
  for (let i = 0; i < 9; i++) box.seen(dealer, garbage.with(3, i), out);
  const restored = DealingBox.restore(configs[0]!, box.state());
  restored.judge(dealer, second!, out);
  restored.seen(dealer, first!, out);
  const shown = out.faults.flatMap((fault) => dealingEvidence(fault) ?? []);
  expect(shown.map(({ validator, dealings }) => [validator, dealings.length])).toEqual([[3, 2]]);
});
