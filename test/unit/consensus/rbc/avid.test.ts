import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../../src/base/bytes.ts';
import { AvidRbc } from '../../../../src/consensus/rbc/avid.ts';
import type { RbcOutput, RbcStep } from '../../../../src/consensus/rbc/broadcast.ts';
import type { RbcKind, RbcMessage } from '../../../../src/consensus/rbc/messages.ts';
import { ShardTree } from '../../../../src/consensus/rbc/shard-tree.ts';
import { openErasureCode } from '../../../../src/node/erasure-code.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { Network } from '../../../../src/sim/network.ts';
import { Prng } from '../../../../src/sim/prng.ts';

const erasure = await openErasureCode();
const N = 7;
const PROPOSER = 6;
const m = Uint8Array.from({ length: 100 }, (_, i) => i);
const open = (n: number, self: number, proposer = PROPOSER): AvidRbc =>
  new AvidRbc({ n, self: at(self), proposer: at(proposer) }, erasure);
const say = (kind: RbcKind, bytes: Uint8Array, proposer = PROPOSER): RbcMessage => ({
  kind,
  proposer: at(proposer),
  bytes,
});
const kinds = ({ sends }: RbcStep): RbcKind[] => sends.map(({ message }) => message.kind);
const codes = ({ faults }: RbcStep): string[] => faults.map(({ fault }) => fault);

/** VALs of a proposer for these shards, whether they are a codeword or not. */
const valsOf = (shards: readonly Uint8Array[]): { root: Uint8Array; vals: Uint8Array[] } => {
  const tree = new ShardTree(shards);
  return { root: tree.root, vals: shards.map((shard, j) => concatBytes(tree.root, tree.branch(j), shard)) };
};
/** What an honest proposer sends to each validator. */
const honest = (payload: Uint8Array = m, n = N): Uint8Array[] =>
  open(n, n - 1, n - 1)
    .propose(payload)
    .sends.map(({ message }) => message.bytes);
const rootOf = (val: Uint8Array): Uint8Array => val.slice(0, 32);

/** A broadcast among these machines in any order, begun with these messages of the proposer's. */
function spread(
  n: number,
  seed: number,
  vals: readonly (Uint8Array | undefined)[],
  silent = 0,
): (readonly RbcOutput[])[] {
  const network = new Network<RbcMessage>({ n, seed });
  const machines = Array.from({ length: n }, (_, i) => open(n, i, n - 1));
  const outputs = machines.map(() => [] as RbcOutput[]);
  vals.forEach((bytes, j) => {
    if (bytes !== undefined) network.send(at(n - 1), at(j), say('val', bytes, n - 1));
  });
  for (let next = network.next(); next !== undefined; next = network.next()) {
    // The last ones, the proposer among them, say nothing but its VALs.
    if (next.to >= n - silent) continue;
    const step = machines[next.to]!.handle(next.from, next.message);
    for (const { to, message } of step.sends) network.send(next.to, to, message);
    outputs[next.to]!.push(...step.outputs);
  }
  return outputs.slice(0, n - silent);
}

describe('rule 1: the proposer', () => {
  test('sends every validator its own shard, so that n − 2f of them hold the payload', () => {
    const { sends } = open(N, PROPOSER).propose(m);
    expect(sends.map(({ to }) => to)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // Seven shards of ⌈104/3⌉ bytes under one root, a branch of three hashes each.
    for (const { message } of sends) expect(message.bytes.length).toBe(32 + 3 * 32 + 35);
    expect(new Set(sends.map(({ message }) => rootOf(message.bytes).join())).size).toBe(1);
  });

  test('proposes once, in its own broadcast, up to the limit', () => {
    expect(() => open(N, 0).propose(m)).toThrow('propose once');
    const rbc = open(4, 2, 2);
    expect(() => rbc.propose(new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow('propose once');
    expect(rbc.propose(new Uint8Array(MAX_PAYLOAD_BYTES)).sends).toHaveLength(4);
    expect(() => rbc.propose(m)).toThrow('propose once');
  });
});

describe('rule 3: an ECHO with another leaf than its sender’s', () => {
  test.each([
    ['the receiver’s', 2],
    ['a third validator’s', 4],
    ['the proposer’s', PROPOSER],
  ])('with %s never counts, and is a fault', (_whose, leaf) => {
    const vals = honest();
    const rbc = open(N, 2);
    for (const sender of [0, 1, 3, 5]) {
      const step = rbc.handle(at(sender), say('shard', vals[leaf]!));
      expect(step).toMatchObject({ sends: [], faults: [{ by: sender, fault: 'RBC_BAD_SHARD' }] });
    }
    expect(rbc.status().echoes).toBe(0);
    expect(codes(rbc.handle(at(leaf), say('shard', vals[leaf]!)))).toEqual([]);
    expect(rbc.status().echoes).toBe(1);
  });
});

describe('rule 2: VAL', () => {
  test('the first one of the proposer, at the own leaf, is echoed to all', () => {
    const vals = honest();
    const rbc = open(N, 2);
    expect(rbc.handle(at(6), say('val', vals[2]!)).sends).toEqual([
      { to: 'all', message: say('shard', vals[2]!) },
    ]);
    expect(rbc.handle(at(6), say('val', vals[2]!))).toMatchObject({ sends: [], faults: [] });
  });

  test('of anybody else it is a fault', () => {
    const step = open(N, 2).handle(at(1), say('val', honest()[2]!));
    expect(step).toMatchObject({ sends: [], faults: [{ by: 1, fault: 'RBC_WRONG_SENDER' }] });
  });

  test('with another’s leaf, a branch that does not lead to the root, or no shard it is a fault', () => {
    const vals = honest();
    const bent = vals[2]!.slice();
    bent[40]! ^= 1;
    for (const bytes of [vals[3]!, bent, vals[2]!.slice(0, 128), new Uint8Array(0)]) {
      const step = open(N, 2).handle(at(6), say('val', bytes));
      expect(step).toMatchObject({ sends: [], faults: [{ by: 6, fault: 'RBC_BAD_SHARD' }] });
    }
  });

  test('a second, different one is a fault and not echoed', () => {
    const rbc = open(N, 2);
    rbc.handle(at(6), say('val', honest()[2]!));
    const step = rbc.handle(at(6), say('val', honest(new Uint8Array(50))[2]!));
    expect(step).toMatchObject({ sends: [], faults: [{ by: 6, fault: 'RBC_PROPOSE_EQUIVOCATION' }] });
  });

  test('a shard longer than a payload can make it is a fault', () => {
    const shards = Array.from(
      { length: N },
      () => new Uint8Array(Math.ceil((4 + MAX_PAYLOAD_BYTES) / 3) + 1),
    );
    const step = open(N, 2).handle(at(6), say('val', valsOf(shards).vals[2]!));
    expect(codes(step)).toEqual(['RBC_BAD_SHARD']);
  });
});

describe('rule 3: ECHO', () => {
  test('counts only with its sender’s leaf', () => {
    const vals = honest();
    const rbc = open(N, 0);
    for (const i of [1, 2, 3, 4]) rbc.handle(at(i), say('shard', vals[i]!));
    expect(codes(rbc.handle(at(5), say('shard', vals[4]!)))).toEqual(['RBC_BAD_SHARD']);
    expect(rbc.status().echoes).toBe(4);
    expect(kinds(rbc.handle(at(5), say('shard', vals[5]!)))).toEqual(['ready']);
  });

  test('a second root of one sender is a fault and does not count', () => {
    const rbc = open(N, 0);
    rbc.handle(at(1), say('shard', honest()[1]!));
    const step = rbc.handle(at(1), say('shard', honest(new Uint8Array(9))[1]!));
    expect(codes(step)).toEqual(['RBC_ECHO_EQUIVOCATION']);
    expect(rbc.status().echoes).toBe(1);
  });
});

describe('rule 4: READY', () => {
  test('once, on q ECHO of one root', () => {
    const vals = honest();
    const rbc = open(N, 0);
    rbc.handle(at(6), say('shard', honest(new Uint8Array(9))[6]!));
    for (const i of [1, 2, 3, 4]) expect(kinds(rbc.handle(at(i), say('shard', vals[i]!)))).toEqual([]);
    expect(rbc.handle(at(5), say('shard', vals[5]!)).sends).toEqual([
      { to: 'all', message: say('ready', rootOf(vals[0]!)) },
    ]);
    expect(kinds(rbc.handle(at(0), say('shard', vals[0]!)))).toEqual([]);
  });

  test('once, on f + 1 READY; a malformed or second one is a fault', () => {
    const root = rootOf(honest()[0]!);
    const rbc = open(N, 0);
    expect(codes(rbc.handle(at(1), say('ready', new Uint8Array(31))))).toEqual(['RBC_MALFORMED']);
    for (const i of [1, 2]) expect(kinds(rbc.handle(at(i), say('ready', root)))).toEqual([]);
    expect(kinds(rbc.handle(at(3), say('ready', root)))).toEqual(['ready']);
    expect(codes(rbc.handle(at(3), say('ready', new Uint8Array(32))))).toEqual(['RBC_READY_EQUIVOCATION']);
  });
});

describe('rule 5: delivery', () => {
  test('takes 2f + 1 READY and n − 2f ECHO, in either order', () => {
    const vals = honest();
    const root = rootOf(vals[0]!);
    const late = open(N, 0);
    for (const i of [1, 2, 3, 4, 5]) expect(late.handle(at(i), say('ready', root)).outputs).toEqual([]);
    for (const i of [4, 6]) expect(late.handle(at(i), say('shard', vals[i]!)).outputs).toEqual([]);
    expect(late.status().waitsFor).toBe('shards');
    expect(late.handle(at(1), say('shard', vals[1]!)).outputs).toEqual([{ type: 'deliver', payload: m }]);
    const early = open(N, 0);
    for (const i of [0, 1, 2]) early.handle(at(i), say('shard', vals[i]!));
    for (const i of [1, 2, 3, 4]) expect(early.handle(at(i), say('ready', root)).outputs).toEqual([]);
    expect(early.handle(at(5), say('ready', root)).outputs).toEqual([{ type: 'deliver', payload: m }]);
    expect(early.handle(at(6), say('ready', root))).toMatchObject({ sends: [], outputs: [], faults: [] });
  });

  test('shards of another root do not count towards it', () => {
    const vals = honest();
    const others = honest(new Uint8Array(50));
    const rbc = open(N, 0);
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('ready', rootOf(vals[0]!)));
    for (const i of [1, 2]) rbc.handle(at(i), say('shard', others[i]!));
    for (const i of [3, 4]) expect(rbc.handle(at(i), say('shard', vals[i]!)).outputs).toEqual([]);
    expect(rbc.handle(at(5), say('shard', vals[5]!)).outputs).toHaveLength(1);
  });

  test('after it the shards are forgotten and nothing is answered', () => {
    const vals = honest();
    const rbc = open(N, 0);
    for (const i of [1, 2, 3]) rbc.handle(at(i), say('shard', vals[i]!));
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('ready', rootOf(vals[0]!)));
    expect(rbc.status().waitsFor).toBe('nothing');
    expect(rbc.handle(at(6), say('val', vals[0]!))).toMatchObject({ sends: [], faults: [] });
    expect((Reflect.get(rbc, 'shards') as unknown[]).length).toBe(0);
  });

  test('any n − 2f shards give back any payload', () => {
    const size = fc.constantFrom(1, 2, 3, 4, 5, 7, 10);
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(size, bytes, fc.nat(), (n, payload, seed) => {
        const { f } = quorumOf(n);
        const vals = honest(payload, n);
        const prng = new Prng(seed);
        const rbc = open(n, 0, n - 1);
        for (let i = 0; i < n; i++) rbc.handle(at(i), say('ready', rootOf(vals[0]!), n - 1));
        const order = Array.from({ length: n }, (_, i) => i).sort(() => prng.bit() - 0.5);
        const outputs = order
          .slice(0, n - 2 * f)
          .flatMap((i) => rbc.handle(at(i), say('shard', vals[i]!, n - 1)).outputs);
        expect(outputs).toEqual([{ type: 'deliver', payload }]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('shards that are no codeword', () => {
  const random = (prng: Prng, n: number, size: number): Uint8Array[] =>
    Array.from({ length: n }, () => prng.bytes(size));
  /** Shards of the honest codeword of these data bytes, coded by the library itself. */
  const coded = (data: Uint8Array, n: number): Uint8Array[] => {
    const k = n - 2 * quorumOf(n).f;
    const size = data.length / k;
    const all = new Uint8Array(size * n);
    all.set(data);
    expect(erasure.encode(all, k, n - k)).toBe(true);
    return Array.from({ length: n }, (_, i) => all.slice(i * size, (i + 1) * size));
  };
  const lengthThen = (length: number, bytes: number, fill = 0): Uint8Array => {
    const out = new Uint8Array(bytes).fill(fill, 4);
    new DataView(out.buffer).setUint32(0, length);
    return out;
  };

  test.each([4, 7, 10])(
    'make the proposer invalid at every correct validator of %i, whichever shards it has',
    (n) => {
      for (let seed = 1; seed <= 20; seed++) {
        const prng = new Prng(seed);
        const shards = coded(lengthThen(20, 8 * (n - 2 * quorumOf(n).f), 7), n);
        const wrong = seed % 2 === 0 ? random(prng, n, 8) : shards;
        // One wrong shard, or all of them wrong: sometimes among those that a validator decodes from, sometimes not.
        if (seed % 2 === 1) shards[prng.below(n)]![prng.below(8)]! ^= 1;
        const outputs = spread(n, seed, valsOf(wrong).vals);
        for (const each of outputs) expect(each, `SEED=${seed}`).toEqual([{ type: 'invalid' }]);
      }
    },
  );

  test('of different lengths under one root do so as well', () => {
    const shards = coded(lengthThen(8, 24, 3), 7);
    shards[5] = new Uint8Array(9);
    for (let seed = 1; seed <= 20; seed++) {
      for (const each of spread(7, seed, valsOf(shards).vals)) expect(each).toEqual([{ type: 'invalid' }]);
    }
  });

  test.each([2, 3, 4])('that are too short for a length are ⊥ among %i', (n) => {
    const shards = Array.from({ length: n }, () => new Uint8Array(1));
    for (const each of spread(n, 1, valsOf(shards).vals)) expect(each).toEqual([{ type: 'invalid' }]);
  });

  test.each([
    ['a length beyond the shards', lengthThen(1000, 24)],
    ['a length beyond the limit', lengthThen(0xffffffff, 24)],
    ['more shard bytes than the payload needs', lengthThen(8, 24)],
    ['padding that is not zero', lengthThen(18, 24, 1)],
  ])('a codeword with %s is none of a payload: ⊥ everywhere', (_name, data) => {
    for (const each of spread(7, 3, valsOf(coded(data, 7)).vals)) expect(each).toEqual([{ type: 'invalid' }]);
  });

  test('are decoded once, blame the proposer once, and end the broadcast', () => {
    let decodes = 0;
    const counting = {
      ...erasure,
      reconstruct: (...args: Parameters<typeof erasure.reconstruct>) => {
        decodes += 1;
        return erasure.reconstruct(...args);
      },
    };
    const { root, vals } = valsOf(random(new Prng(5), N, 8));
    const rbc = new AvidRbc({ n: N, self: at(0), proposer: at(PROPOSER) }, counting);
    const steps = [1, 2, 3, 4, 5].map((i) => rbc.handle(at(i), say('ready', root)));
    for (const i of [3, 4, 5, 6, 0, 1]) steps.push(rbc.handle(at(i), say('shard', vals[i]!)));
    expect(steps.flatMap(({ outputs }) => outputs)).toEqual([{ type: 'invalid' }]);
    expect(steps.flatMap(codes)).toEqual(['RBC_NO_CODEWORD']);
    expect(decodes).toBe(1);
    expect(rbc.status().waitsFor).toBe('nothing');
  });
});

describe.each([1, 2, 3, 4, 5, 7, 10])('a broadcast among %i', (n) => {
  const { f } = quorumOf(n);

  test('delivers the payload everywhere, also with f silent, in any order', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const payload = new Prng(seed).bytes((seed * 37) % 400);
      for (const each of spread(n, seed, honest(payload, n), f)) {
        expect(each, `SEED=${seed}`).toEqual([{ type: 'deliver', payload }]);
      }
    }
  });

  if (f === 0) return;

  test('is all or nothing when the proposer sends to some only, or two payloads', () => {
    let delivered = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const prng = new Prng(seed);
      const one = honest(prng.bytes(90), n);
      const two = honest(prng.bytes(90), n);
      const share = prng.below(3) / 2;
      const vals = one.map((val, j) =>
        seed % 2 === 0 && prng.chance(0.3) ? undefined : prng.chance(share) ? two[j] : val,
      );
      const outputs = spread(n, seed, vals, f);
      for (const each of outputs) expect(each, `SEED=${seed}`).toEqual(outputs[0]);
      delivered += outputs[0]!.length;
    }
    expect(delivered).toBeGreaterThan(5);
    expect(delivered).toBeLessThan(60);
  });
});
