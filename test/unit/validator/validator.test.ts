import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Height, height, type ItemId, itemKey } from '../../../src/params/ids.ts';
import { type Ballot, ballotIdOf, ballotScope } from '../../../src/validator/ballot.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/validator/messages.ts';
import type { ValidatorStep } from '../../../src/validator/out.ts';
import type { Dissemination } from '../../../src/validator/types.ts';
import { Validator } from '../../../src/validator/validator.ts';
import { signedMessage } from '../../../src/validator/word-message.ts';
import { GENESIS_TIME, MEDIANS } from '../ledger/market.ts';
import { anyCertification, ballotBy, contextAt, dealt, H1, itemNumber, proofOf, v } from './fixtures.ts';

/** One's own ballot of height 1 where nothing waits but a market event. */
const ONE = { type: 'own', height: H1, items: [] } as const;

/** A settlement message that its author signed; what it says of the settlement may be nonsense. */
const settledBy = (seat: number, at: Height, byte: number): Message =>
  signedMessage(contextAt(4, seat), {
    kind: 'settled',
    height: at,
    signature: new Uint8Array(96).fill(byte),
  });

/** One validator of four, driven by hand. The test is its oracle: proofs are good unless it says otherwise. */
class Bench {
  readonly validator: Validator;
  readonly context = contextAt(4, 0);
  readonly steps: ValidatorStep[] = [];

  constructor(dissemination: Dissemination = 'stem') {
    const { chain, epoch, secrets } = dealt(4);
    this.validator = new Validator({ chain, epoch, self: v(0), secrets: secrets[0]!, dissemination });
  }

  input(input: Parameters<Validator['handle']>[0]): ValidatorStep {
    const step = this.validator.handle(input);
    this.steps.push(step);
    return step;
  }

  message(from: number, message: Message): ValidatorStep {
    return this.input({ type: 'message', from: v(from), bytes: encodeMessage(message) });
  }

  /** A peer's ballot, verified at once. */
  ballot(from: number, kind: 'ballot' | 'stem' | 'fluff', ballot: Ballot, ok = true): ValidatorStep {
    const step = this.message(from, { kind, ballot });
    const verify = step.effects.find((effect) => effect.type === 'verify');
    return verify === undefined
      ? step
      : this.input({ type: 'verified', verdicts: verify.requests.map(({ ref }) => ({ ref, ok })) });
  }

  move(): void {
    const now = GENESIS_TIME + 9n;
    this.input({ type: 'observe', prices: [MEDIANS[0] + 1n, MEDIANS[1]], observedS: now, clockS: now });
  }

  get proving(): number {
    return this.steps.flatMap(({ effects }) => effects.filter(({ type }) => type === 'prove')).length;
  }
}

const messages = ({ sends }: ValidatorStep): { to: unknown; message: Message }[] =>
  sends.map(({ to, bytes }) => ({ to, message: decodeMessage(bytes)! }));
const kinds = (step: ValidatorStep): string[] => messages(step).map(({ message }) => message.kind);

test('a validator asks for the ballot timer once a height when there is something to vote on, and again when it fired in vain', () => {
  const bench = new Bench('direct');
  const asked = (step: ValidatorStep): string[] => step.outputs.map(({ type }) => type);
  const still = { type: 'observe', prices: MEDIANS, observedS: GENESIS_TIME, clockS: GENESIS_TIME } as const;
  const now = GENESIS_TIME + 9n;
  const moved = { ...still, prices: [MEDIANS[0] + 1n, MEDIANS[1]], observedS: now, clockS: now } as const;
  expect(asked(bench.input(still))).toEqual([]);
  expect(asked(bench.input(moved))).toEqual(['votable']);
  expect(asked(bench.input(moved))).toEqual([]);
  bench.input(still);
  expect(asked(bench.input({ type: 'ballotDue' })), 'the price is back').toEqual([]);
  expect(asked(bench.input(moved))).toEqual(['votable']);
  bench.input({ type: 'ballotDue' });
  expect([bench.proving, asked(bench.input(moved))]).toEqual([1, []]);
});

describe('a ballot is cast', () => {
  test('when the timer fires and the index moved, and not by an idle validator', () => {
    const bench = new Bench();
    bench.input({ type: 'ballotDue' });
    expect(bench.proving).toBe(0);
    bench.move();
    bench.input({ type: 'ballotDue' });
    expect(bench.proving).toBe(1);
  });

  test('when the timer fires and an option has expired by one’s own clock, though no price moved', () => {
    const bench = new Bench();
    bench.input({ type: 'observe', prices: MEDIANS, observedS: GENESIS_TIME, clockS: 1_999_999n });
    bench.input({ type: 'ballotDue' });
    expect(bench.proving).toBe(0);
    bench.input({ type: 'observe', prices: MEDIANS, observedS: GENESIS_TIME, clockS: 2_000_000n });
    bench.input({ type: 'ballotDue' });
    expect(bench.proving).toBe(1);
  });

  test('when f + 1 ballots were broadcast, and not for f, nor for any number on their stems', () => {
    const bench = new Bench();
    for (const seat of [1, 2, 3]) bench.ballot(1, 'stem', ballotBy(bench.context, seat));
    bench.ballot(1, 'ballot', ballotBy(bench.context, 1));
    expect(bench.proving).toBe(0);
    bench.ballot(1, 'ballot', ballotBy(bench.context, 2));
    expect(bench.proving).toBe(1);
  });

  test('once a height, however often there is reason to, and its proof counts once', () => {
    const bench = new Bench('direct');
    bench.move();
    for (let i = 0; i < 3; i++) bench.input({ type: 'ballotDue' });
    expect(bench.proving).toBe(1);
    const first = bench.input({ type: 'proved', ref: ONE, proof: proofOf(1) });
    expect(kinds(first)).toEqual(['ballot']);
    const again = bench.input({ type: 'proved', ref: ONE, proof: proofOf(2) });
    expect(again.sends).toEqual([]);
  });

  test('for no height but the one in progress: an answer about another changes nothing', () => {
    const bench = new Bench();
    bench.move();
    bench.input({ type: 'ballotDue' });
    for (const other of [{ height: height(2) }, { height: height(0) }, { items: [itemNumber(1)] }]) {
      expect(bench.input({ type: 'proved', ref: { ...ONE, ...other }, proof: proofOf(1) }).sends).toEqual([]);
    }
  });
});

describe('Dandelion', () => {
  const stem = (): Bench => {
    const bench = new Bench();
    bench.move();
    bench.input({ type: 'ballotDue' });
    return bench;
  };

  test('an author sends its ballot along paths, then to f + 1 validators, until it is out', () => {
    const bench = stem();
    const tries = [bench.input({ type: 'proved', ref: ONE, proof: proofOf(1) })];
    for (let i = 0; i < 4; i++) tries.push(bench.input({ type: 'resend' }));
    expect(tries.map(kinds)).toEqual([['stem'], ['stem'], ['stem'], ['fluff', 'fluff'], ['fluff', 'fluff']]);
    const own = messages(tries[0]!)[0]!.message as Extract<Message, { kind: 'stem' }>;
    bench.ballot(1, 'ballot', own.ballot);
    expect(kinds(bench.input({ type: 'resend' })), 'one broadcaster may be a liar').toHaveLength(2);
    bench.ballot(2, 'ballot', own.ballot);
    expect(bench.input({ type: 'resend' }).sends).toEqual([]);
  });

  test('one’s own ballot is not counted before it came back', () => {
    const bench = stem();
    bench.input({ type: 'proved', ref: ONE, proof: proofOf(1) });
    const sent = messages(bench.steps.at(-1)!)[0]!.message as Extract<Message, { kind: 'stem' }>;
    const seats = [1, 2].map((seat) => bench.ballot(1, 'ballot', ballotBy(bench.context, seat)));
    expect(seats.flatMap(kinds)).not.toContain('acs');
    expect(kinds(bench.ballot(3, 'ballot', sent.ballot))).toContain('acs');
  });

  test('a relay passes a ballot on a bounded number of times, broadcasts it once, and then no more', () => {
    const bench = new Bench();
    const sent = Array.from({ length: 60 }, () =>
      bench.ballot(1, 'stem', ballotBy(bench.context, 2)),
    ).flatMap(messages);
    expect(sent.filter(({ to }) => to === 'all')).toHaveLength(1);
    expect(sent.length).toBeLessThanOrEqual(17);
    expect(bench.ballot(2, 'fluff', ballotBy(bench.context, 2)).sends).toEqual([]);
  });

  test('who is asked to fluff broadcasts at once; nobody relays what is not proved', () => {
    const bench = new Bench();
    expect(kinds(bench.ballot(1, 'fluff', ballotBy(bench.context, 2)))).toEqual(['ballot']);
    expect(bench.ballot(1, 'fluff', ballotBy(bench.context, 3), false).sends).toEqual([]);
  });

  test('at most two ballots of one nullifier are passed on', () => {
    const bench = new Bench();
    const sent = [1, 2, 3, 4].map((i) =>
      bench.ballot((i % 3) + 1, 'fluff', ballotBy(bench.context, 2, [itemNumber(i)], i)),
    );
    expect(sent.flatMap(kinds)).toEqual(['ballot', 'ballot']);
    const caught = bench.steps
      .flatMap(({ faults }) => faults)
      .filter(({ fault }) => fault === 'BALLOT_EQUIVOCATION');
    expect(caught).toMatchObject([
      { by: 2, evidence: { identitySecret: dealt(4).secrets[2]!.identitySecret } },
    ]);
  });
});

/** What is said only after others have agreed, or of what is certified. */
const SECRET_OR_SETTLED = ['finish', 'coin', 'settled', 'cert', 'pullBlock', 'block', 'at'];

describe('hostile peers', () => {
  const { chain, epoch } = dealt(4);
  const anyIds = fc.array(fc.nat(2 ** 30).map(itemNumber), { maxLength: 5 });
  const anyHeight = fc.constantFrom(0, 1, 2, 3, 4, 2 ** 32 - 1).map(height);
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const hostile: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ kind: fc.constant('item' as const), bytes: fc.uint8Array({ maxLength: 800 }) }),
    fc.record({
      kind: fc.constantFrom('ballot' as const, 'stem' as const, 'fluff' as const),
      ballot: fc.record({
        height: anyHeight,
        items: anyIds.map((list) => [...new Set(list)].sort() as ItemId[]),
        nullifier: fc.bigInt({ min: 0n, max: 5n }),
        y: fc.bigInt({ min: 0n, max: 5n }),
        proof: fc.nat(3).map(proofOf),
      }),
    }),
    fc.record({
      kind: fc.constant('pullBallots' as const),
      height: anyHeight,
      ids: anyIds,
    }) as unknown as fc.Arbitrary<Message>,
    fc.record({ kind: fc.constant('pullItems' as const), ids: anyIds }),
    fc.record({
      kind: fc.constant('announce' as const),
      isWhole: fc.boolean(),
      held: anyIds.map((list) =>
        [...new Set(list)]
          .sort()
          .map((id, i) => ({ key: itemKey(`${i}0`.repeat(16)), fee: BigInt(id.length), id })),
      ),
      withdrawn: fc.constant([]),
    }),
    fc.record({
      kind: fc.constant('acs' as const),
      height: anyHeight,
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    fc.record({
      kind: fc.constant('coin' as const),
      height: anyHeight,
      instance: fc.nat(99),
      round: fc.oneof(fc.nat(70), fc.constant(2 ** 32 - 1)),
      share: bytes(128),
    }),
    fc.record({
      kind: fc.constant('finish' as const),
      height: anyHeight,
      signature: bytes(96),
      beacon: bytes(128),
      shares: fc.array(bytes(64), { maxLength: 3 }),
      dleq: bytes(64),
      word: bytes(64),
    }),
    fc.record({
      kind: fc.constant('settled' as const),
      height: anyHeight,
      signature: bytes(96),
      word: bytes(64),
    }),
    fc.record({ kind: fc.constant('cert' as const), certification: anyCertification }),
    fc.record({ kind: fc.constantFrom('pullBlock' as const, 'at' as const), height: anyHeight }),
    fc.record({
      kind: fc.constant('block' as const),
      height: anyHeight,
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
  );

  test('random frames and well-formed lies never make a validator throw, settle or send a share', () => {
    const input = fc.record({
      from: fc.integer({ min: 1, max: 3 }),
      bytes: fc.oneof(hostile.map(encodeMessage), fc.uint8Array({ maxLength: 600 })),
      ok: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        const bench = new Bench('direct');
        for (const { from, bytes: frame, ok } of inputs) {
          const { effects } = bench.input({ type: 'message', from: v(from), bytes: frame });
          for (const effect of effects) {
            if (effect.type === 'verify')
              bench.input({ type: 'verified', verdicts: effect.requests.map(({ ref }) => ({ ref, ok })) });
            else if (effect.type === 'prove')
              bench.input({ type: 'proved', ref: effect.ref, proof: proofOf(9) });
          }
          bench.input({ type: 'announceDue' });
          bench.input({ type: 'ballotDue' });
          bench.input({ type: 'block', bytes: frame });
          bench.input({ type: 'connected', peer: v(from) });
          bench.input({ type: 'stored', ref: { type: 'block', to: v(from), height: H1 }, bytes: frame });
          bench.input({ type: 'resend' });
        }
        expect(bench.validator.height).toBe(1);
        const sent = bench.steps.flatMap(kinds);
        expect(sent.filter((kind) => SECRET_OR_SETTLED.includes(kind))).toEqual([]);
        expect(bench.steps.flatMap(({ faults }) => faults).filter(({ by }) => by === 0)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a stem ballot is not to be had by its id before it is broadcast', () => {
    const bench = new Bench();
    const ballot = ballotBy(bench.context, 2);
    const pull = {
      kind: 'pullBallots',
      height: H1,
      ids: [ballotIdOf(ballot, ballotScope(bench.context.domain, H1))],
    } as const;
    bench.ballot(1, 'stem', ballot);
    expect(bench.message(3, pull).sends).toEqual([]);
    bench.ballot(1, 'ballot', ballot);
    expect(messages(bench.message(3, pull))).toEqual([{ to: 3, message: { kind: 'ballot', ballot } }]);
  });

  test('messages beyond the window are a fault, those within it wait', () => {
    const bench = new Bench();
    const settled = (at: number): string[] =>
      bench.message(1, settledBy(1, height(at), 0)).faults.map(({ fault }) => fault);
    expect([settled(2), settled(3), settled(4)]).toEqual([[], [], ['MESSAGE_TOO_EARLY']]);
  });

  test('a second, different settlement signature is a fault', () => {
    const bench = new Bench();
    const faults = [1, 1, 2].map((byte) =>
      bench.message(3, settledBy(3, H1, byte)).faults.map(({ fault }) => fault),
    );
    expect(faults).toEqual([[], [], ['SETTLED_EQUIVOCATION']]);
  });

  test('a finish or settlement message that its sender did not sign is a fault, and nothing of that kind is heard from it any more', () => {
    const bench = new Bench();
    const faultsOf = (message: Message): string[] =>
      bench.message(2, message).faults.map(({ fault }) => fault);
    const good = settledBy(2, H1, 1);
    expect(faultsOf({ ...good, word: new Uint8Array(64) } as Message)).toEqual(['MESSAGE_UNSIGNED']);
    expect(faultsOf({ ...settledBy(3, H1, 1) })).toEqual([]);
    expect([faultsOf(good), faultsOf(settledBy(2, H1, 2))]).toEqual([[], []]);
  });

  test('its own feed is not a peer: a report of the wrong shape is our bug and throws', () => {
    const bench = new Bench();
    const wrong = [[], [1n], [1n, 0n], [1n, 2n ** 64n], [-1n, 1n]].map((prices) => ({
      prices,
      observedS: 1n,
      clockS: 1n,
    }));
    const early = { prices: MEDIANS, observedS: 2n, clockS: 1n };
    for (const report of [...wrong, early, { ...early, observedS: -1n }]) {
      expect(() => bench.input({ type: 'observe', ...report })).toThrow(
        expect.objectContaining({ code: 'VALIDATOR_INPUT' }),
      );
    }
    expect(
      () =>
        new Validator({
          chain: { ...chain, medians: [] },
          epoch,
          self: v(0),
          secrets: dealt(4).secrets[0]!,
          dissemination: 'stem',
        }),
    ).toThrow(expect.objectContaining({ code: 'LEDGER_INPUT' }));
  });
});
