import { describe, expect, test } from 'vitest';
import { TradingWorld } from '../../../src/committee/traders.ts';
import { aggregate, blsSign, type Certificate } from '../../../src/crypto/certificate.ts';
import { headerHash, settlementHash } from '../../../src/ledger/block.ts';
import { type Certification, encodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { height } from '../../../src/params/ids.ts';
import { contradicts } from '../../../src/validator/check-block.ts';
import { decodeMessage, encodeMessage } from '../../../src/validator/messages.ts';
import { kernels } from '../../helpers/kernels.ts';
import { GENESIS_TIME } from '../ledger/market.ts';
import {
  Bench,
  certification,
  certified,
  faults,
  fewer,
  flip,
  PRICES,
  pulls,
  said,
  TOP,
} from './catch-up-bench.ts';
import { v } from './fixtures.ts';

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

  test('sends its newest CERT first, then all it holds, to a peer that is connected, and once to one that says it is behind', () => {
    const bench = caughtUp();
    const all = { kind: 'announce', isWhole: true, held: [], withdrawn: [] } as const;
    const newest = { kind: 'cert', certification: certification(TOP) } as const;
    const at = (from: number, h: number) => said(bench.hear(from, { kind: 'at', height: height(h) }));
    expect(said(bench.input({ type: 'connected', peer: v(1) }))).toEqual(
      [newest, all].map((message) => ({ to: 1, message })),
    );
    expect(at(1, 2)).toEqual([]);
    expect(at(2, 2)).toEqual([newest, all].map((message) => ({ to: 2, message })));
    expect(at(2, 2)).toEqual([]);
    expect(at(0, TOP + 1), 'who has caught up may have missed announcements').toEqual([
      { to: 0, message: all },
    ]);
    expect(said(bench.input({ type: 'connected', peer: v(2) }))).toHaveLength(2);
    expect(new Bench().input({ type: 'connected', peer: v(2) }).sends).toEqual([]);
  });
});

describe('a height begins', () => {
  /** Validators whose settlement signatures and certificates do not arrive. */
  function uncertified(): TradingWorld {
    const twist = (bytes: Uint8Array) =>
      ['settled', 'cert'].includes(decodeMessage(bytes)!.kind) ? [] : [bytes];
    const twists = new Map([0, 1, 2, 3].map((i) => [i, twist]));
    const stuck = new TradingWorld({ kernels, n: 4, seed: 9, more: { twists } });
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
