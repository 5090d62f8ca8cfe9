import { quorumOf } from '../params/quorum.ts';

/** What is known of a node when it is asked how it is. */
export interface NodeFacts {
  /** Proofs are warm, and it listens. */
  readonly isStarted: boolean;
  readonly isStopped: boolean;
  readonly hasDiverged: boolean;
  readonly hasForgotten: boolean;
  /** Whether others certified heights that it has not. */
  readonly isBehind: boolean;
  readonly peersUp: number;
  readonly validators: number;
}

/** In the order in which the first that holds is told. */
const STATES = {
  stopped: 'It has stopped, or is about to.',
  diverged: 'A quorum signed something else than it came to: it says nothing any more. Its log shows why.',
  starting: 'Its proofs are not warm yet, or its log is being read.',
  silent: 'Its store was lost: it follows the chain and says nothing where it may have spoken before.',
  behind: 'Others are at least two heights ahead of it: it takes their blocks.',
  alone: 'It reaches fewer validators than a quorum needs.',
  following: 'It has no seat in the epoch in office: it follows the chain, and hands on what it is given.',
  ready: 'It takes part.',
} as const;

export type NodeState = keyof typeof STATES;
export const NODE_STATES = Object.keys(STATES) as [NodeState, ...NodeState[]];

export interface NodeHealth {
  /** Whether it takes part, or follows where it has no seat. */
  readonly ok: boolean;
  readonly state: NodeState;
  /** A sentence. */
  readonly why: string;
}

/** How a member without a seat is. */
export const followingHealth = (): NodeHealth => ({ ok: true, state: 'following', why: STATES.following });

/** Whether a node takes part, and why it does not. */
export function healthOf(facts: NodeFacts): NodeHealth {
  const state = stateOf(facts);
  return { ok: state === 'ready', state, why: STATES[state] };
}

function stateOf(facts: NodeFacts): NodeState {
  if (facts.isStopped) return 'stopped';
  if (facts.hasDiverged) return 'diverged';
  if (!facts.isStarted) return 'starting';
  if (facts.hasForgotten) return 'silent';
  if (facts.isBehind) return 'behind';
  return facts.peersUp + 1 < quorumOf(facts.validators).q ? 'alone' : 'ready';
}

/** States in which a node is up and nothing of its own has to happen before it takes part. */
export const isUp = (state: NodeState): boolean => !['stopped', 'diverged', 'starting'].includes(state);
