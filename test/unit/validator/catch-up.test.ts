import { beforeAll, describe, expect, test } from 'vitest';
import { perp, TradingWorld } from '../../../src/committee/traders.ts';
import { aggregate, blsSign, type Certificate } from '../../../src/crypto/certificate.ts';
import { type Block, type Header, headerHash, settlementHash } from '../../../src/ledger/block.ts';
import {
  type Certification,
  type CertifiedBlock,
  encodeCertifiedBlock,
} from '../../../src/ledger/certified-block.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { height } from '../../../src/params/ids.ts';
import { contradicts } from '../../../src/validator/check-block.ts';
import type { BlockProblem } from '../../../src/validator/faults.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/validator/messages.ts';
import type { ValidatorStep } from '../../../src/validator/out.ts';
import type { Input } from '../../../src/validator/types.ts';
import { Validator } from '../../../src/validator/validator.ts';
import { GENESIS_TIME, MEDIANS } from '../ledger/market.ts';
import { v } from './fixtures.ts';

/** Height of the chain that four validators made. */
const TOP = 4;
const SELF = 3;
const PRICES = (at: number): bigint[] => [MEDIANS[0] + BigInt(at), MEDIANS[1]];

let world: TradingWorld;

beforeAll(() => {
  world = new TradingWorld({ n: 4, seed: 7, faulty: new Map([[SELF, { misdeeds: ['silence'] }]]) });
  for (let at = 1; at <= TOP; at++) {
    world.submitAll(
      world.batch(0, [perp('buy', 2n)], world.terms(at)),
      world.batch(1, [perp('sell', 2n)], world.terms(at)),
    );
    world.runHeight(at, PRICES(at));
  }
});

const certified = (at: number): CertifiedBlock => world.committee.view(0, at).certified!;

function certification(at: number): Certification {
  const { block, settlementCertificate } = certified(at);
  const { stateRoot, receiptsRoot } = world.committee.view(0, at).settled!.settlement;
  return {
    header: block.header,
    stateRoot,
    receiptsRoot,
    certificate: block.certificate,
    settlementCertificate,
  };
}

const blockMessage = (at: number, block = certified(at)): Message => ({
  kind: 'block',
  height: height(at),
  bytes: encodeCertifiedBlock(block),
});

/** The validator that heard nothing, driven by hand. */
class Bench {
  readonly validator: Validator;
  readonly steps: ValidatorStep[] = [];

  constructor() {
    const { chain, epoch, secrets } = world.committee;
    this.validator = new Validator({
      chain,
      epoch,
      self: v(SELF),
      secrets: secrets[SELF]!,
      dissemination: 'direct',
    });
  }

  input(input: Input): ValidatorStep {
    const step = this.validator.handle(input);
    this.steps.push(step);
    return step;
  }

  hear(from: number, message: Message): ValidatorStep {
    return this.input({ type: 'message', from: v(from), bytes: encodeMessage(message) });
  }

  cert(at: number, from = 0): ValidatorStep {
    return this.hear(from, { kind: 'cert', certification: certification(at) });
  }

  get said(): Said[] {
    return this.steps.flatMap(said);
  }
}

interface Said {
  readonly to: unknown;
  readonly message: Message;
}

const said = ({ sends }: ValidatorStep): Said[] =>
  sends.map(({ to, bytes }) => ({ to, message: decodeMessage(bytes)! }));
/** Whom a step asks for which block. */
const pulls = (step: ValidatorStep): [unknown, number][] =>
  said(step).flatMap(({ to, message }) => (message.kind === 'pullBlock' ? [[to, message.height]] : []));
const kinds = (step: ValidatorStep): string[] => said(step).map(({ message }) => message.kind);
const faults = (step: ValidatorStep): unknown[] => step.faults.map(({ by, fault }) => [by, fault]);

describe('who hears that later heights are certified', () => {
  test('says so, takes one block after the other from one signer, and is back at the height after', () => {
    const bench = new Bench();
    const behind = bench.cert(TOP);
    expect(behind.outputs).toEqual([{ type: 'behind', height: 1, certified: TOP }]);
    let asked = pulls(behind);
    const signer = asked[0]![0] as number;
    expect([0, 1, 2]).toContain(signer);
    for (let at = 1; at <= TOP; at++) {
      expect(asked).toEqual([[signer, at]]);
      asked = pulls(bench.hear(signer, blockMessage(at)));
    }
    expect(asked).toEqual([]);
    expect(bench.validator.height).toBe(TOP + 1);
    const results = bench.steps.flatMap(({ outputs }) => outputs);
    expect(results.filter(({ type }) => type === 'ordered')).toEqual([]);
    for (const type of ['settled', 'certified'] as const) {
      const own = results.flatMap((output) => (output.type === type ? [output.result] : []));
      expect(own).toEqual([1, 2, 3, 4].map((at) => world.committee.view(0, at)[type]));
    }
  });

  test('signs nothing of what it took; says where it is, and passes on only certificates that may be missing', () => {
    const bench = new Bench();
    bench.cert(TOP);
    for (let at = 1; at <= TOP; at++)
      bench.hear(pulls(bench.steps.at(-1)!)[0]![0] as number, blockMessage(at));
    const toAll = bench.said.filter(({ to }) => to === 'all').map(({ message }) => message);
    expect(toAll.map(({ kind }) => kind)).toEqual(['cert', 'cert', 'at']);
    const told = toAll.flatMap((message) => (message.kind === 'cert' ? [message.certification] : []));
    expect(told.map(({ header }) => header.height)).toEqual([TOP - 1, TOP]);
    expect(told.at(-1)).toEqual(certification(TOP));
    expect(toAll.at(-1)).toEqual({ kind: 'at', height: TOP + 1 });
  });

  test('waits for the timer when only its own height is certified: what it lacks may be on its way', () => {
    const bench = new Bench();
    expect([kinds(bench.cert(1)), bench.steps[0]!.outputs]).toEqual([[], []]);
    expect(pulls(bench.input({ type: 'resend' }))).toHaveLength(1);
  });

  test('asks another signer each time the timer fires, never itself', () => {
    const bench = new Bench();
    bench.cert(TOP);
    const { signers } = certified(TOP).settlementCertificate;
    for (let i = 0; i < 5; i++) bench.input({ type: 'resend' });
    const asked = bench.steps.map((step) => pulls(step)[0]![0] as number);
    expect(new Set(asked).size).toBe(signers.filter((is) => is).length);
    expect(asked.every((i) => signers[i] && i !== SELF)).toBe(true);
    asked.forEach((peer, i) => {
      if (i > 0) expect(peer).not.toBe(asked[i - 1]);
    });
  });

  test('takes no block that it did not ask for, and none of another height', () => {
    const bench = new Bench();
    const [[asked]] = pulls(bench.cert(TOP)) as [[number, number]];
    const other = [0, 1, 2].find((i) => i !== asked)!;
    expect(bench.hear(other, blockMessage(1)).outputs).toEqual([]);
    const wrong = bench.hear(asked, blockMessage(2));
    expect([wrong.outputs, wrong.faults, wrong.sends]).toEqual([[], [], []]);
    expect(bench.validator.height).toBe(1);
  });

  test('takes blocks from anybody’s store, in their order', () => {
    const bench = new Bench();
    const store = (at: number): Input => ({ type: 'block', bytes: encodeCertifiedBlock(certified(at)) });
    expect(bench.input(store(2)).outputs).toEqual([{ type: 'blockRefused', problem: 'REPLAY_HEADER' }]);
    for (let at = 1; at <= TOP; at++)
      expect(bench.input(store(at)).outputs.map(({ type }) => type)).toEqual(['settled', 'certified']);
    expect(bench.input({ type: 'block', bytes: Uint8Array.of(1) }).outputs).toEqual([
      { type: 'blockRefused', problem: 'BLOCK_MALFORMED' },
    ]);
    expect(bench.validator.height).toBe(TOP + 1);
  });
});

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
const withHeader =
  (change: (header: Header) => Partial<Header>) =>
  ({ block, ...rest }: CertifiedBlock): CertifiedBlock => ({
    ...rest,
    block: { ...block, header: { ...block.header, ...change(block.header) } },
  });
const withBlock =
  (change: (block: Block) => Partial<Block>) =>
  ({ block, ...rest }: CertifiedBlock): CertifiedBlock => ({
    ...rest,
    block: { ...block, ...change(block) },
  });
const fewer = ({ signers, signature }: Certificate): Certificate => ({
  signers: signers.map((is, i) => is && i !== signers.indexOf(true)),
  signature,
});

describe('a block that a peer answers with', () => {
  const SECOND: readonly (readonly [string, BlockProblem, (block: CertifiedBlock) => CertifiedBlock])[] = [
    ['another chain', 'REPLAY_HEADER', withHeader((h) => ({ chainHash: flip(h.chainHash) }))],
    ['another epoch', 'REPLAY_HEADER', withHeader((h) => ({ epochHash: flip(h.epochHash) }))],
    ['another height', 'REPLAY_HEADER', withHeader(() => ({ height: height(3) }))],
    ['another parent', 'REPLAY_HEADER', withHeader((h) => ({ parent: flip(h.parent) }))],
    [
      'other accepted items',
      'REPLAY_CERTIFICATE',
      withHeader((h) => ({ acceptedRoot: flip(h.acceptedRoot) })),
    ],
    ['other evidence', 'REPLAY_CERTIFICATE', withHeader((h) => ({ evidenceRoot: flip(h.evidenceRoot) }))],
    ['another state before', 'REPLAY_CERTIFICATE', withHeader((h) => ({ stateRoot: flip(h.stateRoot) }))],
    [
      'other receipts before',
      'REPLAY_CERTIFICATE',
      withHeader((h) => ({ receiptsRoot: flip(h.receiptsRoot) })),
    ],
    [
      'another ordering before',
      'REPLAY_CERTIFICATE',
      withHeader((h) => ({ orderingRoot: flip(h.orderingRoot) })),
    ],
    ['other medians', 'REPLAY_CERTIFICATE', withHeader((h) => ({ medians: h.medians.map((m) => m + 1n) }))],
    [
      'another time of prices',
      'REPLAY_CERTIFICATE',
      withHeader((h) => ({ oracleTimeS: h.oracleTimeS + 1n })),
    ],
    ['another time', 'REPLAY_CERTIFICATE', withHeader((h) => ({ timeS: h.timeS + 1n }))],
    ['an item less', 'REPLAY_ITEMS', withBlock((b) => ({ items: b.items.slice(1), keys: b.keys.slice(1) }))],
    ['items in another order', 'REPLAY_ITEMS', withBlock((b) => ({ items: [...b.items].reverse() }))],
    ['keys in another order', 'REPLAY_ITEMS', withBlock((b) => ({ keys: [...b.keys].reverse() }))],
    [
      'an item refused',
      'REPLAY_SETTLEMENT',
      withBlock(() => ({
        refused: [{ id: world.committee.ordered(1).accepted[0]!.id, code: 'ITEM_WINDOW' }],
      })),
    ],
    ['evidence that is none', 'REPLAY_EVIDENCE', withBlock(() => ({ evidence: [new Uint8Array(5)] }))],
    ['evidence', 'REPLAY_EVIDENCE', withBlock(() => ({ evidence: [new Uint8Array(128)] }))],
    ['another beacon', 'REPLAY_SETTLEMENT', withBlock((b) => ({ beacon: flip(b.beacon) }))],
    ['a signer less', 'REPLAY_CERTIFICATE', withBlock((b) => ({ certificate: fewer(b.certificate) }))],
    [
      'a signer of the settlement less',
      'REPLAY_SETTLEMENT',
      ({ block, settlementCertificate }) => ({ block, settlementCertificate: fewer(settlementCertificate) }),
    ],
    [
      'the settlement certificate of another height',
      'REPLAY_SETTLEMENT',
      ({ block }) => ({ block, settlementCertificate: certified(3).settlementCertificate }),
    ],
  ];

  test.each(SECOND)('with %s is its fault (%s), and the next signer is asked', (_, problem, tamper) => {
    const bench = new Bench();
    bench.cert(TOP);
    const [[first]] = pulls(bench.steps[0]!) as [[number, number]];
    bench.hear(first, blockMessage(1));
    const step = bench.hear(first, blockMessage(2, tamper(certified(2))));
    expect(step.faults).toEqual([{ by: first, fault: 'BLOCK_INVALID', evidence: { height: 2, problem } }]);
    const [[second]] = pulls(step) as [[number, number]];
    expect(second).not.toBe(first);
    expect(bench.hear(second, blockMessage(2)).outputs.map(({ type }) => type)).toEqual([
      'settled',
      'certified',
    ]);
  });

  test('bad at every signer is not asked for again before the timer fires', () => {
    const bench = new Bench();
    let asked = pulls(bench.cert(TOP));
    let answers = 0;
    for (; asked.length > 0; answers++) {
      const bytes = Uint8Array.of(answers);
      asked = pulls(bench.hear(asked[0]![0] as number, { kind: 'block', height: height(1), bytes }));
    }
    expect(answers).toBe(3);
    expect(bench.steps.flatMap(faults)).toHaveLength(3);
    expect(pulls(bench.input({ type: 'resend' }))).toHaveLength(1);
  });
});

describe('a false CERT', () => {
  const tampers: readonly (readonly [string, (c: Certification) => Certification])[] = [
    ['of other roots', (c) => ({ ...c, stateRoot: flip(c.stateRoot) })],
    ['of another header', (c) => ({ ...c, header: { ...c.header, timeS: 1n } })],
    ['of a height that is none', (c) => ({ ...c, header: { ...c.header, height: height(99) } })],
    ['with too few signers', (c) => ({ ...c, certificate: fewer(c.certificate) })],
    ['made of two heights', (c) => ({ ...c, settlementCertificate: certification(3).settlementCertificate })],
  ];

  test.each(tampers)('%s is its sender’s fault and changes nothing', (_, tamper) => {
    const bench = new Bench();
    const step = bench.hear(2, { kind: 'cert', certification: tamper(certification(TOP)) });
    expect(faults(step)).toEqual([[2, 'CERT_INVALID']]);
    expect([step.sends, step.outputs, step.effects]).toEqual([[], [], []]);
    expect(bench.input({ type: 'resend' }).sends).toEqual([]);
    expect(pulls(bench.cert(TOP, 1))).toHaveLength(1);
  });

  test('costs a verification once for each peer and height certified here', () => {
    const bench = new Bench();
    const lie = { ...certification(TOP), stateRoot: new Uint8Array(32) };
    const heard = [2, 2, 1, 2].map((from) => faults(bench.hear(from, { kind: 'cert', certification: lie })));
    expect(heard).toEqual([[[2, 'CERT_INVALID']], [], [[1, 'CERT_INVALID']], []]);
    bench.input({ type: 'block', bytes: encodeCertifiedBlock(certified(1)) });
    expect(faults(bench.hear(2, { kind: 'cert', certification: lie }))).toEqual([[2, 'CERT_INVALID']]);
  });
});

describe('who is asked', () => {
  const caughtUp = (): Bench => {
    const bench = new Bench();
    for (let at = 1; at <= TOP; at++)
      bench.input({ type: 'block', bytes: encodeCertifiedBlock(certified(at)) });
    return bench;
  };

  test('serves blocks of certified heights from its store, to each peer one at a time', () => {
    const bench = caughtUp();
    const pull = (from: number, at: number) =>
      bench.hear(from, { kind: 'pullBlock', height: height(at) }).effects;
    const ref = { type: 'block', to: v(1), height: height(2) } as const;
    expect(pull(1, 2)).toEqual([{ type: 'serveBlock', ref }]);
    expect([pull(1, 2), pull(1, 3)]).toEqual([[], []]);
    expect(pull(2, 3)).toHaveLength(1);
    const bytes = encodeCertifiedBlock(certified(2));
    const step = bench.input({ type: 'stored', ref, bytes });
    expect(said(step)).toEqual([{ to: 1, message: { kind: 'block', height: 2, bytes } }]);
    expect(bench.input({ type: 'stored', ref, bytes }).sends, 'an answer that is not open').toEqual([]);
    expect(pull(1, 3)).toHaveLength(1);
    const missing = { ...ref, height: height(3) };
    expect(bench.input({ type: 'stored', ref: missing, bytes: undefined }).sends).toEqual([]);
    expect(pull(1, 3)).toHaveLength(1);
    expect([pull(0, TOP + 1), pull(0, 0)], 'nothing that is not certified here').toEqual([[], []]);
  });

  test('sends its newest CERT first to a peer that is connected, and once to one that says it is behind', () => {
    const bench = caughtUp();
    const newest = { kind: 'cert', certification: certification(TOP) } as const;
    const at = (from: number, h: number) => said(bench.hear(from, { kind: 'at', height: height(h) }));
    expect(said(bench.input({ type: 'connected', peer: v(1) }))).toEqual([{ to: 1, message: newest }]);
    expect(at(1, 2)).toEqual([]);
    expect(at(2, 2)).toEqual([{ to: 2, message: newest }]);
    expect([at(2, 2), at(0, TOP + 1)]).toEqual([[], []]);
    expect(said(bench.input({ type: 'connected', peer: v(2) }))).toHaveLength(1);
    expect(new Bench().input({ type: 'connected', peer: v(2) }).sends).toEqual([]);
  });
});

describe('a height begins', () => {
  /** Validators whose settlement signatures and certificates do not arrive. */
  function uncertified(): TradingWorld {
    const twist = (bytes: Uint8Array) =>
      ['settled', 'cert'].includes(decodeMessage(bytes)!.kind) ? [] : [bytes];
    const twists = new Map([0, 1, 2, 3].map((i) => [i, twist]));
    const stuck = new TradingWorld({ n: 4, seed: 9, more: { twists } });
    for (let at = 1; at <= 4; at++) {
      const timeS = GENESIS_TIME + BigInt(at);
      stuck.committee.toAll({ type: 'observe', prices: PRICES(at), observedS: timeS, clockS: timeS });
      stuck.committee.toAll({ type: 'ballotDue' });
      stuck.committee.drain();
    }
    return stuck;
  }

  test('when the one before is settled and the one before that certified, and not earlier', () => {
    const { committee } = uncertified();
    for (const i of committee.correct) {
      expect([1, 2, 3].map((at) => committee.view(i, at).settled !== undefined)).toEqual([true, true, false]);
      expect(committee.view(i, 1).certified).toBeUndefined();
      expect(committee.machines[i]!.height).toBe(2);
    }
  });

  test('and until then, when the timer fires, the first height that lacks certificates is asked about', () => {
    const { committee } = uncertified();
    const asked = said(committee.machines[0]!.handle({ type: 'resend' }));
    expect(asked).toContainEqual({ to: 'all', message: { kind: 'at', height: 1 } });
    expect(new Bench().input({ type: 'resend' }).sends, 'an idle validator is silent').toEqual([]);
  });

  test('and who contradicts the certificate of a quorum says so and falls silent', () => {
    const { committee } = uncertified();
    const domain = epochDomain(committee.chain, committee.epoch);
    const header = { ...certification(1).header, ...domain };
    const roots = { stateRoot: new Uint8Array(32), receiptsRoot: new Uint8Array(32) };
    const signed = (message: Uint8Array): Certificate => {
      const shares = [1, 2, 3].map((i) => [v(i), blsSign(committee.secrets[i]!.blsSecret, message)] as const);
      return aggregate(new Map(shares), 4)!;
    };
    const forged = {
      header,
      ...roots,
      certificate: signed(headerHash(header)),
      settlementCertificate: signed(settlementHash({ ...domain, height: height(1), ...roots })),
    };
    const machine = committee.machines[0]!;
    const bytes = encodeMessage({ kind: 'cert', certification: forged });
    const step = machine.handle({ type: 'message', from: v(1), bytes });
    const { stateRoot, receiptsRoot } = committee.view(0, 1).settled!.settlement;
    expect(step.outputs).toMatchObject([
      {
        type: 'diverged',
        height: 1,
        own: { roots: { stateRoot, receiptsRoot } },
        certified: { headerHash: headerHash(header), roots },
      },
    ]);
    expect([step.sends, step.faults]).toEqual([[], []]);
    for (const input of [{ type: 'resend' }, { type: 'connected', peer: v(2) }] as const)
      expect(machine.handle(input).sends).toEqual([]);
  });
});

test.each<[string, Partial<Certification>, boolean]>([
  ['the same result', {}, false],
  ['another state', { stateRoot: new Uint8Array(32) }, true],
  ['other receipts', { receiptsRoot: new Uint8Array(32) }, true],
])('a certification of %s contradicts one’s own: %s', (_, change, isContrary) => {
  const own = certification(1);
  const { stateRoot, receiptsRoot } = own;
  const outcome = { headerHash: headerHash(own.header), roots: { stateRoot, receiptsRoot } };
  expect(contradicts(outcome, { ...own, ...change })).toBe(isContrary);
  expect(contradicts({ ...outcome, roots: undefined }, { ...own, ...change })).toBe(false);
  expect(contradicts({ ...outcome, headerHash: new Uint8Array(32) }, own)).toBe(true);
});
