import type { State } from './state-codec.ts';

/** Whether a decoded value is what its reader expects. */
export type StateCheck = (value: State) => boolean;
/** A check for each field of a record. */
export type Shape = Readonly<Record<string, StateCheck>>;
/** A shape that has a check for each field of T. */
export type ShapeOf<T> = { readonly [K in keyof T]-?: StateCheck };

export const isNatural: StateCheck = (value) => typeof value === 'number' && value >= 0;
export const isBigint: StateCheck = (value) => typeof value === 'bigint';
export const isText: StateCheck = (value) => typeof value === 'string';
export const isFlag: StateCheck = (value) => typeof value === 'boolean';
export const isBytes: StateCheck = (value) => value instanceof Uint8Array;
export const bytesOf =
  (length: number): StateCheck =>
  (value) =>
    value instanceof Uint8Array && value.length === length;
export const listOf =
  (each: StateCheck): StateCheck =>
  (value) =>
    Array.isArray(value) && value.every(each);
export const oneOf =
  (...values: readonly State[]): StateCheck =>
  (value) =>
    values.includes(value);
export const either =
  (...checks: readonly StateCheck[]): StateCheck =>
  (value) =>
    checks.some((check) => check(value));

/** A record of exactly these fields. */
export const recordOf =
  (shape: Shape): StateCheck =>
  (value) => {
    const fields = fieldsOf(value);
    if (fields === undefined || Object.keys(fields).length !== Object.keys(shape).length) return false;
    return Object.entries(shape).every(([name, check]) => Object.hasOwn(fields, name) && check(fields[name]));
  };

/** The fields of a record; undefined for any other value. */
export function fieldsOf(value: State): { readonly [field: string]: State } | undefined {
  const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? (value as { readonly [field: string]: State }) : undefined;
}
