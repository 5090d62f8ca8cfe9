import type { CommitteeAttack, Play } from '../../committee/attack.ts';
import { ATTACKS } from '../../committee/attacks/attacks.ts';
import type { Adversary } from '../../sim/world.ts';

/** What a file of one's own may hold for the simulator, and what is expected of it. */
export interface OwnKind<T> {
  /** What messages call it. */
  readonly what: string;
  /** All that is wrong with a value, a sentence each. */
  readonly problems: (value: unknown) => readonly string[];
  /** The same value, which refuses what it does wrong as soon as it does that. */
  readonly guarded: (value: T, refuse: Refuse) => T;
}
export type Refuse = (problems: readonly string[]) => never;

interface Field {
  readonly is: (value: unknown) => boolean;
  readonly expected: string;
  readonly isNeeded?: true;
}
type Fields = Readonly<Record<string, Field>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const callable: Field = { is: isFunction, expected: 'a function is expected' };
const truth: Field = { is: (value) => typeof value === 'boolean', expected: 'true or false is expected' };

/** Compares an object with what its fields are to be. A field that is there and undefined is none. */
function problemsOf(value: unknown, fields: Fields): string[] {
  const names = Object.keys(fields).join(', ');
  if (isFunction(value))
    return [`a function is exported: export what it makes (export default it()), an object of ${names}`];
  if (value instanceof Promise)
    return ['a promise is there, but nothing waits in a simulation: leave out async'];
  if (typeof value !== 'object' || value === null) return [`an object of ${names} is expected`];
  const given = new Map(Object.entries(value).filter(([, each]) => each !== undefined));
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(fields, name));
  return [
    ...unknown.map((name) => `${name}: no such field; there are ${names}`),
    ...Object.entries(fields).flatMap(([name, { is, expected, isNeeded }]) => {
      if (!given.has(name)) return isNeeded ? [`${name}: it is missing; ${expected}`] : [];
      return is(given.get(name)) ? [] : [`${name}: ${expected}`];
    }),
  ];
}

const needed = (field: Field): Field => ({ ...field, isNeeded: true });

const ADVERSARY_FIELDS: Fields = {
  name: needed({ is: isText, expected: 'a text is expected' }),
  open: needed(callable),
  floods: truth,
  proposesInvalid: truth,
};
const ACTOR_FIELDS: Fields = { receive: needed(callable), flush: needed(callable) };

const MISDEEDS: readonly unknown[] = ['equivocating ballot', 'bad decryption share', 'silence'];
/** Genesis notes of the attacker: every one of them is dealt before the first height. */
const MAX_NOTES = 256;
const ATTACK_FIELDS: Fields = {
  name: needed({
    is: (name) =>
      typeof name === 'string' &&
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) &&
      !ATTACKS.some((each) => each.name === name),
    expected:
      'lower-case words joined by hyphens are expected, and no name that velum sim committee --attack list has',
  }),
  explains: needed({ is: isText, expected: 'a sentence is expected' }),
  open: needed(callable),
  misdeeds: {
    is: (list) => Array.isArray(list) && list.every((each) => MISDEEDS.includes(each)),
    expected: `a list of ${MISDEEDS.map((each) => JSON.stringify(each)).join(', ')} is expected`,
  },
  attackerNotes: {
    is: (count) => Number.isInteger(count) && Number(count) >= 0 && Number(count) <= MAX_NOTES,
    expected: `a whole number from 0 to ${MAX_NOTES} is expected`,
  },
};
const PLAY_FIELDS: Fields = { twist: callable, onHeight: callable, onDelay: callable };

const within = (what: string, problems: readonly string[]): string[] =>
  problems.map((each) => `${what}: ${each}`);

export const ADVERSARY: OwnKind<Adversary<unknown>> = {
  what: 'adversary',
  problems: (value) =>
    typeof value === 'object' && value !== null && 'explains' in value
      ? ['this is an attack on whole committees: velum sim committee --adversary runs it']
      : problemsOf(value, ADVERSARY_FIELDS),
  guarded: (value, refuse) => ({
    ...value,
    open: (world, self) => {
      const actor = value.open(world, self);
      const problems = actor === undefined ? [] : problemsOf(methodsOf(actor), ACTOR_FIELDS);
      if (problems.length > 0) refuse(within('what open gives', problems));
      return actor;
    },
  }),
};

/** Of an object of a class as well, whose methods are its prototype's: a host of the simulation is one. */
const methodsOf = (actor: unknown): unknown =>
  typeof actor !== 'object' || actor === null || actor instanceof Promise
    ? actor
    : Object.fromEntries(
        Object.keys(ACTOR_FIELDS).map((name) => [name, (actor as Record<string, unknown>)[name]]),
      );

export const ATTACK: OwnKind<CommitteeAttack> = {
  what: 'attack on a committee',
  problems: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !('explains' in value) &&
    'open' in value &&
    'name' in value
      ? [
          'explains: it is missing; a sentence is expected. (If this is an adversary of the common subset, velum sim acs --adversary runs it.)',
        ]
      : problemsOf(value, ATTACK_FIELDS),
  guarded: (value, refuse) => ({
    ...value,
    open: (stage): Play => {
      const play = value.open(stage);
      const problems = problemsOf(play, PLAY_FIELDS);
      if (problems.length > 0) refuse(within('what open gives', problems));
      const { twist } = play;
      if (twist === undefined) return play;
      return {
        ...play,
        twist: (bytes, from, to) => {
          const frames = twist(bytes, from, to);
          if (!Array.isArray(frames) || frames.some((each) => !(each instanceof Uint8Array)))
            refuse(['what twist gives: a list of frames is expected, each a Uint8Array']);
          return frames;
        },
      };
    },
  }),
};
