import type { Dealing } from '../crypto/dealing/deal.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { type Header, headerHash } from '../ledger/block.ts';
import { decodeCertifiedBlock } from '../ledger/certified-block.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { ChainState } from '../ledger/chain-state.ts';
import { type EpochConfig, isCertified } from '../ledger/epoch-config.ts';
import { decodeOrdering } from '../ledger/ordering-encoding.ts';
import { OrderingState } from '../ledger/ordering-state.ts';
import { applyReplayed, type ReplayProblem, type ReplayRules, replayBlock } from '../ledger/replay.ts';
import { sessionInProgress } from '../ledger/rotation/rotation.ts';
import { decodeSettlement, encodeSettlement, stateRoot } from '../ledger/settlement-state.ts';
import {
  orderingBytes,
  readShownState,
  type ShownChainState,
  type ShownProblem,
} from '../ledger/shown-state.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';

/**
 * The chain's state between two epochs: after the last height of one committee, before the first height of the next. It is the same
 * for everybody, whoever came to it in whichever way, and a validator of the next epoch begins with it. Public.
 */
export interface Border {
  /** OrderingSnapshot, encoded. */
  readonly ordering: Uint8Array;
  /** Of the note tree. */
  readonly treeNodes: Uint8Array;
  /** SettlementState, encoded. */
  readonly settlement: Uint8Array;
  /** Of the last height, 32 bytes each. */
  readonly receiptsRoot: Uint8Array;
  /** Hash of the last height's header. */
  readonly parent: Uint8Array;
  /** When its prices were observed, and its time, unix seconds. */
  readonly observedS: bigint;
  readonly timeS: bigint;
}

/**
 * What somebody needs who does not follow an epoch and yet begins the next one: the state before its last height, to which the header
 * of that height is bound, and its block, which leads to the border. Who has EpochConfig needs to trust nobody for the rest. Public.
 */
export interface ShownBorder extends ShownChainState {
  /** The certified block of the last height, encoded. */
  readonly block: Uint8Array;
}

/**
 * The border that somebody shows, if the committee of the epoch certified it. Whoever shows another one is found out before any note is
 * hashed: the certificate is looked at first.
 * @param last  the epoch's last height
 * @param shown hostile
 * @returns why not, else. Never throws.
 */
export function takeBorder(rules: ReplayRules, last: Height, shown: ShownBorder): Border | BorderProblem {
  const certified = decodeCertifiedBlock(shown.block);
  if (certified === undefined) return 'BORDER_MALFORMED';
  const { header, certificate } = certified.block;
  if (header.height !== last) return 'BORDER_HEIGHT';
  if (!isCertified(rules.epoch, headerHash(header), certificate)) return 'REPLAY_CERTIFICATE';
  const state = readShownState(header, rules.chain, shown);
  if (typeof state === 'string') return `BORDER_${state}`;
  const replayed = replayBlock(rules, state, certified);
  if (typeof replayed === 'string') return replayed;
  applyReplayed(state, replayed);
  return borderOf(state, header);
}

/** Why a state that somebody shows is not the border of an epoch. */
export type BorderProblem = `BORDER_${ShownProblem}` | ReplayProblem;

/** The state after an epoch's last height. @param header of that height */
export function borderOf(state: ChainState, { oracleTimeS, timeS }: Header): Border {
  const { ordering, settlement, receiptsRoot, parent } = state;
  return {
    ordering: orderingBytes(state),
    treeNodes: ordering.treeNodes(),
    settlement: encodeSettlement(settlement),
    receiptsRoot,
    parent,
    observedS: oracleTimeS,
    timeS,
  };
}

/** The epoch that begins at a border. */
export const epochAt = ({ ordering }: Border): EpochConfig => decodeOrdering(ordering)!.rotation.epoch;

/** How the keys of the epoch after the border were dealt. */
export interface Dealings {
  readonly session: DealingSession;
  readonly made: ReadonlyMap<ValidatorIndex, Dealing>;
}

/** @param shown the state before the last height, of one's own store or taken by `takeBorder` */
export function dealingsIn({ ordering }: Pick<ShownBorder, 'ordering'>): Dealings {
  const { rotation } = decodeOrdering(ordering)!;
  const made = new Map(rotation.dealings.map(({ dealer, dealing }) => [dealer, dealing]));
  return { session: sessionInProgress(rotation)!, made };
}

/** @returns undefined if its parts do not fit together, or it is of another height. @param last the last height of the epoch before */
export function readBorder(
  { market }: ChainGenesis,
  last: Height,
  { ordering: written, treeNodes, settlement: bytes, receiptsRoot, parent }: Border,
): ChainState | undefined {
  const settlement = decodeSettlement(bytes);
  const snapshot = decodeOrdering(written);
  const ordering = snapshot && OrderingState.restore(snapshot, market.batchFee, treeNodes);
  if (settlement?.height !== last || ordering?.height !== last) return undefined;
  return { ordering, settlement, stateRoot: stateRoot(settlement), receiptsRoot, parent };
}
