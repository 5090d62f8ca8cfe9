import { ContainerType, ListBasicType, ListCompositeType } from '@chainsafe/ssz';
import { utf8 } from '../base/bytes.ts';
import { byteList, bytes32, codec, isUint64, uint64, uint256 } from '../base/codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import { validateMarketParams } from '../market/check-params.ts';
import { type MarketParams, oracleFeeds } from '../market/params.ts';
import { r } from '../params/fields.ts';
import { MAX_INSTRUMENTS, MAX_REGISTRY, VALUE_BITS } from '../params/sizes.ts';
import { LedgerError } from './errors.ts';
import { marketHash } from './market-encoding.ts';

/** What a chain is: agreed on before height 1 and never changed. Its hash is the chain's name. Public. */
export interface ChainGenesis {
  /** Names the chain to people; at most 64 bytes of UTF-8. */
  readonly chainId: string;
  readonly market: MarketParams;
  /** Commitments of the notes that exist from the start, in the order of their leaves. */
  readonly notes: readonly bigint[];
  /** Σ of their values, units: the pool's first content. */
  readonly notesTotal: bigint;
  /** Oracle medians of height 0, one for each feed of the market. */
  readonly medians: readonly bigint[];
  /** Block time of height 0, unix seconds. */
  readonly timeS: bigint;
  /** Ed25519, 32 bytes: signs deposits. Whoever holds its secret can make money. */
  readonly bridgeKey: Uint8Array;
  /**
   * By registry index: the permanent Ed25519 key, 32 bytes, of everybody who may ever be a validator. It signs a member's registrations
   * for epochs and nothing else, so its secret need not lie on the machine that validates.
   */
  readonly registry: readonly Uint8Array[];
}

/** A chain before its first notes are known: wallets derive their keys from it, and then make those notes. */
export type ChainFoundation = Omit<ChainGenesis, 'notes' | 'notesTotal'>;

/** Genesis notes, at most; later ones come from batches. */
const MAX_GENESIS_NOTES = 1 << 16;

const MAX_CHAIN_ID_BYTES = 64;
const MAX_NOTE_VALUE = (1n << BigInt(VALUE_BITS)) - 1n;

const ChainType = new ContainerType({
  chainId: byteList(MAX_CHAIN_ID_BYTES),
  market: bytes32,
  notes: new ListBasicType(uint256, MAX_GENESIS_NOTES),
  notesTotal: uint256,
  medians: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
  timeS: uint64,
  bridgeKey: bytes32,
  registry: new ListCompositeType(bytes32, MAX_REGISTRY),
});
const chainCodec = codec(ChainType, ChainType.maxSize);

/**
 * The chain's name in everything that is signed, proved or ordered.
 * @returns 32 bytes
 * @throws {BaseError} CODEC_INPUT if a list exceeds its limit
 */
export const chainHash = (chain: ChainGenesis): Uint8Array => hashBytes('chain', encodeChain(chain));

/**
 * Everything that names a chain but its notes. It stands in every key of a wallet, so that nobody can tell of two chains that one seed
 * trades on both.
 * @returns 32 bytes
 * @throws {BaseError} CODEC_INPUT if a list exceeds its limit
 */
export const foundationHash = (foundation: ChainFoundation): Uint8Array =>
  hashBytes('foundation', encodeChain({ ...foundation, notes: [], notesTotal: 0n }));

const encodeChain = (chain: ChainGenesis): Uint8Array =>
  chainCodec.encode({
    ...chain,
    chainId: utf8(chain.chainId),
    market: marketHash(chain.market),
    notes: [...chain.notes],
    medians: [...chain.medians],
    registry: [...chain.registry],
  });

/** The beacon before height 1: no coin has been tossed yet, so ids of height 1 could be ground. 64 bytes. */
export const genesisBeacon = (): Uint8Array => new Uint8Array(64);

/**
 * Refuses a genesis that could not run or would be unsafe: whoever made it must mend it.
 * @throws {LedgerError} LEDGER_INPUT naming the first rule broken
 */
export function requireChain({
  chainId,
  notes,
  notesTotal,
  medians,
  market,
  timeS,
  bridgeKey,
  registry,
}: ChainGenesis): void {
  const need = (ok: boolean, rule: string): void => {
    if (!ok) throw new LedgerError('LEDGER_INPUT', `this genesis is not valid: ${rule}`);
  };
  need(utf8(chainId).length <= MAX_CHAIN_ID_BYTES, `its name has at most ${MAX_CHAIN_ID_BYTES} bytes`);
  const problem = validateMarketParams(market)[0];
  need(problem === undefined, `market ${problem?.path}: ${problem?.reason}`);
  need(medians.length === oracleFeeds(market).length, 'it has one median for each oracle feed');
  need(
    medians.every((median) => median > 0n && isUint64(median)),
    'medians are 1 to 2^64 − 1',
  );
  need(isUint64(timeS), 'its time is 0 to 2^64 − 1');
  need(
    market.instruments.every((instrument) => instrument.kind === 'perp' || instrument.expiry > timeS),
    'it is before every expiry',
  );
  need(
    notes.every((note) => note > 0n && note < r),
    'notes are commitments in F_r',
  );
  need(new Set(notes).size === notes.length, 'notes are distinct: two equal ones share a nullifier');
  need(notes.length <= MAX_GENESIS_NOTES, `it has at most ${MAX_GENESIS_NOTES} notes`);
  // A larger or negative total would be another number in the state's encoding, and so in its root.
  need(
    notesTotal >= 0n && notesTotal <= BigInt(notes.length) * MAX_NOTE_VALUE,
    'notesTotal is what its notes can hold: 0 to 2^64 − 1 units each',
  );
  need(bridgeKey.length === 32, 'the bridge key has 32 bytes');
  need(
    registry.length >= 1 && registry.length <= MAX_REGISTRY,
    `its registry has 1 to ${MAX_REGISTRY} members`,
  );
  need(
    registry.every((key) => key.length === 32),
    'keys of the registry have 32 bytes',
  );
  need(
    new Set([bridgeKey, ...registry].map(String)).size === registry.length + 1,
    'keys of the registry are distinct, and none is the bridge key',
  );
}
