import { expect, test } from 'vitest';
import { dealGenesis } from '../../src/cli/epoch/dealer.ts';
import { encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import type { Height, ValidatorIndex } from '../../src/params/ids.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';
import type { PeerFault } from '../../src/validator/faults.ts';
import { decodeMessage, type Message } from '../../src/validator/messages.ts';
import type { Input } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../unit/ledger/market.ts';

interface Frame {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly bytes: Uint8Array;
}

type Links = (message: Message, from: number, to: number) => 'open' | 'slow' | 'lost';

/** Real validators whose links a test opens and shuts by hand: schedules of certify-model.ts, frame by frame. */
class ByHand {
  readonly validators: readonly Validator[];
  readonly faults: PeerFault[] = [];
  readonly certified: Height[];
  readonly #blocks: Map<Height, Uint8Array>[];
  #waiting: Frame[] = [];
  #moves = 0n;

  constructor(n: number) {
    const market = { params: PARAMS, notes: new Map(), oracle: [{ timeS: GENESIS_TIME, values: MEDIANS }] };
    const { chain, epoch, secrets } = dealGenesis(1, n, market, [101n, 102n], 10n ** 12n);
    this.validators = secrets.map(
      (own, i) =>
        new Validator({ chain, epoch, self: validatorIndex(i), secrets: own, dissemination: 'direct' }),
    );
    this.#blocks = secrets.map(() => new Map());
    this.certified = secrets.map(() => 0 as Height);
  }

  /** Something happens in the market, and these validators vote on it. */
  vote(voters: readonly number[]): void {
    this.#moves += 1n;
    const now = GENESIS_TIME + this.#moves;
    const prices = [MEDIANS[0] + this.#moves, MEDIANS[1]];
    for (const i of voters) {
      this.input(i, { type: 'observe', prices, observedS: now, clockS: now });
      this.input(i, { type: 'ballotDue' });
    }
  }

  input(i: number, input: Input): void {
    const { sends, effects, outputs, faults } = this.validators[i]!.handle(input);
    const from = validatorIndex(i);
    for (const { to, bytes } of sends) {
      const receivers = to === 'all' ? this.validators.map((_, k) => validatorIndex(k)) : [to];
      this.#waiting.push(...receivers.map((receiver) => ({ from, to: receiver, bytes })));
    }
    this.faults.push(...faults);
    for (const output of outputs) {
      if (output.type !== 'certified') continue;
      this.certified[i] = output.result.height;
      this.#blocks[i]!.set(output.result.height, encodeCertifiedBlock(output.result));
    }
    for (const effect of effects) {
      if (effect.type === 'verify') this.input(i, { type: 'verified', ref: effect.ref, ok: true });
      else if (effect.type === 'prove') {
        this.input(i, { type: 'proved', ref: effect.ref, proof: new Uint8Array(PROOF_BYTES).fill(i) });
      } else {
        this.input(i, { type: 'stored', ref: effect.ref, bytes: this.#blocks[i]!.get(effect.ref.height) });
      }
    }
  }

  /** Delivers until nothing is left but what slow links hold. A link keeps the order of its frames that are not slow. */
  run(links: Links): void {
    for (let at = 0; at < this.#waiting.length; ) {
      const { from, to, bytes } = this.#waiting[at]!;
      const state = links(decodeMessage(bytes)!, from, to);
      if (state === 'slow') {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      if (state === 'lost') continue;
      this.input(to, { type: 'message', from, bytes });
      at = 0;
    }
  }
}

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
