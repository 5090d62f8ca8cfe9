import { beforeAll, describe, expect, test } from 'vitest';
import { clearCofactor, multiplyBase } from '../../src/crypto/babyjub.ts';
import { hash } from '../../src/crypto/hash.ts';
import type { Witness } from '../../src/groth16/r1cs.ts';
import { l, r } from '../../src/params/fields.ts';
import { PPM } from '../../src/params/sizes.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';
import {
  buy,
  commitmentOf,
  exampleStatement,
  INACTIVE,
  neededOf,
  type OrdersStatement,
  outputsOf,
  sell,
  signalsOf,
  treeWith,
} from '../helpers/orders.ts';

const MAX_VALUE = 2n ** 64n - 1n;
const MAX_LEG = 2n ** 32n;
const idle = [INACTIVE, INACTIVE, INACTIVE, INACTIVE];
const tableOf = (buyPpm: bigint, sellUnits: bigint): bigint[][] => [
  new Array<bigint>(16).fill(buyPpm),
  new Array<bigint>(16).fill(sellUnits),
];
/** The least deposit of a statement's orders, ⌈Σ need / 10⁶⌉. */
const leastDeposit = (s: OrdersStatement): bigint => (neededOf(s) + PPM - 1n) / PPM;

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('circuits/orders.circom');
});

describe('S2 orders', () => {
  const example = exampleStatement();
  const boundaries: [string, OrdersStatement][] = [
    ['a plain batch', example],
    ['no order at all', exampleStatement({ orders: idle, deposit: 0n })],
    ['the whole value deposited', exampleStatement({ deposit: example.value - example.fee })],
    ['the greatest note', exampleStatement({ value: MAX_VALUE, deposit: MAX_VALUE - 5n, fee: 5n })],
    ['an empty note that pays nothing', exampleStatement({ value: 0n, deposit: 0n, fee: 0n, orders: idle })],
    [
      'the greatest price and lots, with no reserve asked',
      exampleStatement({ orders: idle.map(() => buy(15n, MAX_LEG, MAX_LEG)), table: tableOf(0n, 0n) }),
    ],
    [
      'reduce-only orders without a reserve',
      exampleStatement({
        deposit: 0n,
        orders: idle.map((_, i) => ({ ...sell(BigInt(i), 9n, 9n), reduceOnly: 1n })),
      }),
    ],
    [
      'the greatest field elements',
      exampleStatement({ spendingKey: r - 1n, rho: r - 1n, salt: r - 1n, context: r - 1n }),
    ],
    [
      'another key and the greatest randomness',
      exampleStatement({ Y8: clearCofactor(multiplyBase(5n)), sealRandomness: l - 3n }),
    ],
  ];
  test.each(boundaries)('agrees with notes, packing and seal for %s', async (_, statement) => {
    const witness = await circuit.witness(signalsOf(statement));
    const outputs = outputsOf(statement);
    expect(
      Object.fromEntries(Object.keys(outputs).map((name) => [name, circuit.read(witness, name)])),
    ).toEqual(outputs);
  });
  test('the least deposit is accepted, one unit less is not', async () => {
    const least = leastDeposit(example);
    await circuit.witness(signalsOf({ ...example, deposit: least }));
    const forged = await circuit.attempt(signalsOf({ ...example, deposit: least - 1n }));
    expect(circuit.brokenParts(forged)).toEqual(['slackBits']);
  });
  test('a reserve that is exact in 10⁻⁶ units has slack 0', async () => {
    const exact = exampleStatement({
      orders: [sell(1n, 1n, 3n), ...idle.slice(1)],
      table: tableOf(7n, 11n),
      deposit: 33n,
    });
    await circuit.witness(signalsOf(exact));
    const ppm = exampleStatement({
      orders: [buy(1n, 1n, 1n), ...idle.slice(1)],
      table: tableOf(1n, 11n),
      deposit: 1n,
    });
    await circuit.witness(signalsOf(ppm));
    expect(circuit.brokenParts(await circuit.attempt(signalsOf({ ...ppm, deposit: 0n })))).toEqual([
      'slackBits',
    ]);
  });
  test('the public signals have the protocol’s order', () => {
    expect(circuit.publicSignals).toEqual([
      ...['nullifier', 'changeCommitment', 'U[0]', 'U[1]', 'ct[0]', 'ct[1]', 'ct[2]', 'tag'],
      ...['noteRoot', 'Y8[0]', 'Y8[1]', 'context', 'fee'],
      ...[0, 1].flatMap((side) => Array.from({ length: 16 }, (_, i) => `table[${side}][${i}]`)),
    ]);
  });
});

describe('S2 orders refuses forged witnesses', () => {
  const example = exampleStatement();
  let known: Promise<Witness> | undefined;
  const honest = (): Promise<Witness> => (known ??= circuit.witness(signalsOf(example)));
  /** Overwrites signals of the honest witness: where it breaks. */
  const forgedParts = async (values: Record<string, bigint>): Promise<string[]> =>
    circuit.brokenParts(circuit.forge(await honest(), values));
  /** A false statement, consistent everywhere else: where it breaks. */
  const falseParts = async (change: Partial<OrdersStatement>): Promise<string[]> =>
    circuit.brokenParts(await circuit.attempt(signalsOf({ ...example, ...change })));

  test('C1, C5, C9, C11 another spending key breaks owner, nullifier, change and account', async () => {
    expect(await forgedParts({ spendingKey: 5n })).toEqual([
      ...['AccountName', 'ChangeRho', 'NoteNullifier', 'OwnerKey'],
    ]);
  });
  test('C1 a note of another owner is not in the tree under one’s own key', async () => {
    const tree = treeWith(commitmentOf(example));
    const thief = { ...example, spendingKey: 5n };
    const forged = await circuit.attempt(signalsOf(thief, tree));
    const step = 'MerkleMembership.MerkleStep[0]';
    expect(circuit.broken(forged)).toContain(`${step}.low ${step}.high`);
    expect(circuit.brokenParts(forged)).toEqual(['MerkleMembership']);
  });
  test('C2 another opening of the note breaks its commitment', async () => {
    expect(await forgedParts({ rho: 5n })).toEqual(['NoteCommitment#0']);
    expect(await forgedParts({ value: 5_000_000_001n })).toEqual([
      'NoteCommitment#0',
      'NoteCommitment#1',
      'changeBits',
      'valueBits',
    ]);
  });
  test.each([0, 4, 9])('C3 a path that misses the node of level %i breaks one product', async (level) => {
    const tree = treeWith(commitmentOf(example));
    const other = treeWith(hash('note', 9n, 9n, 9n));
    const [own, foreign] = [tree.path(5), other.path(5)];
    const path = own.map((children, at) => [...(at < level ? children : foreign[at]!)]);
    const forged = await circuit.attempt({ ...signalsOf(example, tree), path, noteRoot: other.root });
    const step = `MerkleMembership.MerkleStep[${level}]`;
    expect(circuit.broken(forged)).toEqual([`${step}.low ${step}.high`]);
  });
  test('C4 another root, or a child that does not hash to the parent, breaks', async () => {
    expect(await forgedParts({ noteRoot: 5n })).toEqual(['MerkleMembership']);
    for (const level of [0, 5, 9])
      expect(await forgedParts({ [`path[${level}][3]`]: 5n })).toEqual(['MerkleMembership']);
  });
  test('C5 another nullifier breaks, and the rho of the change with it', async () => {
    expect(await forgedParts({ nullifier: 5n })).toEqual(['ChangeRho', 'NoteNullifier']);
  });
  test('C6 a note of 2^64 units breaks the range of the value only', async () => {
    expect(await falseParts({ value: 2n ** 64n, deposit: 2n ** 63n, fee: 1n })).toEqual(['valueBits']);
  });
  test.each([1n, 1000n])(
    'C7 spending %i units more than the note has breaks the range of the change only',
    async (more) => {
      expect(await falseParts({ fee: example.value - example.deposit + more })).toEqual(['changeBits']);
    },
  );
  test('C7 a fee that would wrap the field breaks the range of the change only', async () => {
    expect(await falseParts({ fee: r - 1n, value: MAX_VALUE, deposit: 0n, orders: idle })).toEqual([
      'changeBits',
    ]);
  });
  test('C8 a negative deposit breaks its range: the change must not grow', async () => {
    expect(await falseParts({ deposit: r - 5n, orders: idle })).toEqual(['depositBits', 'slackBits']);
  });
  test('C8 a deposit that is small only after multiplication by 10⁶ breaks its range', async () => {
    let inverse = 1n;
    for (let e = r - 2n, base = PPM; e > 0n; e >>= 1n, base = (base * base) % r)
      if (e & 1n) inverse = (inverse * base) % r;
    expect(await falseParts({ deposit: inverse, orders: idle })).toEqual(['changeBits', 'depositBits']);
  });
  test('C9 a change note with a rho of the sender’s choice breaks the hash of the rho only', async () => {
    expect(await forgedParts({ changeRho: 5n })).toEqual(['ChangeRho', 'NoteCommitment#1']);
    const other = await circuit.witness(signalsOf({ ...example, rho: 5n }));
    const forged = circuit.splice(await honest(), other, /^(changeRho|changeCommitment|NoteCommitment#1)/);
    expect(circuit.brokenParts(forged)).toEqual(['ChangeRho']);
  });
  test('C9 two notes of one owner and one value leave two change notes: no statement chooses the leaf', async () => {
    const leaves = [example, { ...example, rho: 5n }].map((statement) => outputsOf(statement));
    expect(leaves[0]!['changeCommitment']).not.toBe(leaves[1]!['changeCommitment']);
    const other = await circuit.witness(signalsOf({ ...example, rho: 5n }));
    const forged = circuit.forge(other, { changeCommitment: leaves[0]!['changeCommitment']! });
    expect(circuit.brokenParts(forged)).toEqual(['NoteCommitment#1']);
  });
  test('C10 another change note breaks its commitment only', async () => {
    expect(await forgedParts({ changeCommitment: 5n })).toEqual(['NoteCommitment#1']);
  });
  test('C11 another salt breaks the account only', async () => {
    expect(await forgedParts({ salt: 5n })).toEqual(['AccountName']);
  });
  test.each([0, 1, 2, 3])('C12 flags of order %i that are no bits break their own constraints', async (i) => {
    const orders = [0, 1, 2, 3].map(() => buy(1n, 2n, 3n));
    for (const flag of ['side', 'reduceOnly'] as const) {
      const changed = orders.map((order, at) => (at === i ? { ...order, [flag]: 2n } : order));
      expect(await falseParts({ orders: changed, table: tableOf(0n, 0n) })).toEqual([`${flag}[${i}]`]);
    }
    const changed = orders.map((order, at) => (at === i ? { ...order, active: 2n } : order));
    expect(await falseParts({ orders: changed })).toContain(`active[${i}]`);
  });
  const withLast = (change: Partial<(typeof idle)[0]>) => ({
    orders: [...idle.slice(1), { ...buy(1n, 2n, 3n), ...change }],
  });
  test('C13 instrument 16 breaks', async () => {
    const forged = await circuit.attempt(
      signalsOf({
        ...example,
        ...withLast({ instrument: 16n }),
        table: [...example.table.map((row) => [...row, 0n].slice(0, 16))],
      }),
    );
    for (const constraint of circuit.broken(forged)) expect(constraint).toContain('instrument[3]');
    expect(circuit.satisfies(forged)).toBe(false);
  });
  test.each([0n, MAX_LEG + 1n])('C14 an active order of price %i breaks its range', async (price) => {
    const forged = await circuit.attempt(
      signalsOf({ ...example, ...withLast({ price }), table: tableOf(0n, 0n) }),
    );
    expect(circuit.broken(forged)).toEqual([expect.stringMatching(/price\[3\].*pricePart/)]);
  });
  test.each([0n, MAX_LEG + 1n])('C15 an active order of %i lots breaks its range', async (lots) => {
    const forged = await circuit.attempt(
      signalsOf({ ...example, ...withLast({ lots }), table: tableOf(0n, 0n) }),
    );
    expect(circuit.broken(forged)).toEqual([expect.stringMatching(/lots\[3\].*lotsPart/)]);
  });
  test('C16 an inactive order that is not all zero breaks one constraint', async () => {
    expect(await falseParts(withLast({ active: 0n }))).toEqual([
      'active[3]+instrument[3]+lots[3]+price[3]+reduceOnly[3]+side[3]',
    ]);
  });
  test('C17 another reserve table breaks the multiplexers of the orders that use it', async () => {
    const parts = await forgedParts({ 'table[0][0]': 5n });
    expect(parts).toContain('Order[0]');
    expect(await forgedParts({ 'table[1][5]': 5n })).toContain('Order[1]');
  });
  test.each([0, 1])('C18 less need for order %i breaks the product and the reserve', async (i) => {
    expect(await forgedParts({ [`need[${i}]`]: 0n })).toEqual(
      [expect.stringContaining('Order'), 'slackBits'].sort(),
    );
  });
  test('C19 a deposit far below the need does not wrap around', async () => {
    const greatest = {
      orders: idle.map(() => sell(0n, 1n, MAX_LEG)),
      table: tableOf(0n, MAX_VALUE),
      deposit: 0n,
    };
    expect(await falseParts(greatest)).toEqual(['slackBits']);
    expect(
      await falseParts({
        orders: idle.map(() => buy(0n, MAX_LEG, MAX_LEG)),
        table: tableOf(MAX_LEG - 1n, 0n),
      }),
    ).toEqual(['slackBits']);
  });
  test.each([0, 250])(
    'C20 a bit %i of the seal’s scalar that is no bit breaks its own constraint',
    async (i) => {
      const forged = circuit.forge(await honest(), { [`Encapsulation.t[${i}]`]: 2n });
      expect(circuit.broken(forged)).toContain(`one Encapsulation.t[${i}]`);
    },
  );
  test('C21 another U breaks the encapsulation only', async () => {
    for (const name of ['U[0]', 'U[1]']) expect(await forgedParts({ [name]: 5n })).toEqual(['Encapsulation']);
  });
  test('C21, C22 the keystream of another r than U’s breaks where the bits enter', async () => {
    const other = await circuit.witness(signalsOf({ ...example, sealRandomness: 5n }));
    const forged = circuit.splice(await honest(), other, /^(K\[|Encapsulation\.Ladder|Seal|ct|tag)/);
    expect(circuit.brokenParts(forged)).toEqual(['Encapsulation']);
    for (const constraint of circuit.broken(forged)) expect(constraint).toMatch(/Encapsulation\.t\[\d+\]/);
  });
  test('C22 a seal for another key breaks at the conversion of Y8', async () => {
    const { x, y } = clearCofactor(multiplyBase(5n)).toAffine();
    expect(await forgedParts({ 'Y8[0]': x, 'Y8[1]': y })).toEqual(['Encapsulation']);
    expect(await forgedParts({ 'K[0]': 5n })).toEqual(['Encapsulation', 'Seal']);
  });
  test.each([0n, 1n, l - 1n, l - 2n])('C22 r ≡ %i has no witness', async (sealRandomness) => {
    expect(await falseParts({ sealRandomness })).toEqual(['Encapsulation']);
  });
  test('C23 another context breaks the seal only', async () => {
    expect(await forgedParts({ context: 5n })).toEqual(['Seal']);
  });
  test.each([0, 1, 2])('C24 another word %i of the ciphertext breaks the seal only', async (i) => {
    expect(await forgedParts({ [`ct[${i}]`]: 5n })).toEqual(['Seal']);
  });
  test('C24 what is sealed is this account, this deposit and these orders', async () => {
    const changes: Partial<OrdersStatement>[] = [
      { salt: 6n },
      { deposit: example.deposit + 1n },
      ...[0, 1, 2, 3].map((i) => ({
        orders: example.orders.map((o, at) => (at === i ? buy(2n, 3n, 4n) : o)),
      })),
    ];
    for (const change of changes) {
      const other = await circuit.witness(signalsOf({ ...example, ...change }));
      const forged = circuit.splice(await honest(), other, /^(Seal|ct|tag)/);
      expect(circuit.brokenParts(forged).filter((part) => !part.includes('Seal'))).toEqual([]);
      expect(circuit.satisfies(forged)).toBe(false);
    }
  });
  test('C25 another tag breaks the seal only', async () => {
    expect(await forgedParts({ tag: 5n })).toEqual(['Seal']);
  });
});

describe('S2 orders uses every public input', () => {
  const names = [
    ...['noteRoot', 'Y8[0]', 'Y8[1]', 'context', 'fee'],
    ...[0, 1].flatMap((side) => Array.from({ length: 16 }, (_, i) => `table[${side}][${i}]`)),
  ];
  let witness: Witness;
  beforeAll(async () => {
    witness = await circuit.witness(signalsOf(exampleStatement()));
  });
  test.each(names)('another %s breaks a constraint', (name) => {
    const changed = circuit.forge(witness, { [name]: circuit.read(witness, name) + 1n });
    expect(circuit.satisfies(changed)).toBe(false);
  });
});
