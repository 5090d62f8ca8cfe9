import type { Rival } from './define.ts';
import { meanInterval } from './intervals.ts';
import { groupBy, mean } from './statistics.ts';

type SeededRow = Parameters<Rival['score']>[0];

/** A rival that another one of the same run beats, and that one. */
export interface Beaten {
  readonly weaker: Rival;
  readonly stronger: Rival;
}

/** By how much the first does better than the second, a value for each seed in which both have rows. */
function leads(first: Rival, second: Rival, rows: readonly SeededRow[]): number[] {
  const scoreOf = ({ score }: Rival, own: readonly SeededRow[]): number =>
    mean(own.map(score).filter((value) => value !== null));
  return groupBy(rows, ['seed'])
    .map((own) => scoreOf(first, own) - scoreOf(second, own))
    .filter((lead) => !Number.isNaN(lead));
}

/** All rivals that are beaten: the 95 % interval of the lead over them, seed by seed, is above zero. */
export function beatenRivals(rivals: readonly Rival[], rows: readonly SeededRow[]): Beaten[] {
  return rivals.flatMap((weaker) => {
    const stronger = rivals.find(
      (other) => other !== weaker && (meanInterval(leads(other, weaker, rows)).low ?? 0) > 0,
    );
    return stronger === undefined ? [] : [{ weaker, stronger }];
  });
}
