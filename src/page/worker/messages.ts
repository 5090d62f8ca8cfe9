/**
 * What the page and its workers say to each other. Everything is plain data of the structured clone: amounts are units of 10^-6 USDC as
 * bigints, hashes and ids are hex, times are unix seconds.
 *
 * The chain worker has no secret. It reads the genesis, follows the node, and tells of a height only what a replica came to from the
 * genesis on: the node's word decides nothing. The wallet worker holds the keys of a trader, which never leave it unsealed: whoever locks the wallet ends the worker. A bench worker
 * proves or verifies one statement of any circuit, and is ended by whoever does not want to wait.
 */

/** Why something is refused, or a node is not believed: a code that programs compare, and a sentence for a person. */
export interface PageProblem {
  readonly code: string;
  readonly text: string;
}

/** Where workers find the node and the files that it serves; all of the page's own origin. */
export interface ServedPlaces {
  /** URL of the JSON-RPC of the node. */
  readonly rpc: string;
  /** URL of `genesis.json`. */
  readonly genesis: string;
  /** URL of the folder of keys: `${keys}orders/proving.zkey`, with the names of the keys folder of the package. */
  readonly keys: string;
}

// ——— The chain worker

export type ToChain =
  /** Begin. @param genesis text of a genesis file that the user has chosen; null: the one that the node serves */
  | { readonly kind: 'open'; readonly places: ServedPlaces; readonly genesis: string | null }
  /** The user has compared the hash: this browser takes this genesis for the one of this address from now on. */
  | { readonly kind: 'pin'; readonly genesisHash: string }
  /** Asks for `found`. @param text of an id of an item or account, or the number of a height; any beginning of an id of 8 digits at least */
  | { readonly kind: 'find'; readonly text: string };

export type FromChain =
  | { readonly kind: 'chain'; readonly chain: FollowedChain }
  /** Heights that were verified since the last message, and what the last of them led to. */
  | { readonly kind: 'verified'; readonly heights: readonly SeenHeight[]; readonly state: VerifiedState }
  /** How far the node says that the chain is: hearsay. */
  | { readonly kind: 'said'; readonly certified: number; readonly verified: number }
  /** The node was caught, or does not answer. `height` is the one that it did not show rightly. null: it has shown all that it speaks of. */
  | {
      readonly kind: 'fault';
      readonly fault: (PageProblem & { readonly height: number | null; readonly isLie: boolean }) | null;
    }
  | { readonly kind: 'found'; readonly text: string; readonly found: FoundView | null }
  /** The worker cannot begin: a wrong genesis; or none yet, until `chain` tells that there is one. */
  | { readonly kind: 'failed'; readonly problem: PageProblem };

/** The chain that is followed, and by what it is known. */
export interface FollowedChain {
  readonly chainId: string;
  /** Of chain and first committee (`genesisHash`), to be compared with what somebody says whom one trusts. */
  readonly genesisHash: string;
  readonly genesis: 'served' | 'chosen';
  /** `new`: nothing was pinned for this address. `other`: another chain was, and nothing is followed until the user pins this one. */
  readonly pin: 'new' | 'same' | 'other';
  readonly instruments: readonly string[];
  readonly market: string;
}

/** A height whose certificates hold, and which was replayed. */
export interface SeenHeight {
  readonly height: number;
  readonly timeS: bigint;
  readonly headerHash: string;
  readonly stateRoot: string;
  readonly epoch: number;
  /** Who signed it and what it settles to, by validator index. */
  readonly signers: readonly boolean[];
  readonly settlementSigners: readonly boolean[];
  readonly items: readonly ItemView[];
  /** What was ordered, and lost against what came before it. */
  readonly refused: readonly { readonly id: string; readonly code: string }[];
  /** Of the settlement: an item or one leg of it that had no effect. */
  readonly receipts: readonly { readonly id: string; readonly leg: number | null; readonly code: string }[];
  /** By instrument. */
  readonly auctions: readonly AuctionView[];
  readonly fills: readonly FillView[];
  readonly transfers: readonly TransferView[];
  readonly isHalted: boolean;
  readonly liquidations: readonly LiquidationView[];
  /** Paid by the insurance fund, and taken from positions of the other side. */
  readonly insured: readonly { readonly account: string; readonly amount: bigint }[];
  readonly deleverages: number;
  readonly funding: readonly { readonly instrument: number; readonly ratePpm: bigint }[];
  /** Units per lot, by instrument. */
  readonly marks: readonly bigint[];
  readonly turnstile: TurnstileView;
}

export interface ItemView {
  readonly id: string;
  readonly kind: 'batch' | 'action' | 'deposit' | 'dealing' | 'evidence' | 'registration';
  /** Of a batch that was readable: what it held, opened with the key of the height. */
  readonly orders: readonly OrderView[];
  /** Of a batch, an action or a deposit. */
  readonly account: string | null;
}

export interface OrderView {
  /** Place in its batch. */
  readonly leg: number;
  readonly instrument: number;
  readonly side: 'buy' | 'sell';
  readonly lots: bigint;
  /** Limit, units per lot. */
  readonly price: bigint;
  readonly reduceOnly: boolean;
}

export interface AuctionView {
  readonly instrument: number;
  /** Units per lot; null: nothing traded. */
  readonly price: bigint | null;
  readonly volume: bigint;
  /** What took part, of traders and of liquidations; demand and supply follow from it. Of an order that only reduces, as it was sent. */
  readonly book: readonly ShownOrder[];
}

export type ShownOrder = Pick<OrderView, 'side' | 'price' | 'lots' | 'reduceOnly'>;

export interface FillView {
  readonly id: string;
  readonly leg: number;
  readonly account: string;
  readonly instrument: number;
  readonly side: 'buy' | 'sell';
  readonly lots: bigint;
  readonly price: bigint;
  readonly fee: bigint;
}

export interface LiquidationView {
  readonly account: string;
  readonly instrument: number;
  readonly side: 'buy' | 'sell';
  readonly lots: bigint;
  readonly price: bigint;
  readonly penalty: bigint;
}

export interface TransferView {
  readonly id: string;
  readonly kind: 'deposit' | 'shield' | 'withdraw' | 'refused';
  readonly account: string;
  readonly amount: bigint;
  readonly fee: bigint;
}

/** Where the money is, units. */
export interface TurnstileView {
  /** In notes: nobody knows how it is spread. */
  readonly pool: bigint;
  readonly fees: bigint;
  readonly insurance: bigint;
  /** Ever paid in and out. */
  readonly deposits: bigint;
  readonly withdrawals: bigint;
}

/** Accounts of one message, at most: those of the largest equity. */
export const MAX_ACCOUNTS = 200;
/** Verified heights that are kept for whoever asks, at most. */
export const SEEN_HEIGHTS = 256;
/** Of `SeenHeight`, which is kept for the next visit: another number whenever a field of it changes. */
export const SEEN_FORMAT = 1;

/** What the verified heights led to. */
export interface VerifiedState {
  readonly height: number;
  readonly timeS: bigint;
  readonly epoch: EpochView;
  readonly instruments: readonly InstrumentView[];
  /** How many there are, and the first `MAX_ACCOUNTS` of them, by equity. */
  readonly accountCount: number;
  readonly accounts: readonly ShownAccount[];
  readonly turnstile: TurnstileView;
}

export interface EpochView {
  readonly epoch: number;
  readonly firstHeight: number;
  /** How many heights it lasts; 0: for ever. */
  readonly heights: number;
  /** Signatures of a certificate. */
  readonly quorum: number;
  readonly validators: readonly {
    readonly index: number;
    readonly registryIndex: number;
    readonly address: string;
    readonly signKey: string;
  }[];
}

export interface InstrumentView {
  readonly name: string;
  readonly kind: 'perp' | 'option';
  /** Units per lot. */
  readonly mark: bigint;
  readonly openInterest: bigint;
  readonly lastClear: bigint | null;
}

export interface ShownAccount {
  readonly id: string;
  readonly cash: bigint;
  readonly equity: bigint;
  /** How many actions it has had. */
  readonly sequence: bigint;
  readonly positions: readonly { readonly instrument: number; readonly lots: bigint }[];
}

/** What a search found among the verified heights that are kept, and the accounts. */
export type FoundView =
  | { readonly kind: 'height'; readonly height: SeenHeight }
  | { readonly kind: 'item'; readonly height: SeenHeight; readonly id: string }
  | { readonly kind: 'account'; readonly account: ShownAccount; readonly heights: readonly number[] };

// ——— The wallet worker

/** One order as a form has it. */
export interface OrderWish {
  readonly instrument: number;
  readonly side: 'buy' | 'sell';
  readonly lots: bigint;
  readonly price: bigint;
  readonly reduceOnly: boolean;
}

export type ToWallet =
  /** Begin; see `ToChain`. Nothing is done before the chain is pinned. */
  | { readonly kind: 'open'; readonly places: ServedPlaces; readonly genesis: string | null }
  /** A new key, under a password. */
  | { readonly kind: 'create'; readonly password: string }
  /** The key of a file of `velum wallet`, which stays under its password. */
  | { readonly kind: 'import'; readonly file: string; readonly password: string }
  | { readonly kind: 'unlock'; readonly password: string }
  /** Asks for `key`: the sealed file, for a copy elsewhere. */
  | { readonly kind: 'export' }
  /** Removes wallet and session from this browser. */
  | { readonly kind: 'remove' }
  /** Asks for the `preview` of the same number. */
  | { readonly kind: 'preview'; readonly number: number; readonly orders: readonly OrderWish[] }
  /** `account` is the number of a lasting one, null: one of this batch alone. */
  | { readonly kind: 'submit'; readonly orders: readonly OrderWish[]; readonly account: number | null }
  /** `account` is an id of the wallet. */
  | { readonly kind: 'shield'; readonly account: string; readonly amount: bigint }
  | { readonly kind: 'withdraw'; readonly account: string; readonly amount: bigint; readonly to: string };

export type FromWallet =
  | { readonly kind: 'door'; readonly door: 'none' | 'locked' | 'open' }
  | { readonly kind: 'wallet'; readonly wallet: WalletView }
  | { readonly kind: 'preview'; readonly number: number; readonly preview: PreviewView }
  | { readonly kind: 'key'; readonly file: string }
  | { readonly kind: 'job'; readonly job: JobView }
  /** As of `FromChain`; or what is known cannot be kept. */
  | { readonly kind: 'fault'; readonly fault: (PageProblem & { readonly isLie: boolean }) | null }
  /** What was asked last is refused. */
  | { readonly kind: 'refused'; readonly problem: PageProblem };

/** What a wallet holds as of a height that it has verified itself. Of no node's word. */
export interface WalletView {
  readonly height: number;
  readonly timeS: bigint;
  /** How far a node says that the chain is. */
  readonly certified: number;
  readonly notes: readonly HeldNote[];
  /** Of batches on their way. */
  readonly setAside: readonly { readonly value: bigint; readonly toHeight: number }[];
  /** What was sent and may still be ordered, also before the wallet was last unlocked. */
  readonly open: readonly { readonly id: string; readonly lastHeight: number }[];
  readonly accounts: readonly OwnAccountView[];
  /** Lasting account 0, where the bridge may pay in. */
  readonly depositAccount: string;
  readonly batchFee: bigint;
  readonly instruments: readonly InstrumentView[];
  readonly history: readonly HappeningView[];
}

export interface HeldNote {
  readonly value: bigint;
  /** Whether a batch can spend it now: it joins the tree some heights after its shield. */
  readonly isReady: boolean;
}

export interface OwnAccountView extends ShownAccount {
  /** Of a lasting one; null: of a batch alone. */
  readonly number: number | null;
  /** What may leave it now beside the fee. */
  readonly free: bigint;
}

export interface HappeningView {
  readonly height: number;
  readonly timeS: bigint;
  readonly kind: 'deposit' | 'batch' | 'fill' | 'shield' | 'withdraw' | 'refused';
  readonly id: string;
  readonly account: string | null;
  readonly amount: bigint | null;
  readonly fee: bigint | null;
  readonly code: string | null;
  readonly leg: number | null;
  readonly instrument: number | null;
  readonly side: 'buy' | 'sell' | null;
  readonly lots: bigint | null;
  readonly price: bigint | null;
}

/** What orders would cost, before they are sealed. */
export interface PreviewView {
  /** What moves from a note into the account: the reserve that the orders need at worst. */
  readonly deposit: bigint;
  readonly fee: bigint;
  /** The note that would be spent, and what comes back of it; null: no note holds deposit and fee. */
  readonly note: bigint | null;
  readonly change: bigint | null;
  readonly problem: PageProblem | null;
}

/** Something that the wallet sends. */
export interface JobView {
  readonly what: 'batch' | 'shield' | 'withdraw';
  readonly stage: 'keys' | 'witness' | 'prove' | 'verify' | 'sent' | 'settled' | 'failed';
  /** 0 … 1: how much of what is done in the page is done. */
  readonly progress: number;
  /** How often it was made anew, as its window had passed. */
  readonly tries: number;
  /** Once it is sealed. */
  readonly id: string | null;
  readonly lastHeight: number | null;
  /** Once it is settled: what the verified chain says of it. */
  readonly happenings: readonly HappeningView[];
  readonly problem: PageProblem | null;
}

// ——— A bench worker: one request, one answer

export type ToBench =
  /** Loads all of the page's files that a run needs, so that the browser has them when there is no network. Asks for `loaded`. */
  | { readonly kind: 'load' }
  | {
      readonly kind: 'prove';
      readonly zkey: ArrayBuffer;
      readonly witness:
        | { readonly kind: 'wtns'; readonly bytes: ArrayBuffer }
        | { readonly kind: 'program'; readonly wasm: ArrayBuffer; readonly input: string };
    }
  | {
      readonly kind: 'verify';
      readonly vkey: string;
      readonly proof: string;
      readonly publicSignals: string;
    };

export type FromBench =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'stage'; readonly stage: 'key' | 'witness' | 'prove' | 'verify' }
  /** Files as snarkjs writes them, and how long the parts took. */
  | {
      readonly kind: 'proved';
      readonly proof: string;
      readonly publicSignals: string;
      readonly vkey: string;
      readonly witnessMs: number;
      readonly proveMs: number;
    }
  | { readonly kind: 'verified'; readonly isProof: boolean; readonly verifyMs: number }
  | { readonly kind: 'failed'; readonly problem: PageProblem };
