import { toHex } from '../../src/base/bytes.ts';
import { encodePoint, multiplyBase, type Point } from '../../src/crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession } from '../../src/crypto/certificate.ts';
import { encodeRegistrant } from '../../src/crypto/dealing/possession.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { signKeyFromSeed } from '../../src/crypto/signature.ts';
import { dealThresholdKey } from '../../src/crypto/threshold-key.ts';
import type { ActionItem } from '../../src/ledger/actions.ts';
import type { Block, Header } from '../../src/ledger/block.ts';
import type { Certification } from '../../src/ledger/certified-block.ts';
import { type ChainGenesis, chainHash } from '../../src/ledger/chain-genesis.ts';
import { type DepositItem, signDeposit } from '../../src/ledger/deposits.ts';
import type { EpochConfig, EpochDomain } from '../../src/ledger/epoch-config.ts';
import type { BatchItem } from '../../src/ledger/items.ts';
import type { ValidatorKeys } from '../../src/ledger/validator-keys.ts';
import type { MarketParams } from '../../src/market/params.ts';
import type { ReserveTable } from '../../src/market/reserve.ts';
import {
  type AccountId,
  accountId,
  type BallotId,
  ballotId,
  height,
  type ItemId,
  itemId,
  validatorIndex,
} from '../../src/params/ids.ts';

/** Fixed inputs of the pinned vectors. No two values of one encoding are equal, so that none can take another's place. */

export const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed * 37 + i * 11 + (i >> 5)) & 0xff);
export const point = (k: bigint): Point => multiplyBase(k);
export const item = (seed: number): ItemId => itemId(toHex(bytes(32, seed)));
export const ballot = (seed: number): BallotId => ballotId(toHex(bytes(32, seed)));
export const account = (seed: number): AccountId => accountId(toHex(bytes(32, seed)));
/** n different values, `first` and on. */
const run = (first: bigint, n: number): bigint[] => Array.from({ length: n }, (_, i) => first + BigInt(i));

export const market: MarketParams = {
  version: 2,
  name: 'PIN',
  instruments: [
    {
      name: 'PIN-PERP',
      kind: 'perp',
      lotPpm: 1_001n,
      rates: {
        imfPpm: 110_026n,
        mmfPpm: 60_027n,
        tiers: [{ fromNotional: 1_028n, imfPpm: 120_029n, mmfPpm: 70_030n }],
      },
    },
    {
      name: 'PIN-C',
      kind: 'option',
      type: 'call',
      strike: 61_000_000_000n,
      expiry: 2_000_000n,
      lotPpm: 10_000n,
      openInterest: { lowerCap: 31n, upperCap: 1_032n },
    },
    {
      name: 'PIN-P',
      kind: 'option',
      type: 'put',
      strike: 62_000_000_000n,
      expiry: 2_000_001n,
      lotPpm: 20_000n,
    },
  ],
  imfPpm: 100_002n,
  mmfPpm: 50_003n,
  bandPpm: 50_004n,
  bandIndexPpm: 5_033n,
  feePpm: 505n,
  markClampPpm: 50_006n,
  premiumWeightPpm: 100_007n,
  batchFee: 1_008n,
  optionMargin: { aPpm: 150_009n, bPpm: 100_010n, mPpm: 75_011n, offPpm: 1_050_012n, longPpm: 250_034n },
  tiers: [
    { fromNotional: 1_000_000_000_013n, imfPpm: 200_014n, mmfPpm: 100_015n },
    { fromNotional: 2_000_000_000_016n, imfPpm: 300_017n, mmfPpm: 150_018n },
  ],
  oracle: { indexMovePpm: 200_019n, volMovePpm: 500_020n, staleAfterS: 61n },
  funding: { impactNotional: 10_000_000_022n, damperPpm: 253n, capFactor: 6n },
  liquidation: { spreadPpm: 100_024n, penaltyPpm: 15_025n, patienceHeights: 10 },
  insurance: { seed: 1_035n },
  openInterest: { lowerCap: 5_036n, upperCap: 10_037n },
};

export const chain: ChainGenesis = {
  chainId: 'velum-pinned',
  market,
  notes: [101n, 102n],
  notesTotal: 10n ** 15n,
  medians: [60_000_000_000n, 600_001n, 600_002n],
  timeS: 1_000_000n,
  bridgeKey: signKeyFromSeed(bytes(32, 1)).publicKey,
  registry: [90, 91, 92, 93, 94, 95].map((seed) => signKeyFromSeed(bytes(32, seed)).publicKey),
};

/** Validator i of an epoch of this chain. */
export const validator = (i: number, epoch: number): ValidatorKeys => {
  const bls = blsKeyFromSeed(bytes(32, 10 + i));
  const { publicKey: signKey } = signKeyFromSeed(bytes(32, 20 + i));
  return {
    registryIndex: i + 1,
    address: `node-${i}.example:4${i}`,
    encryptionKey: encodePoint(point(BigInt(40 + i))),
    blsKey: bls.publicKey,
    possession: provePossession(
      bls,
      encodeRegistrant({ chain: chainHash(chain), registryIndex: i + 1, epoch }),
    ),
    signKey,
    identityCommitment: BigInt(30 + i),
  };
};
export const decryption = dealThresholdKey(4, 2, seededRandom(bytes(32, 2)));
export const coin = dealThresholdKey(4, 2, seededRandom(bytes(32, 3)));

/** A later one: number and first height differ. */
export const epoch: EpochConfig = {
  epoch: 3,
  firstHeight: height(70),
  epochHeights: 65,
  dealingHeights: 5,
  validators: [0, 1, 2, 3].map((i) => validator(i, 3)),
  decryptionKey: decryption.key,
  coinKey: coin.key,
};

export const domain: EpochDomain = { chainHash: bytes(32, 4), epochHash: bytes(32, 5) };
export const certificate = { signers: [true, false, true, true], signature: bytes(96, 6) };
const settlementCertificate = { signers: [true, true, true, false], signature: bytes(96, 7) };

export const table: ReserveTable = { buyPpm: run(1_000_001n, 16), sellUnits: run(2_000_001n, 16) };

export const batch: BatchItem = {
  kind: 'batch',
  fromHeight: height(71),
  toHeight: height(74),
  tableHeight: height(69),
  noteRoot: 201n,
  fee: 1_202n,
  nullifier: 203n,
  changeCommitment: 204n,
  U: encodePoint(point(205n)),
  ct: [206n, 207n, 208n],
  tag: 209n,
  proof: bytes(256, 8),
};
export const shield: ActionItem = {
  kind: 'action',
  action: 'shield',
  account: 301n,
  amount: 302n,
  commitment: 303n,
  sequence: 304n,
  destination: new Uint8Array(32),
  lastHeight: height(75),
  proof: bytes(256, 9),
};
export const withdrawal: ActionItem = { ...shield, action: 'withdraw', destination: bytes(32, 10) };
export const deposit: DepositItem = signDeposit(bytes(32, 1), domain.chainHash, {
  kind: 'deposit',
  nonce: 401n,
  account: 402n,
  amount: 403n,
});

export const header: Header = {
  ...domain,
  height: height(72),
  parent: bytes(32, 11),
  acceptedRoot: bytes(32, 12),
  evidenceRoot: bytes(32, 13),
  stateRoot: bytes(32, 14),
  receiptsRoot: bytes(32, 15),
  orderingRoot: bytes(32, 29),
  medians: [501n, 502n, 503n],
  oracleTimeS: 504n,
  timeS: 505n,
};
export const block: Block = {
  header,
  items: [batch, withdrawal, deposit],
  keys: [encodePoint(point(506n))],
  shares: [{ validator: validatorIndex(3), shares: [bytes(64, 30)], dleq: bytes(64, 31) }],
  refused: [{ id: item(16), code: 'ITEM_NULLIFIER_SPENT' }],
  evidence: [bytes(128, 17)],
  beacon: bytes(64, 18),
  certificate,
};
export const certified = { block, settlementCertificate };
export const certification: Certification = {
  header,
  stateRoot: bytes(32, 19),
  receiptsRoot: bytes(32, 20),
  certificate,
  settlementCertificate,
};
