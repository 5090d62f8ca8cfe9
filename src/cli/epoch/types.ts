import type { FileBatch, FileTransfer, MarketFile } from '../../formats/run-input.ts';
import type { AuctionOutcome } from '../../ledger/receipts.ts';
import type { Fraction } from '../../ledger/rotation/committee-risk.ts';
import type { Turnstile } from '../../ledger/turnstile.ts';
import type { AccountId, InstrumentIndex, ItemId, ValidatorIndex } from '../../params/ids.ts';
import type { Dissemination } from '../../validator/types.ts';
import type { HeightStory } from '../market/story.ts';

/** What `velum epoch` is given and what it gives back. Money in 10⁻⁶ USDC, prices in units per lot. */

export interface EpochOptions {
  readonly validators: number;
  /** Byzantine validators, ≤ f. */
  readonly faulty: number;
  readonly dissemination: Dissemination;
  /** Heights to run at least, from 1. After the last prices of `market` those go on. */
  readonly heights: number;
  /** Epochs to run; with more than one, heights go on until the last epoch has settled one. */
  readonly epochs: number;
  /** Members of the registry, ≥ validators; the first ones validate the first epoch. */
  readonly registry: number;
  /** L of every epoch. */
  readonly epochHeights: number;
  /** 0 ≤ seed ≤ 2^53 − 1: keys, network delays and all else but the proofs' randomness follow from it. */
  readonly seed: number;
  /** Times that a validator is dropped and restarted from its store. */
  readonly crashes: number;
  /** Who makes the threshold keys: the validators together, or one dealer for quick experiments. */
  readonly keys: KeysFrom;
  readonly market: MarketFile;
  /** Only batches of heights 1 … `heights`, in file order. */
  readonly batches: readonly FileBatch[];
}

export type KeysFrom = 'dkg' | 'dealer';

/** How the keys of the first epoch were made. */
export interface GenesisReport {
  readonly keys: KeysFrom;
  /** Validators whose dealings are in the keys; none where one dealer made them. */
  readonly dealers: readonly ValidatorIndex[];
  /** Validators whose dealing is not, and why. */
  readonly excluded: readonly { readonly validator: ValidatorIndex; readonly why: string }[];
  /** 64 bytes each. */
  readonly decryptionKey: Uint8Array;
  readonly coinKey: Uint8Array;
}

/** An epoch of a run. Members are named by their index in the registry. */
export interface EpochReport {
  readonly epoch: number;
  readonly firstHeight: number;
  /** Members by validator index. */
  readonly committee: readonly number[];
  /** 64 bytes each. */
  readonly decryptionKey: Uint8Array;
  readonly coinKey: Uint8Array;
  /** Members whose dealings are in the epoch's key shares; none where one dealer made them. */
  readonly dealers: readonly number[];
  /** Members that had to deal and whose dealing is not in them, and why. */
  readonly excluded: readonly { readonly member: number; readonly why: string }[];
}

/** How probable it is that a committee drawn at random from the registry has more than f faulty members. */
export interface RiskReport {
  /** Faulty members of the registry, at least this part of it. */
  readonly percent: number;
  readonly faulty: number;
  readonly probability: Fraction;
}

export type EpochStage = 'genesis' | 'prove' | 'admit' | 'consensus';

/** What a person may watch. `done` = `total` ends the stage of this height; genesis has height 0. */
export interface EpochProgress {
  readonly height: number;
  readonly stage: EpochStage;
  readonly done: number;
  readonly total: number;
}

export interface EpochHooks {
  readonly onProgress: (progress: EpochProgress) => void;
}

/** A batch (submitted = accepted + refused.length) or transfer that had no effect, and who said so. */
export interface Refused {
  /** Name in the orders or market file. */
  readonly item: string;
  readonly code: string;
  readonly sentence: string;
  readonly by: 'admit' | 'recheck' | 'settle';
  /** How many validators refused it, when `by` is 'admit'. */
  readonly validators?: number;
}

/** An order of an accepted batch that did not enter its auction. */
export interface DroppedOrder {
  readonly item: string;
  /** Position in the batch, from 0. */
  readonly leg: number;
  readonly code: string;
  readonly sentence: string;
}

/** A deposit, shield or withdrawal, and what became of it. */
export interface TransferReport {
  /** Its name in the market file. */
  readonly item: string;
  readonly kind: FileTransfer['kind'];
  readonly trader: string;
  readonly account: AccountId;
  /** The market file's name, or `fresh:<batch>`. */
  readonly name: string;
  readonly amount: bigint;
  /** 32 bytes: of a withdrawal. */
  readonly to: Uint8Array | undefined;
  /** undefined: it happened. */
  readonly refused: Refused | undefined;
}

/** What one account bought or sold of one instrument at the height's one price. */
export interface FillReport {
  readonly account: AccountId;
  readonly item: string;
  readonly instrument: InstrumentIndex;
  readonly side: 'buy' | 'sell';
  readonly lots: bigint;
  readonly price: bigint;
  readonly fee: bigint;
}

export interface AccountView {
  readonly cash: bigint;
  readonly equity: bigint;
  /** Signed lots per instrument, ascending, without zeros. */
  readonly positions: readonly { readonly instrument: InstrumentIndex; readonly lots: bigint }[];
}

export interface AccountChange {
  readonly account: AccountId;
  /** The orders file's name, or `fresh:<batch>`. */
  readonly name: string;
  readonly trader: string;
  /** undefined when the height opened the account. */
  readonly before: AccountView | undefined;
  readonly after: AccountView;
}

export interface FaultReport {
  readonly by: ValidatorIndex;
  readonly fault: string;
  /** What proves it, as text for a person; one line. */
  readonly evidence: string;
}

export interface RecoveredIdentity {
  /** Whose commitment in genesis is H(validator; isk). */
  readonly validator: ValidatorIndex;
  /** isk in F_r, computed from two ballots of one scope. It is public from then on. */
  readonly identitySecret: bigint;
}

/** A file of the output directory; `path` is relative to it, with `/`. */
export interface OutFile {
  readonly path: string;
  readonly text: string | Uint8Array;
  /** Only for the user who runs the command. */
  readonly isPrivate?: boolean;
}

/** What the market did at a height. */
export interface MarketReport {
  /** Everything besides auctions, and why orders that entered did not fill: a line each, wrapped. */
  readonly happenings: readonly string[];
  /** The same for programs, with index, marks and the fund. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface HeightMs {
  readonly prove: number;
  readonly admit: number;
  readonly consensus: number;
  readonly decrypt: number;
  readonly settle: number;
}

export interface HeightResult {
  readonly height: number;
  readonly epoch: number;
  /** Correct validators of the committee. */
  readonly correct: number;
  readonly timeS: bigint;
  readonly submitted: number;
  readonly accepted: number;
  /** Batches only, as are the counts. */
  readonly refused: readonly Refused[];
  readonly dropped: readonly DroppedOrder[];
  /** Ids of the accepted items by name. */
  readonly items: readonly { readonly item: string; readonly id: ItemId }[];
  /** Ballots with distinct nullifiers in the tally. */
  readonly ballots: number;
  /** Proposers of the bundles in the ACS output. */
  readonly acsProposers: readonly ValidatorIndex[];
  readonly certificateSigners: readonly ValidatorIndex[];
  /** One per instrument of the market, in its order. */
  readonly auctions: readonly AuctionOutcome[];
  readonly fills: readonly FillReport[];
  readonly accounts: readonly AccountChange[];
  readonly transfers: readonly TransferReport[];
  readonly turnstile: Turnstile;
  readonly market: MarketReport;
  readonly faults: readonly FaultReport[];
  readonly recovered: readonly RecoveredIdentity[];
  /** 32 bytes in hex. */
  readonly stateRoot: string;
  /** Correct validators that settled to exactly this root. */
  readonly settledBy: readonly ValidatorIndex[];
  readonly ms: HeightMs;
  /**
   * `height-<h>/block.json`, `height-<h>/certificate.json`, `height-<h>/settlement.json`,
   * `height-<h>/proofs/<name>.proof.json` and `.public.json` of every batch, shield and withdrawal (snarkjs' own format).
   */
  readonly files: readonly OutFile[];
}

export interface EpochResult {
  readonly validators: number;
  /** Which validators are Byzantine in this run and what each does. */
  readonly faulty: readonly { readonly validator: ValidatorIndex; readonly plays: string }[];
  readonly dissemination: Dissemination;
  readonly seed: number;
  /** Times that a validator came back from its store. */
  readonly restarts: number;
  readonly genesis: GenesisReport;
  /** Members of the registry. */
  readonly registry: number;
  readonly epochs: readonly EpochReport[];
  /** Of the registry's committees; empty where the registry is the committee. */
  readonly risk: readonly RiskReport[];
  /** What a reader has to trust in this run, a line each: a dealer if there was one, keys made on one machine. */
  readonly trust: readonly string[];
  readonly heights: readonly HeightResult[];
  /** The same heights as the market saw them, for pictures. */
  readonly stories: readonly HeightStory[];
}
