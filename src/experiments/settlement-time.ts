import { quorumOf } from '../params/quorum.ts';
import { oneWayMs, type Spread } from '../sim/wan-latency.ts';
import type { RunContext } from './define.ts';
import { heightPrice, PARTS, type WorkPart, wholeOf } from './height-price.ts';
import { spreadMs } from './item-spread.ts';
import { networkTimes } from './settlement-network.ts';

export const SITUATIONS = ['calm', 'f crashed', '1 % loss'] as const;
/** A height on a network. */
export interface SettlementPoint {
  readonly spread: Spread;
  readonly n: number;
  readonly batches: number;
  readonly situation: (typeof SITUATIONS)[number];
  readonly mbits: number;
  readonly [column: string]: string | number;
}
export type BoundColumn = `${WorkPart | 'settled'}${'Low' | 'High'}Ms`;
/** Milliseconds until settlement, of the network exactly and of work between bounds. */
export interface SettlementFound extends Readonly<Record<BoundColumn, number>> {
  readonly spreadMs: number;
  readonly orderedMs: number;
  readonly networkMs: number;
  readonly coins: number;
  readonly [column: string]: number;
}

/** Bytes a millisecond of a link of so many Mbit/s. */
const BYTES_PER_MS = 125;
const LOSS = 0.01;

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** Where the time of a height goes, from the traders’ hands to the last live validator’s settlement. */
export function settlementTime(
  { spread, n, batches, situation, mbits }: SettlementPoint,
  seed: number,
  { measured }: RunContext,
): SettlementFound[] {
  const crashed = situation === 'f crashed' ? quorumOf(n).f : 0;
  const links = {
    delay: { kind: 'matrix', ms: oneWayMs(spread) },
    bandwidth: mbits * BYTES_PER_MS,
    loss: situation === '1 % loss' ? LOSS : 0,
  } as const;
  const before = spreadMs({ n, crashed, batches, links }, seed);
  const { ordered, settled, coins } = networkTimes({ n, crashed, batches, links }, seed);
  const price = heightPrice({ n, batches, crashed }, coins, measured);
  const whole = wholeOf(price);
  const networkMs = before + settled;
  const parts = PARTS.flatMap((part): [BoundColumn, number][] => [
    [`${part}LowMs`, round(price[part].low)],
    [`${part}HighMs`, round(price[part].high)],
  ]);
  return [
    {
      spreadMs: round(before),
      orderedMs: round(before + ordered),
      networkMs: round(networkMs),
      coins,
      ...(Object.fromEntries(parts) as Record<`${WorkPart}${'Low' | 'High'}Ms`, number>),
      settledLowMs: round(networkMs + whole.low),
      settledHighMs: round(networkMs + whole.high),
    },
  ];
}
