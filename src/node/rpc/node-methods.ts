import { z } from 'zod';
import { fromHex, toHex } from '../../base/bytes.ts';
import { decodeItem, screenItem } from '../../ledger/items.ts';
import { itemId } from '../../params/ids.ts';
import { MAX_ITEM_BYTES } from '../../params/sizes.ts';
import type { HeightProgress } from '../../validator/progress.ts';
import { isUp } from '../node-health.ts';
import {
  HEALTH_FORM,
  hex32,
  ITEM_STATUS_FORM,
  nothing,
  PEERS_FORM,
  PROGRESS_FORM,
  STATUS_FORM,
  SUBMITTED_FORM,
  SUBSCRIPTION_FORM,
  topicForm,
} from './forms.ts';
import { type AnsweringNode, HEAVY, method } from './method.ts';
import { RpcFailure } from './rpc-error.ts';

/** Proofs that wait for a verdict: beyond, nobody's items are taken, so that ballots are verified in time. */
const MAX_WAITING_PROOFS = 256;

const item = z.strictObject({
  item: z.string().max(2 * MAX_ITEM_BYTES, `at most ${MAX_ITEM_BYTES} bytes in hex are expected`),
});

/** Methods about this validator: what it takes, and how it is. */
export const NODE_METHODS = {
  submit: method(
    'Hands in an item, such as a sealed batch. Answers with its id, null if it names a reserve table that is not known here; whether it is admitted is told by itemStatus.',
    item,
    SUBMITTED_FORM,
    ({ node }, { item }) => submit(node, item),
    { errors: ['RPC_ITEM', 'RPC_NOT_READY', 'RPC_BUSY'], cost: HEAVY },
  ),
  itemStatus: method(
    'How far an item, such as a batch, has come here: waiting, admitted, refused, ordered, settled, certified. The last 8,192 items are remembered. A member that follows knows an item once its height is certified.',
    z.strictObject({ id: hex32 }),
    ITEM_STATUS_FORM,
    ({ node }, { id }) => {
      const status = node.view.itemStatus(itemId(id));
      if (status === undefined) throw new RpcFailure('RPC_UNKNOWN');
      return status;
    },
    { errors: ['RPC_UNKNOWN'] },
  ),
  status: method('How far this validator is.', nothing, STATUS_FORM, ({ node }) => ({
    validator: node.self,
    chain: toHex(node.chainHash),
    height: node.height,
    settled: node.view.settlement.height,
    certified: node.view.certified,
    isReady: node.isReady,
    peersUp: node.peers().filter(({ isUp }) => isUp).length,
    waitingProofs: node.waitingProofs,
  })),
  health: method('Whether it takes part, and if not, why.', nothing, HEALTH_FORM, ({ node }) => node.health),
  peers: method(
    'How the other validators stand: whether the stream is up, or of another version (isOtherVersion), how often it came up, how often the peer broke the rules of the stream (violations) or of the protocol (faults), and for how long, ms, it is left alone because of it.',
    nothing,
    PEERS_FORM,
    ({ node }) => node.peers().map((peer) => ({ ...peer, address: { ...peer.address } })),
  ),
  progress: method(
    'How far the heights that are not certified yet have come at this validator: public ballots, what the common subset has of each proposer (whether its bundle is here and valid, the round of the agreement on it, what that decided), items that were ordered, whose shares for the opening are here, whether it is settled, and whose signatures of that are here. reached: the least height at which each validator can be, by what it has said. listable: items that enough validators hold. Nothing of it is certified. Empty lists at a member without a seat.',
    nothing,
    PROGRESS_FORM,
    ({ node }) => {
      const { heights, ...rest } = node.progressed() ?? { reached: [], listable: 0, heights: [] };
      return { ...rest, reached: [...rest.reached], heights: heights.map(progressOf) };
    },
    { cost: HEAVY, errors: ['RPC_UNREAD'] },
  ),
  subscribe: method(
    'On a WebSocket: tells what happens from now on in notifications of the method `event` with {subscription, topic, event}. heights: each height when it is certified here; settlements: when it is settled; phases: when it is ordered, settled, certified. Who reads too slowly is dropped with close code 4008, RPC_UNREAD.',
    topicForm,
    SUBSCRIPTION_FORM,
    ({ subscriptions }, { topic }) => {
      if (subscriptions === undefined) throw new RpcFailure('RPC_WEBSOCKET');
      const subscription = subscriptions.add(topic);
      if (subscription === undefined) throw new RpcFailure('RPC_SUBSCRIPTIONS');
      return { subscription };
    },
    { errors: ['RPC_WEBSOCKET', 'RPC_SUBSCRIPTIONS'] },
  ),
  unsubscribe: method(
    'Ends a subscription of this WebSocket.',
    SUBSCRIPTION_FORM,
    SUBSCRIPTION_FORM,
    ({ subscriptions }, { subscription }) => {
      if (subscriptions === undefined) throw new RpcFailure('RPC_WEBSOCKET');
      if (!subscriptions.remove(subscription)) throw new RpcFailure('RPC_UNKNOWN');
      return { subscription };
    },
    { errors: ['RPC_WEBSOCKET', 'RPC_UNKNOWN'] },
  ),
} as const;

const progressOf = ({ proposals, ordered, opening, signed, ...rest }: HeightProgress) => ({
  ...rest,
  proposals: proposals.map(({ isValid, decided, ...each }) => ({
    ...each,
    isValid: isValid ?? null,
    decided: decided ?? null,
  })),
  ordered: ordered ?? null,
  opening: [...opening],
  signed: [...signed],
});

function submit(node: AnsweringNode, hex: string) {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new RpcFailure('RPC_PARAMS', { reason: 'an item in hex is expected' });
  const item = decodeItem(bytes);
  if (item === undefined) {
    const screened = screenItem(bytes);
    throw new RpcFailure('RPC_ITEM', { reason: 'code' in screened ? screened.code : 'ITEM_MALFORMED' });
  }
  const { state, why } = node.health;
  // What is behind would refuse by an old state what others admit.
  if (!isUp(state) || state === 'behind') throw new RpcFailure('RPC_NOT_READY', { reason: why });
  if (node.waitingProofs >= MAX_WAITING_PROOFS) throw new RpcFailure('RPC_BUSY');
  const named = node.view.idOf(item);
  // Who only hands it on does not hear whether it is refused.
  if (named !== undefined && state !== 'following') node.view.submitted(named);
  node.submit(bytes);
  return { id: named ?? null };
}
