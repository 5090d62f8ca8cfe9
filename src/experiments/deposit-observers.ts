import { matched, normal } from './matching.ts';

/** Units of a cent; fees and amounts are in them. */
export const FEE = 10;
/** A batch follows the making of its note within so many heights, all equally likely. */
export const LONGEST_WAIT = 16;
/** The smallest part of a note that a batch brings along if it does not take the whole, and how many larger amounts are as likely. */
export const partsOf = (note: number): { readonly from: number; readonly count: number } => ({
  from: Math.ceil(0.2 * note),
  count: Math.floor(0.7 * note),
});

export type Habit = 'one account' | 'account per batch' | 'fixed denominations';

interface Event {
  readonly height: number;
  readonly account: number;
  readonly amount: number;
  /** For scoring only. */
  readonly truth: number;
}
/** A deposit of the bridge from an outside address, shielded: address and amount. */
export interface Deposit extends Event {
  readonly type: 'in';
  readonly address: number;
}
/** A batch: the account it revealed at settlement and what it brought along. Which note paid is hidden. */
export interface Batch extends Event {
  readonly type: 'batch';
}
/** A withdrawal from an account to a fresh outside address. */
export interface Withdrawal extends Event {
  readonly type: 'out';
}
/** What everybody reads in the blocks. Who is behind it is not in it. */
export type Visible = Deposit | Batch | Withdrawal;

/** P(the batch has this amount and height | it is paid by this deposit's note), by the traders' habit. */
function likelihood(habit: Habit, deposit: Deposit, batch: Batch): number {
  const waited = batch.height - deposit.height;
  if (waited < 1 || waited > LONGEST_WAIT) return 0;
  const isWhole = batch.amount === deposit.amount - FEE;
  if (habit === 'fixed denominations') return isWhole ? 1 / LONGEST_WAIT : 0;
  const { from, count } = partsOf(deposit.amount);
  const isPart = batch.amount >= from && batch.amount < from + count;
  // Every second batch takes a whole note.
  return (0.5 * Number(isWhole) + (0.5 * Number(isPart)) / count) / LONGEST_WAIT;
}

/** Things that nobody can tell apart, and which they are. */
interface Class<T> {
  readonly one: T;
  readonly members: readonly T[];
}

function classesOf<T extends Event>(events: readonly T[]): Class<T>[] {
  const byLook = new Map<string, T[]>();
  for (const event of events) {
    const look = `${event.height} ${event.amount}`;
    byLook.set(look, [...(byLook.get(look) ?? []), event]);
  }
  return [...byLook.values()].map((members) => ({ one: members[0]!, members }));
}

/** What an observer thinks of the withdrawals: for each a probability for each outside address. */
export interface Opinions {
  /** With all batches matched one to one to deposits. */
  readonly matching: readonly (readonly number[])[];
  /** Each withdrawal by itself. */
  readonly alone: readonly (readonly number[])[];
}

/** The observer knows the habit and reads the blocks. @param outs the withdrawals, in the order of the answers */
export function opinions(
  habit: Habit,
  events: readonly Visible[],
  outs: readonly Withdrawal[],
  traders: number,
): Opinions {
  const deposits = events.filter((event) => event.type === 'in');
  if (habit === 'one account') {
    const certain = outs.map(({ account }) => {
      const p = new Array<number>(traders).fill(0);
      p[deposits.find((deposit) => deposit.account === account)!.address] = 1;
      return p;
    });
    return { matching: certain, alone: certain };
  }
  const batches = classesOf(events.filter((event) => event.type === 'batch'));
  const notes = classesOf(deposits);
  const columns = notes.map(({ members }) => members.length);
  const weights = batches.map(({ one }) => notes.map((note) => likelihood(habit, note.one, one)));
  const alone = weights.map((line) => normal(line, columns));
  const matching = matched(
    weights,
    batches.map(({ members }) => members.length),
    columns,
  );
  const classOf = new Map(
    batches.flatMap(({ members }, i) => members.map(({ account }) => [account, i] as const)),
  );
  const byAddress = (line: readonly number[]): number[] => {
    const p = new Array<number>(traders).fill(0);
    for (const [j, value] of line.entries())
      if (value > 0) for (const { address } of notes[j]!.members) p[address]! += value;
    return p;
  };
  const of = (table: readonly (readonly number[])[]) =>
    outs.map(({ account }) => byAddress(table[classOf.get(account)!]!));
  return { matching: of(matching), alone: of(alone) };
}
