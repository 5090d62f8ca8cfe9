import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { epochJson } from '../../../src/cli/epoch-json.ts';
import { COLOURED, formatEpoch, PLAIN } from '../../../src/cli/epoch-report.ts';
import { parseMarketFile } from '../../../src/formats/market-file.ts';
import { sampleResult } from './sample-result.ts';

const text = readFileSync(new URL('../../../examples/market.json', import.meta.url), 'utf8');
const { params } = parseMarketFile(text, 'market.json');
const places = { out: 'out/epoch', ordersKey: 'keys/orders/vkey.json' };

describe('the report of an epoch', () => {
  test('tells a person everything that happened, in 100 columns', () => {
    const report = formatEpoch(sampleResult, params, places, PLAIN);
    expect(Math.max(...report.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(report).toMatchInlineSnapshot(`
      "Velum epoch: BTC, 4 validators, 1 faulty, stem dissemination, seed 7
        validator 3 is faulty: two different ballots at every height
        threshold keys generated without a dealer, from the dealings of validators 0, 1, 2
        validator 3 has no part in them: its dealing came too late

      Height 1, 2026-11-24 08:00:30 UTC
        Batches     3 submitted, 2 accepted, 1 refused
                    refused gia-2: ITEM_NULLIFIER_SPENT at admission by 4 validators. The note is spent.
                    left out order 2 of ana-1: ENTRY_REDUCE_ONLY. Nothing is left to reduce.
        Ballots     3, anonymous
        ACS output  3 bundles, of validators 0, 1, 2
        Certificate signed by validators 0, 1, 2
        State root  e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5
                    the same at 3 of 3 correct validators
        Time        proofs 6.1 s, admission 0.24 s, consensus 1.8 s, decryption 0.10 s, settlement 0.01 s
        Fault       validator 3: BALLOT_EQUIVOCATION. two ballots of one nullifier at height 1, with
                    different messages; both are void
        Recovered   identity secret of validator 3, from its two ballots:
                    0x00000000000000000000000000000000000000000000000000000000000000ff
                    it opens the commitment of validator 3 in genesis

        Auctions             USDC a lot  lots
        BTC-PERP                62.1405   120
        BTC-25DEC26-55000-C    no trade
        BTC-25DEC26-55000-P    no trade
        BTC-25DEC26-60000-C   49.525001    12
        BTC-25DEC26-60000-P    no trade
        BTC-25DEC26-65000-C    no trade
        BTC-25DEC26-65000-P    no trade
        BTC-25DEC26-70000-C    no trade
        BTC-25DEC26-70000-P    no trade

        What happened besides
        - funding of BTC-PERP

        Fills   side  lots  instrument           USDC a lot       fee
        ana-1   buy    120  BTC-PERP                62.1405  2.237058
        mira-1  sell    12  BTC-25DEC26-60000-C   49.525001  0.178291

        Trader  account      cash before  cash after  equity before  equity after
        ana     fresh:ana-1          new    1,500.25            new      1,498.00
            BTC-PERP 0 > +120, BTC-25DEC26-60000-C 0 > +12
        mira    desk           20,000.00   19,999.00      20,100.00         -1.00
            BTC-PERP +120 > 0, BTC-25DEC26-60000-C 0 > -12

        Transfers  kind      trader  account       USDC
        hugo-in    deposit   hugo    vault       500.00  done
        mira-out   withdraw  mira    desk     25,000.00  refused: ITEM_AMOUNT_EXCEEDED

        Turnstile   86,000.00 + 0.00 shielded - 21,420.392678 spent = 64,579.607322 USDC in notes;
                    86,500.00 came in and 0.00 left in all: the books balance

      Files
        out/epoch/: block, certificate, settlement and the proofs of every height, report.json
        out/epoch/logs/: what each validator was given, and its keys. Step through one:
          velum node replay out/epoch/logs/validator-0
        Check a proof with the stock tool:
          npx snarkjs groth16 verify keys/orders/vkey.json \\
            out/epoch/height-1/proofs/mira-1.public.json \\
            out/epoch/height-1/proofs/mira-1.proof.json

      Trust in this run
        Bridge: of this run.
        Proving keys: made on one machine.
      "
    `);
  });

  test('gives commands that a shell takes, whatever the directory is called', () => {
    const odd = { out: "my runs/it's", ordersKey: '../velum 1/keys/orders/vkey.json' };
    const report = formatEpoch(sampleResult, params, odd, PLAIN);
    expect(report).toContain("groth16 verify '../velum 1/keys/orders/vkey.json' \\\n");
    expect(report).toContain("      'my runs/it'\\''s/height-1/proofs/mira-1.proof.json'\n");
    expect(formatEpoch(sampleResult, params, { ...odd, out: '\u001b[2J' }, PLAIN)).not.toContain('\u001b');
  });

  test('has colour only where it is asked for, and the same words', () => {
    const coloured = formatEpoch(sampleResult, params, places, COLOURED);
    const plain = formatEpoch(sampleResult, params, places, PLAIN);
    expect(plain).not.toContain('\u001b');
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test('is one JSON object of the documented shape', () => {
    const json = JSON.parse(JSON.stringify(epochJson(sampleResult, params, 'out/epoch')));
    const height = json.heights[0];
    expect(height).toMatchObject({
      submitted: 3,
      accepted: 2,
      refused: [{ item: 'gia-2', code: 'ITEM_NULLIFIER_SPENT', by: 'admit', validators: 4 }],
      ballots: 3,
      acsBundles: 3,
      certificateSigners: 3,
      stateRoot: 'e5'.repeat(32),
      ms: { prove: 6_120, admit: 240, consensus: 1_830, decrypt: 95, settle: 12 },
    });
    expect(height.auctions).toHaveLength(9);
    expect(height.auctions[0]).toEqual({ instrument: 'BTC-PERP', price: '62.1405', volume: '120' });
    expect(height.auctions[1]).toEqual({ instrument: 'BTC-25DEC26-55000-C', price: null, volume: '0' });
    expect(height.accounts[0]).toMatchObject({ before: null, after: { cash: '1500.25' } });
    expect(height.transfers).toEqual([
      {
        item: 'hugo-in',
        kind: 'deposit',
        trader: 'hugo',
        account: 'f6'.repeat(32),
        name: 'vault',
        amount: '500',
        to: null,
        refused: null,
      },
      expect.objectContaining({
        to: `0x${'ab'.repeat(32)}`,
        refused: expect.objectContaining({ code: 'ITEM_AMOUNT_EXCEEDED', by: 'admit' }),
      }),
    ]);
    expect(height.turnstile).toMatchObject({ before: '86000', shielded: '0', deposits: '86500' });
    expect(height.recovered).toEqual([{ validator: 3, identitySecret: '255' }]);
  });
});
