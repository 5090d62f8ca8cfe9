import { toHex } from '../base/bytes.ts';
import { formatDecimal } from '../formats/decimal.ts';
import type { MarketParams } from '../market/params.ts';
import type { AccountView, EpochResult, HeightResult } from './epoch/types.ts';

/**
 * The object that --json prints and `report.json` holds. Money and prices are decimal strings in USDC,
 * lots are decimal strings, counts and milliseconds are numbers, a price is null where nothing traded.
 */
export function epochJson(
  result: EpochResult,
  params: MarketParams,
  outDir: string,
): Record<string, unknown> {
  return {
    velum: 'epoch',
    market: params.name,
    validators: result.validators,
    faulty: result.faulty,
    dissemination: result.dissemination,
    seed: result.seed,
    restarts: result.restarts,
    genesis: {
      ...result.genesis,
      decryptionKey: toHex(result.genesis.decryptionKey),
      coinKey: toHex(result.genesis.coinKey),
    },
    registry: result.registry,
    epochs: result.epochs.map(({ decryptionKey, coinKey, ...epoch }) => ({
      ...epoch,
      decryptionKey: toHex(decryptionKey),
      coinKey: toHex(coinKey),
    })),
    risk: result.risk.map(({ percent, faulty, probability: { numerator, denominator } }) => ({
      percent,
      faulty,
      numerator: numerator.toString(),
      denominator: denominator.toString(),
    })),
    trust: result.trust,
    out: outDir,
    heights: result.heights.map((height) => heightJson(height, params)),
  };
}

function heightJson(height: HeightResult, params: MarketParams): Record<string, unknown> {
  const name = (instrument: number): string => params.instruments[instrument]!.name;
  const view = (account: AccountView): Record<string, unknown> => ({
    cash: formatDecimal(account.cash),
    equity: formatDecimal(account.equity),
    positions: account.positions.map(({ instrument, lots }) => ({
      instrument: name(instrument),
      lots: lots.toString(),
    })),
  });
  return {
    height: height.height,
    epoch: height.epoch,
    time: Number(height.timeS),
    submitted: height.submitted,
    accepted: height.accepted,
    refused: height.refused,
    dropped: height.dropped,
    items: height.items,
    ballots: height.ballots,
    acsBundles: height.acsProposers.length,
    acsProposers: height.acsProposers,
    certificateSigners: height.certificateSigners.length,
    certificateSignedBy: height.certificateSigners,
    auctions: height.auctions.map(({ instrument, price, volume }) => ({
      instrument: name(instrument),
      price: price === null ? null : formatDecimal(price),
      volume: volume.toString(),
    })),
    fills: height.fills.map(({ account, item, instrument, side, lots, price, fee }) => ({
      account,
      item,
      instrument: name(instrument),
      side,
      lots: lots.toString(),
      price: formatDecimal(price),
      fee: formatDecimal(fee),
    })),
    accounts: height.accounts.map(({ account, name, trader, before, after }) => ({
      account,
      name,
      trader,
      before: before === undefined ? null : view(before),
      after: view(after),
    })),
    transfers: height.transfers.map(({ amount, to, refused, ...transfer }) => ({
      ...transfer,
      amount: formatDecimal(amount),
      to: to === undefined ? null : `0x${toHex(to)}`,
      refused: refused ?? null,
    })),
    turnstile: Object.fromEntries(
      Object.entries(height.turnstile).map(([what, units]) => [what, formatDecimal(units)]),
    ),
    market: height.market.json,
    faults: height.faults,
    recovered: height.recovered.map(({ validator, identitySecret }) => ({
      validator,
      identitySecret: identitySecret.toString(),
    })),
    stateRoot: height.stateRoot,
    settledBy: height.settledBy,
    ms: height.ms,
  };
}
