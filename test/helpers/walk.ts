import {
  type CertifiedBlock,
  decodeCertifiedBlock,
  encodeCertifiedBlock,
} from '../../src/ledger/certified-block.ts';

/** A value with one thing in it changed, and where that is. */
export interface Changed {
  readonly where: string;
  readonly value: unknown;
}

/** What an item, an action or a state of an item may be called. */
const NAMES = ['shield', 'withdraw', 'deposit', 'batch', 'action', 'certified', 'refused', 'waiting'];

/**
 * Every way to change one leaf of a value that was decoded, found by walking it: bits of bytes, numbers by one, texts, booleans; and of
 * each list or map to leave one element out, to have it twice, or in the place of the next.
 */
export function* changed(value: unknown, where: string): Generator<Changed> {
  if (value instanceof Uint8Array) {
    for (const at of new Set([0, value.length >> 1, value.length - 1]))
      if (at >= 0 && value.length > 0)
        yield { where, value: Uint8Array.from(value).with(at, value[at]! ^ 1) };
  } else if (typeof value === 'bigint') {
    for (const other of [value + 1n, value - 1n, -value]) if (other !== value) yield { where, value: other };
  } else if (typeof value === 'number') {
    for (const other of [value + 1, value - 1]) yield { where, value: other };
  } else if (typeof value === 'boolean') {
    yield { where, value: !value };
  } else if (typeof value === 'string') {
    for (const other of changedTexts(value)) yield { where, value: other };
  } else if (value instanceof Map) {
    for (const one of changedList([...value], where))
      yield { where: one.where, value: new Map(one.value as [unknown, unknown][]) };
  } else if (Array.isArray(value)) {
    yield* changedList(value, where);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value))
      for (const one of changed(each, `${where}.${key}`))
        yield { where: one.where, value: { ...value, [key]: one.value } };
  }
}

function* changedList(list: readonly unknown[], where: string): Generator<Changed> {
  for (const [i, each] of list.entries()) {
    const at = `${where}[${i}]`;
    for (const one of changed(each, at)) yield { where: one.where, value: list.with(i, one.value) };
    yield { where: `${at} left out`, value: list.toSpliced(i, 1) };
    yield { where: `${at} twice`, value: list.toSpliced(i, 0, each) };
    if (i + 1 < list.length)
      yield { where: `${at} and the next`, value: list.toSpliced(i, 2, list[i + 1], each) };
  }
}

function changedTexts(text: string): Set<string> {
  const places = text === '' ? [] : [0, text.length >> 1, text.length - 1];
  const flipped = places.map((at) => text.slice(0, at) + another(text[at]!) + text.slice(at + 1));
  const names = NAMES.includes(text) ? NAMES : [];
  const texts = new Set([...flipped, ...names, text.slice(0, -1), `${text}0`]);
  texts.delete(text);
  return texts;
}

/** Another character of the same kind. */
function another(c: string): string {
  if (/[0-8a-eg-yA-Y]/.test(c)) return String.fromCharCode(c.charCodeAt(0) + 1);
  return c === '9' ? '1' : c === 'f' ? 'a' : c === 'z' ? 'y' : c === 'Z' ? 'Y' : '_';
}

/** In place of whatever JSON is told. */
const OTHERS: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 2 ** 32, 2 ** 53, 1e308, '', '0', [], [[]], {}],
  { toString: 1 },
];

/** Every way to tell a JSON value otherwise: what `changed` finds, and for each value in it one of another type, or none. */
export function* toldOtherwise(json: unknown, where = '$'): Generator<Changed> {
  yield* changed(json, where);
  yield* replaced(json, where);
}

function* replaced(json: unknown, where: string): Generator<Changed> {
  for (const other of OTHERS)
    if (JSON.stringify(other) !== JSON.stringify(json))
      yield { where: `${where} as ${JSON.stringify(other)}`, value: other };
  if (typeof json !== 'object' || json === null) return;
  for (const [key, each] of Object.entries(json)) {
    const rebuilt = (value: unknown): unknown =>
      Array.isArray(json) ? json.with(Number(key), value) : { ...json, [key]: value };
    for (const one of replaced(each, `${where}.${key}`)) yield { ...one, value: rebuilt(one.value) };
    yield { where: `${where}.${key} left out`, value: rebuilt(undefined) };
  }
}

/** A proof stands in no id: what it proves is bound, and the certificates say that it held. */
export const UNBOUND = /\.proof$/;

/** What of a block, changed in one place, can be sent at all, and says something else. */
export function* changedBlocks(
  bytes: Uint8Array,
): Generator<{ readonly where: string; readonly bytes: Uint8Array }> {
  for (const { where, value } of changed(decodeCertifiedBlock(bytes)!, 'block')) {
    let told: Uint8Array;
    try {
      told = encodeCertifiedBlock(value as CertifiedBlock);
    } catch {
      continue;
    }
    if (!Buffer.from(told).equals(bytes)) yield { where, bytes: told };
  }
}
