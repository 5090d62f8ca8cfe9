import { join } from 'node:path';
import { MARKET_FILE_BYTES, parseMarketFile } from '../../formats/market-file.ts';
import { NodeError } from '../../node/errors.ts';
import { openLog } from '../../node/node-log.ts';
import { type OracleFeed, scriptedFeed } from '../../node/oracle-feed.ts';
import { readKeyFile, secretFileName, secretOwner } from '../../node/secret-file.ts';
import { ValidatorNode } from '../../node/validator-node.ts';
import { validatorIndex } from '../../params/ids.ts';
import { readManifest } from '../../proofs/keys/manifest-file.ts';
import { KEYS_DIR } from '../../proofs/registry.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile } from '../io.ts';
import { isDevnet } from './devnet-genesis.ts';
import { type NodeHome, required } from './home.ts';

/** A node of a home, its log replayed; it says nothing before it is started. */
export async function openNode({ files, genesis, settings }: NodeHome, cwd: string): Promise<ValidatorNode> {
  const { chain, epoch } = genesis;
  await requireKeys(chain.chainId, settings.allowDevKeys === true);
  const self = validatorIndex(required('validator', settings.validator));
  const secrets = readKeyFile(
    join(files.validator, secretFileName('keys', epoch.epoch)),
    secretOwner(chain, epoch, self),
  );
  return new ValidatorNode({
    chain,
    epoch,
    self,
    secrets,
    dissemination: required('dissemination', settings.dissemination),
    kernels: await loadBatchKernels(),
    dir: files.validator,
    listen: required('listen', settings.listen),
    peers: required('peers', settings.peers),
    feed: await feedOf(required('market', settings.market), chain.timeS, cwd),
    delayMs: required('delayMs', settings.delayMs),
    log: openLog(required('logLevel', settings.logLevel)),
  });
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
