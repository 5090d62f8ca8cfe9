import { z } from 'zod';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Certificate } from '../../crypto/certificate.ts';
import { decodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { decodeItem, screenItem } from '../../ledger/items.ts';
import { equity } from '../../market/account.ts';
import { accountId, type Height, height, itemId } from '../../params/ids.ts';
import { MAX_ITEM_BYTES } from '../../params/sizes.ts';
import type { ValidatorNode } from '../validator-node.ts';
import { RpcFailure } from './rpc-error.ts';

/** Proofs that wait for a verdict: beyond, nobody's items are taken, so that ballots are verified in time. */
const MAX_WAITING_PROOFS = 256;

/** What is asked of a validator. */
export type AnsweringNode = Pick<
  ValidatorNode,
  | 'self'
  | 'chainHash'
  | 'height'
  | 'view'
  | 'isReady'
  | 'waitingProofs'
  | 'peers'
  | 'block'
  | 'submit'
  | 'metrics'
>;

interface Method<P extends z.ZodType, R> {
  readonly about: string;
  readonly params: P;
  readonly run: (node: AnsweringNode, params: z.output<P>) => R;
  /** Of the event loop's time, beside a method that looks something up: counted in the caller's rate. */
  readonly cost: number;
}

/** A point is multiplied, or a block is read from the disk. */
const HEAVY = 5;

const method = <P extends z.ZodType, R>(
  about: string,
  params: P,
  run: (node: AnsweringNode, params: z.output<P>) => R,
  cost = 1,
): Method<P, R> => ({ about, params, run, cost });

const nothing = z.strictObject({});
const id = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits are expected');
const atHeight = z.strictObject({
  height: z
    .int()
    .min(1)
    .max(2 ** 32 - 1)
    .transform(height),
});
const item = z.strictObject({
  item: z.string().max(2 * MAX_ITEM_BYTES, `at most ${MAX_ITEM_BYTES} bytes in hex are expected`),
});

/** What a validator answers. Amounts are units of 10^-6 USDC in decimal strings, bytes are hex. Nothing here is secret. */
export const METHODS = {
  submit: method(
    'Hands in an item. Answers with its id; whether it is admitted is told by itemStatus.',
    item,
    submit,
    HEAVY,
  ),
  itemStatus: method(
    'How far an item has come here: waiting, admitted, refused, ordered, settled, certified.',
    z.strictObject({ id }),
    (node, params) => {
      const status = node.view.itemStatus(itemId(params.id));
      if (status === undefined) throw new RpcFailure('RPC_UNKNOWN');
      return status;
    },
  ),
  block: method(
    'The certified block of a height in its canonical encoding.',
    atHeight,
    (node, { height }) => ({
      height,
      encoded: toHex(blockOf(node, height)),
    }),
    HEAVY,
  ),
  certificate: method(
    'Who signed a height and its settlement.',
    atHeight,
    (node, { height }) => {
      const { block, settlementCertificate } = decodeCertifiedBlock(blockOf(node, height))!;
      return { height, header: plain(block.certificate), settlement: plain(settlementCertificate) };
    },
    HEAVY,
  ),
  settlement: method(
    'State and receipts roots after a height.',
    atHeight,
    (node, { height }) => settlement(node, height),
    HEAVY,
  ),
  account: method(
    'What an account holds after the last settled height.',
    z.strictObject({ account: id }),
    account,
  ),
  status: method('The height in progress and the last certified one.', nothing, (node) => ({
    validator: node.self,
    chain: toHex(node.chainHash),
    height: node.height,
    settled: node.view.settlement.height,
    certified: node.view.certified,
    isReady: node.isReady,
    peersUp: node.peers().filter(({ isUp }) => isUp).length,
    waitingProofs: node.waitingProofs,
  })),
  health: method('Whether it takes part.', nothing, (node) => ({ ok: node.isReady })),
  peers: method('How the other validators stand.', nothing, (node) => node.peers()),
} as const;

export type MethodName = keyof typeof METHODS;

function submit(node: AnsweringNode, { item: hex }: { readonly item: string }) {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new RpcFailure('RPC_PARAMS', { reason: 'an item in hex is expected' });
  const item = decodeItem(bytes);
  if (item === undefined) {
    const screened = screenItem(bytes);
    throw new RpcFailure('RPC_ITEM', { reason: 'code' in screened ? screened.code : 'ITEM_MALFORMED' });
  }
  if (!node.isReady) throw new RpcFailure('RPC_NOT_READY');
  if (node.waitingProofs >= MAX_WAITING_PROOFS) throw new RpcFailure('RPC_BUSY');
  const named = node.view.idOf(item);
  if (named !== undefined) node.view.submitted(named);
  node.submit(bytes);
  return { id: named ?? null };
}

function blockOf(node: AnsweringNode, at: Height): Uint8Array {
  const bytes = node.block(at);
  if (bytes === undefined) throw new RpcFailure('RPC_UNKNOWN');
  return bytes;
}

/** Of older heights the next block says the roots. */
function settlement(node: AnsweringNode, at: Height) {
  const own = node.view.roots(at);
  if (own !== undefined) return { height: at, stateRoot: own.stateRoot, receiptsRoot: own.receiptsRoot };
  const { header } = decodeCertifiedBlock(blockOf(node, height(at + 1)))!.block;
  return { height: at, stateRoot: toHex(header.stateRoot), receiptsRoot: toHex(header.receiptsRoot) };
}

function account(node: AnsweringNode, params: { readonly account: string }) {
  const { accounts, market, height } = node.view.settlement;
  const found = accounts.get(accountId(params.account));
  if (found === undefined) throw new RpcFailure('RPC_UNKNOWN');
  return {
    height,
    cash: String(found.cash),
    sequence: String(found.sequence),
    equity: String(equity(found, market.marks)),
    positions: [...found.positions].map(([instrument, { lots, quote }]) => ({
      instrument,
      lots: String(lots),
      quote: String(quote),
    })),
  };
}

const plain = ({ signers, signature }: Certificate) => ({
  signers: [...signers],
  signature: toHex(signature),
});
