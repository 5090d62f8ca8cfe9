import { clearCofactor, multiplyBase } from '../crypto/babyjub.ts';
import { hash } from '../crypto/hash.ts';
import { identityCommitment } from '../crypto/identity.ts';
import { MerkleTree } from '../crypto/merkle.ts';
import { noteCommitment, ownerKey } from '../ledger/notes.ts';
import { instrumentIndex } from '../params/ids.ts';
import { COMMITTEE_TREE_DEPTH, MAX_INSTRUMENTS, NOTE_TREE_DEPTH } from '../params/sizes.ts';
import { accountInput } from './account.ts';
import { ballotInput } from './ballot.ts';
import type { CircuitName } from './circuits.ts';
import { dealingInput } from './dealing.ts';
import { ordersInput } from './orders.ts';
import type { Signals } from './signals.ts';

const EXAMPLES: Readonly<Record<CircuitName, () => Signals>> = {
  ballot: exampleBallot,
  orders: exampleOrders,
  account: exampleAccount,
  dealing: exampleDealing,
};

/** A valid input of each circuit to start from; the same every time, its secrets are no secrets. */
export const exampleInput = (circuit: CircuitName): Signals => EXAMPLES[circuit]();

/** The second of three validators. */
function exampleBallot(): Signals {
  const identitySecret = 1234567n;
  const committee = new MerkleTree(COMMITTEE_TREE_DEPTH);
  for (const secret of [1n, identitySecret, 3n]) committee.append(identityCommitment(secret));
  return ballotInput({
    identitySecret,
    path: committee.path(1),
    committeeRoot: committee.root,
    scope: 5n,
    x: 6n,
  });
}

/** A buyer and seller of 5,000 USDC with one order to buy, one to sell and one to reduce. */
function exampleOrders(): Signals {
  const [spendingKey, value, rho] = [11n, 5_000_000_000n, 12n];
  const notes = new MerkleTree(NOTE_TREE_DEPTH);
  for (const other of [1n, 2n]) notes.append(hash('note', other, other, other));
  const at = notes.append(noteCommitment(value, ownerKey(spendingKey), rho));
  return ordersInput({
    noteRoot: notes.root,
    Y8: clearCofactor(multiplyBase(77n)),
    context: 99n,
    fee: 1_000n,
    table: {
      buyPpm: Array.from({ length: MAX_INSTRUMENTS }, (_, i) => 100_000n + BigInt(i)),
      sellUnits: Array.from({ length: MAX_INSTRUMENTS }, (_, i) => 9_000_000n + BigInt(i)),
    },
    spendingKey,
    value,
    rho,
    path: notes.path(at),
    salt: 13n,
    deposit: 3_000_000_000n,
    orders: [
      { side: 'buy', instrument: instrumentIndex(0), price: 60_000n, lots: 100n, reduceOnly: false },
      { side: 'sell', instrument: instrumentIndex(5), price: 7_000n, lots: 20n, reduceOnly: false },
      { side: 'sell', instrument: instrumentIndex(15), price: 1n, lots: 1n, reduceOnly: true },
      undefined,
    ],
    sealRandomness: 123_456_789n,
  });
}

/** 2,500 USDC from an account of the example's buyer and seller into a note. */
function exampleAccount(): Signals {
  return accountInput({ spendingKey: 11n, salt: 13n, rho: 15n, amount: 2_500_000_000n, message: 16n });
}

/** Shares of the second of four dealers for the third recipient. */
function exampleDealing(): Signals {
  return dealingInput({
    key8: clearCofactor(multiplyBase(77n)),
    context: hash('dealing', 5n, 1n, 2n),
    t: 123_456_789n,
    shares: { decryption: 1_234_567n, coin: 7_654_321n },
  });
}
