import { clearCofactor, multiplyBase, type Point } from '../../src/crypto/babyjub.ts';
import { hash } from '../../src/crypto/hash.ts';
import { MerkleTree } from '../../src/crypto/merkle.ts';
import { sealWords } from '../../src/crypto/seal.ts';
import { NOTE_TREE_DEPTH, PPM } from '../../src/params/sizes.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';

/** One order of the circuit's input; all zero is an inactive one. */
export interface OrderRow {
  active: bigint;
  side: bigint;
  reduceOnly: bigint;
  instrument: bigint;
  price: bigint;
  lots: bigint;
}

/** A statement S2 with its secrets, in the circuit's own terms. */
export interface OrdersStatement {
  spendingKey: bigint;
  value: bigint;
  rho: bigint;
  salt: bigint;
  deposit: bigint;
  fee: bigint;
  orders: OrderRow[];
  table: bigint[][];
  Y8: Point;
  context: bigint;
  sealRandomness: bigint;
}

export const INACTIVE: OrderRow = {
  active: 0n,
  side: 0n,
  reduceOnly: 0n,
  instrument: 0n,
  price: 0n,
  lots: 0n,
};

export const buy = (instrument: bigint, price: bigint, lots: bigint): OrderRow => ({
  ...INACTIVE,
  active: 1n,
  instrument,
  price,
  lots,
});
export const sell = (instrument: bigint, price: bigint, lots: bigint): OrderRow => ({
  ...buy(instrument, price, lots),
  side: 1n,
});

/** A plain valid statement; tests change what they are about. */
export function exampleStatement(change: Partial<OrdersStatement> = {}): OrdersStatement {
  return {
    spendingKey: 11n,
    value: 5_000_000_000n,
    rho: 12n,
    salt: 13n,
    deposit: 3_000_000_000n,
    fee: 1_000n,
    orders: [
      buy(0n, 60_000n, 100n),
      sell(5n, 7_000n, 20n),
      { ...sell(15n, 1n, 1n), reduceOnly: 1n },
      INACTIVE,
    ],
    table: [
      Array.from({ length: 16 }, (_, i) => 100_000n + BigInt(i)),
      Array.from({ length: 16 }, (_, i) => 9_000_000n + BigInt(i)),
    ],
    Y8: clearCofactor(multiplyBase(77n)),
    context: 99n,
    sealRandomness: 123456789n,
    ...change,
  };
}

const PK = (s: OrdersStatement): bigint => hash('owner', s.spendingKey);
export const commitmentOf = (s: OrdersStatement): bigint => hash('note', s.value, PK(s), s.rho);

/** Σ over opening orders of lots·(buy ? price·table[0] : table[1]·10⁶): what S2 (e) asks of deposit·10⁶. */
export const neededOf = (s: OrdersStatement): bigint =>
  s.orders.reduce((sum, o) => {
    const entry = s.table[Number(o.side)]![Number(o.instrument)]!;
    return o.reduceOnly === 1n ? sum : sum + o.lots * entry * (o.side === 1n ? PPM : o.price);
  }, 0n);

/** Circuit input, with the note at a middle place of a small tree unless a tree that holds it is given. */
export function signalsOf(
  s: OrdersStatement,
  tree = treeWith(commitmentOf(s)),
): CircuitInput & { path: bigint[][] } {
  const at =
    Array.from({ length: tree.size }, (_, i) => i).find((i) => tree.leaf(i) === commitmentOf(s)) ?? 0;
  const { x, y } = s.Y8.toAffine();
  const column = (key: keyof OrderRow): bigint[] => s.orders.map((order) => order[key]);
  return {
    noteRoot: tree.root,
    Y8: [x, y],
    context: s.context,
    fee: s.fee,
    table: s.table,
    spendingKey: s.spendingKey,
    value: s.value,
    rho: s.rho,
    path: tree.path(at).map((children) => [...children]),
    salt: s.salt,
    deposit: s.deposit,
    active: column('active'),
    side: column('side'),
    reduceOnly: column('reduceOnly'),
    instrument: column('instrument'),
    price: column('price'),
    lots: column('lots'),
    sealRandomness: s.sealRandomness,
  };
}

export function treeWith(leaf: bigint): MerkleTree {
  const tree = new MerkleTree(NOTE_TREE_DEPTH);
  for (const other of [1n, 2n, 3n, 4n, 5n]) tree.append(hash('note', other, other, other));
  tree.append(leaf);
  tree.append(hash('note', 6n, 6n, 6n));
  return tree;
}

export const packed = (o: OrderRow): bigint =>
  o.active === 0n
    ? 0n
    : 1n +
      2n * o.side +
      4n * o.reduceOnly +
      8n * o.instrument +
      (o.price - 1n) * 2n ** 7n +
      (o.lots - 1n) * 2n ** 39n;

/** What the statement's public outputs must be, computed natively. */
export function outputsOf(s: OrdersStatement): Record<string, bigint> {
  const change = s.value - s.deposit - s.fee;
  const nullifier = hash('nullifier', s.spendingKey, commitmentOf(s));
  const account = hash('account', s.spendingKey, s.salt);
  const [o0, o1, o2, o3] = s.orders.map(packed) as [bigint, bigint, bigint, bigint];
  const sealed = sealWords([account, s.deposit + o0 * 2n ** 64n + o1 * 2n ** 135n, o2 + o3 * 2n ** 71n], {
    r: s.sealRandomness,
    Y8: s.Y8,
    context: s.context,
  });
  const U = sealed.U.toAffine();
  return {
    nullifier,
    changeCommitment: hash('note', change, PK(s), hash('changeNote', s.spendingKey, nullifier)),
    'U[0]': U.x,
    'U[1]': U.y,
    'ct[0]': sealed.ct[0],
    'ct[1]': sealed.ct[1],
    'ct[2]': sealed.ct[2],
    tag: sealed.tag,
  };
}
