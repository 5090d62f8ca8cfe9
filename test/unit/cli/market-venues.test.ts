import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal } from '../../../src/formats/decimal.ts';
import { expFixed, mulFixed } from '../../../src/market/fixed-point.ts';
import { velumIn } from '../../helpers/cli.ts';

/** Other venues' published examples, through the command line alone: their parameters are entered, their figures come out. */

const cwd = mkdtempSync(join(tmpdir(), 'velum-venues-'));
afterAll(() => rmSync(cwd, { recursive: true }));
interface Named {
  readonly name: string;
}
interface Portfolio extends Named {
  readonly portfolio: object;
  readonly expect: object;
}
interface Funding extends Named {
  readonly funding: object;
  readonly expect: string;
}
interface Premium extends Named {
  readonly funding: object;
  readonly expect: number;
}
interface Dydx extends Named {
  readonly cash: string;
  readonly positions: object;
  readonly of: string;
  readonly spreadPpm?: number;
  readonly price: string;
}
type Leg = [type: string, strike: string, lots: string, markOrVol: string];
interface Derive extends Named {
  readonly legs: readonly Leg[];
  readonly initial: string;
  readonly maintenance: string;
}
interface Priced extends Record<'source' | 'type' | 'forward' | 'strike' | 'years' | 'vol', string> {
  readonly rate?: string;
  readonly price: string;
  readonly tolerance: string;
}

const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../vectors/market-${name}.json`, import.meta.url), 'utf8'));

/** Runs `velum market …` on a file of this text. */
async function market(args: readonly string[], file?: string): Promise<Record<string, unknown>> {
  if (file !== undefined) writeFileSync(join(cwd, 'file'), file);
  const { exitCode, out, err } = await velumIn(cwd, 'market', ...args, '--json');
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out);
}
const margin = (portfolio: unknown) => market(['margin', '--portfolio', 'file'], JSON.stringify(portfolio));
/** The exact decimal of an integer of 10^-decimals. */
const scaled = (value: string, decimals: number): string => formatDecimal(BigInt(value), decimals);
const fixed = (text: string): bigint => parseDecimal(text, 18)!;
const off = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

describe('Deribit, Bit.com, dYdX, Cboe and Binance documentation', () => {
  test.each<Portfolio>(vectors('venues').margin)('$name', async ({ portfolio, expect: expected }) => {
    expect(await margin(portfolio)).toMatchObject(expected);
  });
});

describe("dYdX v4's own test cases", () => {
  test.each<Premium>(vectors('venues').premium)('premium: $name', async ({ funding, expect: expected }) => {
    const told = await market(['funding', '--file', 'file'], JSON.stringify(funding));
    expect(told['samplesPpm']).toEqual([expected]);
  });

  const portfolio = ({ cash, positions }: { cash: string; positions: object }, spreadPpm = 100_000) => ({
    version: 1,
    market: {
      imfPpm: 200_000,
      mmfPpm: 100_000,
      instruments: [
        { name: 'BTC', kind: 'perp', lotPpm: 1_000 },
        { name: 'ETH', kind: 'perp', lotPpm: 100_000 },
      ],
      liquidation: { spreadPpm },
    },
    index: '50000',
    marks: { BTC: '50', ETH: '300' },
    cash,
    positions: Object.entries(positions).map(([instrument, lots]) => ({
      instrument,
      lots: String(lots),
      quote: '0',
    })),
  });
  const positionsOf = (told: Record<string, unknown>) => told['positions'] as Record<string, string>[];

  test.each<Dydx>(vectors('dydx').fillable)('fillable price: $name', async (row) => {
    const told = await margin(portfolio(row, row.spreadPpm));
    expect(positionsOf(told).find(({ instrument }) => instrument === row.of)!['fillablePrice']).toBe(
      row.price,
    );
  });
  test.each<Dydx>(vectors('dydx').bankruptcy)('bankruptcy price: $name', async (row) => {
    const told = await margin(portfolio(row));
    expect(positionsOf(told).find(({ instrument }) => instrument === row.of)!['bankruptcyPrice']).toBe(
      row.price,
    );
  });
});

describe("Derive's own test cases", () => {
  const derive = vectors('derive-margin');
  const portfolio = (legs: readonly Leg[], marks: readonly string[]) => ({
    version: 1,
    market: {
      imfPpm: 50_000,
      mmfPpm: 25_000,
      optionMargin: { aPpm: 150_000, bPpm: 100_000, mPpm: 75_000, offPpm: 1_050_000 },
      instruments: legs.map(([type, strike], i) => ({
        name: `leg ${i}`,
        kind: 'option',
        type,
        strike: scaled(strike, 6),
        expiry: '2026-12-25T08:00:00Z',
        lotPpm: 1_000_000,
      })),
    },
    index: scaled(derive.index, 6),
    marks: Object.fromEntries(marks.map((mark, i) => [`leg ${i}`, mark])),
    cash: '0',
    positions: legs.map(([, , lots], i) => ({ instrument: `leg ${i}`, lots, quote: '0' })),
  });
  const requires = ({ initial, maintenance }: { initial: string; maintenance: string }) => ({
    initialMargin: scaled(initial, 6),
    maintenanceMargin: scaled(maintenance, 6),
  });

  test.each<Derive>(derive.isolated)('$name', async ({ legs, ...required }) => {
    const marks = legs.map(([, , , mark]) => scaled(mark, 6));
    expect(await margin(portfolio(legs, marks))).toMatchObject(requires(required));
  });

  test.each<Derive>(derive.priced.cases)(
    '$name, priced by velum market option',
    async ({ legs, ...required }) => {
      const years = formatDecimal((BigInt(derive.priced.expirySeconds) * 10n ** 18n) / 31_536_000n, 18);
      const marks: string[] = [];
      for (const [type, strike, , vol] of legs) {
        const of = ['--type', type, '--strike', scaled(strike, 6), '--vol', scaled(vol, 18)];
        const forward = scaled(derive.priced.forward, 18);
        const { price } = await market(['option', ...of, '--forward', forward, '--years', years]);
        marks.push(/^\d+(\.\d{0,6})?/.exec(price as string)![0]);
      }
      expect(await margin(portfolio(legs, marks))).toMatchObject(requires(required));
    },
  );
});

describe('Black-76', () => {
  test.each<Priced>(vectors('black76').published)('$source ($type)', async (v) => {
    const discount = formatDecimal(expFixed(-mulFixed(fixed(v.rate ?? '0'), fixed(v.years))), 18);
    const { type, forward, strike, years, vol } = v;
    const flags = Object.entries({ type, forward, strike, years, vol, discount });
    const { price } = await market(['option', ...flags.flatMap(([name, value]) => [`--${name}`, value])]);
    expect(off(fixed(price as string), fixed(v.price)) <= fixed(v.tolerance)).toBe(true);
  });
});

describe('published auctions', () => {
  interface Auction {
    band: [number, number];
    reference: number;
    buys: [number, number][];
    sells: [number, number][];
    price: number;
    volume: number;
  }
  test.each(vectors('auction') as Auction[])(
    '$name',
    async ({ band, reference, buys, sells, price, volume }) => {
      const row =
        (side: string) =>
        ([limit, lots]: [number, number]) =>
          `${side},${limit},${lots}`;
      const book = ['side,price,lots', ...buys.map(row('buy')), ...sells.map(row('sell')), ''].join('\n');
      const told = await market(
        ['clear', '--book', 'file', '--reference', `${reference}`, '--band', band.join(':'), '--tick', '1'],
        book,
      );
      expect(told).toMatchObject({ price: String(price), volume: String(volume) });
    },
  );
});

describe('published funding payments', () => {
  test.each<Funding>(vectors('venues').funding)('$name', async ({ funding, expect: expected }) => {
    const { payments } = await market(['funding', '--file', 'file'], JSON.stringify(funding));
    const paid = Number((payments as Record<string, string>)['trader']);
    expect(paid.toFixed(2)).toBe(expected);
  });
});

test('the examples of examples/README.md are what it says they are', async () => {
  const page = readFileSync(new URL('../../../examples/README.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!);
  const portfolio = blocks.find((text) => text.includes('"marks"'))!;
  expect(await margin(JSON.parse(portfolio))).toMatchObject({
    initialMargin: '53125',
    maintenanceMargin: '28125',
  });
  const funding = blocks.find((text) => text.includes('"premiumsPpm"'))!;
  expect(await market(['funding', '--file', 'file'], funding)).toMatchObject({
    payments: { alice: '-1.47085' },
  });
});
