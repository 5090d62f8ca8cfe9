import type { MerklePath } from '../crypto/merkle.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { BallotId, Height, ItemId, ValidatorIndex } from '../params/ids.ts';
import type { OracleReport } from './bundle.ts';
import type { CertifiedHeight, OrderedHeight, SettledHeight } from './height-results.ts';

/** How a ballot reaches the others: `direct` names its author to the network, `stem` hides it (Dandelion++). */
export type Dissemination = 'direct' | 'stem';

/** One validator's secrets. Never logged, never sent. */
export interface ValidatorSecrets {
  /** isk in F_r, serves one epoch. */
  readonly identitySecret: bigint;
  /** BLS12-381 secret key, 32 bytes. */
  readonly blsSecret: Uint8Array;
  /** Ed25519 seed, 32 bytes. */
  readonly signSecret: Uint8Array;
  /** Share of K_dec in Z_l. */
  readonly decryptionShare: bigint;
  /** Share of K_coin in Z_l. */
  readonly coinShare: bigint;
  /** 32 bytes that seed derived nonces and stem routes. */
  readonly seed: Uint8Array;
}

export interface ValidatorConfig {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly self: ValidatorIndex;
  readonly secrets: ValidatorSecrets;
  readonly dissemination: Dissemination;
}

/** What the outside tells a validator. */
export type Input =
  /** An item from a trader: hostile bytes. */
  | { readonly type: 'item'; readonly bytes: Uint8Array }
  /** A frame from a peer (authenticated by the transport): hostile bytes. */
  | { readonly type: 'message'; readonly from: ValidatorIndex; readonly bytes: Uint8Array }
  /** Own feed and clock, for the bundles from now on. While the feed is silent: its last prices with their old time. */
  | ({ readonly type: 'observe' } & OracleReport)
  /** The ballot timer fired: cast a ballot if there is something to vote on. */
  | { readonly type: 'ballotDue' }
  /** The re-send timer fired: stem again, pull again. */
  | { readonly type: 'resend' }
  /** Answer to a `verify` effect. */
  | { readonly type: 'verified'; readonly ref: string; readonly ok: boolean }
  /** Answer to a `prove` effect. */
  | { readonly type: 'proved'; readonly ref: string; readonly proof: Uint8Array };

/** What a validator asks the outside to do, answered by an input. */
export type Effect =
  | {
      readonly type: 'verify';
      readonly ref: string;
      readonly circuit: 'ballot' | 'orders' | 'account';
      readonly signals: readonly bigint[];
      readonly proof: Uint8Array;
    }
  /** Prove one's own ballot over these items; the statement holds the identity secret. */
  | {
      readonly type: 'prove';
      readonly ref: string;
      readonly height: Height;
      readonly items: readonly ItemId[];
      readonly statement: BallotStatement;
    };

/** What S1 is proved on. */
export interface BallotStatement {
  /** secret */
  readonly identitySecret: bigint;
  readonly path: MerklePath;
  readonly committeeRoot: bigint;
  readonly scope: bigint;
  readonly x: bigint;
}

/** What a validator lets the outside know. */
export type Output =
  | { readonly type: 'admitted'; readonly item: ItemId }
  | { readonly type: 'refused'; readonly item: ItemId | undefined; readonly code: string }
  | { readonly type: 'ordered'; readonly result: OrderedHeight }
  | { readonly type: 'settled'; readonly result: SettledHeight }
  | { readonly type: 'certified'; readonly result: CertifiedHeight };

/** A peer's wrong, with what shows it. Plain data, safe to print. */
export interface PeerFault {
  readonly by: ValidatorIndex | undefined;
  readonly fault: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Records that must be durable before the step's sends are performed. */
export type LogRecord =
  | { readonly type: 'item'; readonly item: ItemId; readonly bytes: Uint8Array }
  | { readonly type: 'ballot'; readonly ballot: BallotId; readonly bytes: Uint8Array };
