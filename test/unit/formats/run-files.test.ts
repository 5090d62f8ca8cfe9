import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../src/formats/errors.ts';
import { genesisText, parseGenesisFile } from '../../../src/formats/genesis-file.ts';
import {
  blockText,
  certificateText,
  parseBlockFile,
  parseCertificateFile,
  parseSettlementFile,
} from '../../../src/formats/height-files.ts';
import { versionedText } from '../../../src/formats/versioned.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { MAX_INSTRUMENTS } from '../../../src/params/sizes.ts';
import { FORMAT_VERSION } from '../../../src/params/version.ts';
import * as pinned from '../../pinned/samples.ts';

const first = {
  ...pinned.epoch,
  epoch: 1,
  firstHeight: height(1),
  validators: [0, 1, 2, 3].map((i) => pinned.validator(i, 1)),
};
const genesis = { chain: pinned.chain, epoch: first };
const FILES: readonly (readonly [string, string, (text: string, file: string) => unknown, unknown])[] = [
  ['genesis.json', genesisText(genesis), parseGenesisFile, genesis],
  ['block.json', blockText(pinned.block), parseBlockFile, pinned.block],
  [
    'certificate.json',
    certificateText(pinned.certificate, pinned.certified.settlementCertificate),
    (text: string, file: string) => parseCertificateFile(text, file, pinned.certificate),
    pinned.certified.settlementCertificate,
  ],
];

function codeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (error instanceof FormatError) return `${error.code} ${error.message}`;
    throw error;
  }
}

describe.each(FILES)('%s', (file, text, parse, value) => {
  test('gives back what was written', () => expect(parse(text, file)).toEqual(value));

  test('says its format first', () => expect(JSON.parse(text).format).toBe(FORMAT_VERSION));

  test('of another format, or of none, is refused with what to do, whatever else is in it', () => {
    const with_ = (format: unknown): string => JSON.stringify({ ...JSON.parse(text), format });
    const older = codeOf(() => parse(with_(FORMAT_VERSION - 1), file));
    expect(older).toMatch(/^OTHER_FORMAT .* has format \d+, this program reads format \d+: .*velum epoch$/);
    expect(codeOf(() => parse(with_(undefined), file))).toMatch(/^OTHER_FORMAT .* does not say its format/);
    expect(codeOf(() => parse(JSON.stringify({ format: FORMAT_VERSION + 1 }), file))).toMatch(
      /^OTHER_FORMAT/,
    );
    expect(codeOf(() => parse(with_('two'), file))).toMatch(/^RUN_FILES .*\$\.format/s);
  });

  test('that is no such file is refused', () => {
    for (const other of ['', '[]', '7', 'null', '{"format":', JSON.stringify({ format: FORMAT_VERSION })])
      expect(codeOf(() => parse(other, file))).toMatch(/^RUN_FILES/);
  });
});

test('genesis.json with a field that nobody knows is refused, not passed over', () => {
  const more = JSON.stringify({ ...JSON.parse(genesisText(genesis)), more: 1 });
  expect(codeOf(() => parseGenesisFile(more, 'genesis.json'))).toMatch(/^RUN_FILES [\s\S]*\$\.more/);
});

test('block.json that says of its block what its encoding does not is refused', () => {
  const said = JSON.parse(blockText(pinned.block));
  said.header.timeS = '1';
  expect(codeOf(() => parseBlockFile(JSON.stringify(said), 'block.json'))).toMatch(/^REPLAY_REFUSED/);
});

test('a genesis with which no chain can begin is refused as a file, whatever is wrong with it', () => {
  const without = (changes: Partial<typeof pinned.chain>): string =>
    codeOf(() =>
      parseGenesisFile(genesisText({ ...genesis, chain: { ...pinned.chain, ...changes } }), 'genesis.json'),
    );
  expect(without({ notes: [r] })).toMatch(/^RUN_FILES [\s\S]*\$: /);
  expect(without({ timeS: 2n ** 64n })).toMatch(/^RUN_FILES/);
  expect(without({ timeS: -1n })).toMatch(/^RUN_FILES/);
});

test('settlement.json that names a reserve table twice, or tables out of order, is refused', () => {
  const rates = Array.from({ length: MAX_INSTRUMENTS }, () => '1');
  const root = '00'.repeat(32);
  const withTables = (...heights: readonly number[]): string => {
    const tables = heights.map((at) => ({ height: at, buyPpm: rates, sellUnits: rates }));
    const text = versionedText({ height: 9, stateRoot: root, receiptsRoot: root, tables });
    return codeOf(() => parseSettlementFile(text, 'settlement.json'));
  };
  expect(withTables(3, 4)).toBe('read');
  for (const heights of [
    [3, 3],
    [4, 3],
  ])
    expect(withTables(...heights)).toMatch(/^RUN_FILES [\s\S]*\$\.tables/);
});
