import { randomInt } from 'node:crypto';
import { type Dealt, type DealtMarket, dealGenesis } from '../../committee/dealer.ts';
import type { MarketFile } from '../../formats/run-input.ts';
import { Traders } from '../epoch/traders.ts';

/** Chains of this name are for trying things out: a dealer made their keys, and development keys prove for them. */
const DEVNET_CHAIN = 'velum-devnet';

export const isDevnet = (chainId: string): boolean => chainId === DEVNET_CHAIN;

/** A market whose first prices are of this moment: all its times, expiries included, are moved together. */
export type DevnetMarket = MarketFile & DealtMarket;

/** @param startS time of the first prices, unix seconds */
export function devnetMarket(market: MarketFile, startS: bigint): DevnetMarket {
  const shift = startS - market.oracle[0]!.timeS;
  const instruments = market.params.instruments.map((each) =>
    each.kind === 'option' ? { ...each, expiry: each.expiry + shift } : each,
  );
  return {
    ...market,
    chainId: DEVNET_CHAIN,
    params: { ...market.params, instruments },
    oracle: market.oracle.map(({ timeS, observedS, values }) => ({
      values,
      timeS: timeS + shift,
      observedS: observedS + shift,
    })),
  };
}

/** What a devnet begins with. */
export interface DevnetGenesis {
  /** Everything follows from it: every key of every validator, the bridge's and the traders'. Secret. */
  readonly seed: number;
  readonly dealt: Dealt;
}

/** Nobody is to guess a seed, though whoever made it knows every key. */
export const drawSeed = (): number => randomInt(2 ** 48 - 1);

/**
 * The genesis of a devnet: one dealer makes every key in one place. A real network begins with keys that its validators generate together;
 * this is the only place from which a node's genesis comes, so that is what takes its place.
 */
export function dealDevnet(seed: number, validators: number, market: DevnetMarket): DevnetGenesis {
  const traders = new Traders(seed, market, validators);
  return { seed, dealt: dealGenesis(seed, validators, market, traders.notes, traders.notesTotal) };
}
