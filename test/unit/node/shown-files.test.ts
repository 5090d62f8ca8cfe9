import { expect, test } from 'vitest';
import { dealGenesis } from '../../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { generationText, parseGenerationFile } from '../../../src/formats/generation-file.ts';
import { genesisText, parseGenesisFile } from '../../../src/formats/genesis-file.ts';
import {
  decodeGeneration,
  decodeShownBorder,
  encodeGeneration,
  encodeShownBorder,
} from '../../../src/node/shown-files.ts';
import { type ValidatorIndex, validatorIndex } from '../../../src/params/ids.ts';
import { MAX_VALIDATORS } from '../../../src/params/sizes.ts';

test('a border is what was shown', () => {
  const border = { ordering: Uint8Array.of(1), settlement: Uint8Array.of(2), block: Uint8Array.of(3) };
  expect(decodeShownBorder(encodeShownBorder(border))).toEqual(border);
});

test('what another shows, which comes as a Buffer, is written into files that can be read', () => {
  const oracle = [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }];
  const { chain, epoch } = dealGenesis(1, 1, { params: SAMPLE_MARKET, oracle }, [], 0n);
  const certificate = { signers: [true], signature: new Uint8Array(96).fill(7) };
  const dealings = new Map([[validatorIndex(0), Uint8Array.of(1, 2)]]);
  const shown = decodeGeneration(Buffer.from(encodeGeneration({ epoch, certificate, dealings })))!;
  expect(parseGenesisFile(genesisText({ chain, epoch: shown.epoch }), 'genesis')).toEqual({ chain, epoch });
  expect(parseGenerationFile(generationText(shown), 'generation')).toEqual({ certificate, dealings });
});

test('a generation of as many members as there may be is what was shown, and one of more is refused unread', () => {
  const oracle = [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }];
  const { epoch } = dealGenesis(1, 1, { params: SAMPLE_MARKET, oracle }, [], 0n);
  const generationOf = (members: number) => ({
    epoch,
    certificate: { signers: new Array<boolean>(members).fill(true), signature: new Uint8Array(96) },
    dealings: new Map<ValidatorIndex, Uint8Array>(
      Array.from({ length: members }, (_, i) => [validatorIndex(i), Uint8Array.of(i)]),
    ),
  });
  const largest = generationOf(MAX_VALIDATORS);
  expect(decodeGeneration(encodeGeneration(largest))).toEqual(largest);
  expect(decodeGeneration(encodeGeneration(generationOf(MAX_VALIDATORS + 1)))).toBeUndefined();
});
