import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { velumIn } from '../../helpers/cli.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'velum-market-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const example = (name: string): string =>
  readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');
const save = (name: string, content: unknown): void =>
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
const market = (...args: string[]) => velumIn(cwd, 'market', ...args);
async function json(...args: string[]): Promise<unknown> {
  const { exitCode, out, err } = await market(...args, '--json');
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out);
}
/** What a file's problems are, by place; nothing is printed as a result and nothing written. */
async function problems(...args: string[]): Promise<Record<string, string>> {
  const before = readdirSync(cwd);
  const { exitCode, out } = await market(...args, '--json');
  expect(exitCode).toBe(2);
  expect(readdirSync(cwd)).toEqual(before);
  const { error } = JSON.parse(out);
  const plain = await market(...args);
  expect([plain.exitCode, plain.out]).toEqual([2, '']);
  for (const { where, reason } of error.problems) expect(plain.err).toContain(`${where}: ${reason}`);
  return Object.fromEntries(
    error.problems.map(({ where, reason }: Record<string, string>) => [where, reason]),
  );
}
/** A JSON example with some fields set by their path. */
function edited(name: string, changes: Record<string, unknown>): unknown {
  const file = JSON.parse(example(name));
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const at = keys.reduce((object, key) => object[key], file);
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return file;
}

describe('velum market clear', () => {
  const clear = ['clear', '--book', 'book.csv'];
  const book = (...rows: string[]): void => save('book.csv', ['side,price,lots', ...rows, ''].join('\n'));

  test('prints exactly price, volume and the fills of the rows, in their order', async () => {
    book('buy,101,5', 'sell,99,2', 'buy,100,4', 'sell,99.5,1');
    expect(await json(...clear)).toEqual({ price: '101', volume: '3', fills: ['3', '2', '0', '1'] });
    expect(await json(...clear, '--band', '95:100.5')).toMatchObject({ price: '100.5', volume: '3' });
  });
  test('says null when nothing trades, and exits 0', async () => {
    book('buy,99,5', 'sell,100,5');
    expect(await json(...clear)).toEqual({ price: null, volume: '0', fills: ['0', '0'] });
    book();
    expect(await json(...clear)).toEqual({ price: null, volume: '0', fills: [] });
    expect((await market(...clear)).out).toContain('No trade');
  });
  test('settles a tie at the reference, by default in the middle of the best prices', async () => {
    book('buy,110,5', 'sell,100,5');
    expect(await json(...clear)).toMatchObject({ price: '105' });
    expect(await json(...clear, '--reference', '103')).toMatchObject({ price: '103' });
    expect(await json(...clear, '--reference', '1')).toMatchObject({ price: '100' });
  });
  test('takes the step of prices from the file, or as it is told', async () => {
    book('buy,1.5,10', 'sell,1,4');
    expect(await json(...clear)).toMatchObject({ price: '1.5' });
    book('buy,2,10', 'sell,1,4', 'buy,2,4', 'sell,2,10');
    expect(await json(...clear, '--tick', '0.25', '--reference', '1.5')).toMatchObject({ volume: '14' });
  });
  test('names every bad cell by line and column, and a price off the tick', async () => {
    book('buy,x,1', 'hold,1,0', 'sell,1', 'sell,-1,1e3');
    expect(Object.keys(await problems(...clear))).toEqual([
      'line 2, price',
      'line 3, side',
      'line 3, lots',
      'line 4',
      'line 5, price',
      'line 5, lots',
    ]);
    book('buy,1.5,1', 'sell,1,1');
    expect(await problems(...clear, '--tick', '1')).toEqual({
      'line 2, price': 'the price is no multiple of the tick 1',
    });
    save('book.csv', 'price,side,lots\n');
    expect(await problems(...clear)).toEqual({
      'line 1': 'the header must be side,price,lots, found "price,side,lots"',
    });
  });
  test.each([
    [['--band', '1'], 'LOW:HIGH'],
    [['--band', '2:1'], 'lower price comes first'],
    [['--reference', '0'], 'above 0'],
    [['--tick', '-1'], 'above 0'],
    [['--reference', '1.5', '--tick', '1'], 'multiples of the tick'],
  ])('refuses %j', async (flags, message) => {
    book('buy,1,1');
    const { exitCode, err } = await market(...clear, ...flags);
    expect([exitCode, err.includes(message)]).toEqual([2, true]);
  });
});

describe('velum market margin', () => {
  const margin = ['margin', '--portfolio', 'p.json'];
  test('prints exactly the documented fields, with bankruptcy, fillable and liquidation price', async () => {
    save('p.json', example('portfolio.json'));
    const told = (await json(...margin)) as Record<string, unknown> & { positions: object[] };
    expect(told).toEqual({
      cash: '400',
      equity: '351.3',
      openingEquity: '351.3',
      initialMargin: '333.325',
      maintenanceMargin: '222.7625',
      withdrawable: '17.975',
      isLiquidated: false,
      positions: [
        {
          instrument: 'BTC-PERP',
          lots: '50',
          mark: '62.05',
          maintenance: '77.5625',
          liquidationPrice: '59.413333',
          bankruptcyPrice: '59.603655',
          fillablePrice: '62.05',
        },
        {
          instrument: 'BTC-25DEC26-65000-C',
          lots: '-2',
          mark: '26.1',
          maintenance: '145.2',
          liquidationPrice: '58.234376',
          bankruptcyPrice: '140.591352',
          fillablePrice: '26.1',
        },
      ],
    });
  });
  test('says null where no mark of the instrument would lead to liquidation', async () => {
    save('p.json', edited('portfolio.json', { cash: '100000' }));
    const { positions } = (await json(...margin)) as { positions: { liquidationPrice: string | null }[] };
    expect(positions.map(({ liquidationPrice }) => liquidationPrice === null)).toEqual([true, false]);
  });
  test('names everything of a wrong shape by its path', async () => {
    const bad = {
      'market.imfPpm': -1,
      'market.instruments.1.type': 'straddle',
      'market.tiers': [{ fromNotional: '0' }],
      'market.liquidation': { spreadPpm: 0.5, more: 1 },
      index: '-1',
      'marks.BTC-PERP': 62,
      cash: '1e3',
      'positions.0.lots': '0',
      'positions.1.quote': '0.0000001',
      extra: 1,
    };
    save('p.json', edited('portfolio.json', bad));
    expect(Object.keys(await problems(...margin)).sort()).toEqual([
      '$.cash',
      '$.extra',
      '$.index',
      '$.market.imfPpm',
      '$.market.instruments[1].type',
      '$.market.liquidation.more',
      '$.market.liquidation.spreadPpm',
      '$.market.tiers[0].fromNotional',
      '$.market.tiers[0].imfPpm',
      '$.market.tiers[0].mmfPpm',
      '$.marks["BTC-PERP"]',
      '$.positions[0].lots',
      '$.positions[1].quote',
    ]);
  });
  test('names everything of a wrong content by its path', async () => {
    const bad = edited('portfolio.json', {
      'market.mmfPpm': 60_000,
      'market.tiers': [{ fromNotional: '5', imfPpm: 1, mmfPpm: 1 }],
      'marks.X': '1',
      'marks.BTC-PERP': undefined,
      'positions.1.instrument': 'Y',
      'positions.2': { instrument: 'BTC-PERP', lots: '1', quote: '0' },
    });
    save('p.json', bad);
    expect(await problems(...margin)).toEqual({
      '$.market.mmfPpm': 'must be 1 to 50000, is 60000',
      '$.market.tiers[0].imfPpm': 'must be 50000 to 1000000, is 1',
      '$.market.tiers[0].mmfPpm': 'must be 60000 to 1, is 1',
      '$.marks': 'BTC-PERP has no mark',
      '$.marks.X': 'the market has no instrument of this name',
      '$.positions[1].instrument': 'the market has no instrument of this name',
      '$.positions[2].instrument': 'there is a position in it already',
    });
  });
  test('refuses what is not JSON', async () => {
    save('p.json', '{"version": 1,');
    expect((await problems(...margin))['$']).toMatch(/^not JSON: /);
  });
});

describe('velum market option', () => {
  const option = [
    'option',
    '--type',
    'put',
    '--forward',
    '20',
    '--strike',
    '20',
    '--years',
    '1',
    '--vol',
    '0.25',
  ];
  test('prints exactly price, delta, gamma, vega, theta as decimal strings', async () => {
    const told = await json(...option);
    expect(Object.keys(told as object)).toEqual(['price', 'delta', 'gamma', 'vega', 'theta']);
    for (const value of Object.values(told as object)) expect(value).toMatch(/^-?\d+(\.\d{1,18})?$/);
    expect(told).toMatchObject({
      price: expect.stringMatching(/^1\.989/),
      delta: expect.stringMatching(/^-0\.45/),
    });
  });
  test('prices without time, at its intrinsic value', async () => {
    const told = await json(
      'option',
      '--type',
      'call',
      '--forward',
      '21',
      '--strike',
      '20',
      '--years',
      '0',
      '--vol',
      '0',
    );
    expect(told).toEqual({ price: '1', delta: '1', gamma: '0', vega: '0', theta: '0' });
  });
  test('answers for the smallest volatility and the smallest time that can be written', async () => {
    const least = '0.000000000000000001';
    const told = (await json(...option, '--vol', least)) as Record<string, string>;
    expect(told['delta']).toBe('-0.5');
    expect(Number(told['price'])).toBeLessThan(1e-16);
    // φ(0)/(F·σ√T), φ(0) = 0.39894228…
    expect(Number(told['gamma']) * 20e-18).toBeCloseTo(0.39894228, 8);
    expect(await json(...option, '--vol', least, '--years', least)).toMatchObject({
      price: '0',
      gamma: '0',
      vega: '0',
      theta: '0',
    });
    expect(await json(...option, '--forward', least, '--vol', least)).toMatchObject({ delta: '-1' });
  });
  test.each([
    [['--type', 'straddle'], 'call, put'],
    [['--forward', '0'], 'above 0'],
    [['--vol', '-1'], 'from 0 on'],
    [['--years', '1e3'], 'plain decimal number'],
    [['--years', '20000'], 'at most 10000 years'],
    [['--discount', '0'], 'above 0'],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, err } = await market(...option, ...flags);
    expect([exitCode, err.includes(message)]).toEqual([2, true]);
  });
});

describe('velum market funding', () => {
  const funding = ['funding', '--file', 'f.json'];
  test('prints exactly the documented fields, from books to payments', async () => {
    save('f.json', example('funding.json'));
    expect(await json(...funding)).toEqual({
      samplesPpm: [1822, 0, 1600].map(() => expect.any(Number)),
      meanPpm: 1140,
      dampedPpm: 890,
      capPpm: 150_000,
      ratePpm: 890,
      perLot: '0.006897',
      payments: { long: '-3.4485', short: '3.4485' },
    });
  });
  test('damps and caps premiums as it is told', async () => {
    const rate = async (premium: number, changes: object = {}) => {
      save('f.json', {
        version: 1,
        index: '62',
        imfPpm: 50_000,
        mmfPpm: 25_000,
        premiumsPpm: [premium],
        ...changes,
      });
      return ((await json(...funding)) as { ratePpm: number }).ratePpm;
    };
    expect(await rate(250)).toBe(0);
    expect(await rate(1_000)).toBe(750);
    expect(await rate(1_000, { damperPpm: 0 })).toBe(1_000);
    expect(await rate(-900_000)).toBe(-99_750);
    expect(await rate(-900_000, { samplePpmLimit: 1_000_000 })).toBe(-150_000);
    expect(await rate(900_000, { capFactor: 1 })).toBe(25_000);
  });
  test('names everything wrong by its path', async () => {
    save(
      'f.json',
      edited('funding.json', { 'heights.0.bids.0': ['1'], 'positions.long': '1.5', seconds: -1 }),
    );
    expect(Object.keys(await problems(...funding)).sort()).toEqual([
      '$.heights[0].bids[0]',
      '$.positions.long',
      '$.seconds',
    ]);
    save('f.json', edited('funding.json', { mmfPpm: 60_000, premiumsPpm: [1] }));
    expect(await problems(...funding)).toEqual({
      '$.mmfPpm': 'must be 0 to 50000',
      $: 'either "heights" or "premiumsPpm" is expected',
    });
  });
});

describe('velum market', () => {
  test.each(['clear', 'margin', 'option', 'funding', 'replay'])(
    '%s --help has an example and exit codes',
    async (name) => {
      const { exitCode, out } = await market(name, '--help');
      expect(exitCode).toBe(0);
      expect(out).toContain('Example');
      expect(out).toContain('Exit codes:');
      expect(out).toContain('--json');
    },
  );
  test('replay needs the files of a run', async () => {
    const { exitCode, err } = await market('replay', resolve(cwd));
    expect([exitCode, err.includes('genesis.json')]).toEqual([2, true]);
  });
});
