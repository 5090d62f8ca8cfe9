import type { ItemId } from '../params/ids.ts';
import { perp, type TradingWorld } from './traders.ts';

/** One thing that an honest trader wants: made again under another id if its window passes. */
export interface Wish {
  readonly kind: 'batch' | 'action' | 'deposit';
  /** The height at whose beginning it arrived. */
  readonly arrived: number;
  /** The height that accepted it. */
  accepted: number | undefined;
  /** Its item, and the last height at which that may be ordered; there is none while the trader has no note left to spend. */
  id: ItemId | undefined;
  bytes: Uint8Array | undefined;
  lastHeight: number;
}

type Made = Pick<Wish, 'id' | 'bytes' | 'lastHeight'>;

const DEPOSIT = 50_000_000n;
const PAYOUT = 1_000_000n;
const BUYER = 0;
const SELLER = 1;
const SAVER = 2;

/**
 * What honest traders send: for every height a batch, an account action and a deposit. Like people who watch the chain they send
 * what was not accepted to everybody again at every height, and make it anew when its window has passed.
 */
export class HonestFlow {
  readonly wishes: Wish[] = [];
  readonly #world: TradingWorld;

  constructor(world: TradingWorld) {
    this.#world = world;
  }

  /** The height's new items arrive, and those again that still wait. */
  arrive(at: number): void {
    for (const kind of ['deposit', 'batch', 'action'] as const)
      this.wishes.push({ kind, arrived: at, accepted: undefined, ...this.#make(kind, at, at) });
    const everybody = this.#world.committee.secrets.map((_, i) => i);
    for (const wish of this.wishes) {
      if (wish.accepted !== undefined) continue;
      if (wish.lastHeight < at) Object.assign(wish, this.#make(wish.kind, wish.arrived, at));
      if (wish.bytes !== undefined) this.#world.submit(wish.bytes, everybody);
    }
  }

  /** A height settled with these items. @returns how many of them are of honest traders */
  settled(at: number, items: readonly ItemId[]): number {
    const found = this.wishes.filter(
      ({ accepted, id }) => accepted === undefined && id !== undefined && items.includes(id),
    );
    for (const wish of found) wish.accepted = at;
    return found.length;
  }

  #make(kind: Wish['kind'], arrived: number, at: number): Made {
    const world = this.#world;
    if (kind === 'batch') {
      const isBuy = arrived % 2 === 1;
      const trader = isBuy ? BUYER : SELLER;
      if (world.notesOf(trader).length === 0) return { id: undefined, bytes: undefined, lastHeight: 0 };
      const price = 60_000_000n + 10_000n * BigInt(arrived);
      const orders = [perp(isBuy ? 'buy' : 'sell', 1n, price)];
      const { sealed, item, bytes } = world.batch(trader, orders, world.terms(at));
      return { id: sealed.id, bytes, lastHeight: item.toHeight };
    }
    if (kind === 'deposit') {
      const { id, bytes } = world.deposit(BigInt(arrived), world.accountOf(SAVER, `${arrived}`), DEPOSIT);
      return { id, bytes, lastHeight: Number.POSITIVE_INFINITY };
    }
    // Of the account that the deposit of this height funds: there is something to pay out when that is settled.
    const account = world.accountOf(SAVER, `${arrived}`);
    const { authorised, item, bytes } = world.action(SAVER, PAYOUT, { account });
    return { id: authorised.id, bytes, lastHeight: item.lastHeight };
  }
}
