import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type Genesis,
  genesisHash,
  genesisText,
  parseGenesisFile,
} from '../../../src/formats/genesis-file.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import { height } from '../../../src/params/ids.ts';
import * as pinned from '../../pinned/samples.ts';

const validators = [0, 1, 2, 3].map((i) => pinned.validator(i, 1));
const epoch = { ...pinned.epoch, epoch: 1, firstHeight: height(1), validators };
const genesis: Genesis = { chain: pinned.chain, epoch };

test('a genesis is named by what sha256sum prints of its file, however the file is laid out', () => {
  const text = genesisText(genesis);
  expect(genesisHash(genesis)).toBe(createHash('sha256').update(text).digest('hex'));
  const flat = JSON.stringify(JSON.parse(text));
  expect(flat).not.toBe(text);
  expect(genesisHash(parseGenesisFile(flat, 'genesis.json'))).toBe(genesisHash(genesis));
});

test.each<[what: string, changed: Genesis['epoch']]>([
  ['its seats in another order', { ...epoch, validators: validators.toReversed() }],
  [
    'a validator at another address',
    { ...epoch, validators: validators.with(0, { ...validators[0]!, address: '127.0.0.1:1' }) },
  ],
  ['other lengths', { ...epoch, epochHeights: epoch.epochHeights + 1 }],
  ['its keys exchanged', { ...epoch, decryptionKey: epoch.coinKey, coinKey: epoch.decryptionKey }],
])('the same chain with %s has another name', (_what, changed) => {
  const other = parseGenesisFile(genesisText({ ...genesis, epoch: changed }), 'genesis.json');
  expect(chainHash(other.chain)).toEqual(chainHash(genesis.chain));
  expect(genesisHash(other)).not.toBe(genesisHash(genesis));
});

test('another chain has another name', () => {
  const { chain } = genesis;
  expect(genesisHash({ ...genesis, chain: { ...chain, timeS: chain.timeS + 1n } })).not.toBe(
    genesisHash(genesis),
  );
});
