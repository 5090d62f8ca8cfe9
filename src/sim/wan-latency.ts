/**
 * Average round-trip milliseconds between IBM Cloud's multi-zone regions, 27 July to 25 August 2024, from row to column; within a
 * region, between its zones, about 2 ms.
 * @see https://github.com/ibm-cloud-docs/vpc, `_include-segments/network-latency.md`, "25 Aug 2024", tables 1 and 2
 */
export const REGIONS = [
  'Dallas',
  'Toronto',
  'Washington DC',
  'Frankfurt',
  'London',
  'Madrid',
  'Osaka',
  'Sydney',
  'Tokyo',
  'Sao Paulo',
] as const;
type Region = (typeof REGIONS)[number];

const SAME_REGION_MS = 2;
const ROUND_TRIP_MS: readonly (readonly number[])[] = [
  [SAME_REGION_MS, 34, 31, 123, 113, 119, 150, 186, 143, 146],
  [34, SAME_REGION_MS, 19, 93, 82, 108, 168, 215, 162, 129],
  [31, 19, SAME_REGION_MS, 91, 75, 87, 172, 214, 164, 118],
  [123, 93, 91, SAME_REGION_MS, 13, 29, 232, 250, 233, 198],
  [113, 83, 75, 13, SAME_REGION_MS, 27, 244, 261, 243, 188],
  [122, 106, 88, 29, 27, SAME_REGION_MS, 257, 275, 258, 209],
  [150, 169, 172, 231, 243, 257, SAME_REGION_MS, 122, 9, 293],
  [186, 214, 214, 249, 261, 275, 122, SAME_REGION_MS, 115, 328],
  [143, 162, 166, 233, 244, 256, 9, 115, SAME_REGION_MS, 284],
  [144, 128, 119, 196, 187, 208, 291, 328, 283, SAME_REGION_MS],
];

/** Committees by where they sit, in an order in which a small committee is spread as well. */
export const SPREADS = {
  'one region': ['Frankfurt'],
  'two continents': ['Washington DC', 'Frankfurt', 'Dallas', 'London', 'Toronto', 'Madrid'],
  world: [
    'Washington DC',
    'Frankfurt',
    'Tokyo',
    'Sao Paulo',
    'London',
    'Dallas',
    'Sydney',
    'Toronto',
    'Madrid',
    'Osaka',
  ],
} as const satisfies Record<string, readonly Region[]>;
export type Spread = keyof typeof SPREADS;

/** One-way milliseconds between the regions of a spread: half a round trip. */
export const oneWayMs = (spread: Spread): number[][] =>
  SPREADS[spread].map((from) =>
    SPREADS[spread].map((to) => ROUND_TRIP_MS[REGIONS.indexOf(from)]![REGIONS.indexOf(to)]! / 2),
  );
