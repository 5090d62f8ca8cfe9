import { describe, expect, test } from 'vitest';
import { Trader } from '../../src/client/trader.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { changedBlocks, UNBOUND } from '../helpers/walk.ts';
import { walletChain } from '../helpers/wallet-chain.ts';

/** A lie in every place of a block, found by walking what was decoded: no list says where. */
const { chain, epoch, seed, blocks } = walletChain();

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
    for (const { where, bytes } of changedBlocks(blocks[at - 1]!)) {
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
    process.stdout.write(`block ${at}: ${told} lies\n`);
  });
});
