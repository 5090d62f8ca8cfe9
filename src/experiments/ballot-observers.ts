import { FLUFF, type Setting, type Sight } from './ballot-journeys.ts';

/** P(the walk's k-th holder is the author), on a complete graph of h honest validators. */
const returns = (h: number): number[] => {
  const out = [1];
  for (let k = 1; k < 400; k++) out.push(h > 1 ? (1 - out[k - 1]!) / (h - 1) : 1);
  return out;
};

/**
 * What a sight says of the author: P(it came from the author). A stem walks among h honest validators, leaves it by p or meets one of
 * c colluders first.
 * @see Reiter and Rubin, Crowds, ACM TISSEC 1 (1998), §5, for the geometric argument
 */
function fromAuthor(as: Sight['as'], n: number, c: number, p: number): number {
  if (as === 'asked') return 1;
  const h = n - c;
  const goesOn = ((h - 1) / (n - 1)) * (1 - p);
  const back = returns(h);
  let [sum, total] = [0, 0];
  for (let k = as === 'stem' ? 0 : 1; k < back.length; k++) {
    const weight = goesOn ** k;
    sum += weight * back[k]!;
    total += weight;
  }
  return as === 'broadcast' && p === 1 ? 1 : sum / total;
}

/** P(first spy is right): met on the first stem, or else the broadcaster is the author. */
export function firstSpyTheory({ n, colluders: c, way }: Setting): number {
  const p = FLUFF[way];
  if (c === 0) return 1 / n;
  if (way === 'direct') return 1;
  const h = n - c;
  const goesOn = ((h - 1) / (n - 1)) * (1 - p);
  const met = c / (n - 1) / (1 - goesOn);
  return met * fromAuthor('stem', n, c, p) + (1 - met) * fromAuthor('broadcast', n, c, p);
}

/** The posterior over honest authors after some sights, each author as likely as another before. */
export function posterior(sights: readonly Sight[], { n, colluders, way }: Setting): number[] {
  const h = n - colluders;
  const weights = new Array<number>(h).fill(1);
  for (const { from, as } of sights) {
    if (from >= h) continue;
    const right = fromAuthor(as, n, colluders, FLUFF[way]);
    for (let j = 0; j < h; j++) weights[j]! *= j === from ? right : h > 1 ? (1 - right) / (h - 1) : 0;
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Bits. */
export const entropy = (p: readonly number[]): number =>
  p.reduce((sum, x) => (x > 0 ? sum - x * Math.log2(x) : sum), 0);
/** Chance that naming the likeliest is right, ties tossed. */
export function named(p: readonly number[], author: number): number {
  const top = Math.max(...p);
  const tied = p.filter((x) => Math.abs(x - top) < 1e-12).length;
  return Math.abs(p[author]! - top) < 1e-12 ? 1 / tied : 0;
}
