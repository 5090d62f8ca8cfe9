import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { perp, type SentBatch, TradingWorld } from '../../../src/committee/traders.ts';
import { multiply } from '../../../src/crypto/babyjub.ts';
import { packBatch, packOrder } from '../../../src/ledger/batch-words.ts';
import { kernels } from '../../helpers/kernels.ts';
import { type Leaves, ObjectGraph } from '../../helpers/object-graph.ts';
import { MEDIANS } from '../ledger/market.ts';

/** 32 bits each, so that neither turns up by chance in a few megabytes of other bytes. */
const LIMIT = 60_123_457n;
const LOTS = 2_725_372_254n;
const NOTE = 1_234_567_890_123_456_789n;
const SEED = 71;
const PRICES = [MEDIANS[0] + 1n, MEDIANS[1]];

/** What only the trader knows of a batch until it is opened. */
function secretsOf({ sealed }: SentBatch): Map<string, bigint> {
  const { content, witness } = sealed;
  const K = multiply(witness.Y8, witness.sealRandomness).toAffine();
  const [m0, m1, m2] = packBatch(content);
  const words: [string, bigint][] = [
    ['limit price', LIMIT],
    ['packed price', LIMIT - 1n],
    ['lots', LOTS],
    ['packed lots', LOTS - 1n],
    ['account', m0],
    ['deposit', content.deposit],
    ['second word', m1],
    ['third word', m2],
    ['order', packOrder(content.orders[0])],
    ['sealing randomness', witness.sealRandomness],
    ['K.x', K.x],
    ['K.y', K.y],
    ['spending key', witness.spendingKey],
    ['note value', witness.value],
    ['change', witness.value - content.deposit - witness.fee],
  ];
  return new Map(words.filter(([, value]) => value !== 0n));
}

/** Names of the secrets that are among the leaves: as a bigint, in decimal, in hex, as bytes of either order. */
function found(secrets: ReadonlyMap<string, bigint>, leaves: Leaves): string[] {
  const bigints = new Set(leaves.bigints);
  const text = [...leaves.strings, ...leaves.bytes.map(toHex)].join('|').toLowerCase();
  return [...secrets].flatMap(([name, value]) => {
    const digits = value.toString(16);
    const hex = digits.padStart(digits.length + (digits.length % 2), '0');
    const reversed = hex.match(/../g)!.reverse().join('');
    const hit = bigints.has(value) || [value.toString(), hex, reversed].some((form) => text.includes(form));
    return hit ? [name] : [];
  });
}

function start(
  limit: bigint,
  lots: bigint,
  orderSeed: number,
  note = NOTE,
): { world: TradingWorld; batches: SentBatch[] } {
  const world = new TradingWorld({ kernels, n: 4, seed: SEED, dissemination: 'stem' }, note, orderSeed);
  const batches = [
    world.batch(0, [perp('buy', lots, limit)], world.terms(1)),
    world.batch(1, [perp('sell', lots, limit)], world.terms(1)),
  ];
  for (const { bytes } of batches) world.submit(bytes, world.committee.correct);
  world.committee.drain();
  return { world, batches };
}

/** Whether some validator has its ACS output. */
const hasOutput = ({ committee }: TradingWorld): boolean => committee.views.some((views) => views.size > 0);

/** Whether some validator has certified the height; others have not yet. */
const hasCertified = ({ committee }: TradingWorld): boolean =>
  committee.views.some((views) => [...views.values()].some(({ certified }) => certified !== undefined));

/**
 * Deliveries until the first validator has its ACS output. Other orders, paid with other notes and so in other accounts, or
 * the same schedule would leave the ones that are searched for in buffers that the encoder shares.
 */
function deliveriesBeforeOutput(): number {
  const { world } = start(LIMIT + 9_999n, LOTS + 999_999n, 1, NOTE + 999_999n);
  let deliveries = 0;
  let before = 0;
  world.committee.onDelivery = () => {
    deliveries += 1;
    if (!hasOutput(world)) before = deliveries;
  };
  world.runHeight(1, PRICES);
  return before;
}

function everything(graph: ObjectGraph, world: TradingWorld): Leaves {
  const { machines, members, frames, faults, refused, views } = world.committee;
  return graph.walk([machines, members.stores, frames, faults, refused, views]);
}

/** Walks every validator, private fields and captured variables included, with all that was logged and sent. */
describe('a plaintext order', () => {
  test('is in no validator, log or message before the ACS output, and is found after settlement', () => {
    const before = deliveriesBeforeOutput();
    const { world, batches } = start(LIMIT, LOTS, 2);
    const secrets = batches.map(secretsOf);
    const graph = new ObjectGraph();
    let deliveries = 0;
    let early: Leaves | undefined;
    let late: Leaves | undefined;
    world.committee.onDelivery = () => {
      deliveries += 1;
      if (deliveries === before) {
        expect(hasOutput(world)).toBe(false);
        early = everything(graph, world);
      }
      if (deliveries === before + 1) expect(hasOutput(world)).toBe(true);
      // Nothing of this is kept once everybody has certified, so it is looked for before.
      if (late === undefined && hasCertified(world)) late = everything(graph, world);
    };
    world.runHeight(1, PRICES);
    graph.close();

    // The walk reaches what is deep inside: shares, public parts of the batches, and the statement of one's own ballot.
    const { decryptionShare, identitySecret } = world.committee.secrets[2]!;
    const { ct, nullifier } = batches[0]!.item;
    const reached = new Map([decryptionShare, identitySecret, ct[1], nullifier].map((x) => [String(x), x]));
    expect(found(reached, early!)).toHaveLength(4);
    expect(early!.objects).toBeGreaterThan(1000);

    for (const each of secrets) expect(found(each, early!)).toEqual([]);
    for (const each of secrets) {
      expect(found(each, late!)).toEqual(
        expect.arrayContaining(['limit price', 'lots', 'account', 'second word', 'K.x', 'K.y']),
      );
      expect(found(each, late!)).not.toEqual(expect.arrayContaining(['spending key']));
      expect(found(each, late!)).not.toEqual(expect.arrayContaining(['sealing randomness']));
    }
  });
});
