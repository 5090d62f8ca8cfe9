import { toHex } from '../../base/bytes.ts';
import type { ChainFollowing } from '../../client/nodes.ts';
import type { CertifiedBlock } from '../../ledger/certified-block.ts';
import type { ReplayProblem } from '../../ledger/replay.ts';
import type { Replica } from '../../ledger/replica.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { equity } from '../../market/account.ts';
import { type AccountId, accountId, type Height } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import {
  type FoundView,
  MAX_ACCOUNTS,
  SEEN_HEIGHTS,
  type SeenHeight,
  type ShownAccount,
  type VerifiedState,
} from './messages.ts';
import { seenHeight, turnstileOf } from './seen-height.ts';
import { instrumentsOf, shownAccount } from './shown.ts';

/** A beginning of an id, at least. */
const MIN_BEGINNING = 8;

/** Follows a chain for a page: whatever it tells was replayed. Keeps so many of the last heights as a page may ask for. Pure. */
export class ChainWatch implements ChainFollowing {
  readonly replica: Replica;
  readonly #seen: SeenHeight[];
  /** Of those, how many nobody was told. */
  #untold: number;

  /** @param seen heights up to the replica's that were followed before, oldest first, at most `SEEN_HEIGHTS` */
  constructor(replica: Replica, seen: readonly SeenHeight[] = []) {
    this.replica = replica;
    this.#seen = [...seen];
    this.#untold = seen.length;
  }

  /** The last heights that were followed, oldest first. */
  get seen(): readonly SeenHeight[] {
    return this.#seen;
  }

  get height(): Height {
    return this.replica.settlement.height;
  }

  apply(certified: CertifiedBlock): Settlement | ReplayProblem {
    const { items, claims } = this.replica;
    const before = { items, claims, epoch: this.replica.epoch.epoch };
    const settlement = this.replica.apply(certified.block, certified.settlementCertificate);
    if (typeof settlement === 'string') return settlement;
    this.#seen.push(seenHeight(certified, settlement, before));
    this.#untold++;
    if (this.#seen.length > SEEN_HEIGHTS) this.#seen.shift();
    return settlement;
  }

  /** Heights that were followed since this was last called, of those that are kept. */
  news(): readonly SeenHeight[] {
    const news = this.#seen.slice(-Math.min(this.#untold, this.#seen.length));
    const told = this.#untold === 0 ? [] : news;
    this.#untold = 0;
    return told;
  }

  /** What the heights led to. */
  state(): VerifiedState {
    const { settlement, epoch, chain } = this.replica;
    const { market, accounts } = settlement;
    const shown = [...accounts.keys()].map((id) => this.#account(id)!);
    return {
      height: settlement.height,
      timeS: market.timeS,
      epoch: {
        epoch: epoch.epoch,
        firstHeight: epoch.firstHeight,
        heights: epoch.epochHeights,
        quorum: quorumOf(epoch.validators.length).q,
        validators: epoch.validators.map(({ registryIndex, address, signKey }, index) => ({
          ...{ index, registryIndex, address, signKey: toHex(signKey) },
        })),
      },
      instruments: instrumentsOf(chain.market, market),
      accountCount: accounts.size,
      accounts: shown
        .sort((a, b) => (a.equity === b.equity ? (a.id < b.id ? -1 : 1) : a.equity > b.equity ? -1 : 1))
        .slice(0, MAX_ACCOUNTS),
      turnstile: turnstileOf(settlement),
    };
  }

  /** Looks for a height, an item or an account. @param text what somebody typed */
  find(text: string): FoundView | null {
    const wanted = text.trim().toLowerCase();
    if (/^\d{1,9}$/.test(wanted)) {
      const height = this.#seen.find((each) => each.height === Number(wanted));
      if (height !== undefined) return { kind: 'height', height };
    }
    if (!/^[0-9a-f]{1,64}$/.test(wanted) || wanted.length < MIN_BEGINNING) return null;
    for (const height of this.#seen) {
      const ids = [...height.items, ...height.refused].map(({ id }) => id);
      const id = ids.find((each) => each.startsWith(wanted));
      if (id !== undefined) return { kind: 'item', height, id };
    }
    const found = [...this.replica.settlement.accounts.keys()].find((id) => id.startsWith(wanted));
    const account = found && this.#account(accountId(found));
    if (account === undefined) return null;
    const isAbout = ({ items, fills, transfers, liquidations, insured }: SeenHeight): boolean =>
      [items, fills, transfers, liquidations, insured].flat().some((each) => each.account === account.id);
    return { kind: 'account', account, heights: this.#seen.filter(isAbout).map(({ height }) => height) };
  }

  #account(id: AccountId): ShownAccount | undefined {
    const { accounts, market } = this.replica.settlement;
    const account = accounts.get(id);
    return account && shownAccount(id, account, equity(account, market.marks));
  }
}
