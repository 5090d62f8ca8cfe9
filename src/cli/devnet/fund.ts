import { randomInt } from 'node:crypto';
import { bytesToBigint, fromHex, toHex } from '../../base/bytes.ts';
import { ITEM_STATUS, SUBMITTED } from '../../client/ask-node.ts';
import { ClientError } from '../../client/errors.ts';
import { bridgeSecretOf } from '../../committee/dealer.ts';
import { chainHash } from '../../ledger/chain-genesis.ts';
import { depositIdOf, signDeposit } from '../../ledger/deposits.ts';
import { encodeItem } from '../../ledger/items.ts';
import { CliError } from '../errors.ts';
import { askNode } from '../node/rpc-client.ts';
import type { DevnetHome } from './devnet-home.ts';
import { genesisOf } from './up.ts';

/** How long a deposit may take, ms. */
const FUND_MS = 120_000;
const POLL_MS = 200;
/** Numbers of deposits that market files make out are below. */
const FIRST_NUMBER = 2n ** 32n;

/**
 * Pays into an account: the devnet's bridge signs a deposit, and all running nodes are handed it.
 * @param account 64 hex digits
 * @param amount  units
 * @returns the height that ordered it, certified at one node at least
 * @throws {CliError} DEVNET_FAILED if none runs, or it is refused or not certified in time
 */
export async function fundAccount(devnet: DevnetHome, account: string, amount: bigint): Promise<number> {
  const running = devnet.nodes.filter((node) => devnet.pidOf(node) !== undefined);
  if (running.length === 0)
    throw new CliError('DEVNET_FAILED', 'no node of this devnet runs: start it with up');
  const genesis = await genesisOf(devnet);
  const statement = {
    kind: 'deposit' as const,
    nonce: FIRST_NUMBER + BigInt(randomInt(2 ** 48 - 1)),
    account: bytesToBigint(fromHex(account)!),
    amount,
  };
  const chain = chainHash(genesis.chain);
  const id = depositIdOf(chain, statement);
  const item = toHex(encodeItem(signDeposit(bridgeSecretOf(devnet.file.seed), chain, statement)));
  const end = performance.now() + FUND_MS;
  let handed = new Set<number>();
  for (;;) {
    // A node that restarts meanwhile is handed it again.
    const states = await Promise.all(
      running.map(async ({ index, rpc }) => {
        try {
          if (!handed.has(index)) await askNode(rpc, 'submit', SUBMITTED, { item });
          handed = new Set([...handed, index]);
          return await askNode(rpc, 'itemStatus', ITEM_STATUS, { id });
        } catch (error) {
          handed = new Set([...handed].filter((each) => each !== index));
          if (ClientError.is(error, 'NODE_UNREACHABLE') || ClientError.is(error, 'NODE_REFUSED'))
            return undefined;
          throw error;
        }
      }),
    );
    const done = states.find((state) => state?.status === 'certified');
    if (done !== undefined && 'height' in done) return done.height!;
    if (states.every((state) => state?.status === 'refused'))
      throw new CliError('DEVNET_FAILED', `the deposit is refused: ${JSON.stringify(states[0])}`);
    if (performance.now() > end)
      throw new CliError('DEVNET_FAILED', `the deposit is not certified after ${FUND_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
