import { dealGenesis } from '../../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { genesisState } from '../../../src/ledger/chain-state.ts';
import { ChainEvents } from '../../../src/node/chain-events.ts';
import { ChainView } from '../../../src/node/chain-view.ts';
import { followingHealth, healthOf } from '../../../src/node/node-health.ts';
import { NodeMetrics } from '../../../src/node/node-metrics.ts';
import type { AnsweringNode } from '../../../src/node/rpc/method.ts';
import { height, validatorIndex } from '../../../src/params/ids.ts';
import { Validator } from '../../../src/validator/validator.ts';
import { READY } from '../../helpers/ready-facts.ts';

export const NOTES = Array.from({ length: 600 }, (_, i) => BigInt(i + 1));
const PEER = {
  index: validatorIndex(1),
  address: { host: '10.0.0.2', port: 1 },
  isUp: true,
  isOtherVersion: false,
  connects: 1,
  violations: 0,
  bannedMs: 0,
  bytesIn: 5,
  bytesOut: 6,
  faults: 3,
};

/** What an RPC server asks, at genesis, with a block of any bytes; how it is can be changed. */
export function answeringNode() {
  const {
    chain,
    epoch,
    secrets: all,
  } = dealGenesis(
    1,
    1,
    { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] },
    NOTES,
    0n,
  );
  const validator = new Validator({
    chain,
    epoch,
    self: validatorIndex(0),
    secrets: all[0]!,
    dissemination: 'direct',
  });
  const submitted: Uint8Array[] = [];
  const state = {
    facts: READY,
    waitingProofs: 0,
    block: undefined as Uint8Array | undefined,
    keptFrom: height(1),
    isBroken: false,
    isFollowing: false,
  };
  const metrics = new NodeMetrics({
    height: height(9),
    isReady: true,
    waitingProofs: 2,
    peers: () => [PEER],
  });
  const node: AnsweringNode = {
    metrics,
    self: validatorIndex(0),
    chain,
    epoch,
    chainHash: new Uint8Array(32),
    height: height(1),
    events: new ChainEvents(),
    view: new ChainView(chain, epoch, validatorIndex(0), [{ snapshot: undefined, log: new Uint8Array(0) }]),
    notes: genesisState(chain, epoch).ordering,
    get health() {
      if (state.isBroken) throw new Error('a secret');
      return state.isFollowing ? followingHealth() : healthOf(state.facts);
    },
    get isReady() {
      return healthOf(state.facts).ok;
    },
    get waitingProofs() {
      return state.waitingProofs;
    },
    peers: () => [PEER],
    block: () => state.block,
    get keptFrom() {
      return state.keptFrom;
    },
    progressed: () => (state.isFollowing ? undefined : validator.shown.progress()),
    submit: (bytes) => void submitted.push(bytes),
  };
  return { node, state, submitted };
}
