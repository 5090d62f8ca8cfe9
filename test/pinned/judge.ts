import type { Vectors } from './vector.ts';

/** `test/vectors/formats.json`. */
export interface PinnedFormats {
  readonly source: string;
  readonly independent: false;
  /** The number of the formats that the vectors are of. */
  readonly format: number;
  readonly vectors: Vectors;
}

export const REPIN = 'npx tsx scripts/gen-vectors.ts';

/** What the program computes now beside what is pinned. */
export interface Judgement {
  readonly isCurrent: boolean;
  /** Why the pinned vectors may not be replaced; undefined: they may. */
  readonly refusal: string | undefined;
}

/** Vectors may be added at any time; one changes or goes only with the number of the formats. */
export function judge(pinned: PinnedFormats | undefined, now: Vectors, format: number): Judgement {
  if (pinned === undefined) return { isCurrent: false, refusal: undefined };
  const changed = Object.keys(pinned.vectors).filter((name) => pinned.vectors[name] !== now[name]);
  const added = Object.keys(now).filter((name) => !(name in pinned.vectors));
  const isCurrent = changed.length === 0 && added.length === 0 && pinned.format === format;
  if (changed.length === 0 || format > pinned.format) return { isCurrent, refusal: undefined };
  const more = changed.length > 3 ? ` and ${changed.length - 3} more` : '';
  return {
    isCurrent,
    refusal:
      `${changed.slice(0, 3).join(', ')}${more} changed, but the formats still have number ${format}: if that is what you ` +
      `want, raise FORMAT_VERSION in src/params/version.ts above ${pinned.format} and run ${REPIN}`,
  };
}
