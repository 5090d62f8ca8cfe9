import { bigintToBytes, fromHex } from '../../src/base/bytes.ts';
import { decodeState } from '../../src/base/state-codec.ts';
import { openSession } from '../../src/client/locked-seed.ts';
import { openedContent } from '../../src/client/opened-content.ts';
import { Trader } from '../../src/client/trader.ts';
import type { WalletState } from '../../src/client/wallet-state.ts';
import { hashBytes, hashToField } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Genesis } from '../../src/formats/genesis-file.ts';
import { packBatch } from '../../src/ledger/batch-words.ts';
import { openableBatches } from '../../src/ledger/block.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { foundationHash } from '../../src/ledger/chain-genesis.ts';
import { ownerKey } from '../../src/ledger/notes.ts';
import { asked } from './running-rpc.ts';

/** Smaller numbers stand in other texts as well. */
const LARGE = 1n << 120n;

/**
 * Every secret that a wallet had on its way through a chain, by name: its keys, the secrets of its notes and accounts, and what batches
 * held before they were open. What stands on the chain decides which there are, not the wallet whose secrets they are.
 * @param seed of the wallet
 */
export async function secretsOfWallet(
  rpc: string,
  { chain, epoch }: Genesis,
  seed: Uint8Array,
): Promise<Map<string, Uint8Array>> {
  const foundation = foundationHash(chain);
  const chainSeed = hashBytes('walletChain', seed, foundation);
  const spendingKey = hashToField('walletKey', chainSeed);
  const secrets = new Map<string, Uint8Array>([
    ['seed', seed],
    ['seed of the chain', chainSeed],
    ['spending key', bigintToBytes(spendingKey, 32)],
    ['owner key', bigintToBytes(ownerKey(spendingKey), 32)],
    ['key of the session', hashBytes('walletSession', seed, foundation)],
  ]);
  const note = (name: string, numbers: readonly bigint[]): void => {
    for (const [i, value] of numbers.entries())
      if (value > LARGE) secrets.set(`${name} ${i}`, bigintToBytes(value, 32));
  };
  const trader = Trader.begin(chain, epoch, seed);
  const random = seededRandom(new Uint8Array(32));
  const { certified } = (await asked(rpc, 'status')).result;
  for (let height = 1; height <= certified; height++) {
    const { encoded } = (await asked(rpc, 'block', { height })).result;
    const block = decodeCertifiedBlock(fromHex(encoded)!)!;
    const { items } = trader.replica;
    if (typeof trader.apply(block) === 'string') throw new Error(`height ${height} does not follow`);
    for (const { batch, key } of openableBatches(block.block).values()) {
      const content = openedContent(items, batch, key);
      if (content !== undefined) {
        // Its account is public from then on, and so is every action of it.
        const words = packBatch(content).filter((word) => word !== content.account);
        note(`batch ${batch.tag.toString(16)}`, words);
      }
    }
    const saved = openSession(seed, foundation, trader.save(random))!;
    const { notes, spends, salts } = (decodeState(saved) as unknown as { wallet: WalletState }).wallet;
    note(
      `note of height ${height}`,
      [...notes, ...spends.map((spend) => spend.note)].map(({ rho }) => rho),
    );
    note('salt', salts);
  }
  return secrets;
}
