import type { ValidatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { BkrAcs } from './acs/bkr.ts';
import { acsMessageBytes, decodeAcsMessage, encodeAcsMessage } from './acs/codec.ts';
import {
  type AcsEffect,
  type AcsOutput,
  type CommonSubset,
  type ElectEffect,
  mergeSteps,
  type TimerEffect,
} from './acs/common-subset.ts';
import { FirstHandAcs } from './acs/first-hand.ts';
import { type AcsMessage, messagesIn } from './acs/frame.ts';
import { AleaBft, type AleaOptions, type AleaStep, mergeAlea } from './alea/alea.ts';
import {
  type AleaMessage,
  aleaMessageBytes,
  aleaMessagesIn,
  decodeAlea,
  encodeAlea,
} from './alea/messages.ts';
import { FinAcs, type FinStep, mergeFin } from './fin/fin.ts';
import { decodeFin, encodeFin, type FinMessage, finMessageBytes, finMessagesIn } from './fin/messages.ts';
import { HotStuff, type HotStuffOptions } from './hotstuff/hotstuff.ts';
import { decodeHotStuff, encodeHotStuff, type HotStuffMessage } from './hotstuff/messages.ts';
import type { Authenticator } from './pbft/certificates.ts';
import { GivenUp } from './pbft/given-up.ts';
import { decodePbft, encodePbft, type PbftMessage } from './pbft/messages.ts';
import { Pbft } from './pbft/pbft.ts';
import { avidBroadcast } from './rbc/avid.ts';
import { digestBroadcast } from './rbc/digest.ts';
import type { ErasureCode } from './rbc/erasure.ts';
import type { Step } from './step.ts';

export type SubsetEffect = AcsEffect | TimerEffect | ElectEffect;
export type SubsetStep<M> = Step<M, AcsOutput, SubsetEffect>;

/** A way to agree on a height's proposals, with what an owner needs to carry its messages. */
export interface Protocol<M> {
  readonly name: string;
  /** Proposals that come out of n, at least. */
  leastOutputs(n: number): number;
  /** The machine of one validator for one height. */
  create(options: {
    readonly n: number;
    readonly self: ValidatorIndex;
    readonly height: number;
  }): CommonSubset<M, SubsetEffect>;
  /** One step for many, their messages to one destination merged as far as the protocol can. */
  merge(n: number, steps: readonly SubsetStep<M>[]): SubsetStep<M>;
  encode(message: M): Uint8Array;
  /** @returns undefined for what `encode` does not produce; never throws */
  decode(bytes: Uint8Array): M | undefined;
  /** Length of the encoding. */
  bytesOf(message: M): number;
  /** Bytes of memory that a message holds while it waits, at most. */
  weightOf(message: M): number;
  /** Protocol messages in it, every vote counted singly. */
  messagesIn(message: M): number;
}

export const ACS_NAMES = ['first-hand', 'bkr'] as const;
export type AcsName = (typeof ACS_NAMES)[number];
export const RBC_NAMES = ['digest', 'avid'] as const;
export type RbcName = (typeof RBC_NAMES)[number];

/** An object with a small byte array of its own: a broadcast part, a vote group. */
const PIECE_WEIGHT = 300;

/**
 * A common subset by name.
 * @param erasure codes the shards of an AVID broadcast; the digest one needs none
 */
export function acsProtocol(acs: AcsName, rbc: RbcName, erasure?: ErasureCode): Protocol<AcsMessage> {
  const broadcast = rbc === 'avid' ? avidBroadcast(erasure!) : digestBroadcast;
  return {
    name: `${acs}/${rbc}`,
    leastOutputs: (n) => quorumOf(n).q,
    create: ({ n, self }) =>
      acs === 'bkr' ? new BkrAcs({ n, self, broadcast }) : new FirstHandAcs({ n, self, broadcast }),
    // The machines of a common subset have no timers.
    merge: (n, steps) => mergeSteps(n, steps as readonly Step<AcsMessage, AcsOutput, AcsEffect>[]),
    encode: encodeAcsMessage,
    decode: decodeAcsMessage,
    bytesOf: acsMessageBytes,
    weightOf: (message) =>
      acsMessageBytes(message) + PIECE_WEIGHT * (message.rbc.length + message.votes.length),
    messagesIn,
  };
}

/** Steps one after the other, for messages that cannot be merged. */
const concatenated = <M>(_n: number, steps: readonly SubsetStep<M>[]): SubsetStep<M> => ({
  sends: steps.flatMap(({ sends }) => sends),
  outputs: steps.flatMap(({ outputs }) => outputs),
  effects: steps.flatMap(({ effects }) => effects),
  faults: steps.flatMap(({ faults }) => faults),
});

/**
 * PBFT on the same interface: one leader's proposal a height, and time-outs.
 * @param authenticatorOf a validator's signatures
 * @param firstLeaderOf   who leads view 0 of a height, the same to all correct validators; by default they take turns
 * @param pipeline        heights under way at once, over which validators remember whom they gave up; by default each height stands alone
 */
export function pbftProtocol(
  authenticatorOf: (self: ValidatorIndex) => Authenticator,
  firstLeaderOf?: (height: number) => ValidatorIndex,
  pipeline?: number,
): Protocol<PbftMessage> {
  const givenUp = new Map<ValidatorIndex, GivenUp>();
  const givenUpBy = (self: ValidatorIndex, heights: number): GivenUp => {
    const known = givenUp.get(self) ?? new GivenUp(heights);
    givenUp.set(self, known);
    return known;
  };
  return {
    name: 'pbft',
    leastOutputs: () => 1,
    create: ({ n, self, height }) =>
      new Pbft({
        n,
        self,
        height,
        authenticator: authenticatorOf(self),
        ...(firstLeaderOf === undefined ? {} : { firstLeader: firstLeaderOf(height) }),
        ...(pipeline === undefined ? {} : { givenUp: givenUpBy(self, pipeline) }),
      }),
    merge: concatenated,
    encode: encodePbft,
    decode: decodePbft,
    bytesOf: (message) => encodePbft(message).length,
    // A signature takes more than 70 bytes of an encoding.
    weightOf: (message) => PIECE_WEIGHT + 4 * encodePbft(message).length,
    messagesIn: () => 1,
  };
}

/**
 * Chained HotStuff on the same interface: leaders' proposals in a pipeline, and time-outs.
 * @param authenticatorOf a validator's signatures
 * @param options `firstLeaderOf`: who leads view 1 of a height, the same to all correct validators; by default they take turns
 */
export function hotStuffProtocol(
  authenticatorOf: (self: ValidatorIndex) => Authenticator,
  options: Pick<HotStuffOptions, 'reign' | 'proposals'> & {
    readonly firstLeaderOf?: (height: number) => ValidatorIndex;
  } = {},
): Protocol<HotStuffMessage> {
  const { firstLeaderOf, ...more } = options;
  return {
    name: 'hotstuff',
    leastOutputs: () => more.proposals ?? 1,
    create: ({ n, self, height }) =>
      new HotStuff({
        n,
        self,
        height,
        authenticator: authenticatorOf(self),
        ...more,
        ...(firstLeaderOf === undefined ? {} : { firstLeader: firstLeaderOf(height) }),
      }),
    merge: concatenated,
    encode: encodeHotStuff,
    decode: decodeHotStuff,
    bytesOf: (message) => encodeHotStuff(message).length,
    // A signature takes more than 70 bytes of an encoding.
    weightOf: (message) => PIECE_WEIGHT + 4 * encodeHotStuff(message).length,
    messagesIn: () => 1,
  };
}

/** FIN on the same interface: a common subset whose agreements follow one another, about sets drawn by lot. */
export function finProtocol(): Protocol<FinMessage> {
  return {
    name: 'fin',
    leastOutputs: (n) => quorumOf(n).q,
    create: ({ n, self }) => new FinAcs({ n, self }),
    // FIN has no timers.
    merge: (n, steps) => mergeFin(n, steps as readonly FinStep[]),
    encode: encodeFin,
    decode: decodeFin,
    bytesOf: finMessageBytes,
    weightOf: ({ proposals, sets }) =>
      finMessageBytes({ proposals, sets }) +
      PIECE_WEIGHT * (proposals.rbc.length + proposals.votes.length + sets.rbc.length + 1),
    messagesIn: finMessagesIn,
  };
}

/**
 * Alea-BFT on the same interface: certified proposals at the heads of n queues, delivered by one agreement after another.
 * @param authenticatorOf a validator's signatures
 * @param options `proposals`: how many a height delivers, by default as many as a common subset
 */
export function aleaProtocol(
  authenticatorOf: (self: ValidatorIndex) => Authenticator,
  options: Pick<AleaOptions, 'proposals'> = {},
): Protocol<AleaMessage> {
  return {
    name: 'alea',
    leastOutputs: (n) => options.proposals ?? quorumOf(n).q,
    create: ({ n, self, height }) =>
      new AleaBft({ n, self, height, authenticator: authenticatorOf(self), ...options }),
    // Alea has no timers.
    merge: (n, steps) => mergeAlea(n, steps as readonly AleaStep[]),
    encode: encodeAlea,
    decode: decodeAlea,
    bytesOf: aleaMessageBytes,
    // A signature takes more than 70 bytes of an encoding.
    weightOf: (message) =>
      PIECE_WEIGHT * (1 + message.frame.votes.length) +
      4 * message.certificate.signatures.length * 80 +
      aleaMessageBytes(message),
    messagesIn: aleaMessagesIn,
  };
}
