import fc from 'fast-check';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { BASE, encodePoint, multiplyBase } from '../../../src/crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession } from '../../../src/crypto/certificate.ts';
import { encodeRegistrant } from '../../../src/crypto/dealing/possession.ts';
import { signKeyFromSeed } from '../../../src/crypto/signature.ts';
import { type ChainGenesis, chainHash } from '../../../src/ledger/chain-genesis.ts';
import type { EpochConfig } from '../../../src/ledger/epoch-config.ts';
import type { OpenedBatch, SettlementInput } from '../../../src/ledger/transition.ts';
import type { ValidatorKeys } from '../../../src/ledger/validator-keys.ts';
import type { Order } from '../../../src/market/order.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { idNamed } from './batches.ts';

export const PARAMS = SAMPLE_MARKET;

export const MEDIANS = SAMPLE_PRICES;
export const GENESIS_TIME = SAMPLE_TIME_S;
export const NOTES_TOTAL = 10n ** 15n;

/** Of the bridge in every genesis of these tests. */
export const BRIDGE_SECRET = new Uint8Array(32).fill(77);

export const sampleChain = (overrides: Partial<ChainGenesis> = {}): ChainGenesis => ({
  chainId: 'ledger-test',
  market: PARAMS,
  notes: [101n, 102n],
  notesTotal: NOTES_TOTAL,
  medians: MEDIANS,
  timeS: GENESIS_TIME,
  bridgeKey: signKeyFromSeed(BRIDGE_SECRET).publicKey,
  registry: [81, 82].map((byte) => signKeyFromSeed(new Uint8Array(32).fill(byte)).publicKey),
  ...overrides,
});

/** A member of the sample chain's registry as a validator, whose keys are known to everyone. */
export function sampleValidator(registryIndex: number, epoch = 1): ValidatorKeys {
  const bls = blsKeyFromSeed(new Uint8Array(32).fill(1 + registryIndex));
  const registrant = { chain: chainHash(sampleChain()), registryIndex, epoch };
  return {
    registryIndex,
    address: '',
    encryptionKey: encodePoint(multiplyBase(11n + BigInt(registryIndex))),
    blsKey: bls.publicKey,
    possession: provePossession(bls, encodeRegistrant(registrant)),
    signKey: new Uint8Array(32).fill(2 + registryIndex),
    identityCommitment: 7n + BigInt(registryIndex),
  };
}

/** An epoch of one validator whose two keys are known to everyone. */
export function sampleEpoch(overrides: Partial<EpochConfig> = {}): EpochConfig {
  const key = {
    n: 1,
    degree: 0,
    sharesRequired: 1,
    publicKey: multiplyBase(5n),
    shareKeys: [multiplyBase(5n)],
  };
  return {
    epoch: 1,
    firstHeight: height(1),
    epochHeights: 8,
    dealingHeights: 4,
    validators: [sampleValidator(0, overrides.epoch)],
    decryptionKey: key,
    coinKey: { ...key, publicKey: BASE, shareKeys: [BASE] },
    ...overrides,
  };
}

/** Opening and reducing orders around the mark of each instrument; now and then one the market does not know. */
export const nearbyOrder: fc.Arbitrary<Order> = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    reduceOnly: fc.constantFrom(false, false, false, true),
    instrument: fc.constantFrom(0, 0, 1, 2, 2, 3),
    awayPpm: fc.integer({ min: -40_000, max: 40_000 }),
    lots: fc.bigInt({ min: 1n, max: 50n }),
  })
  .map(({ instrument, awayPpm, ...order }) => {
    const around = [60_000_000n, 25_600_000n, 25_600_000n, 1_000n][instrument]!;
    const price = around + (around * BigInt(awayPpm)) / 1_000_000n;
    return { ...order, instrument: instrumentIndex(instrument), price };
  });

/** Items of one height over few accounts, so that several batches meet on one; some cannot be read or paid. */
export const heightItems: fc.Arbitrary<OpenedBatch[]> = fc
  .array(
    fc.record({
      fee: fc.bigInt({ min: 1_000n, max: 5_000n }),
      content: fc.option(
        fc.record({
          account: fc.bigInt({ min: 1n, max: 4n }),
          deposit: fc.oneof(
            { weight: 9, arbitrary: fc.bigInt({ min: 0n, max: 20_000_000_000n }) },
            { weight: 2, arbitrary: fc.constantFrom(NOTES_TOTAL / 2n, NOTES_TOTAL - 20_000n, NOTES_TOTAL) },
          ),
          orders: fc.array(fc.option(nearbyOrder, { nil: undefined, freq: 4 }), {
            minLength: 4,
            maxLength: 4,
          }),
        }),
        { nil: undefined, freq: 12 },
      ),
    }),
    { maxLength: 10 },
  )
  .map((items) =>
    items.map((item, i) => ({ ...item, kind: 'batch' as const, id: idNamed(`${i} ${item.fee}`) })),
  );

/** What each height of a run brings. */
export const heights: fc.Arbitrary<SettlementInput[]> = fc
  .array(
    fc.record({
      items: heightItems,
      drift: fc.integer({ min: -8_000, max: 8_000 }),
      beacon: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((rows) =>
    rows.map(({ items, drift, beacon }, i) => ({
      height: height(i + 1),
      timeS: GENESIS_TIME + BigInt(10 * (i + 1)),
      oracleTimeS: GENESIS_TIME + BigInt(10 * (i + 1)),
      medians: [MEDIANS[0] + (MEDIANS[0] * BigInt(drift)) / 1_000_000n, MEDIANS[1]],
      beacon,
      items,
      refused: [],
    })),
  );
