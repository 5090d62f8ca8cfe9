import { describe, expect, test } from 'vitest';
import { dealGenesis } from '../../../src/committee/dealer.ts';
import { aggregate, blsSign, type Certificate } from '../../../src/crypto/certificate.ts';
import { type Block, type Header, headerHash, settlementHash } from '../../../src/ledger/block.ts';
import {
  type Certification,
  decodeCertification,
  decodeCertifiedBlock,
  encodeCertification,
  encodeCertifiedBlock,
  MAX_CERTIFICATION_BYTES,
  MAX_CERTIFIED_BLOCK_BYTES,
  verifyCertification,
} from '../../../src/ledger/certified-block.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { height, validatorIndex } from '../../../src/params/ids.ts';
import { MAX_MESSAGE_BYTES } from '../../../src/params/sizes.ts';
import { sampleItem } from './batches.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from './market.ts';

const { chain, epoch, secrets } = dealGenesis(
  4,
  4,
  { params: PARAMS, oracle: [{ timeS: GENESIS_TIME, values: MEDIANS }] },
  [],
  0n,
);
const domain = epochDomain(chain, epoch);
const filled = (n: number, by: number): Uint8Array => new Uint8Array(n).fill(by);
const header: Header = {
  ...domain,
  height: height(3),
  parent: filled(32, 4),
  acceptedRoot: filled(32, 5),
  evidenceRoot: filled(32, 6),
  orderingRoot: filled(32, 9),
  stateRoot: filled(32, 7),
  receiptsRoot: filled(32, 8),
  medians: [9n, 10n],
  oracleTimeS: 10n,
  timeS: 11n,
};

const signedBy = (seats: readonly number[], message: Uint8Array): Certificate =>
  aggregate(
    new Map(seats.map((i) => [validatorIndex(i), blsSign(secrets[i]!.blsSecret, message)])),
    secrets.length,
  )!;

function certified(of = header, seats = [0, 1, 3], settledBy = seats): Certification {
  const { chainHash, epochHash, height } = of;
  const roots = { stateRoot: filled(32, 9), receiptsRoot: filled(32, 10) };
  return {
    header: of,
    ...roots,
    certificate: signedBy(seats, headerHash(of)),
    settlementCertificate: signedBy(settledBy, settlementHash({ chainHash, epochHash, height, ...roots })),
  };
}

const holds = (certification: Certification): boolean => verifyCertification(epoch, domain, certification);

describe('a certification', () => {
  test('comes back as it was, within its limit', () => {
    const bytes = encodeCertification(certified());
    expect(bytes.length).toBeLessThanOrEqual(MAX_CERTIFICATION_BYTES);
    expect(decodeCertification(bytes)).toEqual(certified());
    expect(decodeCertification(bytes.subarray(1))).toBeUndefined();
  });

  test('holds if quorums signed the header and the roots', () => expect(holds(certified())).toBe(true));

  const other = { ...header, height: height(4) };
  test.each<[string, Certification]>([
    ['too few signed the header', certified(header, [0, 1], [0, 1, 2])],
    ['too few signed the settlement', certified(header, [0, 1, 2], [0, 1])],
    ['it is of another chain', certified({ ...header, chainHash: filled(32, 1) })],
    ['it is of another epoch', certified({ ...header, epochHash: filled(32, 1) })],
    ['the header is another one', { ...certified(), header: { ...header, timeS: 12n } }],
    ['the state root is another one', { ...certified(), stateRoot: filled(32, 1) }],
    ['the receipts root is another one', { ...certified(), receiptsRoot: filled(32, 1) }],
    [
      'header and settlement are of two heights',
      { ...certified(), settlementCertificate: certified(other).settlementCertificate },
    ],
  ])('does not hold if %s', (_, certification) => expect(holds(certification)).toBe(false));
});

describe('a certified block', () => {
  const block: Block = {
    header,
    items: [sampleItem()],
    keys: [filled(64, 1)],
    shares: [],
    refused: [],
    evidence: [],
    beacon: filled(64, 4),
    certificate: certified().certificate,
  };
  const { settlementCertificate } = certified();

  test('comes back as it was', () => {
    const bytes = encodeCertifiedBlock({ block, settlementCertificate });
    expect(decodeCertifiedBlock(bytes)).toEqual({ block, settlementCertificate });
    expect(decodeCertifiedBlock(bytes.subarray(0, -1))).toBeUndefined();
  });

  test('of any size fits into a message', () => {
    expect(MAX_CERTIFIED_BLOCK_BYTES + 16).toBeLessThan(MAX_MESSAGE_BYTES);
  });
});
