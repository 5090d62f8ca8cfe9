import { z } from 'zod';
import { bigintToBytes, bytesToBigint, fromHex, toHex } from '../../base/bytes.ts';
import { encodePoint } from '../../crypto/babyjub.ts';
import type { Certificate } from '../../crypto/certificate.ts';
import type { ThresholdKey } from '../../crypto/threshold-key.ts';
import { decodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { epochHash } from '../../ledger/epoch-config.ts';
import { equity } from '../../market/account.ts';
import { accountId, type Height, height } from '../../params/ids.ts';
import { ARITY, NOTE_TREE_DEPTH } from '../../params/sizes.ts';
import {
  ACCOUNT_FORM,
  atHeight,
  BLOCK_FORM,
  CERTIFICATE_FORM,
  COMMITTEE_FORM,
  hex32,
  NOTE_PATH_FORM,
  NOTES_FORM,
  nothing,
  SETTLEMENT_FORM,
  TABLES_FORM,
} from './forms.ts';
import { type AnsweringNode, HEAVY, method } from './method.ts';
import { RpcFailure } from './rpc-error.ts';

/** Notes in one answer. */
const MAX_NOTES = 512;
const MAX_INDEX = ARITY ** NOTE_TREE_DEPTH - 1;
const noteIndex = z.int().min(0).max(MAX_INDEX);

/** Methods about the chain: what every validator answers alike once it is as far. */
export const CHAIN_METHODS = {
  block: method(
    'The certified block of a height in its canonical encoding.',
    atHeight,
    BLOCK_FORM,
    ({ node }, { height }) => ({ height, encoded: toHex(blockOf(node, height)) }),
    { errors: ['RPC_UNKNOWN', 'RPC_PRUNED', 'RPC_UNREAD'], cost: HEAVY },
  ),
  certificate: method(
    'Who signed a height and its settlement: by validator index whether it did, and the aggregated signatures.',
    atHeight,
    CERTIFICATE_FORM,
    ({ node }, { height }) => {
      const { block, settlementCertificate } = decodeCertifiedBlock(blockOf(node, height))!;
      return { height, header: plain(block.certificate), settlement: plain(settlementCertificate) };
    },
    { errors: ['RPC_UNKNOWN', 'RPC_PRUNED', 'RPC_UNREAD'], cost: HEAVY },
  ),
  settlement: method(
    'State and receipts roots after a height.',
    atHeight,
    SETTLEMENT_FORM,
    ({ node }, { height }) => settlement(node, height),
    { errors: ['RPC_UNKNOWN', 'RPC_PRUNED', 'RPC_UNREAD'], cost: HEAVY },
  ),
  account: method(
    'What an account holds after the last settled height.',
    z.strictObject({ account: hex32 }),
    ACCOUNT_FORM,
    ({ node }, params) => account(node, params),
    { errors: ['RPC_UNKNOWN'] },
  ),
  notes: method(
    `Commitments of the note tree from an index on, at most ${MAX_NOTES}, with how many there are and their root after a height. Who reads all of them can make the path of any and tells nobody whose note it is.`,
    z.strictObject({ from: noteIndex }),
    NOTES_FORM,
    ({ node: { notes } }, { from }) => ({
      ...rootOf(notes),
      from,
      notes: notes.notesFrom(from, MAX_NOTES).map(field),
    }),
    { errors: ['RPC_UNREAD'], cost: HEAVY },
  ),
  notePath: method(
    'The path of one note, by its index or commitment, to the root after the last height ordered here: level by level the four children among which the running hash is found. Others know that root when they have ordered that height. Whoever asks tells whose note it is: see `notes`.',
    z.union([z.strictObject({ index: noteIndex }), z.strictObject({ note: hex32 })]),
    NOTE_PATH_FORM,
    ({ node: { notes } }, params) => {
      const note =
        'note' in params ? bytesToBigint(fromHex(params.note)!) : notes.notesFrom(params.index, 1)[0];
      const path = note === undefined ? undefined : notes.notePath(note);
      if (note === undefined || path === undefined) throw new RpcFailure('RPC_UNKNOWN');
      return {
        ...rootOf(notes),
        index: notes.noteIndex(note)!,
        note: field(note),
        path: path.map((children) => children.map(field) as [string, string, string, string]),
      };
    },
    { errors: ['RPC_UNKNOWN'] },
  ),
  reserveTables: method(
    'What batches deposit for their opening orders: the tables that a batch may name, by height, and the least fee. By instrument the rate of a bought lot, ppm of its limit price, and of a sold lot, units.',
    nothing,
    TABLES_FORM,
    ({ node: { view, chain } }) => ({
      height: view.settlement.height,
      batchFee: String(chain.market.batchFee),
      tables: [...view.settlement.tables].map(([height, { buyPpm, sellUnits }]) => ({
        height,
        buyPpm: buyPpm.map(String),
        sellUnits: sellUnits.map(String),
      })),
    }),
  ),
  committee: method(
    'The epoch that this validator serves: its validators with their public keys, and the keys to which batches are sealed and with which coins are tossed.',
    nothing,
    COMMITTEE_FORM,
    ({ node: { epoch } }) => ({
      epoch: epoch.epoch,
      epochHash: toHex(epochHash(epoch)),
      firstHeight: epoch.firstHeight,
      epochHeights: epoch.epochHeights,
      dealingHeights: epoch.dealingHeights,
      decryptionKey: shared(epoch.decryptionKey),
      coinKey: shared(epoch.coinKey),
      validators: epoch.validators.map((keys, index) => ({
        index,
        registryIndex: keys.registryIndex,
        address: keys.address,
        encryptionKey: toHex(keys.encryptionKey),
        blsKey: toHex(keys.blsKey),
        signKey: toHex(keys.signKey),
        identityCommitment: field(keys.identityCommitment),
      })),
    }),
    { cost: HEAVY },
  ),
} as const;

function blockOf(node: AnsweringNode, at: Height): Uint8Array {
  const bytes = node.block(at);
  if (bytes !== undefined) return bytes;
  const { keptFrom } = node;
  throw at < keptFrom ? new RpcFailure('RPC_PRUNED', { keptFrom }) : new RpcFailure('RPC_UNKNOWN');
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
const field = (x: bigint): string => toHex(bigintToBytes(x, 32));
const shared = ({ publicKey, sharesRequired }: ThresholdKey) => ({
  publicKey: toHex(encodePoint(publicKey)),
  sharesRequired,
});
const rootOf = ({ height, noteRoot, noteCount }: AnsweringNode['notes']) => ({
  height,
  root: field(noteRoot),
  count: noteCount,
});
