import { toHex } from '../base/bytes.ts';
import { clearCofactor, type Point } from '../crypto/babyjub.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import { encryptionKey } from '../crypto/threshold-key.ts';
import type { ReserveTable } from '../market/reserve.ts';
import { type Height, type ItemId, itemId } from '../params/ids.ts';
import { actionSignals } from './actions.ts';
import { type ChainGenesis, chainHash } from './chain-genesis.ts';
import { depositIdOf } from './deposits.ts';
import type { EpochConfig } from './epoch-config.ts';
import { type BatchStatement, batchSignals, contextOf, itemIdOf, type Statement } from './items.ts';
import { dealingItemId } from './rotation/dealing-item.ts';
import { evidenceItemId } from './rotation/evidence-item.ts';
import { registrationHash, registrationSignals } from './rotation/registration.ts';
import { type Rotation, sessionInProgress } from './rotation/rotation.ts';

/** What the chain and the key in use add to the words of an item. It does not name the epoch: items in flight outlive its end. */
export interface ItemDomain {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** The market's name. */
  readonly market: string;
  /** 8·Y, what batches are sealed to. */
  readonly Y8: Point;
}

export const itemDomain = (chain: ChainGenesis, epoch: EpochConfig): ItemDomain => ({
  chainHash: chainHash(chain),
  market: chain.market.name,
  Y8: clearCofactor(encryptionKey(epoch.decryptionKey)),
});

/** What an item claims, under the id that names it. */
export interface Claim {
  readonly id: ItemId;
  /** What its proofs must be valid for (`proofsOf`, in their order); undefined for what signatures show, as a deposit. */
  readonly proved:
    | {
        readonly circuit: 'orders' | 'account' | 'ballot' | 'dealing';
        /** Public signals of each proof. */
        readonly statements: readonly (readonly bigint[])[];
        /** Evidence claims the contrary: not all of the proofs are valid. */
        readonly isRefuted?: true;
      }
    | undefined;
}

/** A statement's public signals with a proof that is still to be verified. */
export interface ClaimedProof {
  readonly signals: readonly bigint[];
  readonly proof: Uint8Array;
}

/** What of the chain's state the words of items depend on. */
export interface ClaimState {
  /** Reserve tables by height, as far as they are known. */
  readonly tables: ReadonlyMap<Height, ReserveTable>;
  readonly rotation: Rotation;
}

/** The context signal of a batch in this chain and market. */
export const batchContext = (domain: ItemDomain, batch: BatchStatement): bigint =>
  contextOf({ ...domain, ...batch });

/** @returns undefined for a batch whose reserve table, or a dealing whose session, is not known (any more) */
export function claimOf(
  domain: ItemDomain,
  { tables, rotation }: ClaimState,
  item: Statement,
): Claim | undefined {
  switch (item.kind) {
    case 'batch': {
      const table = tables.get(item.tableHeight);
      if (table === undefined) return undefined;
      const signals = batchSignals(item, { context: batchContext(domain, item), Y8: domain.Y8, table });
      return { id: itemIdOf(signals), proved: { circuit: 'orders', statements: [signals] } };
    }
    case 'action': {
      const signals = actionSignals(domain.chainHash, item);
      return { id: itemIdOf(signals), proved: { circuit: 'account', statements: [signals] } };
    }
    case 'deposit':
      return { id: depositIdOf(domain.chainHash, item), proved: undefined };
    case 'registration': {
      const id = itemId(toHex(registrationHash(domain.chainHash, item)));
      return { id, proved: { circuit: 'ballot', statements: [registrationSignals(domain.chainHash, item)] } };
    }
    case 'dealing': {
      const session = sessionInProgress(rotation);
      if (session?.id !== item.session || session.n !== item.dealing.shares.length) return undefined;
      const statements = dealingStatements(session, item.dealer, item.dealing);
      return { id: dealingItemId(item), proved: { circuit: 'dealing', statements } };
    }
    case 'evidence': {
      const session = sessionInProgress(rotation);
      if (session?.id !== item.session) return undefined;
      const { fault, dealer } = item;
      const id = evidenceItemId(item);
      if (fault.form !== 'refuted') return { id, proved: undefined };
      if (session.n !== fault.dealing.shares.length) return undefined;
      const statements = dealingStatements(session, dealer, fault.dealing);
      return { id, proved: { circuit: 'dealing', statements, isRefuted: true } };
    }
  }
}
