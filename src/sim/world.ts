import type { Bit } from '../consensus/aba/votes.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { Packet } from './packet.ts';
import type { Prng } from './prng.ts';
import type { Port, SubsetHost, SubsetHostOptions } from './subset-host.ts';

/** Something that takes a validator's packets: a host, or what an adversary runs in its place. */
export interface Actor<M> {
  receive(from: ValidatorIndex, packet: Packet<M>, depth: number): void;
  flush(): void;
}

/** What an adversary knows and can do: everything but break channels and correct validators. */
export interface World<M> {
  readonly n: number;
  /** Correct validators propose up to this height. */
  readonly heights: number;
  readonly prng: Prng;
  isCorrect(i: number): boolean;
  /** The oracle's coin, long before anybody's share is out. */
  coinOf(height: number, instance: number, round: number): Bit;
  proposalOf(height: number, proposer: number): Uint8Array;
  /** A message of a height's machine, ready to be sent. */
  frame(height: number, message: M): Packet<M>;
  send(from: ValidatorIndex, to: ValidatorIndex | 'all', packet: Packet<M>, depth: number): void;
  /** A host that follows the protocol, speaking through this port. */
  openHost(self: ValidatorIndex, port: Port<M>, more?: Partial<SubsetHostOptions<M>>): SubsetHost<M>;
}

/** What the faulty validators of a simulation are. */
export interface Adversary<M> {
  readonly name: string;
  /** Sends more than any protocol does: the message budget does not hold. */
  readonly floods?: boolean;
  /** All that its validators propose is invalid: nothing of it may come out. */
  readonly proposesInvalid?: boolean;
  /** What stands in a faulty validator's place; nothing if it is dead. Called once a faulty validator. */
  open(world: World<M>, self: ValidatorIndex): Actor<M> | undefined;
}

/** First byte of a payload that does not satisfy the predicate. The checks know it from the proposer, not from here. */
export const INVALID_MARK = 0xff;
