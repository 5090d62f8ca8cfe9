import { formatUsdc } from '../../formats/decimal.ts';
import type { MarketParams } from '../../market/params.ts';
import { table } from '../table.ts';
import { fundsOf, type Posting, statementsOf } from './statement.ts';
import type { HeightStory } from './story.ts';
import { ownerOf, ownersOf } from './story-json.ts';

/** Where each unit of a run went: a statement of every account and fund, for a person. */

const signed = (units: bigint): string =>
  units === 0n ? '' : `${units > 0n ? '+' : ''}${formatUsdc(units)}`;
const spanOf = ({ from, height }: Pick<Posting, 'from' | 'height'>): string =>
  from === height ? `${height}` : `${from}-${height}`;

/** A title, then a table of every posting and what they add up to. */
export function statementLines(params: MarketParams, stories: readonly HeightStory[]): string[] {
  const last = stories.at(-1);
  if (last === undefined) return [];
  const owners = ownersOf(stories);
  const right = 'right' as const;
  const statements = statementsOf(params, stories)
    .map((row) => ({ ...row, owner: ownerOf(owners, row.account) }))
    .sort((a, b) => (nameOf(a.owner) < nameOf(b.owner) ? -1 : 1));
  let [held, worth] = [0n, 0n];
  const accounts = statements.flatMap(({ owner, postings }) => {
    const cash = postings.reduce((sum, row) => sum + row.cash, 0n);
    const positions = postings.reduce((sum, row) => sum + row.positions, 0n);
    held += cash;
    worth += positions;
    const rows = postings.map((row) => [spanOf(row), row.what, signed(row.cash), signed(row.positions)]);
    const end = ['', `equity ${formatUsdc(cash + positions)}`, formatUsdc(cash), formatUsdc(positions)];
    return [
      '',
      ...table([['', nameOf(owner), 'cash', 'in positions'], ...rows, end], [right, 'left', right, right]),
    ];
  });
  const funds = fundsOf(stories).flatMap(({ name, start, postings }) => {
    const end = postings.reduce((sum, row) => sum + row.cash, start);
    const rows = postings.map((row) => [spanOf(row), row.what, signed(row.cash)]);
    const table_ = [
      ['', name, 'cash'],
      ['', 'at the start', formatUsdc(start)],
      ...rows,
      ['', 'now', formatUsdc(end)],
    ];
    return ['', ...table(table_, [right, 'left', right])];
  });
  const { insurance, fees, pool, deposits, withdrawals } = last.settlement.state;
  return [
    `Where each unit went, to height ${last.settlement.height}: equity is cash and what the positions are worth at the marks,`,
    'above what was paid for them, which becomes cash when they are closed.',
    ...accounts,
    ...funds,
    '',
    `  Accounts ${formatUsdc(held + worth)} + insurance ${formatUsdc(insurance)} + fees ${formatUsdc(fees)} + notes ${formatUsdc(pool)}`,
    `  = came in ${formatUsdc(deposits)} - left ${formatUsdc(withdrawals)}`,
  ];
}

const nameOf = ({ trader, account }: { readonly trader: string; readonly account: string }): string =>
  `${trader}/${account}`;
