import { equalBytes } from '../base/bytes.ts';
import { decodePoint, type Point } from '../crypto/babyjub.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { openWords } from '../crypto/seal.ts';
import type { ItemId } from '../params/ids.ts';
import { unpackBatch } from './batch-words.ts';
import { acceptedRoot, type Block, evidenceRoot, type Header, headerHash, settlementHash } from './block.ts';
import type { CertifiedBlock } from './certified-block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { advanceState, type ChainState, claimState } from './chain-state.ts';
import { checkSigned } from './check-signed.ts';
import { batchContext, claimOf, type ItemDomain, itemDomain } from './claims.ts';
import { type EpochConfig, type EpochDomain, epochDomain, isCertified } from './epoch-config.ts';
import { decodeEvidence, type Evidence } from './evidence.ts';
import type { BatchItem, Item } from './items.ts';
import { isNoKey, provenKeys } from './opening.ts';
import type { NamedItem } from './ordering-state.ts';
import { type OpenedItem, type Settlement, settle } from './transition.ts';

/** Why a block is not the next one of a chain. */
export const REPLAY_PROBLEMS = {
  REPLAY_HEADER: 'The header is not of the next height of this chain.',
  REPLAY_CERTIFICATE: 'No quorum signed the header.',
  REPLAY_STATE_ROOT: 'The header names another state or other receipts of the height before.',
  REPLAY_ORDERING_ROOT: 'The header names another ordering state than the heights before lead to.',
  REPLAY_EVIDENCE: 'The pieces of evidence are not those of the header.',
  REPLAY_ITEMS:
    'The items are not those of the header, break a rule of the re-check, a key does not open its batch, shares do not show ' +
    'that a batch is unreadable, or a deposit, a registration or a dealing is not what it should show by itself.',
  REPLAY_SETTLEMENT: 'No quorum signed the state and receipts that this block settles to.',
} as const;

export type ReplayProblem = keyof typeof REPLAY_PROBLEMS;

/** Whose blocks they are. */
export interface ReplayRules {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly domain: EpochDomain;
  readonly items: ItemDomain;
  /** Who does the arithmetic of checking dealings; `NOBLE` if nothing is said. */
  readonly kernels?: BatchKernels;
}

export const replayRules = (chain: ChainGenesis, epoch: EpochConfig): ReplayRules => ({
  chain,
  epoch,
  domain: epochDomain(chain, epoch),
  items: itemDomain(chain, epoch),
});

/** A block that was found to be the next one, and what it settles to. */
export interface ReplayedBlock {
  readonly header: Header;
  readonly named: readonly NamedItem<Item>[];
  readonly evidence: readonly Evidence[];
  readonly settlement: Settlement;
}

/** Items of a block, named and opened. */
interface Opened {
  readonly named: readonly NamedItem<Item>[];
  readonly items: readonly OpenedItem[];
}

/**
 * Settles the next height from its block: no key shares, no proofs, no peers. The header's certificate says which items were
 * accepted, each K is checked by its batch's tag, each item that is signed by its signature, and the settlement certificate vouches
 * for what the header does not bind: the beacon and the receipts of refused items. Changes nothing.
 * @param state     of the height before; where ordering is at the block's height already, its caller has ordered the same header
 * @param certified form checked (decodeCertifiedBlock), otherwise hostile
 * @returns what the block leads to, or why it is not the next block of this chain. Never throws.
 */
export function replayBlock(
  rules: ReplayRules,
  state: ChainState,
  { block, settlementCertificate }: CertifiedBlock,
): ReplayedBlock | ReplayProblem {
  const { header, evidence, beacon, refused } = block;
  if (!isNext(rules, state, header)) return 'REPLAY_HEADER';
  if (!isCertified(rules.epoch, headerHash(header), block.certificate)) return 'REPLAY_CERTIFICATE';
  const isSettled =
    equalBytes(header.stateRoot, state.stateRoot) && equalBytes(header.receiptsRoot, state.receiptsRoot);
  if (!isSettled) return 'REPLAY_STATE_ROOT';
  if (!startsFrom(state, header)) return 'REPLAY_ORDERING_ROOT';
  const pieces = piecesOf(header, evidence);
  if (pieces === undefined) return 'REPLAY_EVIDENCE';
  const opened = open(rules, state, block);
  if (opened === undefined) return 'REPLAY_ITEMS';

  const { height, timeS, oracleTimeS, medians } = header;
  const { named, items } = opened;
  const input = { height, timeS, oracleTimeS, medians, beacon, items, refused };
  const settlement = settle(rules.chain.market, state.settlement, input);
  const { stateRoot, receiptsRoot } = settlement;
  const statement = settlementHash({ ...rules.domain, height, stateRoot, receiptsRoot });
  if (!isCertified(rules.epoch, statement, settlementCertificate)) return 'REPLAY_SETTLEMENT';
  return { header, named, evidence: pieces, settlement };
}

/** Takes a replayed block into the state that it was replayed on. */
export function applyReplayed(
  state: ChainState,
  { header, named, evidence, settlement }: ReplayedBlock,
): void {
  if (state.ordering.height < header.height) {
    for (const { item } of named) state.ordering.apply(item);
    state.ordering.closeHeight(
      header.height,
      evidence.map(({ identitySecret }) => identitySecret),
    );
  }
  advanceState(state, header, settlement);
}

/** @returns undefined unless all are well-formed and those of the header. Never throws. */
export function piecesOf(header: Header, evidence: readonly Uint8Array[]): readonly Evidence[] | undefined {
  const pieces = evidence.map(decodeEvidence).filter((piece) => piece !== undefined);
  const areAll = pieces.length === evidence.length && equalBytes(header.evidenceRoot, evidenceRoot(evidence));
  return areAll ? pieces : undefined;
}

/** Whether a header is of this chain and epoch. */
export const isOfEpoch = ({ chain, epoch, domain }: ReplayRules, header: Header): boolean =>
  equalBytes(header.chainHash, domain.chainHash) &&
  equalBytes(header.epochHash, domain.epochHash) &&
  header.height >= epoch.firstHeight &&
  header.medians.length === chain.medians.length;

const isNext = (rules: ReplayRules, { settlement, parent }: ChainState, header: Header): boolean =>
  isOfEpoch(rules, header) && header.height === settlement.height + 1 && equalBytes(header.parent, parent);

/** Where ordering is at the block's height, this very header named the state that it started from. */
const startsFrom = ({ ordering }: ChainState, { height, orderingRoot }: Header): boolean =>
  ordering.height === height || equalBytes(orderingRoot, ordering.root);

/** Names and opens every item; they must be the certified ones and pass the re-check in their order. */
function open(rules: ReplayRules, state: ChainState, block: Block): Opened | undefined {
  const named: NamedItem<Item>[] = [];
  for (const item of block.items) {
    const id = claimOf(rules.items, claimState(state), item)?.id;
    if (id === undefined) return undefined;
    named.push({ id, item });
  }
  const { chain, domain } = rules;
  const signedBy = { chain, chainHash: domain.chainHash, rotation: state.ordering.rotation };
  const isSigned = named.every(({ item }) => checkSigned(signedBy, item, rules.kernels) === undefined);
  const items = isSigned ? openItems(rules, block, named) : undefined;
  return items && passRecheck(state, block.header, named) ? { named, items } : undefined;
}

/**
 * Opens the items of a block.
 * @param named its items in their order
 * @returns undefined unless they are exactly those of the header, and each K opens its batch or the shares show that none does. Never throws.
 */
export function openItems(
  rules: ReplayRules,
  block: Block,
  named: readonly NamedItem<Item>[],
): readonly OpenedItem[] | undefined {
  const opened: OpenedItem[] = [];
  const unused = keysOf(rules, block, named);
  if (unused === undefined) return undefined;
  for (const { id, item } of named) {
    if (item.kind === 'registration' || item.kind === 'dealing' || item.kind === 'evidence') continue;
    const whole = item.kind === 'batch' ? openBatch(rules, id, item, unused) : { ...item, id };
    if (whole === undefined) return undefined;
    opened.push(whole);
  }
  const ids = named.map(({ id }) => id);
  if (unused.length > 0 || new Set(ids).size < ids.length) return undefined;
  return equalBytes(acceptedRoot(ids), block.header.acceptedRoot) ? opened : undefined;
}

/** Where ordering is at the block's height, its re-check gave this very header. */
function passRecheck(
  { ordering, settlement }: ChainState,
  { height }: Header,
  named: readonly NamedItem<Item>[],
): boolean {
  if (ordering.height === height) return true;
  const { accepted } = ordering.recheck(named, settlement.beacon, height);
  return accepted.length === named.length && accepted.every(({ id }, i) => id === named[i]!.id);
}

/** How a batch is to be opened: by this K, or by none, as this right K shows. */
interface BatchKey {
  readonly K: Point;
  readonly isUnreadable: boolean;
}

/** @returns undefined if a key is no point, or the shares do not prove the keys of those that have none */
function keysOf(
  { epoch }: ReplayRules,
  { header, keys, shares }: Block,
  named: readonly NamedItem<Item>[],
): BatchKey[] | undefined {
  const isUnreadable = keys.some(isNoKey);
  if (!isUnreadable && shares.length > 0) return undefined;
  const batches = named.flatMap(({ id, item }) =>
    item.kind === 'batch' ? [{ id, U: decodePoint(item.U)! }] : [],
  );
  const task = { headerHash: headerHash(header), batches };
  const proven = isUnreadable ? provenKeys(epoch.decryptionKey, task, shares) : undefined;
  const found = keys.map((key, i): BatchKey | undefined => {
    const K = isNoKey(key) ? proven?.[i] : decodePoint(key);
    return K && { K, isUnreadable: isNoKey(key) };
  });
  return found.every((key) => key !== undefined) ? found : undefined;
}

/** @param keys of the batches that are still to be opened; this one takes the first */
function openBatch(
  rules: ReplayRules,
  id: ItemId,
  item: BatchItem,
  keys: BatchKey[],
): OpenedItem | undefined {
  const key = keys.shift();
  if (key === undefined) return undefined;
  const words = openWords(key.K, item, batchContext(rules.items, item));
  if (key.isUnreadable !== (words === undefined)) return undefined;
  return { kind: 'batch', id, fee: item.fee, content: words && unpackBatch(words) };
}
