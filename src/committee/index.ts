/**
 * Whole validators in virtual time, with traders and without proofs: how a committee fares under an attack. Every validator is the real
 * machine on the product's host; equal options give equal runs.
 *
 * @example An attack of one's own: Byzantine validators show their ballots to one correct validator alone
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AttackedRun, type CommitteeAttack, decodeMessage } from 'velum/committee';
 *
 * const hiddenBallots: CommitteeAttack = {
 *   name: 'hidden-ballots',
 *   explains: 'Byzantine validators show their ballots to validator 0 alone.',
 *   open: () => ({
 *     twist: (bytes, _from, to) => (decodeMessage(bytes)?.kind === 'ballot' && to !== 0 ? [] : [bytes]),
 *   }),
 * };
 * const run = new AttackedRun({ validators: 4, faulty: 1, attack: hiddenBallots, heights: 1, seed: 1 });
 * const { heights, stalled, faultsAgainstCorrect } = run.run();
 * assert.deepEqual({ stalled, faultsAgainstCorrect }, { stalled: false, faultsAgainstCorrect: 0 });
 * assert.deepEqual(heights.map(({ certifiedBy }) => certifiedBy), [3]);
 * ```
 * @packageDocumentation
 */
export { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
export type { AcsMessage } from '../consensus/acs/frame.ts';
export type { Misdeed } from '../sim/byzantine.ts';
export type { Committee } from '../sim/committee.ts';
export type { MortalStore } from '../sim/mortal-store.ts';
export { decodeMessage, encodeMessage, type Message } from '../validator/messages.ts';
export { type AttackStage, type CommitteeAttack, heightAfter, type Play, together } from './attack.ts';
export {
  type AttackedOptions,
  type AttackedResult,
  AttackedRun,
  DELAY_MS,
  type HeightRow,
  STALL_DELAYS,
} from './attacked-run.ts';
export { ATTACKS } from './attacks/attacks.ts';
export { CommitteeError } from './errors.ts';
export type { Wish } from './honest-flow.ts';
export { perp, type TradingWorld } from './traders.ts';
export type { CommitteeWorld } from './world.ts';
