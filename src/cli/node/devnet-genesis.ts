import { randomInt } from 'node:crypto';
import {
  DEALING_HEIGHTS,
  type Dealt,
  type DealtMarket,
  dealGenesis,
  EPOCH_HEIGHTS,
  layFoundation,
  rootSecretsOf,
} from '../../committee/dealer.ts';
import type { MarketFile } from '../../formats/run-input.ts';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import { type RegisteredGenesis, requireRegistered } from '../../ledger/rotation/registered-genesis.ts';
import { writeRoot } from '../../node/root-file.ts';
import { openProverPool } from '../../proofs/pool.ts';
import { Traders } from '../epoch/traders.ts';
import { CliError } from '../errors.ts';
import { makeHomeFolder } from './home.ts';
import { registerMember } from './registering.ts';
import { parseAddress } from './settings.ts';

/** Chains of this name are for trying things out: one machine draws the members' own keys, and development keys prove for them. */
const DEVNET_CHAIN = 'velum-devnet';

export const isDevnet = (chainId: string): boolean => chainId === DEVNET_CHAIN;

/** A market whose first prices are of this moment: all its times, expiries included, are moved together. */
export type DevnetMarket = MarketFile & DealtMarket;

/** @param startS time of the first prices, unix seconds */
export function shiftedMarket(market: MarketFile, startS: bigint): MarketFile {
  const shift = startS - market.oracle[0]!.timeS;
  const instruments = market.params.instruments.map((each) =>
    each.kind === 'option' ? { ...each, expiry: each.expiry + shift } : each,
  );
  return {
    ...market,
    params: { ...market.params, instruments },
    oracle: market.oracle.map(({ timeS, observedS, values }) => ({
      values,
      timeS: timeS + shift,
      observedS: observedS + shift,
    })),
  };
}

/** @param startS time of the first prices, unix seconds */
export const devnetMarket = (market: MarketFile, startS: bigint): DevnetMarket => ({
  ...shiftedMarket(market, startS),
  chainId: DEVNET_CHAIN,
});

/** Nobody is to guess a seed, though whoever made it knows every key that follows from it. */
export const drawSeed = (): number => randomInt(2 ** 48 - 1);

/** The chain of a devnet: it follows from the seed. */
const devnetChain = (seed: number, registry: number, market: DevnetMarket): ChainGenesis => {
  const { notes, notesTotal } = new Traders(seed, market, registry);
  return { ...layFoundation(seed, market, registry), notes, notesTotal };
};

/** The genesis of a devnet for quick experiments: one dealer makes every key in one place. */
export function dealDevnet(seed: number, validators: number, market: DevnetMarket): Dealt {
  const traders = new Traders(seed, market, validators);
  return dealGenesis(seed, validators, market, traders.notes, traders.notesTotal);
}

/** A devnet whose validators generate their keys. */
export interface RegisteredDevnet {
  readonly seed: number;
  readonly validators: number;
  readonly registry: number;
  readonly market: DevnetMarket;
  /** Where each member is reached. */
  readonly addresses: readonly string[];
  readonly homeOf: (member: number) => string;
  readonly times?: Pick<EpochConfig, 'epochHeights' | 'dealingHeights'>;
}

/**
 * Draws the permanent key of every member into its home, and the keys of the first committee, each of which registers. What was drawn is in
 * the homes alone.
 * @throws {CliError} USAGE; whatever makes no proof
 */
export async function registerDevnet(devnet: RegisteredDevnet): Promise<RegisteredGenesis> {
  const { seed, validators, registry, market, addresses, homeOf } = devnet;
  if (registry < validators)
    throw new CliError('USAGE', `${validators} validators are more than the ${registry} of the registry`);
  if (addresses.length !== registry || addresses.some((each) => parseAddress(each) === undefined))
    throw new CliError('USAGE', `${registry} addresses are expected, each HOST:PORT`);
  const chain = devnetChain(seed, registry, market);
  const roots = rootSecretsOf(seed, chain);
  const prover = openProverPool({ processes: 1 });
  try {
    const registrations = [];
    for (const [i, rootSecret] of roots.entries()) {
      const { validator } = makeHomeFolder(homeOf(i));
      writeRoot(validator, rootSecret);
      if (i < validators)
        registrations.push(
          await registerMember(validator, { chain, rootSecret, address: addresses[i]!, prover }),
        );
    }
    const { times = { epochHeights: EPOCH_HEIGHTS, dealingHeights: DEALING_HEIGHTS } } = devnet;
    const genesis = { chain, registrations, times };
    requireRegistered(genesis);
    return genesis;
  } finally {
    await prover.close();
  }
}
