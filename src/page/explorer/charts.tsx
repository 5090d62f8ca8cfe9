import { money } from '../shell/format.ts';
import type { AuctionView } from '../worker/messages.ts';
import { axisOf, type Corner, onAxis, stepsOf } from './curves.ts';

const [WIDTH, HEIGHT] = [320, 150];
const round = (x: number): number => Math.round(x * 10) / 10;
const path = (corners: readonly (readonly [x: number, y: number])[]): string =>
  corners.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

/** Demand and supply of an auction, and where it cleared. The table beside it says the same to whoever does not see it. */
export function AuctionChart({ auction, name }: { readonly auction: AuctionView; readonly name: string }) {
  const { book, price, volume } = auction;
  const [demand, supply] = [stepsOf(book, 'buy'), stepsOf(book, 'sell')];
  if (demand.length + supply.length === 0) return <p>Nobody took part.</p>;
  const all = [...demand, ...supply];
  const prices = axisOf([...all.map((corner) => corner.price), ...(price === null ? [] : [Number(price)])]);
  const lots: readonly [number, number] = [0, Math.max(...all.map((corner) => corner.lots))];
  const at = ({ lots: x, price: y }: Corner) =>
    [onAxis(x, lots, WIDTH), HEIGHT - onAxis(y, prices, HEIGHT)] as const;
  const said =
    price === null
      ? `Nothing traded in ${name}.`
      : `${name} cleared ${volume} lots at ${money(price)} a lot.`;
  return (
    <figure>
      <svg viewBox={`-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`} role="img" aria-label={said}>
        <path class="frame" d={`M0 0V${HEIGHT}H${WIDTH}`} />
        <path class="demand" d={path(demand.map(at))} />
        <path class="supply" d={path(supply.map(at))} />
        {price !== null && (
          <circle
            class="cleared"
            r="5"
            cx={at({ lots: Number(volume), price: 0 })[0]}
            cy={at({ lots: 0, price: Number(price) })[1]}
          />
        )}
      </svg>
      <figcaption>
        {said} <span class="key demand">demand</span> <span class="key supply">supply</span>, lots to the
        right, limit prices upwards.
      </figcaption>
    </figure>
  );
}

/** One line over heights, such as an instrument's mark, with points where something traded. */
export interface Line {
  readonly name: string;
  readonly values: readonly {
    readonly height: number;
    readonly value: bigint;
    readonly cleared: bigint | null;
  }[];
}

export function PriceChart({ line }: { readonly line: Line }) {
  const { name, values } = line;
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return null;
  const heights: readonly [number, number] = [first.height, last.height];
  const cleared = values.filter((each) => each.cleared !== null);
  const prices = axisOf([
    ...values.map(({ value }) => Number(value)),
    ...cleared.map((each) => Number(each.cleared)),
  ]);
  const x = (height: number): number => onAxis(height, heights, WIDTH);
  const y = (value: bigint): number => HEIGHT - onAxis(Number(value), prices, HEIGHT);
  const said = `Marks of ${name} from height ${first.height} to ${last.height}: ${money(first.value)} to ${money(last.value)}.`;
  return (
    <figure>
      <svg viewBox={`-4 -4 ${WIDTH + 8} ${HEIGHT + 8}`} role="img" aria-label={said}>
        <path class="frame" d={`M0 0V${HEIGHT}H${WIDTH}`} />
        <path class="mark" d={path(values.map(({ height, value }) => [x(height), y(value)]))} />
        {cleared.map(({ height, cleared: price }) => (
          <circle key={height} class="cleared" r="3.5" cx={round(x(height))} cy={round(y(price!))} />
        ))}
      </svg>
      <figcaption>
        {said} {cleared.length > 0 && <span class="key cleared">cleared prices</span>}
      </figcaption>
    </figure>
  );
}
