import { describe, expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../../src/base/state-codec.ts';
import { DigestRbc, type DigestRbcState } from '../../../../src/consensus/rbc/digest.ts';
import type { RbcKind, RbcMessage } from '../../../../src/consensus/rbc/messages.ts';
import { hashBytes } from '../../../../src/crypto/hash.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { Network } from '../../../../src/sim/network.ts';
import { Prng } from '../../../../src/sim/prng.ts';

const m = new Uint8Array([1, 2, 3]);
const other = new Uint8Array([4]);
const digest = (payload: Uint8Array): Uint8Array => hashBytes('payload', payload);
const say = (kind: RbcKind, bytes: Uint8Array, proposer = 6): RbcMessage => ({
  kind,
  proposer: at(proposer),
  bytes,
});
/** Validator 0 of seven (f = 2, q = 5) in the broadcast of validator 6. */
const seventh = (): DigestRbc => new DigestRbc({ n: 7, self: at(0), proposer: at(6) });
const kinds = (step: { sends: readonly { message: RbcMessage }[] }): RbcKind[] =>
  step.sends.map(({ message }) => message.kind);

describe('digest broadcast', () => {
  test('echoes the first PROPOSE of the proposer, and nothing of anybody else', () => {
    const rbc = seventh();
    const wrong = rbc.handle(at(1), say('propose', m));
    expect(wrong.sends).toEqual([]);
    expect(wrong.faults).toMatchObject([{ by: 1, fault: 'RBC_WRONG_SENDER' }]);
    const step = rbc.handle(at(6), say('propose', m));
    expect(step.sends).toEqual([{ to: 'all', message: say('echo', digest(m)) }]);
  });

  test('a repeated message of a kind is nothing, a different one is a fault with both digests', () => {
    const rbc = seventh();
    for (const kind of ['propose', 'echo', 'ready'] as const) {
      const bytes = kind === 'propose' ? m : digest(m);
      rbc.handle(at(6), say(kind, bytes));
      expect(rbc.handle(at(6), say(kind, bytes))).toMatchObject({ sends: [], faults: [] });
      const step = rbc.handle(at(6), say(kind, kind === 'propose' ? other : digest(other)));
      expect(step.faults).toMatchObject([
        {
          by: 6,
          fault: `RBC_${kind.toUpperCase()}_EQUIVOCATION`,
          evidence: {
            first: Buffer.from(digest(m)).toString('hex'),
            second: Buffer.from(digest(other)).toString('hex'),
          },
        },
      ]);
    }
  });

  test('sends READY once, on q ECHO of one digest', () => {
    const rbc = seventh();
    rbc.handle(at(5), say('echo', digest(other)));
    for (const i of [1, 2, 3, 4]) expect(kinds(rbc.handle(at(i), say('echo', digest(m))))).toEqual([]);
    expect(kinds(rbc.handle(at(6), say('echo', digest(m))))).toEqual(['ready']);
    expect(kinds(rbc.handle(at(0), say('echo', digest(m))))).toEqual([]);
  });

  test('sends READY on f + 1 READY, and delivers on 2f + 1 with the payload', () => {
    const rbc = seventh();
    rbc.handle(at(6), say('propose', m));
    expect(kinds(rbc.handle(at(1), say('ready', digest(m))))).toEqual([]);
    expect(kinds(rbc.handle(at(2), say('ready', digest(m))))).toEqual([]);
    expect(kinds(rbc.handle(at(3), say('ready', digest(m))))).toEqual(['ready']);
    expect(rbc.handle(at(4), say('ready', digest(m))).outputs).toEqual([]);
    expect(rbc.handle(at(5), say('ready', digest(m))).outputs).toEqual([{ type: 'deliver', payload: m }]);
    expect(rbc.handle(at(6), say('ready', digest(m))).outputs).toEqual([]);
  });

  test('pulls from one echoer a READY beyond f + 1, from f at most and never from the proposer', () => {
    const rbc = seventh();
    for (const i of [6, 1, 2, 3, 4]) rbc.handle(at(i), say('echo', digest(m)));
    for (const i of [1, 2, 3])
      expect(kinds(rbc.handle(at(i), say('ready', digest(m))))).not.toContain('pull');
    expect(rbc.handle(at(4), say('ready', digest(m))).sends).toEqual([
      { to: 1, message: say('pull', new Uint8Array(0)) },
    ]);
    expect(rbc.handle(at(5), say('ready', digest(m))).sends).toEqual([
      { to: 2, message: say('pull', new Uint8Array(0)) },
    ]);
    expect(rbc.handle(at(6), say('ready', digest(m))).sends).toEqual([]);
    expect(rbc.status()).toMatchObject({ waitsFor: 'payload', asks: 2 });
    expect(rbc.handle(at(2), say('payload', m)).outputs).toEqual([{ type: 'deliver', payload: m }]);
    expect(rbc.handle(at(1), say('payload', m))).toMatchObject({ outputs: [], faults: [] });
  });

  test('a PROPOSE that comes after delivery is not echoed', () => {
    const rbc = seventh();
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('echo', digest(m)));
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('ready', digest(m)));
    expect(rbc.handle(at(1), say('payload', m)).outputs).toHaveLength(1);
    expect(rbc.handle(at(6), say('propose', m))).toMatchObject({ sends: [], outputs: [], faults: [] });
  });

  test('a lie for an answer is a fault and makes it ask the next echoer', () => {
    const rbc = seventh();
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('echo', digest(m)));
    for (const i of [1, 2, 3, 4]) rbc.handle(at(i), say('ready', digest(m)));
    const step = rbc.handle(at(1), say('payload', other));
    expect(step.faults).toMatchObject([{ by: 1, fault: 'RBC_PAYLOAD_MISMATCH' }]);
    expect(step.sends).toMatchObject([{ to: 2, message: { kind: 'pull' } }]);
  });

  test('asks an echoer whose ECHO comes after the READY', () => {
    const rbc = seventh();
    for (const i of [1, 2, 3, 4]) rbc.handle(at(i), say('ready', digest(m)));
    expect(rbc.handle(at(5), say('echo', digest(other))).sends).toEqual([]);
    expect(rbc.handle(at(3), say('echo', digest(m))).sends).toMatchObject([
      { to: 3, message: { kind: 'pull' } },
    ]);
  });

  test('asks again, when the timer fires, those that have not answered, as long as the payload is missing', () => {
    const rbc = seventh();
    const again = (): unknown[] => rbc.resend().sends.map(({ to, message }) => [to, message.kind]);
    for (const i of [1, 2, 3, 4, 5]) rbc.handle(at(i), say('echo', digest(m)));
    for (const i of [1, 2, 3, 4, 5]) {
      expect(again()).toEqual(i < 5 ? [] : [[1, 'pull']]);
      rbc.handle(at(i), say('ready', digest(m)));
    }
    expect(again()).toEqual([
      [1, 'pull'],
      [2, 'pull'],
    ]);
    rbc.handle(at(1), say('payload', other));
    expect(again()).toEqual([[2, 'pull']]);
    rbc.handle(at(2), say('payload', m));
    expect(again()).toEqual([]);
  });

  test('serves who pulls again once more after its own timer fired', () => {
    const rbc = seventh();
    const pull = say('pull', new Uint8Array(0));
    rbc.handle(at(6), say('propose', m));
    const served = (): number => rbc.handle(at(3), pull).sends.length;
    expect([served(), served()]).toEqual([1, 0]);
    rbc.resend();
    expect([served(), served()]).toEqual([1, 0]);
    rbc.close();
    rbc.resend();
    expect(served()).toBe(0);
  });

  test('answers a pull once a peer, and only if it has echoed', () => {
    const rbc = seventh();
    const pull = say('pull', new Uint8Array(0));
    expect(rbc.handle(at(3), pull).faults).toMatchObject([{ by: 3, fault: 'RBC_PULL_UNFOUNDED' }]);
    rbc.handle(at(6), say('propose', m));
    expect(rbc.handle(at(3), pull).sends).toEqual([{ to: 3, message: say('payload', m) }]);
    expect(rbc.handle(at(3), pull)).toMatchObject({ sends: [], faults: [] });
  });

  test('a payload nobody asked for is a fault, and a malformed digest or payload counts for nothing', () => {
    const rbc = seventh();
    expect(rbc.handle(at(2), say('payload', m)).faults).toMatchObject([{ fault: 'RBC_PAYLOAD_UNASKED' }]);
    expect(rbc.handle(at(2), say('echo', m)).faults).toMatchObject([{ fault: 'RBC_MALFORMED' }]);
    const long = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
    expect(rbc.handle(at(6), say('propose', long))).toMatchObject({
      sends: [],
      faults: [{ fault: 'RBC_MALFORMED' }],
    });
    expect(rbc.status().echoes).toBe(0);
  });

  test('the proposer may propose once, in its own broadcast, up to the limit', () => {
    const rbc = new DigestRbc({ n: 4, self: at(2), proposer: at(2) });
    expect(() => rbc.propose(new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow('propose once');
    expect(kinds(rbc.propose(new Uint8Array(MAX_PAYLOAD_BYTES)))).toEqual(['propose']);
    expect(() => rbc.propose(m)).toThrow('propose once');
    expect(() => seventh().propose(m)).toThrow('propose once');
  });
});

/**
 * A broadcast without a clock: the proposer is faulty and shows m to f + 1 correct validators only; it and f − 1 others
 * echo and confirm m but never answer a pull. The other correct ones must pull, in any order of delivery.
 */
describe.each([4, 7, 10, 13])('with f silent echoers among %i and no clock', (n) => {
  test('every correct validator delivers after at most f pulls', () => {
    const { f, q } = quorumOf(n);
    const proposer = n - 1;
    const isFaulty = (i: number): boolean => i >= n - f;
    for (let seed = 1; seed <= 200; seed++) {
      const shown = new Prng(seed).below(n - f);
      const network = new Network<RbcMessage>({ n, seed });
      const machines = Array.from(
        { length: n },
        (_, i) => new DigestRbc({ n, self: at(i), proposer: at(proposer) }),
      );
      const delivered = new Set<number>();
      let mostAsks = 0;
      for (let k = 0; k <= f; k++) {
        network.send(at(proposer), at((shown + k) % (n - f)), say('propose', m, proposer));
      }
      for (let i = n - f; i < n; i++) {
        network.send(at(i), 'all', say('echo', digest(m), proposer));
        network.send(at(i), 'all', say('ready', digest(m), proposer));
      }
      for (let next = network.next(); next !== undefined; next = network.next()) {
        if (isFaulty(next.to)) continue;
        const step = machines[next.to]!.handle(next.from, next.message);
        for (const { to, message } of step.sends) network.send(next.to, to, message);
        if (step.outputs.length > 0) delivered.add(next.to);
        mostAsks = Math.max(mostAsks, machines[next.to]!.status().asks);
      }
      expect(delivered.size, `SEED=${seed}`).toBe(q);
      expect(mostAsks, `SEED=${seed}`).toBeLessThanOrEqual(f);
    }
  });
});

describe('a digest broadcast restored from what it was written down as', () => {
  const options = { n: 10, self: at(0), proposer: at(9) };
  const restored = (rbc: DigestRbc): DigestRbc =>
    DigestRbc.restore(options, decodeState(encodeState(rbc.state())) as DigestRbcState);

  test('has not forgotten that it was closed', () => {
    const rbc = new DigestRbc(options);
    rbc.close();
    expect(restored(rbc).handle(at(9), say('propose', m, 9)).sends).toEqual([]);
  });

  test('has not forgotten how often it was lied to: it asks as many as before', () => {
    let rbc = new DigestRbc(options);
    for (const i of [1, 2, 3, 4]) rbc.handle(at(i), say('echo', digest(m), 9));
    for (const i of [1, 2, 3, 4]) rbc.handle(at(i), say('ready', digest(m), 9));
    expect(kinds(rbc.handle(at(5), say('ready', digest(m), 9)))).toEqual(['pull']);
    expect(kinds(rbc.handle(at(1), say('payload', other, 9)))).toEqual(['pull']);
    rbc = restored(rbc);
    expect(kinds(rbc.handle(at(6), say('ready', digest(m), 9)))).toEqual(['pull']);
    expect(rbc.handle(at(2), say('payload', m, 9)).faults).toEqual([]);
    expect(restored(rbc).handle(at(7), say('ready', digest(m), 9)).outputs).toMatchObject([{ payload: m }]);
  });
});
