import { bytesToBigint, concatBytes, toHex, utf8 } from '../../base/bytes.ts';
import { hashBytes } from '../../crypto/hash.ts';
import type { FileBatch, FileTransfer, MarketFile } from '../../formats/run-input.ts';
import { tableHeightsAt } from '../../ledger/ordering-state.ts';
import type { RefusalCode } from '../../ledger/refusals.ts';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
  tableAt,
} from '../../ledger/settlement-state.ts';
import { isAffordable, type NamedAction } from '../../ledger/transfers.ts';
import { type OpenedBatch, type OpenedItem, type Settlement, settle } from '../../ledger/transition.ts';
import { reserveOf } from '../../market/reserve.ts';
import { type AccountId, type Height, height, type ItemId, itemId } from '../../params/ids.ts';
import { CliError } from '../errors.ts';
import type { HeightStory } from './story.ts';

/** Why validators do not admit an item of a run's files. */
type Refusal = Extract<
  RefusalCode,
  'ITEM_NULLIFIER_SPENT' | 'ITEM_NULLIFIER_PENDING' | 'ITEM_AMOUNT_EXCEEDED' | 'ITEM_SEQUENCE_PENDING'
>;

/** Heights from a shielding to the first one that can spend the note. */
const NOTE_DELAY = 2;

export interface SimulateOptions {
  readonly market: MarketFile;
  readonly batches: readonly FileBatch[];
  readonly heights: number;
  /** Ids and beacons follow from it: who wins a tie. */
  readonly seed: number;
}

/**
 * Runs the files of `velum epoch` through the same settlement function, without proofs, agreement and encryption: the same rules and items,
 * the same deposits out of the same notes; only ties may fall otherwise.
 * @throws {CliError} ORDERS_UNPAID if a batch needs more than any note of its trader ever held
 */
export function simulateMarket({ market, batches, heights, seed }: SimulateOptions): HeightStory[] {
  const purses = new Purses(market);
  const notesTotal = [...market.notes.values()].flat().reduce((sum, value) => sum + value, 0n);
  const start = market.oracle[0]!;
  const { params } = market;
  let state = genesisSettlement({ market: params, notesTotal, medians: start.values, timeS: start.timeS });
  const told: HeightStory[] = [];
  for (let h = 1; h <= heights; h++) {
    const at = height(h);
    const run = new SimulatedHeight(market, state, at, seed, purses);
    for (const batch of batches) if (batch.height === h) run.addBatch(batch);
    for (const transfer of market.transfers) if (transfer.height === h) run.addTransfer(transfer);
    const { timeS, observedS, values: medians } = market.oracle[h]!;
    const beacon = concatBytes(run.hash('beacon', 'first'), run.hash('beacon', 'second'));
    const settlement: Settlement = settle(params, state, {
      height: at,
      timeS,
      oracleTimeS: observedS,
      medians,
      beacon,
      items: run.items,
      refused: [],
    });
    purses.close(h, run.shields, settlement);
    told.push({ before: state, settlement, ...run.story });
    state = settlement.state;
  }
  return told;
}

interface Note {
  readonly value: bigint;
  spentAt?: number;
}

/** The traders' unspent notes, in the order in which batches spend them. */
class Purses {
  readonly #genesis: ReadonlyMap<string, readonly Note[]>;
  readonly #unspent: Map<string, Note[]>;
  /** Change and shielded notes, and the height that may spend them first. */
  #coming: { readonly from: number; readonly trader: string; readonly value: bigint }[] = [];

  constructor({ notes }: MarketFile) {
    this.#genesis = new Map(
      [...notes].map(([trader, values]) => [trader, values.map((value) => ({ value }))]),
    );
    this.#unspent = new Map([...this.#genesis].map(([trader, own]) => [trader, [...own]]));
  }

  /** Spends the first note that holds enough. @returns why the batch is refused if there was none: it spends a note again */
  spend({ trader, name, height: at }: FileBatch, cost: bigint): Refusal | undefined {
    for (const { from, trader: owner, value } of this.#coming)
      if (from <= at) this.#unspent.get(owner)!.push({ value });
    this.#coming = this.#coming.filter(({ from }) => from > at);
    const purse = this.#unspent.get(trader)!;
    const found = purse.findIndex(({ value }) => value >= cost);
    if (found >= 0) {
      const [note] = purse.splice(found, 1);
      note!.spentAt = at;
      this.#coming.push({ from: at + 1, trader, value: note!.value - cost });
      return undefined;
    }
    const again = this.#genesis.get(trader)!.find(({ value }) => value >= cost);
    if (again !== undefined) return again.spentAt === at ? 'ITEM_NULLIFIER_PENDING' : 'ITEM_NULLIFIER_SPENT';
    throw new CliError(
      'ORDERS_UNPAID',
      `batch ${name} of ${trader} needs a deposit and fee that no note of its trader holds; lower it, or give a larger note`,
      { batch: name },
    );
  }

  close(at: number, shields: ReadonlyMap<ItemId, string>, { transfers }: Settlement): void {
    for (const { id, kind, amount } of transfers) {
      const trader = shields.get(id);
      if (kind === 'shield' && trader !== undefined)
        this.#coming.push({ from: at + NOTE_DELAY, trader, value: amount });
    }
  }
}

/** One height's items, made as the traders of an epoch make them. */
class SimulatedHeight {
  readonly #market: MarketFile;
  readonly #state: SettlementState;
  readonly #at: Height;
  readonly #seed: number;
  readonly #purses: Purses;
  readonly items: OpenedItem[] = [];
  /** Who shields what: the note is theirs. */
  readonly shields = new Map<ItemId, string>();
  readonly #names = new Map<ItemId, string>();
  readonly #owners = new Map<AccountId, { trader: string; account: string }>();
  readonly #refused: { item: string; code: Refusal }[] = [];

  constructor(market: MarketFile, state: SettlementState, at: Height, seed: number, purses: Purses) {
    this.#market = market;
    this.#state = state;
    this.#at = at;
    this.#seed = seed;
    this.#purses = purses;
  }

  get story(): Pick<HeightStory, 'batches' | 'names' | 'owners' | 'refused'> {
    const batches = this.items.filter((item): item is OpenedBatch => item.kind === 'batch');
    return { batches, names: this.#names, owners: this.#owners, refused: this.#refused };
  }

  hash(what: string, name: string): Uint8Array {
    return hashBytes('run', utf8(JSON.stringify([this.#seed, this.#at, what, name])));
  }

  /** An account is its trader's; of one that lasts, the height plays no part. */
  #accountOf(trader: string, name: string): { A: bigint; id: AccountId } {
    const hash = hashBytes('run', utf8(JSON.stringify([this.#seed, 'account', trader, name])));
    const A = bytesToBigint(hash.subarray(0, 31));
    const id = accountIdOf(A);
    this.#owners.set(id, { trader, account: name });
    return { A, id };
  }

  #named(name: string): ItemId {
    const id = itemId(toHex(this.hash('item', name)));
    this.#names.set(id, name);
    return id;
  }

  addBatch(batch: FileBatch): void {
    const { name, trader, account, orders } = batch;
    const { params } = this.#market;
    const table = tableAt(this.#state, tableHeightsAt(this.#at).last)!;
    const deposit = reserveOf(table, orders);
    const code = this.#purses.spend(batch, deposit + params.batchFee);
    if (code !== undefined) {
      this.#refused.push({ item: name, code });
      return;
    }
    const { A } = this.#accountOf(trader, account ?? `fresh:${name}`);
    const legs = [0, 1, 2, 3].map((leg) => orders[leg]);
    const id = this.#named(name);
    this.items.push({
      kind: 'batch',
      id,
      fee: params.batchFee,
      content: { account: A, deposit, orders: legs },
    });
  }

  addTransfer({ kind, name, trader, account, amount, to }: FileTransfer): void {
    const { A, id: owner } = this.#accountOf(trader, account);
    const id = this.#named(name);
    if (kind === 'deposit') {
      this.items.push({ id, kind, nonce: 0n, account: A, amount });
      return;
    }
    const action: NamedAction = {
      id,
      kind: 'action',
      action: kind,
      account: A,
      amount,
      commitment: bytesToBigint(this.hash('note', name).subarray(0, 31)),
      sequence: this.#state.accounts.get(owner)?.sequence ?? 0n,
      destination: to ?? new Uint8Array(32),
      lastHeight: this.#at,
    };
    const code = this.#refusalOf(action);
    if (code !== undefined) {
      this.#refused.push({ item: name, code });
      return;
    }
    if (kind === 'shield') this.shields.set(id, trader);
    this.items.push(action);
  }

  /** As a validator's mempool refuses it. */
  #refusalOf(action: NamedAction): Refusal | undefined {
    if (!isAffordable(this.#market.params, this.#state, action)) return 'ITEM_AMOUNT_EXCEEDED';
    const isPending = this.items.some((item) => item.kind === 'action' && item.account === action.account);
    return isPending ? 'ITEM_SEQUENCE_PENDING' : undefined;
  }
}
