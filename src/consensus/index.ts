/**
 * Agreement without a leader and without clocks: reliable broadcast, binary agreement and their common subset; PBFT, HotStuff, FIN and Alea-BFT to compare with.
 * A machine takes one input and answers with a step: what to send, what came out, what its owner has to do.
 *
 * @example Four validators agree on a set of at least three of their proposals
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type AcsProposal, acsProtocol, type SubsetStep, validatorIndex } from 'velum/consensus';
 *
 * const protocol = acsProtocol('first-hand', 'digest');
 * type Message = Parameters<typeof protocol.encode>[0];
 * const all = [0, 1, 2, 3].map(validatorIndex);
 * const machines = all.map((self) => protocol.create({ n: 4, self, height: 1 }));
 * const outputs: (readonly AcsProposal[])[] = [];
 * const waiting: (() => void)[] = [];
 *
 * function take(i: number, step: SubsetStep<Message>): void {
 *   for (const { to, message } of step.sends)
 *     for (const j of to === 'all' ? all : [to])
 *       waiting.push(() => take(j, machines[j]!.handle(all[i]!, message)));
 *   for (const effect of step.effects) {
 *     // Every proposal is valid here; a coin that everybody knows is for examples only.
 *     if (effect.type === 'validate') waiting.push(() => take(i, machines[i]!.validated(effect.proposer, true)));
 *     if (effect.type === 'coin') waiting.push(() => take(i, machines[i]!.coin(effect.instance, effect.round, 1)));
 *   }
 *   for (const { payloads } of step.outputs) outputs[i] = payloads;
 * }
 * for (const i of all) take(i, machines[i]!.propose(Uint8Array.of(i)));
 * for (const next of waiting) next(); // What is pushed meanwhile comes, too.
 *
 * assert.ok(outputs[0]!.length >= 3);
 * for (const i of all) assert.deepEqual(outputs[i], outputs[0]);
 * ```
 * @packageDocumentation
 */
export { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
export { type Quorum, quorumOf } from '../params/quorum.ts';
export type { Bit } from './aba/votes.ts';
export type {
  AcsEffect,
  AcsOutput,
  AcsProposal,
  CommonSubset,
  ElectEffect,
  TimerEffect,
} from './acs/common-subset.ts';
export { ConsensusError } from './errors.ts';
export { CONSENSUS_FAULTS, type ConsensusFault, type Fault } from './faults.ts';
export type { Authenticator } from './pbft/certificates.ts';
export {
  ACS_NAMES,
  type AcsName,
  acsProtocol,
  aleaProtocol,
  finProtocol,
  hotStuffProtocol,
  type Protocol,
  pbftProtocol,
  RBC_NAMES,
  type RbcName,
  type SubsetEffect,
  type SubsetStep,
} from './protocol.ts';
export type { ErasureCode } from './rbc/erasure.ts';
export type { Send, Step } from './step.ts';
