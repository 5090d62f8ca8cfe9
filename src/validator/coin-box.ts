import { bigintToBytes, concatBytes, equalBytes } from '../base/bytes.ts';
import type { Point } from '../crypto/babyjub.ts';
import { domainBytes, type EpochDomain } from '../ledger/epoch-config.ts';
import { type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { ABA_ROUND_WINDOW, MAX_ABA_ROUND } from '../params/sizes.ts';
import { u32 } from './ballot.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';
import { cryptoOf } from './validator-crypto.ts';
import { readPoints, writePoints } from './written.ts';

/** Rounds before this one have fixed coins, and no shares. */
const FIRST_REAL_ROUND = 2;

/** What a coin's value is bound to: chain, epoch, height, ABA instance and round. */
export function abaCoinId(domain: EpochDomain, at: Height, instance: number, round: number): Uint8Array {
  return concatBytes(Uint8Array.of(0), domainBytes(domain), u32(at), u32(instance), u32(round));
}

/** The beacon of a height is a coin too, opened only after the ACS output. */
export function beaconId(domain: EpochDomain, at: Height): Uint8Array {
  return concatBytes(Uint8Array.of(1), domainBytes(domain), u32(at), bigintToBytes(0n, 8));
}

/** The coins of a height as plain data; by `instance/round`, the fields are those of a Toss, points as 64 bytes. */
export type CoinBoxState = {
  readonly tosses: ReadonlyMap<
    string,
    {
      readonly shares: ReadonlyMap<ValidatorIndex, Uint8Array>;
      readonly judged: ReadonlySet<ValidatorIndex>;
      readonly good: ReadonlyMap<ValidatorIndex, Uint8Array>;
      readonly isReleased: boolean;
      readonly value: 0 | 1 | undefined;
    }
  >;
};

/** A share as it comes from a peer. */
interface Share {
  readonly instance: number;
  readonly round: number;
  readonly share: Uint8Array;
}

interface Toss {
  /** First share of each sender. */
  readonly shares: Map<ValidatorIndex, Uint8Array>;
  /** Senders whose share was judged. */
  readonly judged: Set<ValidatorIndex>;
  readonly good: Map<ValidatorIndex, Point>;
  isReleased: boolean;
  value: 0 | 1 | undefined;
}

/**
 * The ABA coins of one height: σᵢ = sᵢ·P(id) with DLEQ; value = lowest bit of SHA-512(Σ λᵢσᵢ).
 * Bound: one share of 128 bytes for each sender, open instance and round from 2 to ABA_ROUND_WINDOW above the agreement's own.
 * Shares are judged only once one's own may be out, so a flood for distant rounds costs no group operation.
 */
export class CoinBox {
  readonly #context: EpochContext;
  readonly #height: Height;
  readonly #tosses = new Map<string, Toss>();

  constructor(context: EpochContext, height: Height) {
    this.#context = context;
    this.#height = height;
  }

  /** May share memory with the box: encode it before the next input. */
  state(): CoinBoxState {
    const written = [...this.#tosses].map(
      ([key, toss]) => [key, { ...toss, good: writePoints(toss.good) }] as const,
    );
    return { tosses: new Map(written) };
  }

  /** The box that goes on from there. */
  static restore(context: EpochContext, height: Height, { tosses }: CoinBoxState): CoinBox {
    const box = new CoinBox(context, height);
    for (const [key, { shares, judged, good, isReleased, value }] of tosses) {
      const lists = { shares: new Map(shares), judged: new Set(judged), good: readPoints(good) };
      box.#tosses.set(key, { ...lists, isReleased, value });
    }
    return box;
  }

  /** The ABA's rules allow one's own share now. @returns the coin if it is known already */
  release(instance: ValidatorIndex, round: number, out: Out): 0 | 1 | undefined {
    const toss = this.#toss(instance, round);
    if (!toss.isReleased) {
      toss.isReleased = true;
      const { secrets, self, epoch, derive, kernels } = this.#context;
      const id = abaCoinId(this.#context.domain, this.#height, instance, round);
      const share = cryptoOf(this.#context).coinShare(
        secrets.coinShare,
        epoch.coinKey.shareKeys[self]!,
        id,
        derive('coin', id),
        kernels,
      );
      out.send('all', { kind: 'coin', height: this.#height, instance, round, share });
    }
    return this.#combine(toss, instance, round, out);
  }

  /**
   * A share from a peer: its first one counts.
   * @param own the round that the agreement is in; undefined once it is closed, and needs no coin any more
   * @returns the coin if this share completes it
   */
  add(
    from: ValidatorIndex,
    { instance, round, share }: Share,
    own: number | undefined,
    out: Out,
  ): 0 | 1 | undefined {
    const isInWindow = round >= FIRST_REAL_ROUND && round <= (own ?? MAX_ABA_ROUND) + ABA_ROUND_WINDOW;
    if (instance >= this.#context.quorum.n || !isInWindow) {
      out.fault(from, 'COIN_OUT_OF_RANGE', { height: this.#height, instance, round });
      return undefined;
    }
    if (own === undefined) return undefined;
    const toss = this.#toss(validatorIndex(instance), round);
    const first = toss.shares.get(from);
    if (first !== undefined) {
      if (!equalBytes(first, share)) {
        out.fault(from, 'COIN_EQUIVOCATION', { height: this.#height, instance, round });
      }
      return undefined;
    }
    toss.shares.set(from, share);
    return this.#combine(toss, validatorIndex(instance), round, out);
  }

  /** The agreement is closed: nothing of its coins is needed any more. */
  close(instance: ValidatorIndex): void {
    for (const key of this.#tosses.keys()) if (key.startsWith(`${instance}/`)) this.#tosses.delete(key);
  }

  #combine(toss: Toss, instance: ValidatorIndex, round: number, out: Out): 0 | 1 | undefined {
    if (toss.value !== undefined || !toss.isReleased) return undefined;
    const { domain, epoch, kernels } = this.#context;
    const crypto = cryptoOf(this.#context);
    const { sharesRequired, shareKeys } = epoch.coinKey;
    const id = abaCoinId(domain, this.#height, instance, round);
    for (const [from, share] of toss.shares) {
      if (toss.good.size >= sharesRequired) break;
      if (toss.judged.has(from)) continue;
      toss.judged.add(from);
      const sigma = crypto.verifyCoinShare(shareKeys[from]!, id, share, kernels);
      if (sigma !== undefined) toss.good.set(from, sigma);
      else out.fault(from, 'COIN_SHARE_INVALID', { height: this.#height, instance, round });
    }
    if (toss.good.size < sharesRequired) return undefined;
    toss.value = (crypto.combineCoin(toss.good, kernels)[0]! & 1) as 0 | 1;
    return toss.value;
  }

  #toss(instance: ValidatorIndex, round: number): Toss {
    const key = `${instance}/${round}`;
    const toss = this.#tosses.get(key) ?? {
      shares: new Map(),
      judged: new Set(),
      good: new Map(),
      isReleased: false,
      value: undefined,
    };
    this.#tosses.set(key, toss);
    return toss;
  }
}
