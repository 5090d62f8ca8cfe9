import { equalBytes } from '../base/bytes.ts';
import { headerHash } from '../ledger/block.ts';
import {
  type Certification,
  type CertifiedBlock,
  decodeCertifiedBlock,
  verifyCertification,
} from '../ledger/certified-block.ts';
import type { ChainState } from '../ledger/chain-state.ts';
import { isCertified } from '../ledger/epoch-config.ts';
import { type ReplayedBlock, replayBlock } from '../ledger/replay.ts';
import type { Height } from '../params/ids.ts';
import type { EpochContext } from './context.ts';
import type { BlockProblem } from './faults.ts';
import type { HeightOutcome } from './height-results.ts';

/** What bytes that should be the block of the next height turn out to be. */
export type CheckedBlock =
  | { readonly type: 'refused'; readonly problem: BlockProblem }
  /** A quorum signed another header than the one that was ordered here. */
  | { readonly type: 'diverged'; readonly certified: HeightOutcome }
  /** The height is settled here already: the block brings its certificates. */
  | { readonly type: 'adopted'; readonly certification: Certification }
  | {
      readonly type: 'replayed';
      readonly certified: CertifiedBlock;
      readonly replayed: ReplayedBlock;
    };

const refused = (problem: BlockProblem): CheckedBlock => ({ type: 'refused', problem });

/**
 * Checks a block against the state, and against what one came to at its height if one came as far. Changes nothing.
 * @param at    the next height to be certified
 * @param own   what this validator ordered or settled at that height
 * @param bytes hostile
 */
export function checkBlock(
  context: EpochContext,
  state: ChainState,
  at: Height,
  own: HeightOutcome | undefined,
  bytes: Uint8Array,
): CheckedBlock {
  const certified = decodeCertifiedBlock(bytes);
  if (certified === undefined) return refused('BLOCK_MALFORMED');
  const { header, certificate } = certified.block;
  const isOfHeight =
    header.height === at &&
    equalBytes(header.chainHash, context.domain.chainHash) &&
    equalBytes(header.epochHash, context.domain.epochHash);
  if (!isOfHeight) return refused('REPLAY_HEADER');
  const hash = headerHash(header);
  if (own !== undefined && !equalBytes(own.headerHash, hash)) {
    if (!isCertified(context.epoch, hash, certificate)) return refused('REPLAY_CERTIFICATE');
    return { type: 'diverged', certified: { headerHash: hash, roots: undefined } };
  }
  if (own?.roots !== undefined) {
    const { settlementCertificate } = certified;
    const certification = { header, ...own.roots, certificate, settlementCertificate };
    const holds = verifyCertification(context.epoch, context.domain, certification);
    return holds ? { type: 'adopted', certification } : refused('REPLAY_SETTLEMENT');
  }
  const replayed = replayBlock(context, state, certified);
  if (typeof replayed === 'string') return refused(replayed);
  return { type: 'replayed', certified, replayed };
}

/** Whether a quorum signed something else than what one came to. */
export function contradicts(own: HeightOutcome, { header, stateRoot, receiptsRoot }: Certification): boolean {
  if (!equalBytes(own.headerHash, headerHash(header))) return true;
  if (own.roots === undefined) return false;
  return !equalBytes(own.roots.stateRoot, stateRoot) || !equalBytes(own.roots.receiptsRoot, receiptsRoot);
}
