import { l, r } from '../params/fields.ts';
import type { CircuitName } from './circuits.ts';
import { exampleInput } from './examples.ts';
import type { Signals } from './signals.ts';

/** An input of a true statement, and what is special about it. */
export interface LabelledInput {
  readonly label: string;
  readonly signals: Signals;
}

/** Inputs at which an audit looks at our circuits: the example, and where formulas have edges. The first is the example. */
export function auditInputs(circuit: CircuitName): LabelledInput[] {
  const example = exampleInput(circuit);
  return [{ label: 'the example', signals: example }, ...EDGES[circuit](example)];
}

const EDGES: Readonly<Record<CircuitName, (example: Signals) => LabelledInput[]>> = {
  ballot: (example) => [{ label: 'x = −1', signals: { ...example, x: r - 1n } }],
  orders: (example) => [
    { label: 'four orders, randomness 2', signals: { ...example, ...FOUR_ORDERS, sealRandomness: 2n } },
    { label: 'no order, randomness l − 3', signals: { ...example, ...NO_ORDER, sealRandomness: l - 3n } },
    { label: 'randomness (l − 1)/2', signals: { ...example, sealRandomness: (l - 1n) / 2n } },
    { label: 'randomness 2^250 + 1', signals: { ...example, sealRandomness: 2n ** 250n + 1n } },
  ],
  account: () => [],
  dealing: (example) => [
    {
      label: 'k = 2, shares 0 and 2^251 − 1',
      signals: { ...example, t: ephemeral(2n), share: [0n, 2n ** 251n - 1n] },
    },
    { label: 'k = l − 3, shares l and 1', signals: { ...example, t: ephemeral(l - 3n), share: [l, 1n] } },
    { label: 'k = (l − 1)/2', signals: { ...example, t: ephemeral((l - 1n) / 2n) } },
    { label: 't = 2^251 − 1', signals: { ...example, t: 2n ** 251n - 1n } },
  ],
};

/** t of a dealing for k = 2^251 + t mod l. */
const ephemeral = (k: bigint): bigint => (((k - 2n ** 251n) % l) + l) % l;

const NONE = [0n, 0n, 0n, 0n];
const NO_ORDER: Signals = {
  active: NONE,
  side: NONE,
  reduceOnly: NONE,
  instrument: NONE,
  price: NONE,
  lots: NONE,
};
const FOUR_ORDERS: Signals = {
  active: [1n, 1n, 1n, 1n],
  side: [0n, 1n, 0n, 1n],
  reduceOnly: [0n, 0n, 1n, 0n],
  instrument: [1n, 2n, 4n, 8n],
  price: [5n, 6n, 7n, 8n],
  lots: [1n, 2n, 3n, 4n],
};
