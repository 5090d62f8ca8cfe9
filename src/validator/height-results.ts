import type { Certificate } from '../crypto/certificate.ts';
import type { Block } from '../ledger/block.ts';
import type { Evidence } from '../ledger/evidence.ts';
import type { Item } from '../ledger/items.ts';
import type { NamedItem, RefusedItem } from '../ledger/ordering-state.ts';
import type { Settlement } from '../ledger/transition.ts';
import type { Height, ItemId, ValidatorIndex } from '../params/ids.ts';

/** A height after tally and re-check, before anything is decrypted. */
export interface OrderedHeight {
  readonly height: Height;
  /** Proposers of the bundles in the ACS output. */
  readonly proposers: readonly ValidatorIndex[];
  /** Ballots that counted. */
  readonly ballots: number;
  /** In re-check order. */
  readonly accepted: readonly NamedItem<Item>[];
  readonly refused: readonly RefusedItem[];
  readonly evidence: readonly Evidence[];
}

/** A height after decryption and settlement. */
export interface SettledHeight {
  readonly height: Height;
  readonly items: readonly ItemId[];
  readonly settlement: Settlement;
}

/** A height with both certificates: nothing about it can change any more. */
export interface CertifiedHeight {
  readonly height: Height;
  readonly block: Block;
  /** Over (height, state root, receipts root). */
  readonly settlementCertificate: Certificate;
}

/** What a validator, or a quorum, came to at a height; 32 bytes each. */
export interface HeightOutcome {
  readonly headerHash: Uint8Array;
  /** Once the height is settled. */
  readonly roots: { readonly stateRoot: Uint8Array; readonly receiptsRoot: Uint8Array } | undefined;
}
