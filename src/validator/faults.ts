import type { ConsensusFault } from '../consensus/faults.ts';
import type { DealingFlaw } from '../crypto/dealing/signed.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import type { ReplayProblem } from '../ledger/replay.ts';
import type { BallotId, Height, ItemId, ValidatorIndex } from '../params/ids.ts';
import type { Ballot } from './ballot.ts';
import type { WordKind, WordPair } from './signed-word.ts';

interface AtHeight {
  readonly height: Height;
}

interface OfCoin extends AtHeight {
  readonly instance: number;
  readonly round: number;
}

interface OfWords extends AtHeight {
  readonly words: WordPair;
}

/** Why bytes are not the block of the next height. */
export type BlockProblem = ReplayProblem | 'BLOCK_MALFORMED';

/** What one's own rules find wrong with a peer, and what shows it. */
interface ValidatorFaults {
  /** A frame of so many bytes that is no message. */
  readonly MESSAGE_MALFORMED: { readonly bytes: number };
  /** A message for a height further ahead than correct validators send, or more of them than they send; `at` is one's own. */
  readonly MESSAGE_TOO_EARLY: AtHeight & { readonly at: Height };
  /** More items announced as held than a correct validator can be believed to hold. */
  readonly ANNOUNCE_FLOOD: { readonly items: number };
  /** The item that was asked for is of another key or fee than was announced. */
  readonly ANNOUNCEMENT_FALSE: { readonly item: ItemId };
  /** A ballot whose message hashes to 0. */
  readonly BALLOT_MALFORMED: AtHeight;
  readonly BALLOT_PROOF_INVALID: { readonly ballot: BallotId };
  /** More ballots of one height than there are to vote. */
  readonly BALLOT_FLOOD: AtHeight;
  /** Two ballots of one nullifier; the identity secret that they reveal opens the seat's commitment. */
  readonly BALLOT_EQUIVOCATION: AtHeight & {
    readonly ballots: readonly [BallotId, BallotId];
    readonly nullifier: bigint;
    readonly identitySecret: bigint;
    /** The ballots themselves, in the order of `ballots`: their proofs convince anybody. */
    readonly copies: readonly [Ballot, Ballot];
  };
  /** Bytes that are no frame of a common subset. */
  readonly ACS_MALFORMED: AtHeight;
  /** A coin share of an instance or round that no correct validator reaches. */
  readonly COIN_OUT_OF_RANGE: OfCoin;
  readonly COIN_EQUIVOCATION: OfCoin;
  readonly COIN_SHARE_INVALID: OfCoin;
  /** Two bundles, finish or settlement messages of one height, each signed by their author: they convince anybody. */
  readonly BUNDLE_EQUIVOCATION: OfWords;
  readonly FINISH_EQUIVOCATION: OfWords;
  /** A finish message with `shares` decryption shares, not one a batch, or with one that is no point. */
  readonly FINISH_MALFORMED: AtHeight & { readonly shares: number };
  readonly HEADER_SIGNATURE_INVALID: AtHeight;
  readonly BEACON_SHARE_INVALID: AtHeight;
  readonly DECRYPTION_SHARE_INVALID: AtHeight & { readonly batches: number };
  readonly SETTLED_EQUIVOCATION: OfWords;
  /** A finish or settlement message that its sender did not sign. */
  readonly MESSAGE_UNSIGNED: AtHeight & { readonly kind: WordKind };
  readonly SETTLEMENT_SIGNATURE_INVALID: AtHeight;
  /** A CERT whose certificates do not hold. */
  readonly CERT_INVALID: AtHeight;
  /** A dealing that its dealer broadcast and that does not hold; signed by the dealer unless that is the flaw: then it convinces anybody. */
  readonly DEALING_INVALID: AtHeight & { readonly problem: DealingFlaw; readonly dealing: Uint8Array };
  /** Two different dealings of one session, both signed by their dealer, in the order of their bytes: they convince anybody. */
  readonly DEALING_EQUIVOCATION: AtHeight & { readonly dealings: readonly [Uint8Array, Uint8Array] };
  /** A dealer of a rotation signed what no correct member signs; `shown` is the evidence, an encoded item: it convinces anybody. */
  readonly DEALER_CONVICTED: { readonly session: bigint; readonly shown: Uint8Array };
  /** A signature of another epoch than the chosen dealings make, or none. */
  readonly EPOCH_SIGNATURE_INVALID: AtHeight;
  /** An alarm about a dealing that opens, or that was not chosen. */
  readonly ALARM_FALSE: AtHeight & { readonly dealer: ValidatorIndex };
  /** The answer to a pull of a block is none, or not the next block of this chain. */
  readonly BLOCK_INVALID: AtHeight & { readonly problem: BlockProblem };
}

/** Every fault of a peer by its code: its evidence is plain data and safe to print, but for a revealed identity secret. */
export type FaultEvidence = ValidatorFaults & {
  /** What the machines of a height's common subset find, `../consensus/faults.ts`. */
  readonly [K in ConsensusFault]: AtHeight & Readonly<Record<string, string | number>>;
} & {
  /** An item that a peer was asked for and that is refused, `../ledger/refusals.ts`. */
  readonly [K in RefusalCode]: { readonly item: ItemId | undefined };
};

export type FaultCode = keyof FaultEvidence;

/** A peer's wrong, with what shows it. Channels are authentic and most messages unsigned, so most evidence convinces only us; `shown-evidence.ts` has what convinces others. */
export type PeerFault = {
  readonly [K in FaultCode]: {
    readonly by: ValidatorIndex;
    readonly fault: K;
    readonly evidence: FaultEvidence[K];
  };
}[FaultCode];

/** @returns the fault as data. */
export function peerFault<K extends FaultCode>(
  by: ValidatorIndex,
  fault: K,
  evidence: FaultEvidence[K],
): PeerFault {
  return { by, fault, evidence } as PeerFault;
}

/** What stands in no line: a revealed identity secret, which reports name by itself, and what is for `shown-evidence.ts`. */
const UNPRINTED: ReadonlySet<string> = new Set([
  'identitySecret',
  'copies',
  'words',
  'dealing',
  'dealings',
  'shown',
]);

/** The evidence in one line. */
export function evidenceText({ evidence }: PeerFault): string {
  return Object.entries(evidence)
    .filter(([what, value]) => !UNPRINTED.has(what) && value !== undefined)
    .map(([what, value]) => `${what} ${Array.isArray(value) ? value.join(' and ') : value}`)
    .join(', ');
}
