import { expect, test } from 'vitest';
import { ByHand, type Links } from './by-hand.ts';
import { RULES } from './certify-model.ts';
import { CertifyRefinement } from './certify-refinement.ts';

const [A, B, V, LIAR] = [0, 1, 2, 3] as const;
const CORRECT = [A, B, V];

/** A, B and the Byzantine validator settle two heights; it alone certifies them, as it keeps its signatures from A and B. */
function twoSettled(): ByHand {
  const world = new ByHand(4);
  for (let h = 1; h <= 2; h++) {
    world.vote([A, B, LIAR]);
    world.run(({ kind }, from, to) => {
      if (from === LIAR && (kind === 'settled' || kind === 'cert')) return to === LIAR ? 'open' : 'slow';
      return from === V || to === V ? 'slow' : 'open';
    });
  }
  expect(world.certified).toEqual([0, 0, 0, 2]);
  return world;
}

test('a validator that takes two blocks from a Byzantine one tells the others, who lack its signature', () => {
  const world = twoSettled();
  // The Byzantine validator tells V alone of the second height, and answers V alone.
  const toVAlone: Links = (message, from, to) => {
    if (from === V) return to === LIAR || to === V ? 'open' : 'slow';
    if (from !== LIAR) return to === LIAR ? 'lost' : to === V ? 'slow' : 'open';
    if (to !== V) return 'lost';
    if (message.kind === 'cert') return message.certification.header.height === 2 ? 'open' : 'lost';
    return message.kind === 'block' ? 'open' : 'lost';
  };
  for (let i = 0; i < 4; i++) {
    world.run(toVAlone);
    world.input(V, { type: 'resend' });
  }
  world.run(toVAlone);
  expect(world.certified).toEqual([0, 0, 2, 2]);

  // From now on it is silent, and everything else arrives.
  const silent: Links = (_, from, to) => (from === LIAR || to === LIAR ? 'lost' : 'open');
  for (let i = 0; i < 8; i++) {
    for (const each of CORRECT) world.input(each, { type: 'resend' });
    world.run(silent);
  }
  expect(world.certified.slice(0, 3)).toEqual([2, 2, 2]);
  world.vote(CORRECT);
  world.run(silent);
  expect(world.certified.slice(0, 3)).toEqual([3, 3, 3]);
  expect(world.faults).toEqual([]);
});

test('a block that comes late, when the next one has been asked for, is nobody’s fault and nobody’s answer', () => {
  const world = new ByHand(4);
  const others = [A, B, LIAR];
  for (let h = 1; h <= 3; h++) {
    world.vote(others);
    world.run((_, from, to) => (from === V || to === V ? 'slow' : 'open'));
  }
  expect(world.certified).toEqual([3, 3, 0, 3]);

  // V hears of the third height. Each peer's first answer is slow, so V asks the next one, in turn.
  const late = new Set<number>();
  const blocks: Links = ({ kind, ...message }, from, to) => {
    if (from !== V && to !== V) return 'open';
    if (kind === 'cert') return 'certification' in message && to === V ? 'open' : 'slow';
    if (kind === 'block' && late.has(from)) return 'slow';
    return kind === 'block' || kind === 'pullBlock' ? 'open' : 'slow';
  };
  for (const each of others) late.add(each);
  for (const each of others) {
    world.run(blocks);
    world.input(V, { type: 'resend' });
    late.delete(each);
  }
  world.run(() => 'open');
  expect(world.faults).toEqual([]);
  expect(world.certified).toEqual([3, 3, 3, 3]);
});

// Three heights beside a Byzantine validator; seeds in which a block is taken. More of them: test/long/certify.test.ts.
test.each([10, 12])('what real validators do, the model can do, and all get through (seed %i)', (seed) => {
  const run = new CertifyRefinement(seed, 3);
  run.run();
  expect(run.seen.get('take')).toBeGreaterThan(0);
  expect(run.world.certified.slice(0, 3).every((at) => at >= 3)).toBe(true);
  expect(run.world.faults).toEqual([]);
});

test('a step that the model does not have is noticed', () => {
  expect(() => new CertifyRefinement(10, 3, { ...RULES, blocks: false }).run()).toThrow(
    'the model has no take',
  );
});

/**
 * A certifies the first height with the Byzantine validator's signature, V takes the block out of A's store, and B lacks a third
 * signature: V has none to give, and the Byzantine validator is silent from now on.
 */
function lacksThirdSignature(certs: 'open' | 'lost'): ByHand {
  const world = new ByHand(4);
  world.vote([A, B, LIAR]);
  world.run(({ kind }, from, to) => {
    if (kind === 'cert' && from !== A) return 'lost';
    if (from === LIAR && kind === 'settled') return to === A || to === LIAR ? 'open' : 'lost';
    if (kind === 'cert') return certs;
    return from === V || to === V ? 'lost' : 'open';
  });
  world.takeFrom(A, V, 1);
  const silent: Links = ({ kind }, from, to) =>
    from === LIAR || to === LIAR ? 'lost' : kind === 'cert' ? certs : 'open';
  for (let i = 0; i < 6; i++) {
    world.vote(CORRECT);
    world.run(silent);
    for (const each of CORRECT) world.input(each, { type: 'resend' });
    world.run(silent);
  }
  return world;
}

test('without CERT to all, who lacks the third signature for a height stops the chain; with it the chain goes on', () => {
  const stalled = lacksThirdSignature('lost');
  expect(stalled.certified.slice(0, 3)).toEqual([2, 0, 2]);
  expect(CORRECT.map((i) => stalled.validators[i]!.height)).toEqual([3, 2, 3]);
  const running = lacksThirdSignature('open');
  expect(running.certified.slice(0, 3)).toEqual([7, 7, 7]);
  expect([...stalled.faults, ...running.faults]).toEqual([]);
});
