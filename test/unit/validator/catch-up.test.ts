import { describe, expect, test } from 'vitest';
import type { Block, Header } from '../../../src/ledger/block.ts';
import { type CertifiedBlock, encodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { height } from '../../../src/params/ids.ts';
import type { BlockProblem } from '../../../src/validator/faults.ts';
import type { Input } from '../../../src/validator/types.ts';
import {
  Bench,
  blockMessage,
  certification,
  certified,
  faults,
  fewer,
  flip,
  kinds,
  pulls,
  SELF,
  TOP,
  world,
} from './catch-up-bench.ts';

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
      expect(bench.input(store(at)).outputs.map(({ type }) => type)).toEqual([
        'settled',
        'certified',
        'began',
        'votable',
      ]);
    expect(bench.input({ type: 'block', bytes: Uint8Array.of(1) }).outputs).toEqual([
      { type: 'blockRefused', problem: 'BLOCK_MALFORMED' },
    ]);
    expect(bench.validator.height).toBe(TOP + 1);
  });
});

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
      'began',
      'votable',
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
