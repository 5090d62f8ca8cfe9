/** Why an item is not admitted, or not accepted when it was ordered: one sentence a code. */
export const REFUSALS = {
  ITEM_MALFORMED: 'The bytes are not the canonical encoding of an item, or its point is not on the curve.',
  ITEM_SIGNAL_RANGE: 'A public signal is not below the field order r.',
  ITEM_POINT_IDENTITY: 'The point U is the neutral element, so the seal hides nothing.',
  ITEM_POINT_ORDER: 'The point U is outside the subgroup of prime order.',
  ITEM_WINDOW: 'The height is outside the window of the item, or the window is too long.',
  ITEM_ROOT_UNKNOWN: 'The note root is none of the last heights accepted.',
  ITEM_TABLE_STALE: 'The reserve table is not of a height accepted now.',
  ITEM_FEE_LOW: 'The fee is below the fee of a batch.',
  ITEM_NULLIFIER_SPENT: 'The note is spent, by an earlier height or by an earlier item of this one.',
  ITEM_NULLIFIER_PENDING:
    'Another item that waits here spends the same note and bids more, or as much and has the lower id.',
  ITEM_COMMITMENT_EXISTS: 'The new note is 0, or a leaf of the note tree already, or about to be one.',
  ITEM_TREE_FULL: 'The note tree has no room for the new note.',
  ITEM_AMOUNT_ZERO: 'The amount is 0.',
  ITEM_DESTINATION: 'A withdrawal has to name where it goes, and a shield must not.',
  ITEM_SEQUENCE:
    "The sequence number is not the account's next one: used before, in this height, or too high.",
  ITEM_SEQUENCE_PENDING:
    'Another action that waits here has the same account and sequence number, and the lower id.',
  ITEM_AMOUNT_EXCEEDED: 'Amount and fee exceed what may leave the account, as it was settled last.',
  ITEM_DEPOSIT_USED: 'The deposit was ordered by an earlier height, or another of its number in this one.',
  ITEM_DEPOSIT_PENDING: 'Another deposit that waits here has the same number, and the lower id.',
  ITEM_SIGNATURE_INVALID:
    "It is not the bridge key's signature of this deposit, nor the member's or dealer's of what it registers or deals.",
  ITEM_NOT_REGISTERED: 'The registry of this chain has no such member.',
  ITEM_POSSESSION_INVALID:
    'A proof of possession does not hold: whoever registers a key shows that it knows the secret, for this epoch and as this member.',
  ITEM_REGISTRATION_EPOCH: 'The registration is for another epoch than the one after this.',
  ITEM_REGISTRATION_CLOSED:
    'Registration for the next epoch is closed: its committee is being or has been seated.',
  ITEM_REGISTERED:
    'The member is registered for the epoch already, or by an earlier item of this height; the first registration counts.',
  ITEM_REGISTRATION_PENDING: 'Another registration of this member that waits here has the lower id.',
  ITEM_KEY_USED: 'One of the keys was registered before, by whomever and for whatever epoch.',
  ITEM_EXCLUDED: 'There is evidence against the member: it neither joins a committee nor deals to one.',
  ITEM_DEALING_SESSION:
    'The dealing is not of the session in progress, or its dealer is no validator of this epoch.',
  ITEM_DEALING_CLOSED:
    'The next epoch has its keys; or, of evidence, the epoch of the dealer ends with this height.',
  ITEM_DEALING_RECIPIENTS: 'The dealing has another number of recipients than the next committee.',
  ITEM_DEALING_DEGREE:
    'What is dealt lies on no polynomial of the right degree: its shares would make no key.',
  ITEM_DEALING_BINDING: "What is dealt is not the dealer's share of the keys.",
  ITEM_DEALING_REPEATED: 'The dealing repeats the randomness or the commitments of another one, or its own.',
  ITEM_DEALT: 'The dealer has dealt already, in an earlier height or by an earlier item of this one.',
  ITEM_DEALING_PENDING: 'Another dealing of this dealer that waits here, or is being verified, comes first.',
  ITEM_EVIDENCE_FALSE: 'What it shows convicts nobody: a correct member might have signed it.',
  ITEM_EVIDENCE_PENDING: 'Other evidence against this dealer that waits here has the lower id.',
  ITEM_HEIGHT_FULL:
    'The height has no room for so many bytes of dealings and evidence: it waits for the next one.',
  ITEM_PROOF_INVALID: 'The proof does not verify for the public signals of the item.',
  MEMPOOL_FULL: 'The mempool holds as many items as it may, and none that bids less and was never listed.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Why an accepted item, as a whole, had no effect at settlement. Codes of single legs come from the market's entry checks. */
export const SETTLEMENT_REFUSALS = {
  SETTLE_UNREADABLE: 'The seal opened to words that are no batch.',
  SETTLE_POOL_EXCEEDED: 'Deposit and fee exceed what the pool of notes holds.',
  SETTLE_AMOUNT_EXCEEDED:
    'Amount and fee exceed what may leave the account; its sequence number is used and the fee paid all the same.',
  SETTLE_CLAMPED:
    'While the oracle moves further than prices follow in one height, nothing but the fee leaves the accounts that it concerns.',
  SETTLE_HALTED: 'While the market is halted, nothing but the fee leaves an account that holds positions.',
} as const;

export type SettlementRefusalCode = keyof typeof SETTLEMENT_REFUSALS;
