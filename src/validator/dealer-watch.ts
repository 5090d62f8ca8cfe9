import { equalBytes } from '../base/bytes.ts';
import { encodeItem } from '../ledger/items.ts';
import type { DealingItem } from '../ledger/rotation/dealing-item.ts';
import {
  type EvidenceItem,
  evidenceItemId,
  evidenceOfOne,
  evidenceOfTwo,
  type SignedName,
  signedName,
} from '../ledger/rotation/evidence-item.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { HeldItem } from './item-proofs.ts';
import type { ItemRules } from './item-rules.ts';
import type { Out } from './out.ts';

/** What was seen of the dealers of a session, as plain data; the fields are those of DealerWatch. */
export type DealerWatchState = {
  readonly session: bigint;
  readonly signed: ReadonlyMap<ValidatorIndex, SignedName>;
  readonly guilty: ReadonlySet<ValidatorIndex>;
};

/**
 * The dealings of a rotation that came by here in any way, whether they are held or not: what shows that their dealer is no correct
 * member becomes evidence, once for each dealer.
 * Bound: 128 bytes a dealer of the session seen last; of each dealing that is not known one signature is verified.
 */
export class DealerWatch {
  #session = 0n;
  /** The first dealing of each dealer. */
  #signed = new Map<ValidatorIndex, SignedName>();
  #guilty = new Set<ValidatorIndex>();

  state(): DealerWatchState {
    return { session: this.#session, signed: this.#signed, guilty: this.#guilty };
  }

  /** The watch that goes on from there. */
  static restore({ session, signed, guilty }: DealerWatchState): DealerWatch {
    const watch = new DealerWatch();
    watch.#session = session;
    watch.#signed = new Map(signed);
    watch.#guilty = new Set(guilty);
    return watch;
  }

  /**
   * A dealing of the session in progress came.
   * @returns evidence if the dealer signed another one before
   */
  seen(item: DealingItem, rules: Pick<ItemRules, 'isDealers'>, out: Out): HeldItem | undefined {
    const { session, dealer } = item;
    if (session !== this.#session) {
      this.#session = session;
      this.#signed.clear();
      this.#guilty.clear();
    }
    if (this.#guilty.has(dealer)) return undefined;
    const name = signedName(item);
    const first = this.#signed.get(dealer);
    if ((first !== undefined && equalBytes(first.dealt, name.dealt)) || !rules.isDealers(item))
      return undefined;
    if (first === undefined) {
      this.#signed.set(dealer, name);
      return undefined;
    }
    return this.#convict(evidenceOfTwo(item, first, name)!, out);
  }

  /** A dealing does not hold, and its dealer signed it. @returns evidence if there is none yet */
  failed(item: DealingItem, form: 'flawed' | 'refuted', out: Out): HeldItem | undefined {
    return this.#guilty.has(item.dealer) ? undefined : this.#convict(evidenceOfOne(item, form), out);
  }

  #convict(item: EvidenceItem, out: Out): HeldItem {
    const { session, dealer } = item;
    const bytes = encodeItem(item);
    this.#guilty.add(dealer);
    out.fault(dealer, 'DEALER_CONVICTED', { session, shown: bytes });
    return { id: evidenceItemId(item), item, bytes };
  }
}
