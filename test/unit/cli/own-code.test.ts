import { describe, expect, test } from 'vitest';
import { ADVERSARY, ATTACK } from '../../../src/cli/sim/check-own-code.ts';
import type { AttackStage, CommitteeAttack } from '../../../src/committee/attack.ts';
import { ATTACKS } from '../../../src/committee/attacks/attacks.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import {
  crash,
  fakeNetwork,
  invalidProposal,
  mute,
  twins,
} from '../../../src/sim/adversaries/adversaries.ts';
import { flood } from '../../../src/sim/adversaries/flood.ts';

const open = () => undefined;
const refuse = (problems: readonly string[]): never => {
  throw new Error(problems.join('; '));
};

describe('an adversary of one’s own', () => {
  test('has the shape that every adversary of the package has', () => {
    for (const each of [crash(), mute(), twins(), fakeNetwork(), invalidProposal(), flood()])
      expect(ADVERSARY.problems(each), each.name).toEqual([]);
  });

  test.each([
    [undefined, 'an object of name, open'],
    [crash, 'export what it makes'],
    [Promise.resolve(crash()), 'leave out async'],
    [{ name: 'x' }, 'open: it is missing; a function is expected'],
    [{ name: ' ', open }, 'name: a text is expected'],
    [{ name: 'x', open, floods: 'no' }, 'floods: true or false'],
    [{ name: 'x', open, receive: open }, 'receive: no such field'],
    [{ name: 'x', explains: 'y', open }, 'velum sim committee --adversary runs it'],
  ])('%j is none, and the reason is said', (value, says) => {
    expect(ADVERSARY.problems(value).join()).toContain(says);
  });

  test.each([
    [Promise.resolve(), 'leave out async'],
    [{ receive: open }, 'what open gives: flush: it is missing'],
    [5, 'what open gives: an object of receive, flush'],
  ])('that puts %j in a validator’s place is refused', (actor, says) => {
    const own = ADVERSARY.guarded({ name: 'x', open: () => actor as never }, refuse);
    expect(() => own.open({} as never, validatorIndex(3))).toThrow(says);
  });
});

describe('an attack of one’s own on a committee', () => {
  const attack: CommitteeAttack = { name: 'mine', explains: 'It does nothing.', open: () => ({}) };
  const play = (of: unknown) =>
    ATTACK.guarded({ ...attack, open: () => of as never }, refuse).open({} as AttackStage);

  test('has the shape that every attack of the package has, but for the name, which is taken', () => {
    expect(ATTACK.problems(attack)).toEqual([]);
    for (const each of ATTACKS) {
      expect(ATTACK.problems({ ...each, name: 'mine' }), each.name).toEqual([]);
      expect(ATTACK.problems(each).join()).toContain('name: lower-case words');
    }
  });

  test.each([
    [null, 'an object of name, explains'],
    [() => attack, 'export what it makes'],
    [{ ...attack, name: 'My attack' }, 'name: lower-case words'],
    [{ name: 'x', open }, 'velum sim acs --adversary runs it'],
    [{ ...attack, misdeeds: ['lies'] }, 'misdeeds: a list of "equivocating ballot"'],
    [{ ...attack, attackerNotes: 1.5 }, 'attackerNotes: a whole number'],
    [{ ...attack, attackerNotes: 1e9 }, 'attackerNotes: a whole number'],
    [{ ...attack, twist: open }, 'twist: no such field'],
  ])('%j is none, and the reason is said', (value, says) => {
    expect(ATTACK.problems(value).join()).toContain(says);
  });

  test.each([
    [Promise.resolve({}), 'leave out async'],
    [undefined, 'what open gives: an object of twist, onHeight, onDelay is expected'],
    [{ onTick: open }, 'what open gives: onTick: no such field'],
  ])('that plays %j is refused', (of, says) => expect(() => play(of)).toThrow(says));

  test.each([[undefined], [new Uint8Array(1)], [['frame']]])('whose twist gives %j is refused', (frames) => {
    const { twist } = play({ twist: () => frames });
    expect(() => twist!(new Uint8Array(1), validatorIndex(3), validatorIndex(0))).toThrow('a list of frames');
  });

  test('that gives frames goes on with them', () => {
    const frames = [Uint8Array.of(1), Uint8Array.of(2)];
    expect(
      play({ twist: () => frames }).twist!(new Uint8Array(0), validatorIndex(3), validatorIndex(0)),
    ).toBe(frames);
  });
});
