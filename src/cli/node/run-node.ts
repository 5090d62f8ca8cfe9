import { join } from 'node:path';
import { generationText } from '../../formats/generation-file.ts';
import { genesisText } from '../../formats/genesis-file.ts';
import { MARKET_FILE_BYTES, parseMarketFile } from '../../formats/market-file.ts';
import type { ValidatorKeys } from '../../ledger/validator-keys.ts';
import type { Address } from '../../net/transport.ts';
import { putFile } from '../../node/durable-files.ts';
import { NodeError } from '../../node/errors.ts';
import { MemberNode } from '../../node/member-node.ts';
import type { PlayedBy } from '../../node/member-options.ts';
import { openLog } from '../../node/node-log.ts';
import { type OracleFeed, scriptedFeed, withWrongClock } from '../../node/oracle-feed.ts';
import { readRoot } from '../../node/root-file.ts';
import { listPageFiles, type PageFile } from '../../node/rpc/page-files.ts';
import { isLoopback } from '../../node/rpc/page-server.ts';
import { RpcServer } from '../../node/rpc/rpc-server.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import { readManifest } from '../../proofs/keys/manifest-file.ts';
import { nativeSignatures } from '../../proofs/native-signatures.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { inputPath } from '../input-file.ts';
import { stopSignal } from '../interrupt.ts';
import { readTextFile } from '../io.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { isDevnet } from './devnet-genesis.ts';
import { type NodeHome, required } from './home.ts';
import { addressText, parseAddress } from './settings.ts';

/** A member of a home; it says nothing before it is started. @param playedBy what plays its validator, if not itself */
export async function openNode(
  { files, chain, first, settings }: NodeHome,
  cwd: string,
  playedBy?: PlayedBy,
): Promise<MemberNode> {
  await requireKeys(chain.chainId, settings.allowDevKeys === true);
  const clockOffsetS = required('clockOffsetS', settings.clockOffsetS);
  if (clockOffsetS !== 0 && !isDevnet(chain.chainId))
    throw new NodeError('NODE_CONFIG', 'clockOffsetS: only a validator of a devnet runs with a wrong clock', {
      setting: 'clockOffsetS',
    });
  const feed = await feedOf(required('market', settings.market), chain.timeS, cwd);
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
    kernels: nativeSignatures(await loadBatchKernels()),
    feed: withWrongClock(feed, clockOffsetS),
    delayMs: required('delayMs', settings.delayMs),
    playedBy,
    keepEpochs: settings.keepEpochs,
    log: openLog(required('logLevel', settings.logLevel)),
    onFirstKeys: (keys) => {
      putFile(files.generation, Buffer.from(generationText(keys)));
      putFile(files.genesis, Buffer.from(genesisText({ chain, epoch: keys.epoch })));
    },
  });
}

/** Where the build puts the page. */
const PAGE_DIR = join(PACKAGE_ROOT, 'dist/page');

/**
 * The page that a node is to serve. It holds keys of traders and comes without TLS, so it is for browsers of the same machine.
 * @throws {NodeError} NODE_CONFIG, NODE_PAGE
 */
export function pageOf({
  settings,
  files,
}: Pick<NodeHome, 'settings' | 'files'>): readonly PageFile[] | undefined {
  if (settings.page !== true) return undefined;
  const { host } = required('rpc', settings.rpc);
  if (isLoopback(host)) return listPageFiles(PAGE_DIR, files.genesis);
  throw new NodeError(
    'NODE_CONFIG',
    `page: it is served on this machine alone, and ${host} is no loopback address: give --rpc 127.0.0.1:PORT, and reach it from elsewhere through ssh -L`,
    { setting: 'page' },
  );
}

/**
 * Starts a member and answers requests at an address, until a signal or a failure ends it.
 * @param page files that are served there as well
 * @throws what it failed of
 */
export async function serveNode(node: MemberNode, at: Address, page?: readonly PageFile[]): Promise<void> {
  const rpc = new RpcServer(node, at, page);
  const stopped = stopSignal().then(() => node.stop());
  try {
    // Requests are answered from the chain's state: there is none before the first keys are generated.
    await Promise.race([node.start().then(() => rpc.open()), node.ended]);
  } catch (error) {
    await Promise.all([rpc.close(), node.stop()]);
    throw error;
  }
  const failure = await node.ended;
  await rpc.close();
  if (failure !== undefined) throw failure;
  await stopped;
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
