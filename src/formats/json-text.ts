import { toHex } from '../base/bytes.ts';

/** JSON of protocol values: bigint as decimal string, bytes as hex. Two spaces, final newline. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, replacer, 2)}\n`;
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? toHex(value) : value;
}
