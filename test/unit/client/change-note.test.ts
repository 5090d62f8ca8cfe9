import { describe, expect, test } from 'vitest';
import { type BatchTerms, type SealedBatch, Wallet } from '../../../src/client/wallet.ts';
import { clearCofactor, encodePoint, multiply } from '../../../src/crypto/babyjub.ts';
import { hash } from '../../../src/crypto/hash.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { dealThresholdKey, encryptionKey } from '../../../src/crypto/threshold-key.ts';
import { packBatch } from '../../../src/ledger/batch-words.ts';
import { chainHash, foundationHash } from '../../../src/ledger/chain-genesis.ts';
import { noteCommitment, ownerKey } from '../../../src/ledger/notes.ts';
import { genesisSettlement, tableAt } from '../../../src/ledger/settlement-state.ts';
import type { Order } from '../../../src/market/order.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { header } from '../../pinned/samples.ts';
import { sampleChain } from '../ledger/market.ts';
import { orderingOf } from '../ledger/ordering.ts';

const seed = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const Y8 = clearCofactor(encryptionKey(dealThresholdKey(1, 0, seededRandom(seed(5))).key));
const [VALUE, FEE] = [10_000_000_000n, 1_000n];
const side = { side: 'buy', instrument: instrumentIndex(0), reduceOnly: false } as const;
const buy = (lots: bigint): Order => ({ ...side, price: 60_600_000n, lots });

/** A chain whose genesis holds these notes of one wallet, and the terms of a height. */
function chainOf(...values: readonly bigint[]) {
  const open = (): Wallet => {
    const wallet = new Wallet(seed(1), seed(9));
    for (const value of values) wallet.genesisNote(value);
    return wallet;
  };
  const genesis = new Wallet(seed(1), seed(9));
  const commitments = values.map((value) => genesis.genesisNote(value));
  const chain = sampleChain({ notes: commitments, notesTotal: values.reduce((sum, v) => sum + v, 0n) });
  const ordering = orderingOf(commitments, FEE);
  const terms: BatchTerms = {
    ...{ chainHash: chainHash(chain), market: chain.market.name, Y8, fee: FEE, notes: ordering },
    ...{ fromHeight: height(1), toHeight: height(9), tableHeight: height(0) },
    table: tableAt(genesisSettlement(chain), height(0))!,
  };
  /** Orders batches in a height: what everybody then sees of it. */
  const close = (at: number, batches: readonly SealedBatch[]) => {
    for (const { statement } of batches) ordering.apply(statement);
    ordering.closeHeight(height(at));
    return {
      block: {
        header: { ...header, height: height(at) },
        items: batches.map(({ statement }) => ({ ...statement, proof: new Uint8Array(256) })),
        keys: batches.map(({ witness }) => encodePoint(multiply(Y8, witness.sealRandomness))),
      },
      shielded: [],
    };
  };
  return { open, terms, close };
}

const seal = (wallet: Wallet, terms: BatchTerms, lots: bigint, randomness: number): SealedBatch =>
  wallet.seal({ account: undefined, orders: [buy(lots)] }, terms, seededRandom(seed(randomness)))!;

describe('the change of a batch', () => {
  test('is found from the chain by a wallet that has forgotten all its batches, change of change too', () => {
    const { open, terms, close } = chainOf(VALUE, VALUE);
    const wallet = open();
    const heights = [close(1, [seal(wallet, terms, 2n, 1), seal(wallet, terms, 3n, 2)])];
    wallet.heightClosed(terms, heights[0]!);
    heights.push(close(2, [seal(wallet, terms, 5n, 3)]));
    wallet.heightClosed(terms, heights[1]!);

    const restored = open();
    for (const closed of heights) restored.heightClosed(terms, closed);
    expect(restored.spendable).toEqual(wallet.spendable);
    expect(restored.spendable.length).toBe(2);
    const [one, other] = [wallet, restored].map((each) => seal(each, terms, 1n, 4));
    expect(one!.statement).toEqual(other!.statement);
  });

  test('of two batches is never one leaf, though notes, deposits and randomness are the same', () => {
    const { open, terms } = chainOf(VALUE, VALUE);
    const wallet = open();
    const batches = [seal(wallet, terms, 2n, 1), seal(wallet, terms, 2n, 1)];
    const { deposit, orders } = batches[0]!.content;
    expect(batches[1]!.content).toMatchObject({ deposit, orders });
    const leaves = batches.map(({ statement }) => statement.changeCommitment);
    expect(leaves[0]).not.toBe(leaves[1]);
  });
});

/** What a stranger knows of an opened batch who also knows its owner's pk: every public signal, the keystream's key, the plaintext. */
function knownOf({ signals, witness, content }: SealedBatch): bigint[] {
  const K = multiply(Y8, witness.sealRandomness).toAffine();
  const opened = [K.x, K.y, ...packBatch(content), content.account, content.deposit];
  return [...new Set([ownerKey(witness.spendingKey), ...signals.slice(0, 13), ...opened])];
}

/** Whether a stranger can confirm that the change is worth `value`: whether some rho made of what is known gives the commitment. */
function confirms(known: readonly bigint[], owner: bigint, commitment: bigint, value: bigint): boolean {
  const derived = known.flatMap((a) => known.map((b) => hash('changeNote', a, b)));
  return [...known, ...derived].some((rho) => noteCommitment(value, owner, rho) === commitment);
}

describe('the value of a change note', () => {
  const { open, terms } = chainOf(VALUE);
  const sealed = seal(open(), terms, 2n, 1);
  const owner = ownerKey(sealed.witness.spendingKey);
  const value = VALUE - sealed.content.deposit - FEE;
  const known = knownOf(sealed);
  const { nullifier, changeCommitment } = sealed.statement;

  test('is confirmed by whoever has sk, so the guess of this test is the right one', () => {
    expect(confirms([...known, sealed.witness.spendingKey], owner, changeCommitment, value)).toBe(true);
  });

  test('cannot be confirmed by a stranger who guesses it right and knows pk, nullifier and all that is public', () => {
    expect(confirms(known, owner, changeCommitment, value)).toBe(false);
  });

  test.each([
    ['H(changeNote; pk, nf)', hash('changeNote', owner, nullifier)],
    ['the nullifier', nullifier],
  ])('would be confirmed if rho were %s', (_, rho) => {
    expect(confirms(known, owner, noteCommitment(value, owner, rho), value)).toBe(true);
  });
});

describe('one seed on two chains', () => {
  const { notes: _, notesTotal: __, ...foundation } = sampleChain();

  test('gives wallets with no key, note or account in common', () => {
    const wallets = ['one', 'other'].map(
      (chainId) => new Wallet(seed(1), foundationHash({ ...foundation, chainId })),
    );
    expect(wallets[0]!.genesisNote(VALUE)).not.toBe(wallets[1]!.genesisNote(VALUE));
    expect(wallets[0]!.accountNamed('main')).not.toBe(wallets[1]!.accountNamed('main'));
  });

  test('tells chains apart by everything but their first notes', () => {
    const others = [
      { chainId: 'other' },
      { market: { ...foundation.market, name: 'ETH' } },
      { medians: foundation.medians.map((median) => median + 1n) },
      { timeS: foundation.timeS + 1n },
      { bridgeKey: seed(3) },
    ].map((change) => ({ ...foundation, ...change }));
    const hashes = [foundation, ...others].map((each) => `${foundationHash(each)}`);
    expect(new Set(hashes).size).toBe(6);
    expect(foundationHash(sampleChain({ notes: [7n], notesTotal: 1n }))).toEqual(foundationHash(foundation));
  });
});
