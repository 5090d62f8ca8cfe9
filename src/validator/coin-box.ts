import { bigintToBytes, concatBytes } from '../base/bytes.ts';
import type { Point } from '../crypto/babyjub.ts';
import { coinShare, combineCoin, verifyCoinShare } from '../crypto/coin.ts';
import { type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type EpochDomain, u32 } from './ballot.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';

/** Rounds of one ABA for which shares are kept unasked: the chance to need more is below 2^−30 a height. */
const MAX_ROUND = 64;

/** What a coin's value is bound to: chain, epoch, height, ABA instance and round. */
export function abaCoinId(domain: EpochDomain, at: Height, instance: number, round: number): Uint8Array {
  return concatBytes(
    Uint8Array.of(0),
    domain.genesisHash,
    u32(domain.epoch),
    u32(at),
    u32(instance),
    u32(round),
  );
}

/** The beacon of a height is a coin too, opened only after the ACS output. */
export function beaconId(domain: EpochDomain, at: Height): Uint8Array {
  return concatBytes(Uint8Array.of(1), domain.genesisHash, u32(domain.epoch), u32(at), bigintToBytes(0n, 8));
}

interface Toss {
  /** First share of each sender, not judged yet. */
  readonly raw: Map<ValidatorIndex, Uint8Array>;
  readonly good: Map<ValidatorIndex, Point>;
  released: boolean;
  value: 0 | 1 | undefined;
}

/** The ABA coins of one height: σᵢ = sᵢ·P(id) with DLEQ; value = lowest bit of SHA-512(Σ λᵢσᵢ). */
export class CoinBox {
  readonly #context: EpochContext;
  readonly #height: Height;
  readonly #tosses = new Map<string, Toss>();

  constructor(context: EpochContext, height: Height) {
    this.#context = context;
    this.#height = height;
  }

  /** The ABA's rules allow one's own share now. @returns the coin if it is known already */
  release(instance: ValidatorIndex, round: number, out: Out): 0 | 1 | undefined {
    const toss = this.#toss(instance, round);
    if (!toss.released) {
      toss.released = true;
      const { secrets, self, genesis, derive } = this.#context;
      const id = abaCoinId(this.#context.domain, this.#height, instance, round);
      const share = coinShare(secrets.coinShare, genesis.coinKey.shareKeys[self]!, id, derive('coin', id));
      out.send('all', { kind: 'coin', height: this.#height, instance, round, share });
    }
    return this.#combine(instance, round, out);
  }

  /** A share from a peer: first one counts. @returns the coin if this share completes it */
  add(from: ValidatorIndex, instance: number, round: number, share: Uint8Array, out: Out): 0 | 1 | undefined {
    if (instance >= this.#context.quorum.n || round > MAX_ROUND) {
      out.fault(from, 'COIN_OUT_OF_RANGE', { instance, round });
      return undefined;
    }
    const toss = this.#toss(validatorIndex(instance), round);
    if (!toss.raw.has(from)) toss.raw.set(from, share);
    return this.#combine(validatorIndex(instance), round, out);
  }

  /** Shares are judged only once one's own may be out, so a flood for distant rounds costs no group operation. */
  #combine(instance: ValidatorIndex, round: number, out: Out): 0 | 1 | undefined {
    const toss = this.#toss(instance, round);
    if (toss.value !== undefined || !toss.released) return undefined;
    const { coinKey } = this.#context.genesis;
    const id = abaCoinId(this.#context.domain, this.#height, instance, round);
    for (const [from, share] of toss.raw) {
      if (toss.good.size >= coinKey.sharesRequired) break;
      if (toss.good.has(from)) continue;
      const sigma = verifyCoinShare(coinKey.shareKeys[from]!, id, share);
      if (sigma === undefined) {
        toss.raw.set(from, new Uint8Array());
        if (share.length > 0)
          out.fault(from, 'COIN_SHARE_INVALID', { height: this.#height, instance, round });
      } else toss.good.set(from, sigma);
    }
    if (toss.good.size < coinKey.sharesRequired) return undefined;
    toss.value = (combineCoin(toss.good)[0]! & 1) as 0 | 1;
    return toss.value;
  }

  #toss(instance: ValidatorIndex, round: number): Toss {
    const key = `${instance}/${round}`;
    const toss = this.#tosses.get(key) ?? {
      raw: new Map(),
      good: new Map(),
      released: false,
      value: undefined,
    };
    this.#tosses.set(key, toss);
    return toss;
  }
}
