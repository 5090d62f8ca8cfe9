/** Sizes that circuits, encodings and machines share. A change here changes the protocol version. */

/** Children of a Merkle node. */
export const ARITY = 4;
/** Depth of the note tree: 4^10 = 2^20 notes. */
export const NOTE_TREE_DEPTH = 10;
/** Depth of the committee tree: 4^4 = 256 seats. */
export const COMMITTEE_TREE_DEPTH = 4;
/** Orders in a sealed batch. */
export const ORDERS_PER_BATCH = 4;
/** Instruments in a market. */
export const MAX_INSTRUMENTS = 16;

/** Bits of a note value, a deposit and a fee, in units of 10⁻⁶ USDC. */
export const VALUE_BITS = 64;
/** The largest value, units. */
export const MAX_UNITS = (1n << BigInt(VALUE_BITS)) - 1n;
/** Bits of price − 1, in units per lot. */
export const PRICE_BITS = 32;
/** Bits of lots − 1. */
export const LOTS_BITS = 32;
/** Bits of one packed order: active 1, side 1, reduceOnly 1, instrument 4, price − 1, lots − 1. */
export const ORDER_BITS = 71;
/** Bits of the reserve slack deposit·10⁶ − Σ requirements. */
export const SLACK_BITS = 84;
/** Field elements of a sealed batch's ciphertext. */
export const CIPHERTEXT_WORDS = 3;

/** Bytes of a hash. */
export const HASH_BYTES = 32;
/** Bytes of a Groth16 proof: A 64, B 128, C 64, uncompressed. */
export const PROOF_BYTES = 256;

/** Parts per million: every rate in the protocol is an integer number of these. */
export const PPM = 1_000_000n;

/** Note roots of so many last heights are accepted. */
export const ROOT_WINDOW = 128;
/** A reserve table is of the settled state ≤ h − TABLE_DELAY … */
export const TABLE_DELAY = 2;
/** … and accepted for so many heights. */
export const TABLE_WINDOW = 8;
/** A note shielded at h joins the tree as h + SHIELD_DELAY closes: like a table, it waits for the settled state ≤ h − 2. */
export const SHIELD_DELAY = TABLE_DELAY;
/** Heights an item's window may span; a batch's reserve table is stale sooner, so a longer one promises nothing. */
export const MAX_ITEM_WINDOW = 16;

/** Validators in a committee, at most (bounded by the integer Lagrange scale below and by the committee tree). */
export const MAX_VALIDATORS = 100;
/** Members of a chain's registry, at most: who may register for an epoch. */
export const MAX_REGISTRY = 256;
/** Bytes of the address at which a validator is reached, at most. */
export const MAX_ADDRESS_BYTES = 128;
/** Item ids in a ballot, at most. @see docs/PROTOCOL.md, 7.3 */
export const MAX_BALLOT_ITEMS = 64;
/** Bytes of one piece of evidence, at most: a nullifier, two ballot ids and the identity secret that they reveal. */
export const MAX_EVIDENCE_BYTES = 128;
/** Ballots named in a bundle, at most: one nullifier a validator, plus both of each equivocation. */
export const MAX_BUNDLE_BALLOTS = 2 * MAX_VALIDATORS;
/** Bytes of any one encoded item, at most; dealings have a limit of their own (src/ledger/items.ts). */
export const MAX_ITEM_BYTES = 4096;
/** Items in a block, at most: f + 1 endorsements bound it by ⌊n·C/(f + 1)⌋ ≤ 3·C (equal at n = 3f + 3). */
export const MAX_ORDERED_ITEMS = 3 * MAX_BALLOT_ITEMS;
/** Account actions and deposits that a ballot lists before batches: they cannot bid, so they have room of their own. */
export const MAX_BALLOT_TRANSFERS = MAX_BALLOT_ITEMS / 4;
/** Items of traders and of the bridge that wait in a mempool, at most. */
export const MAX_MEMPOOL_ITEMS = 1024;
/** Registrations and dealings beside them, at most: no more can be made at a time, for the registry is closed before keys are dealt. */
export const MAX_MEMPOOL_OFFICE = MAX_REGISTRY;
/** All that waits in a mempool, at most; as many items are said in one announcement. */
export const MAX_HELD_ITEMS = MAX_MEMPOOL_ITEMS + MAX_MEMPOOL_OFFICE;
/** Account actions and deposits among them, at most; the rest is for batches. */
export const MAX_MEMPOOL_TRANSFERS = MAX_MEMPOOL_ITEMS / 4;
/** Bytes of the hash that names what an item uses up. */
export const ITEM_KEY_BYTES = 16;
/** Pulls of announced items that one peer may leave unanswered before it is asked for no other. */
export const MAX_UNANSWERED_PULLS = 32;
/**
 * Ticks of announcements after which another holder is asked: the answer may take two delays of the network, and a tick comes about
 * once a delay.
 */
export const PULL_PATIENCE_TICKS = 4;
/** Times in one height that a pulled item may take the place of another of its key. */
export const MAX_REPLACEMENTS = 4;
/** Answers of one peer in one height that may be refused by one's own state before it is asked for no other. */
export const MAX_STATE_REFUSALS = 64;
/** Heights in which one's own ballot listed a key in vain, after which the key goes last in its class. */
export const MAX_LISTED_IN_VAIN = 4;
/** Ballots of one sender that are verified at a time. */
export const MAX_OPEN_BALLOTS = 4;
/** What an entry of a queue of frames costs in memory beside its bytes: its buffer, its record and its place. Every bound in bytes counts it. */
export const QUEUE_ENTRY_BYTES = 512;
/** Heights ahead of its own for which a validator takes messages. */
export const HEIGHT_WINDOW = 2;
/**
 * Items that one validator is believed to hold, at most: a full mempool, and what it has dropped without saying so because it ordered
 * heights that are not ordered here yet.
 */
export const MAX_ANNOUNCED_ITEMS = MAX_HELD_ITEMS + HEIGHT_WINDOW * MAX_ORDERED_ITEMS;
/** Bytes of any one message between validators, at most. */
export const MAX_MESSAGE_BYTES = 1 << 20;
/** Bytes of one consensus frame, at most; the rest of a message is its envelope's (height, kind). */
export const MAX_FRAME_BYTES = MAX_MESSAGE_BYTES - 1024;
/** Bytes of what a validator proposes to an ACS, at most. */
export const MAX_PAYLOAD_BYTES = 1 << 16;
/** Bytes of root and Merkle branch beside a shard of a payload, at most: ⌈log2 MAX_VALIDATORS⌉ + 1 hashes. */
export const MAX_BRANCH_BYTES = 32 * (1 + Math.ceil(Math.log2(MAX_VALIDATORS)));
/** Broadcast parts in one consensus frame, at most: of either broadcast's kinds each once a proposer. */
export const MAX_FRAME_PARTS = 5 * MAX_VALIDATORS;
/** Groups of votes in one consensus frame, at most. */
export const MAX_FRAME_VOTES = 512;
/** Rounds beyond its own that an agreement keeps votes for; see src/consensus/README.md, Bounds. */
export const ABA_ROUND_WINDOW = 64;
/** Highest round number a vote can carry. */
export const MAX_ABA_ROUND = 0xffff;
/** Up to so many validators decryption uses integer Lagrange coefficients scaled by Δ = 16!. */
export const INTEGER_LAGRANGE_MAX = 16;

/** Of a question whose answer must not be one to an older question. */
export const NONCE_BYTES = 16;
