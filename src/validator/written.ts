import { assert } from '../base/errors.ts';
import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import { decodeItem } from '../ledger/items.ts';
import type { ItemId, ValidatorIndex } from '../params/ids.ts';

/** How values that are no plain data are written into a machine's state, and read again. */

/** By validator, 64 bytes each. */
export const writePoints = (points: ReadonlyMap<ValidatorIndex, Point>): Map<ValidatorIndex, Uint8Array> =>
  new Map([...points].map(([i, point]) => [i, encodePoint(point)]));

/** @throws {BaseError} ASSERTION if the bytes are no point: a state is written by this program alone. */
export function readPoint(bytes: Uint8Array): Point {
  const point = decodePoint(bytes);
  assert(point !== undefined, 'a written point is read again');
  return point;
}

export const readPoints = (written: ReadonlyMap<ValidatorIndex, Uint8Array>): Map<ValidatorIndex, Point> =>
  new Map([...written].map(([i, bytes]) => [i, readPoint(bytes)]));

/** @throws {BaseError} ASSERTION if the bytes are no item: what was held was screened. */
export function readItem(id: ItemId, bytes: Uint8Array) {
  const item = decodeItem(bytes);
  assert(item !== undefined, 'a written item is read again');
  return { id, item, bytes };
}

/** A copy that shares no set. */
export const copySets = <K, T>(sets: ReadonlyMap<K, ReadonlySet<T>>): Map<K, Set<T>> =>
  new Map([...sets].map(([key, set]) => [key, new Set(set)]));
