import type { NodeFacts } from '../../src/node/node-health.ts';

/** What a node knows of itself that is ready to take part. */
export const READY: NodeFacts = {
  isStarted: true,
  isStopped: false,
  hasDiverged: false,
  hasForgotten: false,
  isBehind: false,
  peersUp: 0,
  validators: 1,
};
