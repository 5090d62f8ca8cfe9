import { toHex } from '../../src/base/bytes.ts';

/** What is pinned, by name: bytes in hex, numbers in decimal, everything else as JSON. */
export type Vectors = Readonly<Record<string, string>>;

/** Names the values of a record, each below `prefix`. */
export const named = (
  prefix: string,
  values: Readonly<Record<string, Uint8Array | bigint | string>>,
): Vectors =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `${prefix}/${name}`,
      value instanceof Uint8Array ? toHex(value) : value.toString(),
    ]),
  );
