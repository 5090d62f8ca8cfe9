import { join } from 'node:path';
import { verifyBlockProofs } from '../../client/block-proofs.ts';
import { ClientError } from '../../client/errors.ts';
import { LIGHT_PROBLEMS, LightClient, type LightProblem } from '../../client/light-client.ts';
import { GENESIS_FILE_BYTES, type Genesis, parseGenesisFile } from '../../formats/genesis-file.ts';
import { HEIGHT_FILE_BYTES, parseSettlementFile } from '../../formats/height-files.ts';
import {
  EPOCHS_FILE_BYTES,
  parseEpochsFile,
  parseStateFile,
  STATE_FILE_BYTES,
} from '../../formats/state-files.ts';
import { Replica } from '../../ledger/replica.ts';
import { isNodeHome, nodeBlocks } from './node-blocks.ts';
import { type NamedText, type ReadHeight, readHeight, readNamed, replayHeight } from './read-height.ts';

/** Paths of the files of one height. */
export interface HeightFiles {
  readonly block: string;
  readonly certificate: string;
  readonly settlement: string;
}

/** Paths of what a height is judged by. */
export interface HeightPaths {
  readonly genesis: string;
  /** Those of the height; or which one of a node's home it is. */
  readonly judged: HeightFiles | { readonly height: number | undefined };
  readonly epochs?: string;
  /** At most one of the two. */
  readonly state?: string;
  /** The folder of a run, or the home of a node. */
  readonly blocks?: string;
}

/** What is known of a height that was verified. */
export interface VerifiedHeight {
  readonly height: number;
  readonly epoch: number;
  readonly validators: number;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly items: number;
  readonly batches: number;
  /** Validators that signed the header, and what it settles to. */
  readonly signers: { readonly header: number; readonly settlement: number };
  /** How many proofs were verified; undefined: none was asked for. */
  readonly proofs: number | undefined;
  /** Dealings, and evidence against dealers, of a session that nothing shows. */
  readonly unjudged: number;
  /** Where the settlement was replayed: follows the chain on. */
  readonly replica: Replica | undefined;
}

/**
 * Verifies a height from files that anybody may have made.
 * @throws {ClientError} HEIGHT_REFUSED; {FormatError} OTHER_FORMAT, RUN_FILES, REPLAY_REFUSED; {FileError} FILE_UNREADABLE
 */
export async function verifyHeight(
  paths: HeightPaths,
  { cwd, proofs }: { readonly cwd: string; readonly proofs: boolean },
): Promise<VerifiedHeight> {
  const genesisFile = await readNamed(paths.genesis, GENESIS_FILE_BYTES, cwd);
  const genesis = parseGenesisFile(genesisFile.text, genesisFile.file);
  const light = new LightClient(genesis.chain, genesis.epoch);
  if (paths.epochs !== undefined) {
    const { text, file } = await readNamed(paths.epochs, EPOCHS_FILE_BYTES, cwd);
    for (const change of parseEpochsFile(text, file))
      if (!light.changeEpoch(change)) throw refused(change.header.height, 'LIGHT_EPOCH_CHANGE');
  }
  const { read, settled } = await judgedOf(paths, cwd);
  const replica = await replicaBefore(light, genesis, read, paths, cwd);
  const checked = replica === undefined ? checkAlone(light, read, settled!) : replay(replica, read, settled);
  const { header, items, certificate } = read.block;
  const claimed = proofs ? await verifyBlockProofs(checked.items) : undefined;
  if (claimed?.bad !== undefined) throw refused(header.height, 'LIGHT_PROOF', `item ${claimed.bad}`);
  const signersIn = (signers: readonly boolean[]): number => signers.filter(Boolean).length;
  return {
    height: header.height,
    epoch: checked.epoch.epoch,
    validators: checked.epoch.validators.length,
    stateRoot: checked.stateRoot,
    receiptsRoot: checked.receiptsRoot,
    items: items.length,
    batches: read.block.keys.length,
    signers: {
      header: signersIn(certificate.signers),
      settlement: signersIn(read.settlementCertificate.signers),
    },
    proofs: claimed?.verified,
    unjudged: checked.items.filter(({ claim }) => claim === undefined).length,
    replica,
  };
}

/** The height, and what its settlement file says if there is one: a node keeps none. */
async function judgedOf(
  { judged, blocks }: HeightPaths,
  cwd: string,
): Promise<{ readonly read: ReadHeight; readonly settled: NamedText | undefined }> {
  if ('block' in judged) {
    const read = await readHeight(judged.block, judged.certificate, cwd);
    return { read, settled: await readNamed(judged.settlement, HEIGHT_FILE_BYTES, cwd) };
  }
  const kept = nodeBlocks(blocks!);
  return { read: kept.read(judged.height ?? kept.last), settled: undefined };
}

/** The replica that stands before the height; undefined where nothing says how it came about. */
async function replicaBefore(
  light: LightClient,
  { chain, epoch }: Genesis,
  { block }: ReadHeight,
  { state, blocks }: HeightPaths,
  cwd: string,
): Promise<Replica | undefined> {
  if (state !== undefined) {
    const { text, file } = await readNamed(state, STATE_FILE_BYTES, cwd);
    const replica = light.replicaFrom(block, parseStateFile(text, file));
    if (typeof replica === 'string') throw refused(block.header.height, replica);
    return replica;
  }
  if (blocks === undefined) return undefined;
  const replica = new Replica(chain, epoch);
  const kept = isNodeHome(blocks) ? nodeBlocks(blocks) : undefined;
  for (let at = 1; at < block.header.height; at++) {
    const of = (name: string): string => join(blocks, `height-${at}`, name);
    const read = kept?.read(at) ?? (await readHeight(of('block.json'), of('certificate.json'), cwd));
    const problem = replayHeight(replica, read);
    if (typeof problem === 'string') throw refused(at, problem);
  }
  return replica;
}

function replay(replica: Replica, read: ReadHeight, said: NamedText | undefined) {
  const { height } = read.block.header;
  const { epoch } = replica;
  const replayed = replayHeight(replica, read);
  if (typeof replayed === 'string') throw refused(height, replayed);
  const { settlement, items, settlementText } = replayed;
  if (said !== undefined && said.text !== settlementText)
    throw refused(height, 'LIGHT_SETTLEMENT', `${said.file} is not what it settles to`);
  return { epoch, items, stateRoot: settlement.stateRoot, receiptsRoot: settlement.receiptsRoot };
}

function checkAlone(light: LightClient, read: ReadHeight, said: NamedText) {
  const { height: saidHeight, ...settled } = parseSettlementFile(said.text, said.file);
  const { height } = read.block.header;
  if (saidHeight !== height)
    throw refused(height, 'LIGHT_SETTLEMENT', `${said.file} is of height ${saidHeight}`);
  const checked = light.check({ ...read, ...settled });
  if (typeof checked === 'string') throw refused(height, checked);
  return { ...checked, ...settled };
}

const refused = (height: number, problem: LightProblem, what?: string) =>
  new ClientError(
    'HEIGHT_REFUSED',
    `height ${height} is not verified: ${problem}: ${LIGHT_PROBLEMS[problem]}${what === undefined ? '' : ` (${what})`}`,
    { height, problem },
  );
