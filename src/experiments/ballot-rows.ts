import { quorumOf } from '../params/quorum.ts';
import type { BallotAttack, BallotCase, BallotFound } from './ballot-attacks.ts';
import type { Way } from './ballot-journeys.ts';
import { mean } from './statistics.ts';

export const STEMS = ['stem 1/2', 'stem 1/4', 'stem 1/8'] as const;
/** The project's. */
export const OURS = 'stem 1/4';
/** Attacks on what is on its way. */
export const WATCHED = ['watch', 'drop stems'] as const;

export type BallotRow = BallotCase & BallotFound & { readonly seed: number };
const atF = ({ n, colluders }: BallotRow): boolean => colluders === quorumOf(n).f;
/** Rows of an attack by f colluders on ballots that are made at one moment. Direct ones that are watched are there for the cost. */
export const where = (rows: readonly BallotRow[], attack: BallotAttack, way?: Way): BallotRow[] =>
  rows.filter(
    (row) =>
      row.attack === attack &&
      (way === undefined ? attack !== 'watch' || row.way !== 'direct' : row.way === way) &&
      row.spreadMs === 0 &&
      (atF(row) || attack === 'public blocks'),
  );
export const meanOf = (rows: readonly BallotRow[], measure: (row: BallotRow) => number | null): number =>
  mean(rows.map((row) => measure(row)!));
/** Share that the strongest observer names, mean. */
export const names = (rows: readonly BallotRow[]): number => meanOf(rows, (row) => row.names);
/** Of rows with canaries of some ages. */
export const isCanaryOf =
  (announce: BallotCase['announce'], among: (age: number) => boolean) =>
  (row: BallotRow): boolean =>
    row.attack === 'canary items' && row.announce === announce && among(row.canaryAgeDelays!);
