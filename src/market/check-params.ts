import { MAX_INSTRUMENTS, MAX_UNITS, PPM } from '../params/sizes.ts';
import { MAX_PRICE } from './order.ts';
import {
  MAX_TIERS,
  type MarginTier,
  type MarketParams,
  type OpenInterestCaps,
  type PerpetualRates,
} from './params.ts';

/** Something wrong with a market's parameters: where, and what would be right. */
export interface ParamProblem {
  readonly path: string;
  readonly reason: string;
}

/** Longest market or instrument name, characters. */
const MAX_NAME = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._/:-]*$/;
/** Most underlying in a lot: 10⁶ whole ones. */
const MAX_LOT_PPM = PPM * PPM;

/** Most heights that a position may wait for its liquidation. */
const MAX_PATIENCE = 1_000;

type Check = (value: bigint, low: bigint, high: bigint, path: string) => void;
const checkRange =
  (problems: ParamProblem[]): Check =>
  (value, low, high, path) => {
    if (value < low || value > high)
      problems.push({ path, reason: `must be ${low} to ${high}, is ${value}` });
  };

/** Tiers ascend in notional and in both rates, so requirements are convex in size: splitting an order gains nothing. */
function rateProblems({ tiers, imfPpm, mmfPpm }: PerpetualRates, at = ''): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const needRange = checkRange(problems);
  needRange(imfPpm, 1n, PPM, `${at}imfPpm`);
  needRange(mmfPpm, 1n, imfPpm, `${at}mmfPpm`);
  if (tiers.length > MAX_TIERS)
    problems.push({ path: `${at}tiers`, reason: `must be at most ${MAX_TIERS}, are ${tiers.length}` });
  let below: MarginTier = { fromNotional: 0n, imfPpm, mmfPpm };
  tiers.forEach((tier, i) => {
    needRange(tier.fromNotional, below.fromNotional + 1n, MAX_UNITS, `${at}tiers[${i}].fromNotional`);
    needRange(tier.imfPpm, below.imfPpm, PPM, `${at}tiers[${i}].imfPpm`);
    needRange(tier.mmfPpm, below.mmfPpm, tier.imfPpm, `${at}tiers[${i}].mmfPpm`);
    below = tier;
  });
  return problems;
}

function capProblems({ lowerCap, upperCap }: OpenInterestCaps, at = ''): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const needRange = checkRange(problems);
  needRange(lowerCap, 0n, MAX_UNITS, `${at}openInterest.lowerCap`);
  if (lowerCap !== 0n || upperCap !== 0n)
    needRange(upperCap, lowerCap + 1n, MAX_UNITS, `${at}openInterest.upperCap`);
  return problems;
}

function ruleProblems({ oracle, funding, liquidation, insurance }: MarketParams): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const needRange = checkRange(problems);
  needRange(oracle.indexMovePpm, 1n, PPM - 1n, 'oracle.indexMovePpm');
  needRange(oracle.volMovePpm, 1n, PPM - 1n, 'oracle.volMovePpm');
  needRange(oracle.staleAfterS, 1n, 86_400n, 'oracle.staleAfterS');
  needRange(funding.impactNotional, 1n, MAX_UNITS, 'funding.impactNotional');
  needRange(funding.damperPpm, 0n, PPM, 'funding.damperPpm');
  needRange(funding.capFactor, 0n, 100n, 'funding.capFactor');
  needRange(liquidation.spreadPpm, 0n, PPM, 'liquidation.spreadPpm');
  needRange(liquidation.penaltyPpm, 0n, PPM, 'liquidation.penaltyPpm');
  needRange(insurance.seed, 0n, MAX_UNITS, 'insurance.seed');
  needRange(BigInt(liquidation.patienceHeights), 1n, BigInt(MAX_PATIENCE), 'liquidation.patienceHeights');
  return problems;
}

/**
 * Everything that is wrong with a market's parameters, not only the first thing; [] for a valid market.
 * The bounds keep MM ≤ IM everywhere, every strike per lot exact and quotable, and every reserve rate in 32 bits.
 * @returns paths as in the market file, e.g. `instruments[2].strike`
 */
export function validateMarketParams(params: MarketParams): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const need = (ok: boolean, path: string, reason: string): void => {
    if (!ok) problems.push({ path, reason });
  };
  const needRange = checkRange(problems);
  const needName = (name: string, path: string): void =>
    need(
      NAME.test(name) && name.length <= MAX_NAME,
      path,
      `must be 1 to ${MAX_NAME} letters, digits, " ._/:-"`,
    );

  need(params.version === 2, 'version', `must be 2, is ${params.version}`);
  needName(params.name, 'name');
  needRange(params.bandPpm, 1n, PPM - 1n, 'bandPpm');
  needRange(params.bandIndexPpm, 0n, PPM, 'bandIndexPpm');
  needRange(params.feePpm, 0n, PPM / 10n, 'feePpm');
  needRange(params.markClampPpm, 0n, PPM - 1n, 'markClampPpm');
  needRange(params.premiumWeightPpm, 1n, PPM, 'premiumWeightPpm');
  needRange(params.batchFee, 1n, MAX_UNITS, 'batchFee');
  needRange(params.optionMargin.aPpm, 1n, PPM, 'optionMargin.aPpm');
  needRange(params.optionMargin.bPpm, 1n, params.optionMargin.aPpm, 'optionMargin.bPpm');
  needRange(params.optionMargin.mPpm, 1n, params.optionMargin.bPpm, 'optionMargin.mPpm');
  needRange(params.optionMargin.offPpm, PPM, 10n * PPM, 'optionMargin.offPpm');
  needRange(params.optionMargin.longPpm, 0n, PPM, 'optionMargin.longPpm');
  problems.push(...rateProblems(params), ...ruleProblems(params), ...capProblems(params.openInterest));

  const count = params.instruments.length;
  need(
    count >= 1 && count <= MAX_INSTRUMENTS,
    'instruments',
    `must be 1 to ${MAX_INSTRUMENTS}, are ${count}`,
  );
  const names = new Set<string>();
  const lotOfExpiry = new Map<bigint, bigint>();
  const contracts = new Set<string>();
  params.instruments.forEach((instrument, i) => {
    const path = `instruments[${i}]`;
    needName(instrument.name, `${path}.name`);
    need(!names.has(instrument.name), `${path}.name`, `${instrument.name} is there twice`);
    names.add(instrument.name);
    needRange(instrument.lotPpm, 1n, MAX_LOT_PPM, `${path}.lotPpm`);
    if (instrument.openInterest !== undefined)
      problems.push(...capProblems(instrument.openInterest, `${path}.`));
    if (instrument.kind === 'perp') {
      if (instrument.rates !== undefined) problems.push(...rateProblems(instrument.rates, `${path}.rates.`));
      return;
    }

    const { type, strike, expiry, lotPpm } = instrument;
    const strikeOfLot = strike * lotPpm;
    need(strikeOfLot % PPM === 0n, `${path}.strike`, 'strike·lotPpm must be a multiple of 1000000');
    needRange(strikeOfLot / PPM, 1n, MAX_PRICE, `${path}.strike (per lot)`);
    needRange(expiry, 1n, (1n << 40n) - 1n, `${path}.expiry`);
    const shared = lotOfExpiry.get(expiry) ?? lotPpm;
    need(shared === lotPpm, `${path}.lotPpm`, `options of one expiry share a lot; the first has ${shared}`);
    lotOfExpiry.set(expiry, shared);
    const contract = `${type} ${strike} ${expiry}`;
    need(!contracts.has(contract), path, 'the same option is there twice');
    contracts.add(contract);
  });
  return problems;
}
