import {
  ARITY,
  COMMITTEE_TREE_DEPTH,
  MAX_INSTRUMENTS,
  NOTE_TREE_DEPTH,
  ORDERS_PER_BATCH,
} from '../params/sizes.ts';
import { ProofsError } from './errors.ts';

export type CircuitName = 'ballot' | 'orders' | 'account' | 'dealing';

/** What a program must know of a circuit besides its key files. */
export interface CircuitShape {
  /** Public signals of a statement: outputs, then public inputs. */
  readonly publicSignals: number;
  /** Every input signal, public and private, with the lengths of its dimensions; [] is a single number. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
}

const SCALAR: readonly number[] = [];
const PER_ORDER = [ORDERS_PER_BATCH] as const;

/** The statements of circuits/README.md that have keys. The signals' meaning is told where they are built. */
export const CIRCUITS: Readonly<Record<CircuitName, CircuitShape>> = {
  // nullifier, y | committeeRoot, scope, x
  ballot: {
    publicSignals: 5,
    inputs: {
      committeeRoot: SCALAR,
      scope: SCALAR,
      x: SCALAR,
      identitySecret: SCALAR,
      path: [COMMITTEE_TREE_DEPTH, ARITY],
    },
  },
  // nullifier, changeCommitment, U[2], ct[3], tag | noteRoot, Y8[2], context, fee, table[2][16]
  orders: {
    publicSignals: 45,
    inputs: {
      noteRoot: SCALAR,
      Y8: [2],
      context: SCALAR,
      fee: SCALAR,
      table: [2, MAX_INSTRUMENTS],
      spendingKey: SCALAR,
      value: SCALAR,
      rho: SCALAR,
      path: [NOTE_TREE_DEPTH, ARITY],
      salt: SCALAR,
      deposit: SCALAR,
      active: PER_ORDER,
      side: PER_ORDER,
      reduceOnly: PER_ORDER,
      instrument: PER_ORDER,
      price: PER_ORDER,
      lots: PER_ORDER,
      sealRandomness: SCALAR,
    },
  },
  // account, amount, commitment, message
  account: {
    publicSignals: 4,
    inputs: {
      account: SCALAR,
      amount: SCALAR,
      commitment: SCALAR,
      message: SCALAR,
      spendingKey: SCALAR,
      salt: SCALAR,
      rho: SCALAR,
    },
  },
  // R[2], A[2][2], c[2] | PK8[2], context
  dealing: {
    publicSignals: 11,
    inputs: {
      PK8: [2],
      context: SCALAR,
      t: SCALAR,
      share: [2],
    },
  },
};

/** @throws {ProofsError} CIRCUIT_UNKNOWN if the name is not in the table */
export function circuitShape(name: CircuitName): CircuitShape {
  if (!Object.hasOwn(CIRCUITS, name)) {
    const known = Object.keys(CIRCUITS).join(', ');
    throw new ProofsError(
      'CIRCUIT_UNKNOWN',
      `no circuit is called ${JSON.stringify(name)}; there are ${known}`,
    );
  }
  return CIRCUITS[name];
}
