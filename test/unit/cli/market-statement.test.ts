import { describe, expect, test } from 'vitest';
import { fundsOf, statementsOf, UNEXPLAINED } from '../../../src/cli/market/statement.ts';
import type { HeightStory } from '../../../src/cli/market/story.ts';
import { equity } from '../../../src/market/account.ts';
import { root } from '../../../src/proofs/compile.ts';
import { velumIn } from '../../helpers/cli.ts';
import { SCENARIO_MARKET, scenarioHeights } from '../../helpers/market-scenario.ts';
import { printedStatements, unitsOf } from '../../helpers/printed-statement.ts';

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

describe('the printed report of a run', () => {
  test.each([
    ['the story', 'examples/story.csv', 'examples/story.json', 8],
    ['the first example', 'examples/orders.csv', 'examples/market.json', 5],
  ])('says of %s, for every account, where each unit went', async (_, orders, market, accounts) => {
    const { exitCode, out } = await velumIn(
      root,
      'market',
      'simulate',
      '--orders',
      orders,
      '--market',
      market,
    );
    expect(exitCode).toBe(0);
    const statements = printedStatements(out);
    expect(statements.length).toBeGreaterThanOrEqual(accounts);
    const [heights] = out.split('Where each unit went');
    for (const { name, cash, positions, end } of statements) {
      expect([name, sum(cash), sum(positions)]).toEqual([name, end.cash, end.positions]);
      expect(end.equity).toBe(end.cash + end.positions);
      // The last table of a height that lists the account prints the same cash and equity.
      const [trader, account] = name.split('/');
      const rows = [...heights!.matchAll(new RegExp(`^ +${trader} +${account} +(\\S+) +(\\S+) `, 'gm'))];
      const [, cashThere, equityThere] = rows.at(-1)!;
      expect([name, unitsOf(cashThere!), unitsOf(equityThere!)]).toEqual([name, end.cash, end.equity]);
    }
    const books =
      /Accounts (\S+) \+ insurance (\S+) \+ fees (\S+) \+ notes (\S+)\n.*came in (\S+) - left (\S+)/.exec(
        out,
      )!;
    const [held, insurance, fees, notes, came, left] = books.slice(1).map(unitsOf);
    expect(held).toBe(sum(statements.map(({ end }) => end.equity)));
    expect(held! + insurance! + fees! + notes!).toBe(came! - left!);
    expect(out).not.toContain(UNEXPLAINED);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

test('statements explain every account and fund of a hard market, to the unit', () => {
  const seen = new Set<string>();
  for (const seed of [2, 9]) {
    const stories: HeightStory[] = [];
    for (const { before, input, result: settlement } of scenarioHeights(seed)) {
      const batches = input.items.filter((item) => item.kind === 'batch');
      stories.push({ before, settlement, batches, names: new Map(), owners: new Map(), refused: [] });
      if (stories.length === 150) break;
    }
    const { state } = stories.at(-1)!.settlement;
    const statements = statementsOf(SCENARIO_MARKET, stories);
    expect(statements.map(({ account }) => account).sort()).toEqual([...state.accounts.keys()].sort());
    for (const { account, postings } of statements) {
      const now = state.accounts.get(account)!;
      const [cash, positions] = [postings.map((row) => row.cash), postings.map((row) => row.positions)].map(
        sum,
      );
      expect([cash, cash! + positions!]).toEqual([now.cash, equity(now, state.market.marks)]);
      for (const { what } of postings) seen.add(what.replace(/[\d,.]+|[0-9a-f]{64}/g, '#'));
    }
    const ends = fundsOf(stories).map(({ start, postings }) => start + sum(postings.map((row) => row.cash)));
    expect(ends).toEqual([state.insurance, state.fees, state.pool]);
    for (const { postings } of fundsOf(stories)) for (const { what } of postings) seen.add(what);
  }
  expect([...seen]).not.toContain(UNEXPLAINED);
  for (const part of [
    'funding of',
    'expired',
    'liquidated',
    'penalty',
    'for its deficit',
    'deleveraged',
    'for a deleverage',
    'closed',
    'made good',
    'withdraw',
    'shield',
  ])
    expect([part, [...seen].some((what) => what.includes(part))]).toEqual([part, true]);
});
