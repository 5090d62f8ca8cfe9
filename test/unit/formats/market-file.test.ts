import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VelumError } from '../../../src/base/errors.ts';
import { parseMarketFile } from '../../../src/formats/market-file.ts';
import type { FileTransfer } from '../../../src/formats/run-input.ts';
import { checkTransfers } from '../../../src/formats/transfers.ts';
import { DEFAULT_RULES, oracleFeeds } from '../../../src/market/params.ts';

const text = readFileSync(new URL('../../../examples/market.json', import.meta.url), 'utf8');
// biome-ignore lint/suspicious/noExplicitAny: tests break the file in every way
type Loose = any;

/** The message for the example with a change; fails when the changed file is taken. */
function refusal(change: (file: Loose) => void): string {
  const file = JSON.parse(text);
  change(file);
  try {
    parseMarketFile(JSON.stringify(file), 'market.json');
  } catch (error) {
    if (error instanceof VelumError && error.code === 'MARKET_FILE') return error.message;
    throw error;
  }
  throw new Error('the file was taken');
}

describe('a market file', () => {
  test('becomes parameters, notes and feeds in exact units', () => {
    const { params, notes, oracle } = parseMarketFile(text, 'market.json');
    expect(params.instruments[0]).toEqual({ name: 'BTC-PERP', kind: 'perp', lotPpm: 1000n });
    expect(params.instruments[1]).toEqual({
      name: 'BTC-25DEC26-55000-C',
      kind: 'option',
      type: 'call',
      strike: 55_000_000_000n,
      expiry: 1_798_185_600n,
      lotPpm: 10_000n,
    });
    expect(params.batchFee).toBe(50_000n);
    expect(notes.get('bo')).toEqual([4_000_000_000n, 1_500_000_000n]);
    expect(oracle[1]).toEqual({
      timeS: 1_795_507_230n,
      observedS: 1_795_507_230n,
      values: [62_140_500_000n, 566_000n, 533_000n, 515_000n, 509_000n],
    });
    expect(oracle[1]!.values).toHaveLength(oracleFeeds(params).length);
  });

  test('with a wrong shape names every place at once, unknown fields too', () => {
    const message = refusal((file) => {
      file.version = 3;
      file.colour = 'blue';
      file.market.imfPpm = '5%';
      file.market.feePpm = 0.5;
      delete file.market.batchFee;
      file.market.instruments[0].kind = 'swap';
      file.market.instruments[1].expiry = '2026-02-31T08:00:00Z';
      file.market.instruments[2].strike = 55000;
      file.market.instruments[3].tick = 1;
      file.traders.ana = [];
      file.traders.bo[1] = '1.0000001';
      file.oracle[2].index = '0';
    });
    expect(message).toMatchInlineSnapshot(`
      "market.json has 12 problems:
        $.version: this program reads version 2. A file of version 1 becomes one by "version": 2 and, in "market", "insurance": { "seed": "0" }: what the insurance fund holds at genesis. Perpetuals are marked at the index from then on
        $.market.instruments[0].kind: "kind" must be "perp" or "option"
        $.market.instruments[1].expiry: a UTC time such as "2026-12-25T08:00:00Z" is expected, found "2026-02-31T08:00:00Z"
        $.market.instruments[2].strike: USDC such as "61.25", more than 0, at most 6 decimals, is expected
        $.market.instruments[3].tick: no field of this name is known
        $.market.imfPpm: a whole number of parts per million is expected
        $.market.feePpm: a whole number of parts per million is expected
        $.market.batchFee: USDC such as "61.25", at most 6 decimals, is expected
        $.traders.ana: at least one note is expected
        $.traders.bo[1]: USDC such as "61.25", more than 0, at most 6 decimals, is expected, found "1.0000001"
        $.oracle[2].index: USDC such as "61.25", more than 0, at most 6 decimals, is expected, found "0"
        $.colour: no field of this name is known"
    `);
  });

  test('of version 1 is told what to write', () => {
    const message = refusal((file) => {
      file.version = 1;
      delete file.market.insurance;
    });
    expect(message).toMatch('$.version: this program reads version 2. A file of version 1 becomes one by');
    expect(message).toMatch('$.market.insurance: { "seed": "0" } is expected');
  });

  test('takes caps from the fund unless it names them, and rates and caps of single instruments', () => {
    const with_ = (change: (file: Loose) => void) => {
      const file = JSON.parse(text);
      change(file);
      return parseMarketFile(JSON.stringify(file), 'market.json').params;
    };
    expect(with_(() => {}).openInterest).toEqual({ lowerCap: 50_000_000_000n, upperCap: 100_000_000_000n });
    const own = with_((file) => {
      file.market.openInterest = { lowerCap: '0', upperCap: '0' };
      file.market.instruments[0].rates = { imfPpm: 100_000, mmfPpm: 60_000 };
      file.market.instruments[1].openInterest = { lowerCap: '1', upperCap: '2' };
    });
    expect(own.openInterest).toEqual({ lowerCap: 0n, upperCap: 0n });
    expect(own.instruments[0]).toMatchObject({ rates: { imfPpm: 100_000n, mmfPpm: 60_000n, tiers: [] } });
    expect(own.instruments[1]!.openInterest).toEqual({ lowerCap: 1_000_000n, upperCap: 2_000_000n });
  });

  test('takes what a height leaves out of its prices from the height before, and when they were observed', () => {
    const file = JSON.parse(text);
    file.oracle[1] = { time: '2026-11-24T08:02:00Z', observed: '2026-11-24T08:00:10Z' };
    file.oracle[2] = {
      time: '2026-11-24T08:02:30Z',
      volsPpm: { '2026-12-25T08:00:00Z': { '60000': 700_000 } },
    };
    const [genesis, first, second] = parseMarketFile(JSON.stringify(file), 'market.json').oracle;
    expect(first).toEqual({ ...genesis, timeS: 1_795_507_320n, observedS: 1_795_507_210n });
    expect(second!.values).toEqual(genesis!.values.with(2, 700_000n));
    const without = (change: (file: Loose) => void) => refusal(change);
    expect(without((f) => delete f.oracle[0].index)).toMatch('$.oracle[0].index: the index of genesis');
    expect(without((f) => delete f.oracle[0].volsPpm)).toMatch('strike 55000 is missing');
    expect(
      without((f) => {
        f.oracle[1].observed = '2026-11-24T08:00:31Z';
      }),
    ).toMatch('$.oracle[1].observed');
  });

  test('with a wrong content names every place at once', () => {
    const message = refusal((file) => {
      const vols = file.oracle[1].volsPpm['2026-12-25T08:00:00Z'];
      delete vols['55000'];
      vols['60000.0'] = 1;
      vols['80000'] = 500_000;
      file.oracle[2].time = '2026-11-24T07:00:00Z';
      file.oracle[2].index = '5000000';
      file.market.mmfPpm = 60_000;
      file.market.instruments[4].name = 'BTC-PERP';
      file.traders['a b'] = ['1'];
    });
    expect(message).toMatchInlineSnapshot(`
      "market.json has 7 problems:
        $.market.mmfPpm: must be 1 to 50000, is 60000
        $.market.instruments[4].name: BTC-PERP is there twice
        $.traders["a b"]: a name of 1 to 32 letters, digits, ".", "_" or "-" is expected
        $.oracle[1].volsPpm["2026-12-25T08:00:00Z"]["60000.0"]: this volatility is given twice
        $.oracle[1].volsPpm: the volatility of 2026-12-25T08:00:00Z, strike 80000 belongs to no option of the market
        $.oracle[2].time: the time is before that of the height before
        $.oracle[2].index: a lot of BTC-PERP would be worth 5000 USDC; at least 0.000001 and at most 4294.967296 is possible"
    `);
  });

  test('may let options expire during the run, but not before genesis', () => {
    const file = JSON.parse(text);
    file.oracle[2].time = '2026-12-25T08:00:00Z';
    expect(parseMarketFile(JSON.stringify(file), 'market.json').oracle[2]!.timeS).toBe(1_798_185_600n);
    const message = refusal((changed) => {
      for (const height of changed.oracle) height.time = '2026-12-25T08:00:00Z';
    });
    expect(message).toContain('$.oracle[0].time: BTC-25DEC26-55000-C has expired by then');
  });

  test('takes the rules it leaves out from the defaults, and names what is wrong with those it gives', () => {
    const file = JSON.parse(text);
    delete file.market.funding;
    file.market.oracle = { staleAfterS: 5 };
    file.market.tiers = [{ fromNotional: '1000', imfPpm: 60000, mmfPpm: 30000 }];
    const { params } = parseMarketFile(JSON.stringify(file), 'market.json');
    expect(params.funding).toEqual(DEFAULT_RULES.funding);
    expect(params.oracle).toEqual({ ...DEFAULT_RULES.oracle, staleAfterS: 5n });
    expect(params.tiers).toEqual([{ fromNotional: 1_000_000_000n, imfPpm: 60_000n, mmfPpm: 30_000n }]);
    const message = refusal((changed) => {
      changed.market.liquidation = { penaltyPpm: 2_000_000, patienceHeights: 0 };
      changed.market.tiers = [
        { fromNotional: '1000', imfPpm: 60000, mmfPpm: 30000 },
        { fromNotional: '1000', imfPpm: 50000, mmfPpm: 30000 },
      ];
    });
    expect(message).toMatchInlineSnapshot(`
      "market.json has 4 problems:
        $.market.tiers[1].fromNotional: must be 1000000001 to 18446744073709551615, is 1000000000
        $.market.tiers[1].imfPpm: must be 60000 to 1000000, is 50000
        $.market.liquidation.penaltyPpm: must be 0 to 1000000, is 2000000
        $.market.liquidation.patienceHeights: must be 1 to 1000, is 0"
    `);
  });

  test('with notes beyond 64 bits together, or too many, is refused', () => {
    const withNotes = (notes: string[]): string =>
      refusal((file) => {
        file.traders.ana = notes;
      });
    expect(withNotes(['18446744073709', '18446744073709'])).toContain(
      'all notes together are worth more than',
    );
    expect(withNotes(Array(10_001).fill('1'))).toContain('notes, 10000 at most');
  });

  test('that is no JSON says where', () => {
    expect(() => parseMarketFile('{"version": 1,}', 'market.json')).toThrow(
      /not JSON: there is a mistake at line 1, column 15: a text in double quotes is expected$/,
    );
    expect(() => parseMarketFile('# Velum', 'market.json')).toThrow(/not JSON: it begins with "# Velum"/);
    expect(() => parseMarketFile('{"version":\n x}', 'market.json')).toThrow(
      /not JSON: there is a mistake at line 2, column 2: no value begins like this$/,
    );
    expect(() => parseMarketFile('{"version": 1', 'market.json')).toThrow(
      /not JSON: .* at line 1, column 14: /,
    );
    expect(() => parseMarketFile(' ', 'market.json')).toThrow(/not JSON: it is empty$/);
    expect(() => parseMarketFile('\u001b[31m', 'market.json')).toThrow(/not JSON: [^\p{Cc}]*$/u);
    const hidden = text.replace('"traders": {', '"traders": { "__proto__": ["5000"],');
    expect(() => parseMarketFile(hidden, 'market.json')).toThrow(/\$: no field may have the name __proto__$/);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => parseMarketFile(deep, 'market.json')).toThrow(/\$: nested too deep$/);
    expect(() => parseMarketFile('[]', 'market.json')).toThrow(/\$: expected object, received array/);
  });
});

describe('transfers of a market file', () => {
  const transfers = (rows: Loose) => (file: Loose) => {
    file.transfers = rows;
  };
  const out = {
    height: 2,
    name: 'hugo-out',
    kind: 'withdraw',
    trader: 'hugo',
    account: 'vault',
    amount: '1.5',
    to: '0x00000000219ab540356cBB839Cbe05303d7705Fa',
  };
  const { to: _, ...shield } = { ...out, kind: 'shield' };

  test('are read in exact units; an address of 20 bytes has zeros before it; none is none', () => {
    const file = JSON.parse(text);
    file.transfers = [out, { ...shield, name: 'b' }];
    const read = parseMarketFile(JSON.stringify(file), 'market.json').transfers;
    expect(read[0]).toMatchObject({ kind: 'withdraw', amount: 1_500_000n });
    expect(Buffer.from(read[0]!.to!).toString('hex')).toBe(
      '00000000000000000000000000000000219ab540356cbb839cbe05303d7705fa',
    );
    expect(read[1]!.to).toBeUndefined();
    delete file.transfers;
    expect(parseMarketFile(JSON.stringify(file), 'market.json').transfers).toEqual([]);
  });

  test('with a wrong shape are refused, each place named', () => {
    const zeros = `0x${'0'.repeat(40)}`;
    const rows = [
      { ...out, kind: 'steal' },
      { ...out, to: zeros },
      { ...out, to: '0x12' },
      { ...shield, to: out.to },
      { ...out, amount: '0', height: 0 },
    ];
    expect(refusal(transfers(rows)).split('\n').slice(1)).toEqual([
      '  $.transfers[0].kind: "kind" must be "deposit", "shield" or "withdraw"',
      expect.stringMatching(/^ {2}\$\.transfers\[1\]\.to: a destination of 20 or 32 bytes/),
      expect.stringMatching(/^ {2}\$\.transfers\[2\]\.to: a destination/),
      '  $.transfers[3].to: no field of this name is known',
      '  $.transfers[4].height: heights count from 1',
      expect.stringMatching(/^ {2}\$\.transfers\[4\]\.amount: USDC/),
    ]);
  });

  test('with wrong content are refused, each place named', () => {
    const rows = [
      out,
      { ...out, name: 'HUGO-out', trader: 'nobody', account: 'fresh' },
      { ...out, name: '../x', account: 'fresh:' },
    ];
    expect(refusal(transfers(rows)).split('\n').slice(1)).toEqual([
      expect.stringContaining('$.transfers[1].name: "HUGO-out" is used twice'),
      expect.stringContaining('$.transfers[1].trader: "nobody" is no trader'),
      expect.stringContaining('$.transfers[1].account: a fresh account is named by its batch'),
      expect.stringContaining('$.transfers[2].name: a name of 1 to 32'),
      expect.stringContaining('$.transfers[2].account: a name of 1 to 32'),
    ]);
  });

  test('must fit the orders beside them: other names, fresh accounts that exist, no more than a ballot lists', () => {
    const batch = { name: 'hugo-1', height: 1, trader: 'hugo', account: undefined, orders: [] };
    const move = { ...shield, amount: 1n, to: undefined } as FileTransfer;
    const check = (...rows: FileTransfer[]) => checkTransfers('market.json', rows, [batch]);
    expect(() => check(move, { ...move, name: 'x', account: 'fresh:hugo-1' })).not.toThrow();
    expect(() => check({ ...move, name: 'Hugo-1' })).toThrow('a batch of the orders has this name');
    for (const wrong of [
      { account: 'fresh:hugo-2' },
      { account: 'fresh:hugo-1', height: 1 },
      { account: 'fresh:hugo-1', trader: 'ana' },
    ])
      expect(() => check({ ...move, ...wrong })).toThrow('is no fresh account');
    const many = Array.from({ length: 64 }, (_, i) => ({ ...move, name: `m${i}`, height: 1 }));
    expect(() => check(...many.slice(1))).not.toThrow();
    expect(() => check(...many)).toThrow('65 batches and transfers at height 1');
  });
});
