import { generationText } from '../../formats/generation-file.ts';
import { genesisText } from '../../formats/genesis-file.ts';
import { MARKET_FILE_BYTES, parseMarketFile } from '../../formats/market-file.ts';
import type { ValidatorKeys } from '../../ledger/validator-keys.ts';
import type { Address } from '../../net/transport.ts';
import { putFile } from '../../node/durable-files.ts';
import { NodeError } from '../../node/errors.ts';
import { MemberNode } from '../../node/member-node.ts';
import { openLog } from '../../node/node-log.ts';
import { type OracleFeed, scriptedFeed } from '../../node/oracle-feed.ts';
import { readRoot } from '../../node/root-file.ts';
import { readManifest } from '../../proofs/keys/manifest-file.ts';
import { KEYS_DIR } from '../../proofs/registry.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile } from '../io.ts';
import { isDevnet } from './devnet-genesis.ts';
import { type NodeHome, required } from './home.ts';
import { addressText, parseAddress } from './settings.ts';

/** A member of a home; it says nothing before it is started. */
export async function openNode(
  { files, chain, first, settings }: NodeHome,
  cwd: string,
): Promise<MemberNode> {
  await requireKeys(chain.chainId, settings.allowDevKeys === true);
  const listen = required('listen', settings.listen);
  return new MemberNode({
    chain,
    first,
    member: required('validator', settings.validator),
    rootSecret: readRoot(files.validator),
    dir: files.validator,
    listen,
    address: addressText(settings.address ?? listen),
    addressOf: (seat) => addressOf(seat, settings.peers),
    dissemination: required('dissemination', settings.dissemination),
    kernels: await loadBatchKernels(),
    feed: await feedOf(required('market', settings.market), chain.timeS, cwd),
    delayMs: required('delayMs', settings.delayMs),
    log: openLog(required('logLevel', settings.logLevel)),
    onFirstKeys: (keys) => {
      putFile(files.generation, Buffer.from(generationText(keys)));
      putFile(files.genesis, Buffer.from(genesisText({ chain, epoch: keys.epoch })));
    },
  });
}

/** Where a validator is reached: as the settings say, or else as it has registered. @throws {NodeError} NODE_CONFIG */
function addressOf(
  { registryIndex, address }: ValidatorKeys,
  peers: readonly Address[] | undefined,
): Address {
  const known = peers?.[registryIndex] ?? parseAddress(address);
  // What somebody has registered cannot stop a node: nobody listens at port 0.
  return known ?? { host: '127.0.0.1', port: 0 };
}

/**
 * Keys for development are for devnets.
 * @throws {NodeError} NODE_DEV_KEYS
 */
async function requireKeys(chainId: string, isAllowed: boolean): Promise<void> {
  const manifest = await readManifest(KEYS_DIR);
  if (manifest?.dev !== true || isAllowed || isDevnet(chainId)) return;
  throw new NodeError(
    'NODE_DEV_KEYS',
    `the proving keys in ${KEYS_DIR} are for development: whoever made them can forge proofs. Put keys of a ceremony there, or start with --allow-dev-keys`,
    { path: KEYS_DIR },
  );
}

/** Prices of a market file, the first of them at the genesis of the chain. */
async function feedOf(named: string, genesisS: bigint, cwd: string): Promise<OracleFeed> {
  const path = inputPath(cwd, named);
  const { oracle } = parseMarketFile(await readTextFile(path, MARKET_FILE_BYTES), named);
  const shift = genesisS - oracle[0]!.timeS;
  return scriptedFeed(
    oracle.map(({ timeS, observedS, values }) => ({
      fromS: timeS + shift,
      ageS: timeS - observedS,
      prices: values,
    })),
  );
}
