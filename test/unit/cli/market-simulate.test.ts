import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../../../src/proofs/compile.ts';
import { velumIn } from '../../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-simulate-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const files = ['--orders', 'examples/story.csv', '--market', 'examples/story.json'];
// biome-ignore lint/suspicious/noExplicitAny: what --json prints
type Loose = any;

async function simulate(...args: string[]): Promise<string> {
  const { exitCode, out, err } = await velumIn(root, 'market', 'simulate', ...args);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return out;
}
const heightsOf = async (...args: string[]): Promise<Loose[]> =>
  JSON.parse(await simulate(...args, '--json')).heights;

describe('velum market simulate', () => {
  test('runs the example through everything that a market can do to an account', async () => {
    const heights = await heightsOf(...files);
    const types = heights.map(({ events }) => [...new Set(events.map(({ type }: Loose) => type))]);
    expect(types).toEqual([
      [],
      ['transfer'],
      ['funding'],
      ['halt', 'drop'],
      ['resume', 'transfer'],
      [],
      [],
      ['expiry'],
      ['liquidation', 'penalty', 'insurancePaid', 'deleverage', 'haircut', 'drop'],
      ['transfer'],
    ]);
    expect(heights.every(({ conserved }) => conserved === true)).toBe(true);
    expect(Object.keys(heights[0])).toEqual(
      expect.arrayContaining(['height', 'timeS', 'marks', 'auctions', 'events', 'accounts', 'insurance']),
    );
    expect(heights[0].accounts.find(({ trader }: Loose) => trader === 'ana')).toEqual({
      trader: 'ana',
      account: 'long',
      cash: expect.any(String),
      equity: expect.any(String),
      initialMargin: '300.05',
      maintenanceMargin: '150.025',
      positions: { PERP: '100' },
    });
  });

  test('says where every unit of a height’s losses went', async () => {
    const heights = await heightsOf(...files);
    const [before, after] = [heights[7], heights[8]];
    const equity = (height: Loose, trader: string): number =>
      Number(height.accounts.find((row: Loose) => row.trader === trader)?.equity ?? 0);
    const sum = (type: string, field = 'amount'): number =>
      after.events
        .filter((e: Loose) => e.type === type)
        .reduce((s: number, e: Loose) => s + Number(e[field]), 0);
    // Who was long lost to who was short; the fund paid all it had and all that the penalty brought.
    expect(Number(before.insurance) + sum('penalty') - sum('insurancePaid')).toBeCloseTo(
      Number(after.insurance),
      6,
    );
    const deposit = Number(before.pool) - Number(after.pool) - 0.1;
    const moved = ['ana', 'bo', 'cleo', 'rita'].reduce(
      (s, who) => s + equity(after, who) - equity(before, who),
      0,
    );
    const paid = sum('insurancePaid') - sum('penalty');
    expect(moved - deposit - paid).toBeCloseTo(-(Number(after.fees) - Number(before.fees) - 0.1), 6);
    expect(after.unfilled).toEqual([
      { item: 'rita-1', leg: 0, side: 'buy', why: 'pro rata', instrument: 'PERP', lots: '100', filled: '56' },
    ]);
  });

  test('for a person says the same in words', async () => {
    const text = await simulate(...files);
    for (const line of [
      'the market halts: the prices are too old',
      'left out order 1 of olga-2: ENTRY_HALTED',
      'liquidation of ana/long: sell 56 PERP at 52.764968 or better; 56 filled at 52.80, fee 0.88704',
      'the insurance fund pays 25.9136 to bo/swing',
      'haircut: cleo/desk gives up 6.357742 of this height',
    ])
      expect(text).toContain(line);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('a hundred heights need no orders of their own, and the same seed gives the same', async () => {
    const market = JSON.parse(readFileSync(join(root, 'examples/story.json'), 'utf8'));
    for (let h = market.oracle.length; h <= 100; h++)
      market.oracle.push({
        time: new Date(Date.UTC(2026, 10, 24, 9, h)).toISOString().replace('.000Z', 'Z'),
      });
    const file = join(scratch, 'long.json');
    writeFileSync(file, JSON.stringify(market));
    const long = ['--orders', 'examples/story.csv', '--market', file];
    const heights = await heightsOf(...long);
    expect(heights).toHaveLength(100);
    expect(await heightsOf(...long)).toEqual(heights);
    expect(await heightsOf(...long, '--heights', '3', '--seed', '1')).toEqual(heights.slice(0, 3));
  });

  test('writes a report and one page that needs nothing else', async () => {
    const [out, html] = [join(scratch, 'out'), join(scratch, 'pages', 'story.html')];
    await simulate(...files, '--out', out, '--html', html);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(report.heights).toEqual(await heightsOf(...files));
    const replayed = await velumIn(root, 'market', 'replay', out);
    expect([replayed.exitCode, replayed.err.includes('only one of velum epoch')]).toEqual([2, true]);
    const page = readFileSync(html, 'utf8');
    for (const part of ['PERP: prices', 'Equity of accounts', 'Events', 'demand and supply', 'prices.csv'])
      expect(page).toContain(part);
    const specs = /<script type="application\/json" id="specs">(.*)<\/script>/.exec(page)![1]!;
    const places = [...page.matchAll(/data-spec="(\d+)"/g)].map(([, n]) => Number(n));
    expect(places).toEqual(JSON.parse(specs).map((_: unknown, i: number) => i));
    expect(page.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/(src|href)="https?:/);
  });

  test('refuses what the validators of an epoch refuse, with their codes', async () => {
    const market = JSON.parse(readFileSync(join(root, 'examples/story.json'), 'utf8'));
    const base = { trader: 'cleo', account: 'desk', height: 2, to: `0x${'11'.repeat(20)}` };
    market.transfers = ['first', 'second'].map((name) => ({ ...base, name, kind: 'withdraw', amount: '1' }));
    market.transfers.unshift({ ...base, name: 'too-much', kind: 'withdraw', amount: '1000000' });
    market.traders.cleo = ['100000'];
    const [marketFile, orders] = [join(scratch, 'refused.json'), join(scratch, 'refused.csv')];
    writeFileSync(marketFile, JSON.stringify(market));
    const row = (batch: string, at: number) => `${at},cleo,desk,${batch},PERP,buy,10,60.00,false`;
    const header = 'height,trader,account,batch,instrument,side,lots,limit,reduceOnly';
    writeFileSync(orders, [header, row('one', 1), row('again', 1)].join('\n'));
    const heights = await heightsOf('--orders', orders, '--market', marketFile, '--heights', '2');
    const drops = heights.flatMap(({ events }) => events.filter(({ type }: Loose) => type === 'drop'));
    expect(drops.map(({ item, code }) => [item, code])).toEqual([
      ['again', 'ITEM_NULLIFIER_PENDING'],
      ['too-much', 'ITEM_AMOUNT_EXCEEDED'],
      ['second', 'ITEM_SEQUENCE_PENDING'],
    ]);
  });

  test('without files settles the examples of the package, from any directory', async () => {
    const { exitCode, out } = await velumIn(scratch, 'market', 'simulate', '--json');
    expect(exitCode).toBe(0);
    const named = ['--orders', 'examples/orders.csv', '--market', 'examples/market.json'];
    expect(JSON.parse(out).heights).toEqual(await heightsOf(...named));
  });

  test('of more heights than there are prices is refused with what to do', async () => {
    const { exitCode, err } = await velumIn(root, 'market', 'simulate', ...files, '--heights', '11');
    expect(exitCode).toBe(2);
    expect(err).toContain('has oracle prices up to height 10');
  });
});

describe('velum market diff', () => {
  test('finds nothing between equal runs, and names what differs', async () => {
    const [one, two] = [join(scratch, 'one.json'), join(scratch, 'two.json')];
    const heights = await heightsOf(...files);
    writeFileSync(one, JSON.stringify({ heights }));
    const other = structuredClone(heights);
    other[2].marks.PERP = '61';
    other[8].accounts.find(({ trader }: Loose) => trader === 'rita').cash = '1';
    other.pop();
    writeFileSync(two, JSON.stringify({ heights: other }));
    const same = await velumIn(root, 'market', 'diff', one, one);
    expect(same).toEqual({ exitCode: 0, out: 'The same.\n', err: '' });
    const { exitCode, out } = await velumIn(root, 'market', 'diff', one, two);
    expect(exitCode).toBe(1);
    expect(out).toContain('height 3 marks.PERP: "60.02" | "61"');
    expect(out).toContain('height 9 accounts.rita rescue.cash: "720.69888" | "1"');
    expect(out).toContain('height 10: there | not there');
    const none = await velumIn(root, 'market', 'diff', one, 'examples/story.json');
    expect(none.exitCode).toBe(2);
  });

  test('with --json prints one object, whatever it finds', async () => {
    const [one, two] = [join(scratch, 'three.json'), join(scratch, 'four.json')];
    writeFileSync(one, JSON.stringify({ heights: [{ height: 1, marks: { PERP: '60', ms: '1' } }] }));
    writeFileSync(two, JSON.stringify({ heights: [{ height: 1, marks: { PERP: '61', ms: '2' }, ms: 3 }] }));
    const same = await velumIn(root, 'market', 'diff', one, one, '--json');
    expect([same.exitCode, JSON.parse(same.out)]).toEqual([0, { differences: [] }]);
    const { exitCode, out } = await velumIn(root, 'market', 'diff', one, two, '--json');
    expect([exitCode, JSON.parse(out)]).toEqual([
      1,
      {
        differences: [
          { height: 1, path: 'marks.PERP', a: '60', b: '61' },
          { height: 1, path: 'marks.ms', a: '1', b: '2' },
        ],
      },
    ]);
  });

  test('compares an epoch and a simulation by what both have: accounts as they stand, events in any order', async () => {
    const [epoch, simulation] = [join(scratch, 'epoch.json'), join(scratch, 'simulation.json')];
    const drop = { type: 'drop', item: 'ana-1', code: 'ENTRY_HALTED' };
    const penalties = ['bo/swing', 'cleo/desk'].map((account) => ({ type: 'penalty', account, amount: '1' }));
    const after = { cash: '10', equity: '12', positions: [{ instrument: 'PERP', lots: '5' }] };
    const changed = { account: '0de3', trader: 'ana', name: 'long', before: null, after };
    const epochHeights = [
      {
        height: 1,
        ms: { prove: 1 },
        stateRoot: '00',
        accounts: [changed],
        market: { index: '60', events: [] },
      },
      { height: 2, accounts: [], market: { index: '61', events: [drop, ...penalties] } },
    ];
    const stands = {
      ...{ trader: 'ana', account: 'long', cash: '10', equity: '12', positions: { PERP: '5' } },
      ...{ initialMargin: '3', maintenanceMargin: '2' },
    };
    const simulated = (cash: string) => [
      { height: 1, index: '60', accounts: [stands], events: [] },
      { height: 2, index: '61', accounts: [{ ...stands, cash }], events: [...penalties.reverse(), drop] },
    ];
    writeFileSync(epoch, JSON.stringify({ velum: 'epoch', heights: epochHeights }));
    writeFileSync(simulation, JSON.stringify({ heights: simulated('10') }));
    const same = await velumIn(root, 'market', 'diff', epoch, simulation);
    expect(same).toEqual({ exitCode: 0, out: 'The same.\n', err: '' });
    writeFileSync(simulation, JSON.stringify({ heights: simulated('11') }));
    const { exitCode, out, err } = await velumIn(root, 'market', 'diff', simulation, epoch);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: 'height 2 accounts.ana long.cash: "11" | "10"\n' });
    expect(err).toContain('one value differs');
    writeFileSync(epoch, JSON.stringify({ velum: 'epoch', heights: [{ height: 1, market: {} }] }));
    const broken = await velumIn(root, 'market', 'diff', simulation, epoch);
    expect(broken.exitCode).toBe(2);
    expect(broken.err).toContain('$.heights[0].accounts');
  });
});

describe('velum epoch --check', () => {
  test('reads the files and runs nothing', async () => {
    const { exitCode, out } = await velumIn(root, 'epoch', '--check', ...files);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: 'The files are in order: 9 heights, 9 batches, 3 transfers.\n',
    });
    const wrong = await velumIn(root, 'epoch', '--check', '--orders', 'examples/story.csv');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain('"CALL-60"');
  });
});
