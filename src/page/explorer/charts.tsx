import { money } from '../shell/format.ts';
import type { AuctionView } from '../worker/messages.ts';
import { axisOf, bookNote, type Corner, onAxis, stepsOf } from './curves.ts';

const [WIDTH, HEIGHT] = [320, 150];
const round = (x: number): number => Math.round(x * 10) / 10;
/** Room for what is written left of a chart and below it. */
const [LEFT, BELOW] = [72, 22];

/** A value that is written beside an axis, and where. */
interface AxisValue {
  readonly at: number;
  readonly says: string;
}

/** The frame of a chart, with values at its axes: whoever sees a line can read it. */
function Axes({ across, up }: { readonly across: readonly AxisValue[]; readonly up: readonly AxisValue[] }) {
  return (
    <>
      <path class="frame" d={`M0 0V${HEIGHT}H${WIDTH}`} />
      {up.map(({ at, says }) => (
        <text key={says} class="value" x="-6" y={round(at) + 5}>
          {says}
        </text>
      ))}
      {across.map(({ at, says }) => (
        <text key={says} class="value" x={round(at)} y={HEIGHT + BELOW - 4}>
          {says}
        </text>
      ))}
    </>
  );
}
const VIEW = `${-LEFT} -8 ${WIDTH + LEFT + 8} ${HEIGHT + BELOW + 8}`;

/** The least and the largest of some values, written where they stand; one if they are the same. */
function ends(
  values: readonly number[],
  at: (value: number) => number,
  says: (value: number) => string,
): AxisValue[] {
  const both = new Set([Math.min(...values), Math.max(...values)]);
  return [...both].map((value) => ({ at: at(value), says: says(value) }));
}
const price = (value: number): string => money(BigInt(value));

const path = (corners: readonly (readonly [x: number, y: number])[]): string =>
  corners.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

/** Demand and supply of an auction, and where it cleared. The table beside it says the same to whoever does not see it. */
export function AuctionChart({ auction, name }: { readonly auction: AuctionView; readonly name: string }) {
  const { book, volume, price: cleared } = auction;
  const [demand, supply] = [stepsOf(book, 'buy'), stepsOf(book, 'sell')];
  if (demand.length + supply.length === 0) return <p>Nobody took part.</p>;
  const all = [...demand, ...supply];
  const limits = all.map((corner) => corner.price);
  const prices = axisOf([...limits, ...(cleared === null ? [] : [Number(cleared)])]);
  const lots: readonly [number, number] = [0, Math.max(...all.map((corner) => corner.lots))];
  const x = (value: number): number => onAxis(value, lots, WIDTH);
  const y = (value: number): number => HEIGHT - onAxis(value, prices, HEIGHT);
  const at = (corner: Corner) => [x(corner.lots), y(corner.price)] as const;
  const said =
    cleared === null
      ? `Nothing traded in ${name}.`
      : `${name} cleared ${volume} lots at ${money(cleared)} a lot.`;
  return (
    <figure>
      <svg viewBox={VIEW} role="img" aria-label={said}>
        <Axes across={ends(lots, x, String)} up={ends(limits, y, price)} />
        <path class="demand" d={path(demand.map(at))} />
        <path class="supply" d={path(supply.map(at))} />
        {cleared !== null && <circle class="cleared" r="5" cx={x(Number(volume))} cy={y(Number(cleared))} />}
      </svg>
      <figcaption>
        {said} <span class="key demand">demand</span> <span class="key supply">supply</span>, lots to the
        right, limit prices upwards. {bookNote(book)}
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
  const all = [...values.map(({ value }) => Number(value)), ...cleared.map((each) => Number(each.cleared))];
  const prices = axisOf(all);
  const x = (height: number): number => onAxis(height, heights, WIDTH);
  const y = (value: number): number => HEIGHT - onAxis(value, prices, HEIGHT);
  const said = `Marks of ${name} from height ${first.height} to ${last.height}: ${money(first.value)} to ${money(last.value)}.`;
  return (
    <figure>
      <svg viewBox={VIEW} role="img" aria-label={said}>
        <Axes across={ends(heights, x, String)} up={ends(all, y, price)} />
        <path class="mark" d={path(values.map(({ height, value }) => [x(height), y(Number(value))]))} />
        {cleared.map((each) => (
          <circle
            key={each.height}
            class="cleared"
            r="3.5"
            cx={round(x(each.height))}
            cy={round(y(Number(each.cleared)))}
          />
        ))}
      </svg>
      <figcaption>
        {said} {cleared.length > 0 && <span class="key cleared">cleared prices</span>}
      </figcaption>
    </figure>
  );
}
