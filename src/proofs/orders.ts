import type { MerklePath } from '../crypto/merkle.ts';
import type { Leg } from '../ledger/batch-words.ts';
import type { BatchVerifierInputs } from '../ledger/items.ts';
import { l } from '../params/fields.ts';
import { MAX_INSTRUMENTS, ORDERS_PER_BATCH, PPM, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';
import { CIRCUITS } from './circuits.ts';
import { rangeOf } from './ranges.ts';
import { bits, flattenSignal, inputError, type Signals, type SignalValue } from './signals.ts';

/** What the prover of a sealed batch knows. All but noteRoot, fee, context, Y8 and table is secret. */
export interface OrdersWitness extends BatchVerifierInputs {
  /** F_r: a recent root of the note tree. */
  readonly noteRoot: bigint;
  /** 0 ≤ fee < 2^64, units. */
  readonly fee: bigint;
  /** sk in F_r. */
  readonly spendingKey: bigint;
  /** The note spent: value < 2^64 units, rho in F_r, and its path, leaf level first: 10 × 4 numbers of F_r. */
  readonly value: bigint;
  readonly rho: bigint;
  readonly path: MerklePath;
  /** F_r: names the account A = H(account; sk, salt). */
  readonly salt: bigint;
  /** 0 ≤ deposit < 2^64, units: what moves to the account. */
  readonly deposit: bigint;
  /** Four legs, each an order or nothing. */
  readonly orders: readonly Leg[];
  /** Fresh and uniform in Z_l, except 0, ±1, −2, which have no witness: U = [r]B, K = [r]Y8. */
  readonly sealRandomness: bigint;
}

/**
 * Inputs of statement S2: a note pays a sealed batch of four orders.
 *
 * Ranges, balance and reserve are checked here as well as in the circuit, because a failed constraint names a template
 * and not the mistake. Whether the note is in the tree is left to the circuit.
 * @throws {ProofsError} CIRCUIT_INPUT naming the signal: a wrong shape or range, value < deposit + fee, a deposit below
 *                      the reserve
 */
export function ordersInput(witness: OrdersWitness): Signals {
  const { Y8, table, orders, noteRoot, fee, context, spendingKey, value, rho, path, salt } = witness;
  const { deposit, sealRandomness } = witness;
  if (orders.length !== ORDERS_PER_BATCH) {
    throw inputError('orders', 'active', `has length ${orders.length}; a batch has ${ORDERS_PER_BATCH} legs`);
  }
  const leg = (field: (order: NonNullable<Leg>) => bigint): bigint[] =>
    orders.map((order) => (order === undefined ? 0n : field(order)));
  const key = Y8.toAffine();
  const signals: Record<string, SignalValue> = {
    noteRoot,
    Y8: [key.x, key.y],
    context,
    fee,
    table: [table.buyPpm, table.sellUnits],
    spendingKey,
    value,
    rho,
    path,
    salt,
    deposit,
    active: leg(() => 1n),
    side: leg(({ side }) => (side === 'sell' ? 1n : 0n)),
    reduceOnly: leg(({ reduceOnly }) => (reduceOnly ? 1n : 0n)),
    instrument: leg(({ instrument }) => (Number.isInteger(instrument) ? BigInt(instrument) : -1n)),
    price: leg(({ price }) => price),
    lots: leg(({ lots }) => lots),
    sealRandomness,
  };
  for (const [signal, shape] of Object.entries(CIRCUITS.orders.inputs)) {
    flattenSignal('orders', signal, signals[signal], shape, rangeOf('orders', signal));
  }
  const row: readonly number[] = [MAX_INSTRUMENTS];
  flattenSignal('orders', 'table[0]', table.buyPpm, row, bits(PRICE_BITS));
  flattenSignal('orders', 'table[1]', table.sellUnits, row, bits(VALUE_BITS));
  checkMeaning(witness);
  return signals;
}

/** What single ranges cannot say. */
function checkMeaning({ orders, table, value, deposit, fee, sealRandomness }: OrdersWitness): void {
  orders.forEach((order, i) => {
    if (order === undefined) return;
    if (order.price === 0n)
      throw inputError('orders', `price[${i}]`, 'is 0; a price is at least 1 unit per lot');
    if (order.lots === 0n) throw inputError('orders', `lots[${i}]`, 'is 0; an order is for at least 1 lot');
  });
  if (value < deposit + fee) throw inputError('orders', 'value', 'is less than deposit + fee');
  const required = orders.reduce((sum, order) => {
    if (order === undefined || order.reduceOnly) return sum;
    const { side, instrument, price, lots } = order;
    const perLot = side === 'buy' ? price * table.buyPpm[instrument]! : table.sellUnits[instrument]! * PPM;
    return sum + lots * perLot;
  }, 0n);
  if (deposit * PPM < required) {
    throw inputError('orders', 'deposit', 'is less than the reserve that the opening orders need');
  }
  if (sealRandomness < 2n || sealRandomness > l - 3n) {
    throw inputError(
      'orders',
      'sealRandomness',
      'is one of 0, 1, −1, −2, which the circuit refuses; draw again',
    );
  }
}
