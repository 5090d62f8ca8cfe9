import { bytesToBigint, fromHex, utf8 } from '../../base/bytes.ts';
import { actionTerms, batchTerms } from '../../client/terms.ts';
import { type AuthorisedAction, type SealedBatch, Wallet } from '../../client/wallet.ts';
import { type DealtMarket, layFoundation, runRandom } from '../../committee/dealer.ts';
import { hashBytes } from '../../crypto/hash.ts';
import type { FileBatch, FileTransfer, MarketFile } from '../../formats/run-input.ts';
import type { ActionItem } from '../../ledger/actions.ts';
import { foundationHash } from '../../ledger/chain-genesis.ts';
import { type DepositItem, depositIdOf, signDeposit } from '../../ledger/deposits.ts';
import type { BatchItem } from '../../ledger/items.ts';
import type { Replica } from '../../ledger/replica.ts';
import { accountIdOf } from '../../ledger/settlement-state.ts';
import type { AccountId, Height, ItemId } from '../../params/ids.ts';
import { CliError } from '../errors.ts';

export interface NamedBatch {
  readonly batch: FileBatch;
  readonly sealed: SealedBatch;
}

/** A batch with its proof: what is sent to the validators. */
export interface ProvedBatch extends NamedBatch {
  readonly item: BatchItem;
}

/** A transfer that its trader (or, a deposit, the bridge) has made out. */
export interface NamedTransfer {
  readonly transfer: FileTransfer;
  readonly account: AccountId;
  readonly id: ItemId;
  /** A deposit is signed and ready; an action still has to be proved. */
  readonly made: DepositItem | AuthorisedAction;
}

/** A transfer as it is sent to the validators. */
export interface ReadyTransfer extends NamedTransfer {
  readonly item: DepositItem | ActionItem;
}

/**
 * The traders of a run, each with a wallet. A batch spends its trader's next unspent note; when a trader has none left that
 * holds deposit and fee, an old copy of the wallet spends a note again, which the validators must refuse.
 */
export class Traders {
  readonly #seed: number;
  readonly #market: MarketFile;
  readonly #foundation: Uint8Array;
  readonly #wallets = new Map<string, Wallet>();
  /** By batch name: fresh accounts, and the wallet that holds their salts. */
  readonly #fresh = new Map<string, { readonly account: AccountId; readonly wallet: Wallet }>();
  /** Genesis notes of all traders, in the order of the market file. */
  readonly notes: readonly bigint[];
  readonly notesTotal: bigint;

  /** @param members of the chain's registry */
  constructor(seed: number, market: MarketFile & Pick<DealtMarket, 'chainId'>, members: number) {
    this.#seed = seed;
    this.#market = market;
    this.#foundation = foundationHash(layFoundation(seed, market, members));
    const notes: bigint[] = [];
    for (const trader of market.notes.keys()) {
      const { wallet, commitments } = this.#newWallet(trader);
      this.#wallets.set(trader, wallet);
      notes.push(...commitments);
    }
    this.notes = notes;
    this.notesTotal = [...market.notes.values()].flat().reduce((sum, value) => sum + value, 0n);
  }

  #newWallet(trader: string): { wallet: Wallet; commitments: bigint[] } {
    const seed = hashBytes('run', utf8(JSON.stringify([this.#seed, 'wallet', trader])));
    const wallet = new Wallet(seed, this.#foundation);
    const commitments = this.#market.notes.get(trader)!.map((value) => wallet.genesisNote(value));
    return { wallet, commitments };
  }

  /**
   * Seals the batches of one height on what the chain says now.
   * @param tries how often they were sealed before, for windows that passed: no draw is made twice
   * @throws {CliError} ORDERS_UNPAID if a batch needs more than any note of its trader ever held
   */
  seal(
    batches: readonly FileBatch[],
    at: Height,
    chain: Replica,
    patience?: number,
    tries = 0,
  ): NamedBatch[] {
    const terms = batchTerms(chain, at, patience);
    return batches.map((batch) => {
      const label = tries === 0 ? `batch ${batch.name}` : `try ${tries} of batch ${batch.name}`;
      const random = runRandom(this.#seed, label);
      const wish = { account: batch.account, orders: batch.orders };
      let wallet = this.#wallets.get(batch.trader)!;
      let sealed = wallet.seal(wish, terms, random);
      if (sealed === undefined) {
        wallet = this.#newWallet(batch.trader).wallet;
        sealed = wallet.seal(wish, terms, random);
      }
      if (sealed === undefined) {
        const reason =
          'needs a deposit and fee that no note of its trader holds; lower it, or give a larger note';
        throw new CliError('ORDERS_UNPAID', `batch ${batch.name} of ${batch.trader} ${reason}`, {
          batch: batch.name,
        });
      }
      if (batch.account === undefined)
        this.#fresh.set(batch.name, { account: accountIdOf(sealed.content.account), wallet });
      return { batch, sealed };
    });
  }

  /**
   * Makes out the transfers of one height of the market file on what the chain says now.
   * @param fileHeight   in the file
   * @param at           of the chain
   * @param bridgeSecret signs the deposits
   */
  transfers(
    fileHeight: number,
    at: Height,
    chain: Replica,
    bridgeSecret: Uint8Array,
    patience?: number,
  ): NamedTransfer[] {
    const { chainHash } = chain.items;
    const deposits = this.#market.transfers.filter(({ kind }) => kind === 'deposit');
    return this.#market.transfers.flatMap((transfer): NamedTransfer[] => {
      if (transfer.height !== fileHeight) return [];
      const { amount, to: destination } = transfer;
      const { account, wallet } = this.#accountOf(transfer);
      if (transfer.kind === 'deposit') {
        const statement = {
          kind: 'deposit' as const,
          nonce: BigInt(deposits.indexOf(transfer)),
          account: bytesToBigint(fromHex(account)!),
          amount,
        };
        const made = signDeposit(bridgeSecret, chainHash, statement);
        return [{ transfer, account, id: depositIdOf(chainHash, statement), made }];
      }
      const terms = actionTerms(chain, account, at, patience);
      const made = wallet.authorise({ account, amount, destination }, terms);
      return [{ transfer, account, id: made.id, made }];
    });
  }

  #accountOf({ trader, account: name }: FileTransfer): { account: AccountId; wallet: Wallet } {
    const fresh = name.startsWith('fresh:') ? this.#fresh.get(name.slice('fresh:'.length)) : undefined;
    if (fresh !== undefined) return fresh;
    const wallet = this.#wallets.get(trader)!;
    return { account: wallet.accountNamed(name), wallet };
  }

  /** A height closed: wallets learn which notes are spent and which change is theirs. */
  heightClosed(...closed: Parameters<Wallet['heightClosed']>): void {
    for (const wallet of this.#wallets.values()) wallet.heightClosed(...closed);
  }
}
