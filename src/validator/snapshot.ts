import { bigintToBytes, bytesToBigint, concatBytes, equalBytes } from '../base/bytes.ts';
import { decodeState, encodeState } from '../base/state-codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type EpochConfig, requireGenesis } from '../ledger/epoch-config.ts';
import { decodeOrdering, encodeOrdering } from '../ledger/ordering-encoding.ts';
import { OrderingState } from '../ledger/ordering-state.ts';
import { decodeSettlement, encodeSettlement, stateRoot } from '../ledger/settlement-state.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { AbstentionState } from './abstention.ts';
import type { BlockServerState } from './block-server.ts';
import { type Border, borderOf } from './border.ts';
import type { OracleReport } from './bundle.ts';
import { borderCarried, type Carried, genesisCarried, lastHeightOf } from './carried.ts';
import type { CatchUpState } from './catch-up.ts';
import type { EpochContext } from './context.ts';
import type { EarlyBoxState } from './early-box.ts';
import { ValidatorError } from './errors.ts';
import type { HeightRoundState } from './height-round.ts';
import type { MempoolState } from './mempool.ts';
import type { SendWindowState } from './send-window.ts';

/** What a validator carries from height to height, as plain data; both states in their own encodings, with their roots. */
export type CarriedSnapshot = {
  readonly ordering: Uint8Array;
  /** Of the note tree: hashing 2^20 notes again would take minutes. */
  readonly treeNodes: Uint8Array;
  readonly orderingRoot: Uint8Array;
  readonly settlement: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly parent: Uint8Array;
  readonly revealed: ReadonlySet<bigint>;
  readonly distrusted: ReadonlySet<ValidatorIndex>;
  readonly report: OracleReport;
};

/**
 * Everything that a validator's next step depends on, but for its configuration. No secret is in it: shares and signatures are made
 * from the configuration's keys, and of the stream of routes only the position is kept.
 */
export type ValidatorState = {
  readonly height: Height;
  readonly chain: CarriedSnapshot;
  readonly mempool: MempoolState;
  readonly rounds: ReadonlyMap<Height, HeightRoundState>;
  readonly early: EarlyBoxState;
  readonly window: SendWindowState;
  readonly catchUp: CatchUpState;
  readonly server: BlockServerState;
  readonly abstention: AbstentionState;
  readonly hasDiverged: boolean;
  readonly routesDrawn: number;
};

const VERSION_BYTES = 4;
const CHECKSUM_BYTES = 32;
const VERSION = bigintToBytes(BigInt(FORMAT_VERSION), VERSION_BYTES);

/** Whose snapshot it is. */
type Owner = Pick<EpochContext, 'domain' | 'self'>;

const ownerOf = ({ domain, self }: Owner) => ({ ...domain, self });

/** @returns version 4 ‖ checksum 32 ‖ encoded state: equal states of one validator give equal bytes. */
export function sealSnapshot(owner: Owner, state: ValidatorState): Uint8Array {
  const body = encodeState({ owner: ownerOf(owner), state });
  return concatBytes(VERSION, hashBytes('snapshot', VERSION, body), body);
}

/**
 * @param snapshot from one's own store, which may be damaged but does not lie: who can write there can do anything
 * @throws {ValidatorError} VALIDATOR_SNAPSHOT_VERSION, VALIDATOR_SNAPSHOT_DAMAGED, VALIDATOR_SNAPSHOT_OTHER
 */
export function openSnapshot(owner: Owner, snapshot: Uint8Array): ValidatorState {
  const version = snapshot.subarray(0, VERSION_BYTES);
  const checksum = snapshot.subarray(VERSION_BYTES, VERSION_BYTES + CHECKSUM_BYTES);
  const body = snapshot.subarray(VERSION_BYTES + CHECKSUM_BYTES);
  if (version.length < VERSION_BYTES) throw damaged();
  if (!equalBytes(version, VERSION)) {
    throw new ValidatorError(
      'VALIDATOR_SNAPSHOT_VERSION',
      'this snapshot was written by another version of the program: start the validator with that version until the epoch ends',
      { version: Number(bytesToBigint(version)), reads: FORMAT_VERSION },
    );
  }
  if (!equalBytes(checksum, hashBytes('snapshot', VERSION, body))) throw damaged();
  // The checksum is of what `sealSnapshot` wrote, so the value has the form that it wrote.
  const written = decodeState(body) as
    | { owner: ReturnType<typeof ownerOf>; state: ValidatorState }
    | undefined;
  if (written === undefined) throw damaged();
  if (!equalBytes(encodeState(written.owner), encodeState(ownerOf(owner)))) {
    throw new ValidatorError(
      'VALIDATOR_SNAPSHOT_OTHER',
      'this snapshot is that of another validator, chain or epoch: give this validator its own store',
    );
  }
  return written.state;
}

const damaged = () =>
  new ValidatorError(
    'VALIDATOR_SNAPSHOT_DAMAGED',
    'this snapshot is damaged: start from the one before it with the inputs since then',
  );

export function writeCarried(carried: Carried): CarriedSnapshot {
  const { ordering, settlement, stateRoot, receiptsRoot, parent, revealed, distrusted, report } = carried;
  return {
    ordering: encodeOrdering(ordering.snapshot()),
    treeNodes: ordering.treeNodes(),
    orderingRoot: ordering.root,
    settlement: encodeSettlement(settlement),
    stateRoot,
    receiptsRoot,
    parent,
    revealed,
    distrusted,
    report,
  };
}

/** @throws {ValidatorError} VALIDATOR_SNAPSHOT_DAMAGED unless both states have their roots */
export function readCarried({ market }: ChainGenesis, written: CarriedSnapshot): Carried {
  const { receiptsRoot, parent, revealed, distrusted, report } = written;
  const settlement = decodeSettlement(written.settlement);
  const snapshot = decodeOrdering(written.ordering);
  const ordering = snapshot && OrderingState.restore(snapshot, market.batchFee, written.treeNodes);
  if (settlement === undefined || ordering === undefined) throw damaged();
  if (!equalBytes(ordering.root, written.orderingRoot)) throw damaged();
  if (!equalBytes(stateRoot(settlement), written.stateRoot)) throw damaged();
  return {
    ordering,
    settlement,
    stateRoot: written.stateRoot,
    receiptsRoot,
    parent,
    revealed: new Set(revealed),
    distrusted: new Set(distrusted),
    report,
  };
}

/** What a validator begins with: genesis, the border before its epoch, or a state of its own. @throws as `new Validator` */
export function carriedFrom(
  { chain, epoch }: EpochContext,
  from: Border | ValidatorState | undefined,
): Carried {
  if (from === undefined) {
    requireGenesis(chain, epoch);
    return genesisCarried(chain, epoch);
  }
  return 'rounds' in from ? readCarried(chain, from.chain) : borderCarried(chain, epoch, from);
}

/** The epoch that orders next in the state of a snapshot. @param snapshot from one's own store. @returns undefined if it is damaged */
export function epochInOffice(snapshot: Uint8Array): EpochConfig | undefined {
  const written = decodeState(snapshot.subarray(VERSION_BYTES + CHECKSUM_BYTES)) as
    | { state: ValidatorState }
    | undefined;
  return written && decodeOrdering(written.state.chain.ordering)?.rotation.epoch;
}

/** What an epoch that is over leaves to the next one. */
export interface Legacy {
  readonly border: Border;
  /** Items that wait, and those whose proofs are being verified: the next epoch may order them, if they are still valid. */
  readonly items: readonly Uint8Array[];
}

/**
 * @param snapshot of a validator
 * @returns        undefined if its epoch is not over
 * @throws {ValidatorError} as `openSnapshot` and `readCarried`
 */
export function legacyOf(context: EpochContext, snapshot: Uint8Array): Legacy | undefined {
  const { height, chain, server, mempool } = openSnapshot(context, snapshot);
  const carried = readCarried(context.chain, chain);
  const last = lastHeightOf(context.epoch, carried);
  if (last === undefined || height <= last) return undefined;
  const border = borderOf(carried, server.newest!.header);
  const { kept, proofs } = mempool;
  return { border, items: [...kept.held.values(), ...proofs.pending.values()].map(({ bytes }) => bytes) };
}
