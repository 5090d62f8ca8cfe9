import { describe, expect, test } from 'vitest';
import { proveAction, proveBatch } from '../../../src/client/proving.ts';
import { actionTerms, batchTerms } from '../../../src/client/terms.ts';
import { Wallet } from '../../../src/client/wallet.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { claimOf } from '../../../src/ledger/claims.ts';
import { Replica } from '../../../src/ledger/replica.ts';
import type { Order } from '../../../src/market/order.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { accountInput } from '../../../src/proofs/account.ts';
import type { CircuitName } from '../../../src/proofs/circuits.ts';
import { ordersInput } from '../../../src/proofs/orders.ts';
import type { Signals } from '../../../src/proofs/signals.ts';
import { PARAMS, sampleChain, sampleEpoch } from '../ledger/market.ts';
import { orderingOf } from '../ledger/ordering.ts';

/** A trader from its genesis note to the items it sends. */

const buy: Order = {
  side: 'buy',
  instrument: instrumentIndex(0),
  price: 60_000_000n,
  lots: 2n,
  reduceOnly: false,
};

function open() {
  const wallet = new Wallet(new Uint8Array(32).fill(1), new Uint8Array(32));
  const notes = [wallet.genesisNote(10n ** 10n)];
  const chain = new Replica(sampleChain({ notes, notesTotal: 10n ** 10n }), sampleEpoch());
  return { wallet, chain, ordering: orderingOf(notes, PARAMS.batchFee) };
}
const random = (n: number) => seededRandom(new Uint8Array(32).fill(n));

/** Remembers what it was asked for; its proofs prove nothing. */
class Asked {
  readonly proved: [CircuitName, Signals][] = [];

  async prove(circuit: CircuitName, signals: Signals) {
    this.proved.push([circuit, signals]);
    return { proof: new Uint8Array(256).fill(this.proved.length), publicSignals: [] };
  }
}

describe('the terms of a height', () => {
  test('make a batch that the ordering accepts at every height of its window and at no other', () => {
    const { wallet, chain, ordering } = open();
    const terms = batchTerms(chain, height(1));
    const { statement } = wallet.seal({ account: undefined, orders: [buy] }, terms, random(2))!;
    const heights = [1, 2, 3, 4, 5].map((at) => ordering.check(statement, height(at)));
    expect(heights).toEqual([undefined, undefined, undefined, undefined, 'ITEM_WINDOW']);
    expect(statement.fee).toBe(PARAMS.batchFee);
  });

  test('make a batch whose id every validator computes', () => {
    const { wallet, chain } = open();
    const { statement, id, signals } = wallet.seal(
      { account: undefined, orders: [buy] },
      batchTerms(chain, height(1)),
      random(3),
    )!;
    expect(claimOf(chain.items, chain.claims, statement)).toEqual({
      id,
      proved: { circuit: 'orders', statements: [signals] },
    });
  });

  test('give an action the next number of its account', () => {
    const { wallet, chain, ordering } = open();
    const account = wallet.accountNamed('main');
    const terms = actionTerms(chain, account, height(1));
    const wish = { account, amount: 5n, destination: undefined };
    const { statement } = wallet.authorise(wish, terms);
    expect([1, 4, 5].map((at) => ordering.check(statement, height(at)))).toEqual([
      undefined,
      undefined,
      'ITEM_WINDOW',
    ]);
    expect(statement.sequence).toBe(0n);
  });
});

describe('proving', () => {
  test('turns a sealed batch into the item that is sent, of statement and proof alone', async () => {
    const { wallet, chain } = open();
    const sealed = wallet.seal({ account: 'main', orders: [buy] }, batchTerms(chain, height(1)), random(5))!;
    const prover = new Asked();
    expect(await proveBatch(prover, sealed)).toEqual({
      ...sealed.statement,
      proof: new Uint8Array(256).fill(1),
    });
    expect(prover.proved).toEqual([['orders', ordersInput(sealed.witness)]]);
  });

  test('turns an authorised action into the item that is sent', async () => {
    const { wallet, chain } = open();
    const account = wallet.accountNamed('main');
    const wish = { account, amount: 5n, destination: new Uint8Array(32).fill(9) };
    const authorised = wallet.authorise(wish, actionTerms(chain, account, height(1)));
    const prover = new Asked();
    expect(await proveAction(prover, authorised)).toEqual({
      ...authorised.statement,
      proof: new Uint8Array(256).fill(1),
    });
    expect(prover.proved).toEqual([['account', accountInput(authorised.witness)]]);
  });
});
