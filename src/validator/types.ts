import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { BallotWitness } from '../crypto/identity.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { ClaimedProof } from '../ledger/claims.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { NoteView } from '../ledger/ordering-state.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import type { Height, ItemId, ValidatorIndex } from '../params/ids.ts';
import type { ShownBorder } from './border.ts';
import type { OracleReport } from './bundle.ts';
import type { BlockProblem } from './faults.ts';
import type { GeneratedKeys, KeyAlarm } from './genesis/generated-keys.ts';
import type { CertifiedHeight, HeightOutcome, OrderedHeight, SettledHeight } from './height-results.ts';
import type { ChainProgress } from './progress.ts';
import type { BlockRef, DealingsRef, DealRef, ProveRef, VerifyRef } from './refs.ts';
import type { ValidatorCrypto } from './validator-crypto.ts';

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
  /** Who does the arithmetic of opening; `NOBLE` if nothing is said. No message depends on it. */
  readonly kernels?: BatchKernels;
  /** Whom it calls for cryptography and settlement, if its calls are to be counted. */
  readonly crypto?: ValidatorCrypto;
}

/** What the outside tells a validator. */
export type Input =
  /** An item from a trader: hostile bytes. */
  | { readonly type: 'item'; readonly bytes: Uint8Array }
  /** A frame from a peer (authenticated by the transport): hostile bytes. */
  | { readonly type: 'message'; readonly from: ValidatorIndex; readonly bytes: Uint8Array }
  /** A peer's channel is up, for the first time or again; also said of every peer when oneself starts. */
  | { readonly type: 'connected'; readonly peer: ValidatorIndex }
  /** The store was lost and the keys are left: what one said is forgotten. The first input of all. @param nonce 16 random bytes */
  | { readonly type: 'forgotten'; readonly nonce: Uint8Array }
  /** Own feed and clock, for the bundles from now on. While the feed is silent: its last prices with their old time. */
  | ({ readonly type: 'observe' } & OracleReport)
  /** The ballot timer fired: cast a ballot if there is something to vote on. */
  | { readonly type: 'ballotDue' }
  /** The tick of announcements: say what has come since the last one, and ask others for what did not come. */
  | { readonly type: 'announceDue' }
  /** The re-send timer fired: stem again, pull again. */
  | { readonly type: 'resend' }
  /** A certified block from anybody's store: hostile bytes. */
  | { readonly type: 'block'; readonly bytes: Uint8Array }
  /** Answers to `verify` effects: to those requests that were verified together, whatever list each of them was in. */
  | { readonly type: 'verified'; readonly verdicts: readonly ProofVerdict[] }
  /** Answer to a `prove` effect. */
  | { readonly type: 'proved'; readonly ref: ProveRef; readonly proof: Uint8Array }
  /** Answer to a `serveBlock` effect: an encoded certified block of one's own store, undefined if it is not kept. */
  | { readonly type: 'stored'; readonly ref: BlockRef; readonly bytes: Uint8Array | undefined }
  /** A member that generates keys deals now, if it has not dealt. */
  | { readonly type: 'dealDue' }
  /** Answer to a `deal` effect: an encoded dealing of one's own, with its proofs. Nothing that it was made of is kept. */
  | { readonly type: 'dealt'; readonly ref: DealRef; readonly bytes: Uint8Array }
  /** Answer to a `verifyDealings` effect: the dealers of whose dealings a proof does not hold. */
  | { readonly type: 'dealingsVerified'; readonly ref: DealingsRef; readonly bad: readonly ValidatorIndex[] };

/** A ballot or an item whose proofs are to be verified. */
export interface ProofQuestion {
  readonly ref: VerifyRef;
  readonly circuit: 'ballot' | 'orders' | 'account' | 'dealing';
  /** At least one; the answer is whether all of them hold. */
  readonly proofs: readonly ClaimedProof[];
}

/** The answer to a request: whether all of its proofs hold. */
export interface ProofVerdict {
  readonly ref: VerifyRef;
  readonly ok: boolean;
}

/** What a validator asks the outside to do, answered by an input. */
export type Effect =
  /** Have these verified, in any order and as many together as one likes. At least one. */
  | { readonly type: 'verify'; readonly requests: readonly ProofQuestion[] }
  /** Prove one's own ballot; the statement holds the identity secret and can be made again from the ref. */
  | { readonly type: 'prove'; readonly ref: ProveRef; readonly statement: BallotWitness }
  /**
   * A peer asks for the block of a height certified here. At most one a peer is open: who answers only when little waits
   * to be sent to that peer bounds what waits.
   */
  | { readonly type: 'serveBlock'; readonly ref: BlockRef }
  /** Make a dealing of fresh secrets with its proofs. A crash before the answer is durable makes another one: nobody saw the first. */
  | { readonly type: 'deal'; readonly ref: DealRef }
  /** Verify all proofs of these dealings in one batch; each is encoded, and its form checked. */
  | {
      readonly type: 'verifyDealings';
      readonly ref: DealingsRef;
      /** In the order of `ref.dealers`. */
      readonly dealings: readonly Uint8Array[];
    };

/** What a validator shows to whoever asks, between two inputs. Public. */
export interface Shown {
  /** Notes after the last height that is ordered here, and how the epoch leads to the next one. */
  readonly notes: NoteView & { readonly rotation: Rotation };
  /** The last height in which it says nothing because it may have said there what it has forgotten; 0 if nothing is, infinite while that is not known. */
  readonly forgottenUntil: number;
  /** How far the live heights and the others are. */
  readonly progress: () => ChainProgress;
}

/** What a validator lets the outside know. */
export type Output =
  /** A height began, any but the first one of an epoch: timers of the one before mean nothing any more. */
  | { readonly type: 'began'; readonly height: Height }
  /**
   * There is something to vote on in the height in progress: the ballot timer is to fire. Said once a height, unless the timer fired in
   * vain since; a ballot is cast without it when others have voted.
   */
  | { readonly type: 'votable'; readonly height: Height }
  | { readonly type: 'admitted'; readonly item: ItemId }
  | { readonly type: 'refused'; readonly item: ItemId | undefined; readonly code: string }
  /** q ballots are here, and the bundle that names them is on its way. */
  | { readonly type: 'proposed'; readonly height: Height }
  /** Not said of a height whose block was taken before it was ordered here. */
  | { readonly type: 'ordered'; readonly result: OrderedHeight }
  | { readonly type: 'settled'; readonly result: SettledHeight }
  /** Said of every height, in order: the outside stores the block before anything else of this step leaves. */
  | { readonly type: 'certified'; readonly result: CertifiedHeight }
  /** The last height of the epoch begins: with its block the state before it shows the border to who joins. */
  | { readonly type: 'epochEnds'; readonly height: Height; readonly state: Omit<ShownBorder, 'block'> }
  /** The last height of the epoch is certified here: from now on this validator only answers those that lag. */
  | { readonly type: 'epochOver'; readonly height: Height }
  /** Quorums certified a height two or more beyond one's own: the blocks up to it are taken one after the other. */
  | { readonly type: 'behind'; readonly height: Height; readonly certified: Height }
  /**
   * A quorum signed another header or other roots than this validator came to: a bug, or more than f are corrupt. The
   * validator says nothing from then on.
   */
  | {
      readonly type: 'diverged';
      readonly height: Height;
      readonly own: HeightOutcome;
      readonly certified: HeightOutcome;
    }
  /** A block handed in by a `block` input is not the next one of this chain. */
  | { readonly type: 'blockRefused'; readonly problem: BlockProblem }
  /** Keys were generated. The shares are secret: the outside keeps them where keys are kept, then erases the encryption secret. */
  | { readonly type: 'generated'; readonly keys: GeneratedKeys }
  /** A dealing whose proofs hold gave its recipient no shares: the proving key of dealings is broken or forged, and no keys are made. */
  | { readonly type: 'keyAlarm'; readonly alarm: KeyAlarm }
  /** This member forgot what it said, and generates no keys with the others: it is one of the f until an epoch deals it a share. */
  | { readonly type: 'mustBeReshared'; readonly code: 'GENESIS_FORGOTTEN' };
