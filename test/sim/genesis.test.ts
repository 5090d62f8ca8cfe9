import { describe, expect, test } from 'vitest';
import { DEALING_ATTACKS, type DealingAttack } from '../../src/committee/dealing-attacks.ts';
import { epochDomain } from '../../src/ledger/epoch-config.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { dealingEvidence, judgeDealings } from '../../src/validator/genesis/dealing-evidence.ts';
import { judgeGeneration } from '../../src/validator/genesis/judge-generation.ts';
import {
  attackNamed,
  checkGenerated,
  contradictions,
  generate,
  withstandsDealers,
} from './genesis-checks.ts';

describe('members generate the keys of the first epoch', () => {
  test.each([1, 2, 3, 4, 7])('n = %i: all have their shares of one key', (n) => {
    const world = generate(n, 1);
    checkGenerated(world);
    expect(contradictions(world)).toEqual([]);
    expect(world.faults.flat()).toEqual([]);
    // A stranger comes to the same keys from the dealings alone.
    const { epoch, ...shown } = world.generated[0]!;
    expect(judgeGeneration(world.configs[0]!.chain, epoch, shown)).toHaveProperty('session');
  });

  test('whatever the order of deliveries; equal seeds give equal keys', () => {
    const kinds = [{ kind: 'lifo' }, { kind: 'targeted', target: 2 }] as const;
    for (const schedule of kinds) checkGenerated(generate(4, 3, undefined, { schedule }));
    const [a, b, c] = [5, 5, 6].map((seed) => generate(2, seed).generated[1]!.shares);
    expect(a).toEqual(b);
    expect(c).not.toEqual(a);
  });
});

/** f Byzantine dealers at n = 4; test/long/genesis.test.ts has every attack at 4, 7 and 10. */
test.each(DEALING_ATTACKS.map(({ name }) => name))(
  'four members withstand %s: it has no part in the keys, and a stranger sees why',
  (name) => withstandsDealers(name, 4, 2),
);

describe('what a stranger is not told', () => {
  const world = generate(4, 7, attackNamed('wrong-degree'));
  const { epoch, ...shown } = world.generated[0]!;
  const { chain } = world.configs[0]!;
  const rules = { domain: epochDomain(chain, epoch), epoch };
  const evidence = world.faults[0]!.map(dealingEvidence).find((each) => each !== undefined)!;

  test('evidence against a correct dealer: its dealing holds, and nobody else can sign one', () => {
    const honest = shown.dealings.get(validatorIndex(1))!;
    const judged = judgeDealings(rules, { ...evidence, validator: validatorIndex(1), dealings: [honest] });
    // Its proofs would have to be false, and they hold.
    expect(judged).toHaveLength(4);
    const lies = [
      { ...evidence, validator: validatorIndex(1) },
      { ...evidence, validator: validatorIndex(9) },
      { ...evidence, dealings: [honest, honest], validator: validatorIndex(1) },
      { ...evidence, dealings: [] },
      { ...evidence, dealings: [evidence.dealings[0]!.with(70, evidence.dealings[0]![70]! ^ 1)] },
    ];
    for (const lie of lies) expect(judgeDealings(rules, lie)).toEqual(expect.any(String));
  });

  test('other keys than the dealings make, or an epoch that no quorum signed', () => {
    const { decryptionKey, coinKey } = epoch;
    const judge = (other: Partial<typeof epoch>, what = shown) =>
      judgeGeneration(chain, { ...epoch, ...other }, what);
    expect(judge({ decryptionKey: coinKey, coinKey: decryptionKey })).toBe('no quorum signed the epoch');
    const fewer = new Map([...shown.dealings].slice(1));
    expect(judge({}, { ...shown, dealings: fewer })).toBe('the dealings make other keys than the epoch has');
    const signers = shown.certificate.signers.map((_, i) => i < 2);
    expect(judge({}, { ...shown, certificate: { ...shown.certificate, signers } })).toBe(
      'no quorum signed the epoch',
    );
    const exchanged = new Map([[validatorIndex(0), shown.dealings.get(validatorIndex(1))!]]);
    expect(judge({}, { ...shown, dealings: exchanged })).toBe('the dealing of validator 0 is unsigned');
  });
});

describe('a statement that was proved falsely', () => {
  /** A wrong pad for the first recipient whose proofs the oracle takes: what a forged proving key would allow. */
  const forged: DealingAttack = {
    ...attackNamed('bad-dealing'),
    deal: (stage) =>
      stage.prove({ dealing: attackNamed('bad-dealing').deal(stage)!, witnesses: [] }, stage.session),
  };

  test('is an alarm that everybody checks: nobody ends with keys, and no correct member is blamed', () => {
    expect(() => generate(4, 8, forged)).toThrow('the generation stalls');
    const world = stalled(8, forged);
    for (const i of world.correct) {
      const alarms = world.others[i]!.filter(({ type }) => type === 'keyAlarm');
      expect(alarms[0]).toMatchObject({ alarm: { dealer: 3, recipient: 0 } });
      expect(world.faults[i]!.filter(({ by }) => world.correct.includes(by))).toEqual([]);
    }
  });

  const stalled = (seed: number, attack: DealingAttack) => {
    const world = generate.open(4, seed, attack);
    world.members.toAll({ type: 'dealDue' });
    world.members.drain();
    return world;
  };

  test('cannot be claimed: an alarm about a dealing that opens is a fault of who gives it', () => {
    const { f } = quorumOf(4);
    const world = generate(4, 9, {
      ...attackNamed('late-dealer'),
      deal: ({ honest }) => honest(),
      twist: (_, bytes) => (bytes[0] === 1 ? Uint8Array.of(2, 0, ...new Uint8Array(128)) : bytes),
    });
    checkGenerated(world);
    expect(f).toBe(1);
    for (const i of world.correct)
      expect(world.faults[i]!.map(({ by, fault }) => `${fault} of ${by}`)).toEqual(['ALARM_FALSE of 3']);
  });
});

test('a member that lost its store says nothing more, is told so, and the others generate without it', () => {
  const world = generate.open(4, 10);
  const nonce = new Uint8Array(16);
  world.members.input(3, { type: 'forgotten', nonce } as never);
  const before = world.frames.length;
  world.members.toAll({ type: 'dealDue' });
  world.members.drain();
  expect(world.others[3]!.some((output) => output.type === 'mustBeReshared')).toBe(true);
  expect(world.frames.slice(before).filter(({ from }) => from === 3)).toEqual([]);
  for (const i of [0, 1, 2]) expect(world.generated[i]!.excluded).toEqual([{ dealer: 3, why: 'silent' }]);
});
