/**
 * Figures of a changed simulation of poanetwork/hbbft (Rust, https://github.com/poanetwork/hbbft), per validator and epoch,
 * constant links of 100 ms, all correct; 600 ms an epoch, 900 ms with f crashed. The changes (crashed validators, exponential links) and its commit were
 * not kept: what its code sends is counted in honeybadger-formats.ts. They include its threshold encryption:
 * one delay and n − 1 messages. kB are 1,000 bytes.
 */
export const HBBFT_ROWS: readonly {
  readonly n: number;
  readonly messages: number;
  /** Bytes by bytes of a proposal. */
  readonly bytes: ReadonlyMap<number, number>;
}[] = [
  {
    n: 4,
    messages: 87,
    bytes: new Map([
      [256, 8_200],
      [4096, 30_800],
      [65_536, 429_000],
    ]),
  },
  {
    n: 10,
    messages: 625,
    bytes: new Map([
      [256, 54_500],
      [4096, 127_000],
      [65_536, 1_289_000],
    ]),
  },
  {
    n: 16,
    messages: 1_635,
    bytes: new Map([
      [256, 136_000],
      [4096, 260_000],
      [65_536, 2_190_000],
    ]),
  },
  {
    n: 31,
    messages: 6_250,
    bytes: new Map([
      [256, 524_000],
      [4096, 769_000],
    ]),
  },
  { n: 100, messages: 66_700, bytes: new Map([[256, 5_970_000]]) },
];

/** Its milliseconds an epoch with exponential links of mean 100 ms and f crashed, by n. */
export const HBBFT_EXP_MS: ReadonlyMap<number, number> = new Map([
  [4, 1_696],
  [10, 2_979],
  [16, 3_478],
  [31, 4_364],
]);

/** Runs that measure the simulator: some million messages each, over more heights than the eight that validators keep. */
export const SPEED_SIZES: readonly { readonly n: number; readonly heights: number }[] = [
  { n: 10, heights: 1_000 },
  { n: 31, heights: 40 },
  { n: 64, heights: 20 },
  { n: 100, heights: 20 },
];
