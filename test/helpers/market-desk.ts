import { createHash } from 'node:crypto';
import { accountIdOf, genesisSettlement, type SettlementState } from '../../src/ledger/settlement-state.ts';
import { type OpenedItem, type Settlement, settle } from '../../src/ledger/transition.ts';
import { type Account, equity } from '../../src/market/account.ts';
import { marginRequirement } from '../../src/market/margin.ts';
import type { Order, Side } from '../../src/market/order.ts';
import type { MarketParams } from '../../src/market/params.ts';
import { pricesOf } from '../../src/market/prices.ts';
import { height, instrumentIndex, itemId } from '../../src/params/ids.ts';

/** A market driven height by height in USDC, with accounts that are simply there: what rules do to them, without notes and agreement. */

/** 10⁻⁶ USDC. */
export const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e6));

export interface DeskOrder {
  readonly side: Side;
  /** Place of the instrument in the market. */
  readonly of: number;
  readonly lots: number | bigint;
  /** USDC a lot. */
  readonly at: number;
  readonly reduceOnly?: boolean;
}

export interface DeskHeight {
  /** Since the last height. */
  readonly seconds?: number;
  /** USDC for one underlying; by default as before. */
  readonly index?: number;
  /** Ppm, in the order of the volatility feeds; by default as before. */
  readonly vols?: readonly number[];
  /** Age of the prices at block time. */
  readonly ageS?: number;
  readonly orders?: Readonly<Record<number, readonly DeskOrder[]>>;
  /** USDC paid in by number of the account. */
  readonly deposits?: Readonly<Record<number, number>>;
  /** USDC to withdraw by number of the account. */
  readonly withdrawals?: Readonly<Record<number, number>>;
}

/** What an account holds at the start: USDC, and lots bought or sold at a price, by instrument. */
export interface DeskAccount {
  readonly cash: number;
  readonly holds?: readonly (readonly [of: number, lots: number, at: number])[];
}

const accountOf = ({ cash, holds = [] }: DeskAccount): Account => ({
  cash: usd(cash),
  sequence: 0n,
  positions: new Map(
    holds.map(([of, lots, at]) => [
      instrumentIndex(of),
      { lots: BigInt(lots), quote: -BigInt(lots) * usd(at) },
    ]),
  ),
});

export class MarketDesk {
  readonly #params: MarketParams;
  /** What the feeds said last, clamped or not. */
  #medians: readonly bigint[];
  state: SettlementState;

  constructor(
    params: MarketParams,
    medians: readonly bigint[],
    timeS: bigint,
    accounts: Readonly<Record<number, DeskAccount>>,
  ) {
    this.#params = params;
    this.#medians = medians;
    const genesis = genesisSettlement({ market: params, notesTotal: 10n ** 18n, medians, timeS });
    const held = new Map(
      Object.entries(accounts).map(([A, row]) => [accountIdOf(BigInt(A)), accountOf(row)] as const),
    );
    const openInterest = params.instruments.map((_, i) =>
      [...held.values()].reduce((sum, { positions }) => {
        const lots = positions.get(instrumentIndex(i))?.lots ?? 0n;
        return lots > 0n ? sum + lots : sum;
      }, 0n),
    );
    const money = [...held.values()].reduce(
      (sum, { cash, positions }) => [...positions.values()].reduce((s, { quote }) => s + quote, sum + cash),
      0n,
    );
    this.state = {
      ...genesis,
      accounts: held,
      market: { ...genesis.market, openInterest },
      deposits: genesis.deposits + money,
    };
  }

  account(A: number): Account | undefined {
    return this.state.accounts.get(accountIdOf(BigInt(A)));
  }

  /** E of an account at the last marks, USDC. */
  equity(A: number): number {
    const account = this.account(A);
    return account === undefined ? 0 : Number(equity(account, this.state.market.marks)) / 1e6;
  }

  /** IM and MM of an account at the last marks, USDC. */
  margins(A: number): { initial: number; maintenance: number } {
    const { marks, medians } = this.state.market;
    const { initial, maintenance } = marginRequirement(
      pricesOf(this.#params, marks, medians[0]!),
      this.account(A)!,
    );
    return { initial: Number(initial) / 1e6, maintenance: Number(maintenance) / 1e6 };
  }

  lots(A: number, of: number): number {
    return Number(this.account(A)?.positions.get(instrumentIndex(of))?.lots ?? 0n);
  }

  height(input: DeskHeight = {}): Settlement {
    const { seconds = 10, index, vols, ageS = 0, orders = {}, deposits = {}, withdrawals = {} } = input;
    const at = height(this.state.height + 1);
    const name = (what: string) => itemId(createHash('sha256').update(`${at} ${what}`).digest('hex'));
    const items: OpenedItem[] = [];
    for (const [A, amount] of Object.entries(deposits))
      items.push({
        id: name(`in ${A}`),
        kind: 'deposit',
        nonce: 0n,
        account: BigInt(A),
        amount: usd(amount),
      });
    for (const [A, amount] of Object.entries(withdrawals))
      items.push({
        id: name(`out ${A}`),
        kind: 'action',
        action: 'withdraw',
        account: BigInt(A),
        amount: usd(amount),
        commitment: 1n,
        sequence: this.account(Number(A))?.sequence ?? 0n,
        destination: new Uint8Array(32).fill(1),
        lastHeight: at,
      });
    for (const [A, rows] of Object.entries(orders))
      for (let i = 0; i < rows.length; i += 4) {
        const legs = Array.from({ length: 4 }, (_, leg): Order | undefined => {
          const row = rows[i + leg];
          if (row === undefined) return undefined;
          const { side, of, lots, at: price, reduceOnly = false } = row;
          return {
            side,
            instrument: instrumentIndex(of),
            lots: BigInt(lots),
            price: usd(price),
            reduceOnly,
          };
        });
        items.push({
          kind: 'batch',
          id: name(`batch ${A} ${i}`),
          fee: 0n,
          content: { account: BigInt(A), deposit: 0n, orders: legs },
        });
      }
    const moved = [...this.#medians];
    if (index !== undefined) moved[0] = usd(index);
    vols?.forEach((vol, i) => {
      moved[i + 1] = BigInt(vol);
    });
    this.#medians = moved;
    const timeS = this.state.market.timeS + BigInt(seconds);
    const result = settle(this.#params, this.state, {
      height: at,
      timeS,
      oracleTimeS: timeS - BigInt(ageS),
      medians: moved,
      beacon: new Uint8Array(64).fill(at % 251),
      items,
      refused: [],
    });
    this.state = result.state;
    return result;
  }
}
