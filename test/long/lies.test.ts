import { describe, expect, test } from 'vitest';
import { Trader } from '../../src/client/trader.ts';
import {
  type CertifiedBlock,
  decodeCertifiedBlock,
  encodeCertifiedBlock,
} from '../../src/ledger/certified-block.ts';
import { walletChain } from '../helpers/wallet-chain.ts';

/** A lie in every place of a block, found by walking what was decoded: no list says where. */
const { chain, epoch, seed, blocks } = walletChain();

interface Changed {
  readonly where: string;
  readonly value: unknown;
}

/** Every way to change one leaf, and to take one element of a list away, double it, or change its place with the next. */
function* changed(value: unknown, where: string): Generator<Changed> {
  if (value instanceof Uint8Array) {
    for (const at of new Set([0, value.length >> 1, value.length - 1]))
      if (at >= 0 && value.length > 0) yield { where, value: value.with(at, value[at]! ^ 1) };
  } else if (typeof value === 'bigint') {
    yield { where, value: value + 1n };
    if (value > 0n) yield { where, value: value - 1n };
  } else if (typeof value === 'number') {
    yield { where, value: value + 1 };
  } else if (typeof value === 'boolean') {
    yield { where, value: !value };
  } else if (typeof value === 'string') {
    if (/^[0-9a-f]{64}$/.test(value))
      yield { where, value: `${value[0] === '0' ? '1' : '0'}${value.slice(1)}` };
    else
      for (const other of ['shield', 'withdraw', 'deposit', 'batch'])
        if (other !== value) yield { where, value: other };
  } else if (Array.isArray(value)) {
    for (const [i, each] of value.entries()) {
      for (const one of changed(each, `${where}[${i}]`))
        yield { where: one.where, value: value.with(i, one.value) };
      yield { where: `${where}[${i}] left out`, value: value.toSpliced(i, 1) };
      yield { where: `${where}[${i}] twice`, value: value.toSpliced(i, 0, each) };
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value))
      for (const one of changed(each, `${where}.${key}`))
        yield { where: one.where, value: { ...value, [key]: one.value } };
  }
}

/** What of a lie can be sent at all, and says something else. */
function* lies(at: number): Generator<{ readonly where: string; readonly bytes: Uint8Array }> {
  const told = decodeCertifiedBlock(blocks[at - 1]!)!;
  for (const { where, value } of changed(told, 'block')) {
    let bytes: Uint8Array;
    try {
      bytes = encodeCertifiedBlock(value as CertifiedBlock);
    } catch {
      continue;
    }
    if (!Buffer.from(bytes).equals(blocks[at - 1]!)) yield { where, bytes };
  }
}

/** A proof stands in no id: what it proves is bound, and the certificates say that it held. */
const UNBOUND = /\.proof$/;

describe.each([1, 2, 5, 6])('a lie in any field of block %i', (at) => {
  const standing = (): Trader => {
    const trader = Trader.begin(chain, epoch, seed);
    for (const bytes of blocks.slice(0, at - 1))
      expect(trader.apply(decodeCertifiedBlock(bytes)!)).not.toBeTypeOf('string');
    return trader;
  };

  test('is refused by a wallet, and changes nothing there', () => {
    let one = standing();
    const unnoticed = new Set<string>();
    let told = 0;
    for (const { where, bytes } of lies(at)) {
      told += 1;
      const read = decodeCertifiedBlock(bytes);
      if (read === undefined || typeof one.apply(read) === 'string') continue;
      unnoticed.add(where);
      one = standing();
    }
    expect([...unnoticed].filter((where) => !UNBOUND.test(where))).toEqual([]);
    // What was refused left no trace: the true block is still the next one.
    expect(one.apply(decodeCertifiedBlock(blocks[at - 1]!)!)).not.toBeTypeOf('string');
    expect(told).toBeGreaterThan(40);
  });
});
