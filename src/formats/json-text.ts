import { toHex } from '../base/bytes.ts';

/** JSON of protocol values: bigint as decimal string, bytes as hex. Two spaces, final newline. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, replacer, 2)}\n`;
}

function replacer(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  // Looked for in its place: a Buffer, which is bytes as well, has made another object of itself by then.
  const own = this[key];
  return own instanceof Uint8Array ? toHex(own) : value;
}
