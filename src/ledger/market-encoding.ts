import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { utf8 } from '../base/bytes.ts';
import { byteList, codec, uint8, uint32, uint64 } from '../base/codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type Instrument, MAX_TIERS, type MarketParams } from '../market/params.ts';
import { MAX_INSTRUMENTS } from '../params/sizes.ts';

const NameType = byteList(64);
const TiersType = new ListCompositeType(
  new ContainerType({ fromNotional: uint64, imfPpm: uint64, mmfPpm: uint64 }),
  MAX_TIERS,
);
const CapsType = new ContainerType({ lowerCap: uint64, upperCap: uint64 });
const InstrumentType = new ContainerType({
  name: NameType,
  /** 0 perpetual, 1 call, 2 put. */
  kind: uint8,
  lotPpm: uint64,
  /** 0 for a perpetual. */
  strike: uint64,
  /** 0 for a perpetual. */
  expiry: uint64,
  /** Its own rates, or none. */
  rates: new ListCompositeType(new ContainerType({ imfPpm: uint64, mmfPpm: uint64, tiers: TiersType }), 1),
  /** Its own caps, or none. */
  openInterest: new ListCompositeType(CapsType, 1),
});
const MarketType = new ContainerType({
  version: uint8,
  name: NameType,
  instruments: new ListCompositeType(InstrumentType, MAX_INSTRUMENTS),
  imfPpm: uint64,
  mmfPpm: uint64,
  bandPpm: uint64,
  bandIndexPpm: uint64,
  feePpm: uint64,
  markClampPpm: uint64,
  premiumWeightPpm: uint64,
  batchFee: uint64,
  optionMargin: new ContainerType({
    aPpm: uint64,
    bPpm: uint64,
    mPpm: uint64,
    offPpm: uint64,
    longPpm: uint64,
  }),
  tiers: TiersType,
  oracle: new ContainerType({ indexMovePpm: uint64, volMovePpm: uint64, staleAfterS: uint64 }),
  funding: new ContainerType({ impactNotional: uint64, damperPpm: uint64, capFactor: uint64 }),
  liquidation: new ContainerType({ spreadPpm: uint64, penaltyPpm: uint64, patienceHeights: uint32 }),
  insurance: new ContainerType({ seed: uint64 }),
  openInterest: CapsType,
});
const marketCodec = codec(MarketType, MarketType.maxSize);

function instrumentFields(instrument: Instrument) {
  const { name, lotPpm, openInterest } = instrument;
  const common = { name: utf8(name), lotPpm, openInterest: openInterest === undefined ? [] : [openInterest] };
  if (instrument.kind === 'perp') {
    const { rates } = instrument;
    const own = rates === undefined ? [] : [{ ...rates, tiers: [...rates.tiers] }];
    return { ...common, kind: 0, strike: 0n, expiry: 0n, rates: own };
  }
  const { type, strike, expiry } = instrument;
  return { ...common, kind: type === 'call' ? 1 : 2, strike, expiry, rates: [] };
}

/**
 * Hash of a valid market's parameters, 32 bytes: every rate, strike and name is in it.
 * @throws {BaseError} CODEC_INPUT if a name or number exceeds its encoding (an invalid market)
 */
export function marketHash(params: MarketParams): Uint8Array {
  const instruments = params.instruments.map(instrumentFields);
  return hashBytes(
    'market',
    marketCodec.encode({ ...params, name: utf8(params.name), instruments, tiers: [...params.tiers] }),
  );
}
