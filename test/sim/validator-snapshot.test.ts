import { describe, expect, test } from 'vitest';
import { bigintToBytes, toHex } from '../../src/base/bytes.ts';
import { FAULTY } from '../../src/committee/faulty.ts';
import { Validator } from '../../src/validator/validator.ts';
import { busyHeights, doubledWorld } from './doubled-committee.ts';
import { FORGOTTEN, noticedWith } from './forgetful.ts';

describe('a validator restored from its snapshot gives the steps of one that never stopped, and is written as it', () => {
  // At every input: test/long/validator-snapshot.test.ts.
  test('at every fourth input of three heights at n = 4', () => {
    const options = { n: 4, seed: 1, dissemination: 'stem', rate: 0.25, who: [1] } as const;
    const { world, doubled } = doubledWorld(options);
    busyHeights(world);
    expect(doubled[0]!.restores).toBeGreaterThan(50);
  });

  test.each(['equivocating ballots', 'frames with a flipped bit'])(
    'at some inputs of every validator at n = 4 beside one with %s',
    (name) => {
      const faulty = new Map([[2, FAULTY[name]!.faulty]]);
      const { world } = doubledWorld({ n: 4, seed: 3, dissemination: 'direct', rate: 0.05, faulty });
      busyHeights(world);
    },
  );
});

/** Three of them; the long suites go through all. */
const SAMPLE = ['rounds', 'mempool.kept', 'round.ballots.public'];

test.each(SAMPLE)('what a restored validator has forgotten is noticed: %s', (path) => {
  expect(FORGOTTEN).toContain(path);
  expect(noticedWith(path)).toBeDefined();
});

/** One validator's snapshot in the middle of a height, and its configuration. */
function sample() {
  const { world, doubled } = doubledWorld({ n: 4, seed: 2, dissemination: 'direct', rate: 0.2, who: [0] });
  const snapshots: Uint8Array[] = [];
  doubled[0]!.onSnapshot = (snapshot) => snapshots.push(snapshot);
  busyHeights(world);
  return { snapshots, committee: world.committee, config: doubled[0]!.config };
}

test('no snapshot holds a secret of the committee, in either byte order or in hexadecimal', () => {
  const { world, doubled } = doubledWorld({ n: 4, seed: 8, dissemination: 'stem', rate: 0.1 });
  const snapshots: Buffer[] = [];
  for (const each of doubled) each.onSnapshot = (snapshot) => snapshots.push(Buffer.from(snapshot));
  busyHeights(world);
  expect(snapshots.length).toBeGreaterThan(40);
  const bytes = world.committee.secrets.flatMap((secrets) =>
    Object.values(secrets).map((secret: bigint | Uint8Array) =>
      typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret,
    ),
  );
  expect(bytes.length).toBe(4 * 6);
  for (const secret of bytes) {
    const reversed = Uint8Array.from(secret).reverse();
    const forms = [secret, reversed].flatMap((each) => [Buffer.from(each), Buffer.from(toHex(each))]);
    for (const form of forms) expect(snapshots.some((snapshot) => snapshot.includes(form))).toBe(false);
  }
});

describe('a snapshot is refused whole', () => {
  const { snapshots, committee, config } = sample();
  const snapshot = snapshots.at(-40)!;
  const codeOf = (bytes: Uint8Array, other = config): string | undefined => {
    try {
      Validator.restore(other, bytes);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  test('it is not when nothing is wrong with it', () => expect(codeOf(snapshot)).toBeUndefined());

  test('when any byte is another', () => {
    const flipped = (at: number, bit: number): Uint8Array => snapshot.with(at, snapshot[at]! ^ (1 << bit));
    for (let at = 0; at < 4; at++) expect(codeOf(flipped(at, at))).toBe('VALIDATOR_SNAPSHOT_VERSION');
    for (let at = 4; at < snapshot.length; at += at < 100 ? 1 : 37)
      expect(codeOf(flipped(at, at % 8))).toBe('VALIDATOR_SNAPSHOT_DAMAGED');
  });

  test('when it was cut off, or has a byte more', () => {
    for (const length of [0, 3, 4, 35, 36, 100, snapshot.length - 1])
      expect(codeOf(snapshot.subarray(0, length))).toBe('VALIDATOR_SNAPSHOT_DAMAGED');
    expect(codeOf(Uint8Array.from([...snapshot, 0]))).toBe('VALIDATOR_SNAPSHOT_DAMAGED');
  });

  test('when it is that of another validator', () => {
    const self = 1 as typeof config.self;
    const other = { ...config, self, secrets: committee.secrets[1]! };
    expect(codeOf(snapshot, other)).toBe('VALIDATOR_SNAPSHOT_OTHER');
  });
});
