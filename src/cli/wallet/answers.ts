import type { Happening } from '../../client/history.ts';
import type { NodeFault } from '../../client/nodes.ts';
import type { Sent } from '../../client/send.ts';
import type { OwnAccount, Trader } from '../../client/trader.ts';
import { formatDecimal, formatUsdc } from '../../formats/decimal.ts';
import { table } from '../table.ts';

/** What a wallet tells: for --json, and as lines for a person. Amounts of JSON are USDC in decimal texts, never rounded. */

const usdc = (units: bigint | undefined): string | null =>
  units === undefined ? null : formatDecimal(units);
const shown = (units: bigint | undefined): string => (units === undefined ? '' : formatUsdc(units));
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** Up to where the chain was verified: what stands below is of that height, and no node's word. */
export const asOf = ({ replica, height }: Trader) => ({
  height: height as number,
  timeS: replica.settlement.market.timeS.toString(),
});

const timeText = (timeS: bigint): string =>
  new Date(Number(timeS) * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');

const heading = (trader: Trader): string =>
  `Verified up to height ${trader.height}, ${timeText(trader.replica.settlement.market.timeS)}.`;

/** Nodes that were caught or could not be used. */
export const faultLines = (faults: readonly NodeFault[]): string[] =>
  faults.map(({ rpc, code, reason }) => `${rpc}: ${code}: ${reason}`);

function balanceOf(trader: Trader) {
  const notes = sum(trader.notes);
  const setAside = sum(trader.setAside.map(({ value }) => value));
  const accounts = sum(trader.accounts.map(({ equity }) => equity));
  return { notes, setAside, accounts, total: notes + setAside + accounts };
}

export const balanceJson = (trader: Trader) => {
  const { notes, setAside, accounts, total } = balanceOf(trader);
  return { notes: usdc(notes), setAside: usdc(setAside), accounts: usdc(accounts), total: usdc(total) };
};

export function balanceLines(trader: Trader): string[] {
  const { notes, setAside, accounts, total } = balanceOf(trader);
  const rows = [
    ['notes', formatUsdc(notes)],
    ['set aside for batches on their way', formatUsdc(setAside)],
    ['accounts, at the marks', formatUsdc(accounts)],
    ['together', formatUsdc(total)],
  ];
  return [heading(trader), ...table([['', 'USDC'], ...rows], ['left', 'right'])];
}

export const notesJson = (trader: Trader) => ({
  notes: trader.notes.map(usdc),
  setAside: trader.setAside.map(({ value, toHeight }) => ({ value: usdc(value), toHeight })),
});

export const notesLines = (trader: Trader): string[] => [
  heading(trader),
  ...table(
    [
      ['USDC', ''],
      ...trader.notes.map((value) => [formatUsdc(value), 'can be spent']),
      ...trader.setAside.map(({ value, toHeight }) => [
        formatUsdc(value),
        `set aside for a batch, up to height ${toHeight}`,
      ]),
    ],
    ['right', 'left'],
  ),
];

const nameOf = ({ number }: OwnAccount): string => (number === undefined ? 'of a batch' : `${number}`);

export const accountsJson = (trader: Trader) =>
  trader.accounts.map(({ id, number, account, equity }) => ({
    account: id,
    number: number ?? null,
    cash: usdc(account.cash),
    equity: usdc(equity),
    sequence: account.sequence.toString(),
    positions: [...account.positions].map(([instrument, { lots }]) => ({
      instrument: trader.replica.chain.market.instruments[instrument]!.name,
      lots: lots.toString(),
    })),
  }));

export function accountsLines(trader: Trader): string[] {
  const { instruments } = trader.replica.chain.market;
  const rows = trader.accounts.map((own) => [
    own.id,
    nameOf(own),
    formatUsdc(own.account.cash),
    formatUsdc(own.equity),
    [...own.account.positions]
      .map(([i, { lots }]) => `${lots > 0n ? '+' : ''}${lots} ${instruments[i]!.name}`)
      .join(', '),
  ]);
  return [
    heading(trader),
    ...table(
      [['Account', 'number', 'cash', 'equity', 'positions'], ...rows],
      ['left', 'left', 'right', 'right', 'left'],
    ),
  ];
}

const happeningJson = (trader: Trader) => (each: Happening) => ({
  height: each.height,
  timeS: each.timeS.toString(),
  kind: each.kind,
  id: each.id,
  account: each.account ?? null,
  amount: usdc(each.amount),
  fee: usdc(each.fee),
  code: each.code ?? null,
  leg: each.leg ?? null,
  instrument:
    each.instrument === undefined ? null : trader.replica.chain.market.instruments[each.instrument]!.name,
  side: each.side ?? null,
  lots: each.lots?.toString() ?? null,
  price: usdc(each.price),
});

export const historyJson = (trader: Trader, happenings = trader.history) =>
  happenings.map(happeningJson(trader));

/** One thing that happened, in words. */
function happeningText(trader: Trader, each: Happening): string {
  const { kind, code, leg, side, lots, price, instrument } = each;
  if (kind === 'fill')
    return `${side} ${lots} ${trader.replica.chain.market.instruments[instrument!]!.name} at ${shown(price)}`;
  if (kind === 'refused') return `refused${leg === undefined ? '' : `, order ${leg}`}: ${code}`;
  return kind;
}

export function historyLines(trader: Trader, happenings = trader.history): string[] {
  const rows = happenings.map((each) => [
    `${each.height}`,
    timeText(each.timeS),
    happeningText(trader, each),
    shown(each.amount),
    shown(each.fee),
    each.id.slice(0, 16),
  ]);
  return table(
    [['Height', 'time', 'what', 'USDC', 'fee', 'item'], ...rows],
    ['right', 'left', 'left', 'right', 'right', 'left'],
  );
}

export const sentJson = (trader: Trader, { happenings, ...sent }: Sent) => ({
  ...sent,
  happenings: historyJson(trader, happenings),
});
