import type { z } from 'zod';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import type { NoteView } from '../../ledger/ordering-state.ts';
import type { Height } from '../../params/ids.ts';
import type { ChainProgress } from '../../validator/progress.ts';
import type { ChainEvents, Topic } from '../chain-events.ts';
import type { ValidatorNode } from '../validator-node.ts';
import type { RpcErrorName } from './rpc-error.ts';

/** What is asked of a validator. */
export type AnsweringNode = Pick<
  ValidatorNode,
  | 'self'
  | 'chainHash'
  | 'height'
  | 'view'
  | 'health'
  | 'isReady'
  | 'waitingProofs'
  | 'peers'
  | 'block'
  | 'submit'
  | 'metrics'
> & {
  readonly chain: ChainGenesis;
  readonly events: ChainEvents;
  /** The epoch that it serves. */
  readonly epoch: EpochConfig;
  readonly notes: NoteView;
  /** Blocks of heights before this one are not kept. */
  readonly keptFrom: Height;
  /** How far the heights in progress are; undefined for a member without a seat. */
  progressed(): ChainProgress | undefined;
};

/** What a WebSocket keeps for its caller; whoever calls over HTTP has nothing kept. */
export interface Subscriptions {
  /** @returns undefined if there are as many as there may be */
  add(topic: Topic): number | undefined;
  /** @returns whether there was one */
  remove(subscription: number): boolean;
}

/** Who asks whom. */
export interface Asked {
  readonly node: AnsweringNode;
  readonly subscriptions: Subscriptions | undefined;
}

export interface Method<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly about: string;
  readonly params: P;
  /** What every result has the form of. */
  readonly result: R;
  /** What it may be answered with beside what every request may. */
  readonly errors: readonly RpcErrorName[];
  readonly run: (asked: Asked, params: z.output<P>) => z.input<R>;
  /** Of the event loop's time, beside a method that looks something up: counted in the caller's rate. */
  readonly cost: number;
}

/** A point is multiplied, a block is read from the disk, or much is answered. */
export const HEAVY = 5;

export const method = <P extends z.ZodType, R extends z.ZodType>(
  about: string,
  params: P,
  result: R,
  run: Method<P, R>['run'],
  { errors = [], cost = 1 }: { readonly errors?: readonly RpcErrorName[]; readonly cost?: number } = {},
): Method<P, R> => ({ about, params, result, errors, run, cost });
