import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes, toHex } from '../../../src/base/bytes.ts';
import { decodeState, encodeState } from '../../../src/base/state-codec.ts';
import { type BatchTerms, type SealedBatch, Wallet } from '../../../src/client/wallet.ts';
import { isWalletState } from '../../../src/client/wallet-state.ts';
import { clearCofactor, decodePoint, encodePoint, multiply } from '../../../src/crypto/babyjub.ts';
import { verifyPath } from '../../../src/crypto/merkle.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { openWords } from '../../../src/crypto/seal.ts';
import { dealThresholdKey, encryptionKey } from '../../../src/crypto/threshold-key.ts';
import type { ActionItem } from '../../../src/ledger/actions.ts';
import { packBatch, unpackBatch } from '../../../src/ledger/batch-words.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import {
  type BatchItem,
  batchSignals,
  contextOf,
  encodeItem,
  itemIdOf,
  screenItem,
} from '../../../src/ledger/items.ts';
import { accountOf, changeRho, noteCommitment, noteNullifier, ownerKey } from '../../../src/ledger/notes.ts';
import { accountIdOf, genesisSettlement, tableAt } from '../../../src/ledger/settlement-state.ts';
import { settle } from '../../../src/ledger/transition.ts';
import type { Order } from '../../../src/market/order.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { accountInput } from '../../../src/proofs/account.ts';
import { header } from '../../pinned/samples.ts';
import { GENESIS_TIME, MEDIANS, nearbyOrder, PARAMS, sampleChain } from '../ledger/market.ts';
import { orderingOf } from '../ledger/ordering.ts';

const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const FOUNDATION = seed(9);
const walletOf = (n: number): Wallet => new Wallet(seed(n), FOUNDATION);
const random = () => seededRandom(seed(77));
const { key } = dealThresholdKey(1, 0, seededRandom(seed(5)));
const Y8 = clearCofactor(encryptionKey(key));
const VALUE = 10_000_000_000n;
const FEE = 1_000n;
const buy: Order = {
  side: 'buy',
  instrument: instrumentIndex(0),
  price: 60_600_000n,
  lots: 5n,
  reduceOnly: false,
};

/** What a wallet reads of a height that ordered these batches, whose K everybody knows by now. */
const closing = (
  at: number,
  batches: readonly SealedBatch[],
  shielded: readonly bigint[] = [],
  actions: readonly ActionItem[] = [],
) => ({
  block: {
    header: { ...header, height: height(at) },
    items: [...batches.map(itemOf), ...actions],
    keys: batches.map(({ witness }) => encodePoint(multiply(Y8, witness.sealRandomness))),
  },
  shielded,
});

/** A chain whose genesis holds the notes of one wallet, and the terms of its first heights. */
function chainOf(...values: readonly bigint[]) {
  const wallet = walletOf(1);
  const notes = values.map((value) => wallet.genesisNote(value));
  const chain = sampleChain({ notes, notesTotal: values.reduce((sum, value) => sum + value, 0n) });
  const ordering = orderingOf(notes, FEE);
  const state = genesisSettlement(chain);
  const terms: BatchTerms = {
    chainHash: chainHash(chain),
    market: chain.market.name,
    Y8,
    fromHeight: height(1),
    toHeight: height(2),
    tableHeight: height(0),
    table: tableAt(state, height(0))!,
    fee: FEE,
    notes: ordering,
  };
  return { wallet, ordering, state, terms };
}

const itemOf = ({ statement }: SealedBatch): BatchItem => ({ ...statement, proof: new Uint8Array(256) });

describe('a sealed batch', () => {
  test('is what S2 states: every public signal follows from the witness', () => {
    const { wallet, terms } = chainOf(VALUE);
    const { statement, witness, signals, id } = wallet.seal(
      { account: 'main', orders: [buy] },
      terms,
      random(),
    )!;
    const owner = ownerKey(witness.spendingKey);
    const note = noteCommitment(witness.value, owner, witness.rho);
    expect(verifyPath(note, witness.path, statement.noteRoot, 10)).toBe(true);
    expect(statement.nullifier).toBe(noteNullifier(witness.spendingKey, note));
    const change = witness.value - witness.deposit - witness.fee;
    expect(statement.changeCommitment).toBe(
      noteCommitment(change, owner, changeRho(witness.spendingKey, statement.nullifier)),
    );
    expect(witness.context).toBe(contextOf(terms));
    expect(signals).toEqual(batchSignals(statement, { context: witness.context, Y8, table: terms.table }));
    expect(id).toBe(itemIdOf(signals));
  });

  test('passes screening and check, opens with its K, and settles', () => {
    const { wallet, ordering, state, terms } = chainOf(VALUE);
    const sealed = wallet.seal({ account: 'main', orders: [buy] }, terms, random())!;
    const screened = screenItem(encodeItem(itemOf(sealed)));
    if (!('item' in screened) || screened.item.kind !== 'batch') throw new Error('not a batch');
    expect(ordering.check(screened.item, height(1))).toBeUndefined();
    const { U } = sealed.statement;
    expect(encodePoint(decodePoint(U)!)).toEqual(U);
    const K = multiply(Y8, sealed.witness.sealRandomness);
    const words = openWords(K, screened.item, sealed.witness.context)!;
    expect(words).toEqual(packBatch(sealed.content));
    const content = unpackBatch(words)!;
    expect(content).toEqual(sealed.content);
    const { state: after, receipts } = settle(PARAMS, state, {
      height: height(1),
      timeS: GENESIS_TIME,
      oracleTimeS: GENESIS_TIME,
      medians: MEDIANS,
      beacon: new Uint8Array(64),
      items: [{ kind: 'batch', id: sealed.id, fee: FEE, content }],
      refused: [],
    });
    expect(receipts).toEqual([]);
    expect(after.accounts.get(wallet.accountNamed('main'))!.cash).toBe(content.deposit);
    expect(after.pool).toBe(VALUE - content.deposit - FEE);
  });

  test('deposits exactly the reserve, so its account can enter all its opening orders', () => {
    const opening = nearbyOrder
      .filter(({ instrument, lots }) => instrument < 3 && lots < 20n)
      .map((order) => ({ ...order, reduceOnly: false }));
    fc.assert(
      fc.property(fc.array(opening, { minLength: 1, maxLength: 4 }), (orders) => {
        const { wallet, state, terms } = chainOf(1n << 60n);
        const { content, id } = wallet.seal({ account: undefined, orders }, terms, random())!;
        const { receipts } = settle(PARAMS, state, {
          height: height(1),
          timeS: GENESIS_TIME,
          oracleTimeS: GENESIS_TIME,
          medians: MEDIANS,
          beacon: new Uint8Array(64),
          items: [{ kind: 'batch', id, fee: FEE, content }],
          refused: [],
        });
        expect(receipts).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('shows none of its secrets in the bytes that are sent', () => {
    const { wallet, terms } = chainOf(VALUE);
    const sealed = wallet.seal(
      { account: 'main', orders: [buy, buy, buy, { ...buy, side: 'sell' }] },
      terms,
      random(),
    )!;
    const { witness, content } = sealed;
    const K = multiply(Y8, witness.sealRandomness).toAffine();
    const change = witness.value - witness.deposit - witness.fee;
    const secrets = [
      ...[witness.spendingKey, witness.rho, witness.salt, witness.sealRandomness],
      changeRho(witness.spendingKey, sealed.statement.nullifier),
      ...[ownerKey(witness.spendingKey), content.account, K.x, K.y, ...packBatch(content)],
      ...[noteCommitment(witness.value, ownerKey(witness.spendingKey), witness.rho)],
    ].map((secret) => bigintToBytes(secret, 32));
    const amounts = [witness.value, witness.deposit, change].map((amount) => bigintToBytes(amount, 8));
    const sent = toHex(encodeItem(itemOf(sealed)));
    for (const bytes of [...secrets, ...amounts]) {
      expect(sent).not.toContain(toHex(bytes));
      expect(sent).not.toContain(toHex(Uint8Array.from(bytes).reverse()));
    }
    expect(sent).toContain(toHex(bigintToBytes(witness.noteRoot, 32).reverse()));
  });
});

describe('accounts', () => {
  test('of one name are one account, fresh ones differ every time and between traders', () => {
    const { wallet, terms } = chainOf(VALUE, VALUE, VALUE, VALUE);
    const source = random();
    const ids = ['main', 'main', undefined, undefined].map((account) =>
      accountIdOf(wallet.seal({ account, orders: [buy] }, terms, source)!.content.account),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).toBe(wallet.accountNamed('main'));
    expect(new Set(ids).size).toBe(3);
    expect(walletOf(2).accountNamed('main')).not.toBe(ids[0]);
    expect(wallet.accountNamed('other')).not.toBe(ids[0]);
  });
});

describe('the notes of a wallet', () => {
  test('are spent in order, and one that is too small is left', () => {
    const { wallet, terms } = chainOf(10n, VALUE, 2n * VALUE);
    const sealed = wallet.seal({ account: undefined, orders: [buy] }, terms, random())!;
    expect(sealed.witness.value).toBe(VALUE);
    expect(wallet.spendable).toEqual([10n, 2n * VALUE]);
  });

  test('none left means no batch', () => {
    const { wallet, terms } = chainOf(VALUE);
    expect(wallet.seal({ account: undefined, orders: [buy] }, terms, random())).toBeDefined();
    expect(wallet.seal({ account: undefined, orders: [] }, terms, random())).toBeUndefined();
    expect(
      chainOf(FEE - 1n).wallet.seal({ account: undefined, orders: [] }, terms, random()),
    ).toBeUndefined();
  });

  test('exactly deposit and fee are enough, and leave nothing', () => {
    const { wallet, ordering, terms } = chainOf(FEE);
    const sealed = wallet.seal({ account: undefined, orders: [] }, terms, random())!;
    ordering.apply(sealed.statement);
    ordering.closeHeight(height(1));
    wallet.heightClosed(terms, closing(1, [sealed]));
    expect(wallet.spendable).toEqual([]);
  });

  test('the change can be spent once its height closed', () => {
    const { wallet, ordering, terms } = chainOf(VALUE);
    const first = wallet.seal({ account: undefined, orders: [buy] }, terms, random())!;
    expect(wallet.spendable).toEqual([]);
    ordering.apply(first.statement);
    ordering.closeHeight(height(1));
    wallet.heightClosed(terms, closing(1, [first]));
    expect(wallet.spendable).toEqual([VALUE - first.content.deposit - FEE]);
    const second = wallet.seal({ account: undefined, orders: [buy] }, terms, seededRandom(seed(78)))!;
    expect(second.statement.noteRoot).toBe(ordering.noteRoot);
    expect(ordering.check(second.statement, height(2))).toBeUndefined();
  });

  test('one whose batch was not ordered in its window comes back, at its old place', () => {
    const { wallet, terms } = chainOf(VALUE, 2n * VALUE);
    wallet.seal({ account: undefined, orders: [buy] }, terms, random());
    wallet.heightClosed(terms, closing(1, []));
    expect(wallet.spendable).toEqual([2n * VALUE]);
    wallet.heightClosed(terms, closing(2, []));
    expect(wallet.spendable).toEqual([VALUE, 2n * VALUE]);
  });

  test('a second copy of the wallet spends the same note: the ledger accepts one, and both copies learn it', () => {
    const { wallet, ordering, terms } = chainOf(VALUE);
    const copy = walletOf(1);
    copy.genesisNote(VALUE);
    const idle = walletOf(1);
    idle.genesisNote(VALUE);
    const batches = [
      wallet.seal({ account: undefined, orders: [buy] }, terms, random())!,
      copy.seal({ account: undefined, orders: [buy] }, terms, seededRandom(seed(78)))!,
    ];
    expect(batches[0]!.statement.nullifier).toBe(batches[1]!.statement.nullifier);
    const items = batches.map(({ id, statement }) => ({ id, item: statement }));
    const { accepted, refused } = ordering.recheck(items, new Uint8Array(64), height(1));
    expect([accepted.length, refused.map(({ code }) => code)]).toEqual([1, ['ITEM_NULLIFIER_SPENT']]);
    const winner = accepted[0]!.id === batches[0]!.id ? 0 : 1;
    for (const each of [wallet, copy, idle]) each.heightClosed(terms, closing(1, [batches[winner]!]));
    const change = VALUE - batches[winner]!.content.deposit - FEE;
    for (const each of [wallet, copy, idle]) expect(each.spendable).toEqual([change]);
  });
});

describe('an account action of a wallet', () => {
  const terms = { chainHash: new Uint8Array(32).fill(5), sequence: 3n, lastHeight: height(6) };
  const domain = { chainHash: terms.chainHash, market: 'BTC', Y8 };
  const place = new Uint8Array(32).fill(9);
  const mine = () => {
    const wallet = walletOf(1);
    return { wallet, account: wallet.accountNamed('main') };
  };

  test('says what was wished, and its witness proves just that', () => {
    const { wallet, account } = mine();
    for (const destination of [undefined, place]) {
      const { statement, witness, signals, id } = wallet.authorise(
        { account, amount: 700n, destination },
        terms,
      );
      const A = accountOf(witness.spendingKey, witness.salt);
      expect(accountIdOf(A)).toBe(account);
      const commitment = noteCommitment(700n, ownerKey(witness.spendingKey), witness.rho);
      expect(statement).toEqual({
        kind: 'action',
        action: destination === undefined ? 'shield' : 'withdraw',
        account: A,
        amount: 700n,
        commitment,
        sequence: 3n,
        destination: destination ?? new Uint8Array(32),
        lastHeight: 6,
      });
      expect(accountInput(witness)).toMatchObject({ account: A, amount: 700n, commitment });
      expect(signals).toEqual([A, 700n, commitment, witness.message]);
      expect(id).toBe(itemIdOf(signals));
    }
  });

  test('of a fresh account works, for the wallet that sealed its batch and no other', () => {
    const { wallet, terms: batchTerms } = chainOf(VALUE);
    const { content } = wallet.seal({ account: undefined, orders: [buy] }, batchTerms, random())!;
    const account = accountIdOf(content.account);
    const wish = { account, amount: 1n, destination: undefined };
    expect(wallet.authorise(wish, terms).statement.account).toBe(content.account);
    expect(() => walletOf(1).authorise(wish, terms)).toThrow('has named or sealed');
    expect(() => walletOf(2).authorise(wish, terms)).toThrow('has named or sealed');
  });

  test.each([0n, -1n, 1n << 64n])('of %i units is a local error', (amount) => {
    const { wallet, account } = mine();
    expect(() => wallet.authorise({ account, amount, destination: undefined }, terms)).toThrow(
      '1 to 2^64 − 1',
    );
  });

  test.each([new Uint8Array(32), new Uint8Array(31).fill(1)])(
    'to nowhere is a local error',
    (destination) => {
      const { wallet, account } = mine();
      expect(() => wallet.authorise({ account, amount: 1n, destination }, terms)).toThrow('32 bytes');
    },
  );

  test('gives a note once it is settled, and none where its settlement refused it; another copy of the wallet finds the same', () => {
    const { wallet, account } = mine();
    const shield = (sequence: bigint) => {
      const { statement } = wallet.authorise(
        { account, amount: 700n, destination: undefined },
        { ...terms, sequence },
      );
      return { ...statement, proof: new Uint8Array(256) };
    };
    const [one, other] = [shield(3n), shield(4n)];
    expect(one.commitment).not.toBe(other.commitment);
    const copy = mine().wallet;
    for (const each of [wallet, copy]) {
      each.heightClosed(domain, closing(5, []));
      expect(each.spendable).toEqual([]);
      each.heightClosed(domain, closing(6, [], [one.commitment, 999n], [one]));
      expect(each.spendable).toEqual([700n]);
      each.heightClosed(domain, closing(7, [], [], [other]));
      expect(each.spendable).toEqual([700n]);
    }
    // A stranger's action that names the same commitment gives nothing.
    copy.heightClosed(domain, closing(8, [], [one.commitment], [{ ...one, sequence: 9n }]));
    walletOf(2).heightClosed(domain, closing(6, [], [one.commitment], [one]));
    expect(copy.spendable).toEqual([700n]);
  });

  test('finds the account of a batch alone again, from the chain and the key', () => {
    const { wallet, terms: batchTerms } = chainOf(VALUE);
    const sealed = wallet.seal({ account: undefined, orders: [buy] }, batchTerms, random())!;
    const copy = chainOf(VALUE).wallet;
    const account = accountIdOf(sealed.content.account);
    expect(copy.owns(account)).toBe(false);
    expect(copy.heightClosed(batchTerms, closing(1, [sealed]))).toMatchObject([{ content: sealed.content }]);
    expect(copy.owns(account)).toBe(true);
  });

  test('is forgotten by no state: a wallet that is restored from one goes on alike', () => {
    const { wallet, terms: batchTerms } = chainOf(VALUE, 5n);
    const sealed = wallet.seal({ account: undefined, orders: [buy] }, batchTerms, random())!;
    const again = Wallet.restore(seed(1), FOUNDATION, decodeState(encodeState(wallet.state())) as never);
    expect(isWalletState(decodeState(encodeState(wallet.state()))!)).toBe(true);
    expect(isWalletState({ ...wallet.state(), notes: [1n] } as never)).toBe(false);
    expect(again.state()).toEqual(wallet.state());
    expect(again.setAside).toEqual([{ value: VALUE, toHeight: 2 }]);
    for (const each of [wallet, again]) each.heightClosed(batchTerms, closing(1, [sealed]));
    expect(again.state()).toEqual(wallet.state());
  });
});
