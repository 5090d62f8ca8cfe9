import { z } from 'zod';
import { jsonProblem } from '../base/json-place.ts';
import { MAX_UNITS } from '../params/sizes.ts';
import { parseDecimal } from './decimal.ts';
import type { Problem } from './errors.ts';
import { type FileFailure, fileError, printable, quote } from './problems.ts';

/** A text that `parse` turns into a value; `expected` names what it takes. */
export const textOf = <T>(expected: string, parse: (text: string) => T | undefined) =>
  z.string(`${expected} is expected`).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `${expected} is expected, found ${quote(text)}` });
    return z.NEVER;
  });

/** USDC from `least` units on. */
export const decimal = (least: bigint) =>
  textOf(`USDC such as "61.25", ${least > 0n ? 'more than 0, ' : ''}at most 6 decimals,`, (text) => {
    const value = parseDecimal(text);
    return value !== undefined && value >= least && value <= MAX_UNITS ? value : undefined;
  });

/** USDC that may be negative. */
export const signedUsdc = textOf('USDC such as "-61.25", at most 6 decimals,', (text) => {
  const value = parseDecimal(text.replace(/^-/, ''));
  if (value === undefined || value > MAX_UNITS) return undefined;
  return text.startsWith('-') ? -value : value;
});

/** "2026-12-25T08:00:00Z": a UTC second, nothing shorter and no other zone. */
export function parseTime(text: string): bigint | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const ms = Date.parse(text);
  // Date.parse rolls 31 February over; a time that does not come back is none.
  if (Number.isNaN(ms) || new Date(ms).toISOString().replace('.000Z', 'Z') !== text) return undefined;
  return BigInt(ms / 1000);
}

export const ppm = z
  .int('a whole number of parts per million is expected')
  .min(0, 'parts per million are not negative')
  .transform(BigInt);
export const whole = z
  .int('a whole number is expected')
  .min(0, 'a number from 0 on is expected')
  .transform(BigInt);
export const usdc = decimal(1n);
export const time = textOf('a UTC time such as "2026-12-25T08:00:00Z"', parseTime);
export const name = z.string('a name is expected');

/**
 * Reads a JSON file of a known shape.
 * @throws {VelumError} `failure` with all problems of shape, each with its JSON path and a reason
 */
export const readJson = <S extends z.ZodType>(
  schema: S,
  text: string,
  file: string,
  failure: FileFailure,
): z.output<S> => readParsed(schema, parseJson(text, file, failure), file, failure);

/** @throws {VelumError} `failure` for what is no JSON */
export function parseJson(text: string, file: string, failure: FileFailure): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), withoutProto);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const reason =
      cause instanceof RangeError
        ? rangeReason(message)
        : `not JSON: ${printable(whyNoJson(text.replace(/^\uFEFF/, '')))}`;
    throw fileError(failure, file, [{ where: '$', reason }]);
  }
}

/** Checks the shape of what a JSON file holds. @throws {VelumError} `failure` with all problems */
export function readParsed<S extends z.ZodType>(
  schema: S,
  json: unknown,
  file: string,
  failure: FileFailure,
): z.output<S> {
  const parsed = schema.safeParse(json, { reportInput: false });
  if (!parsed.success) throw fileError(failure, file, parsed.error.issues.flatMap(problemsOf));
  return parsed.data;
}

/** What a person can do something about, in place of the words of the engine's parser. */
function whyNoJson(text: string): string {
  const [start = ''] = text.trim().split('\n', 1);
  if (start === '') return 'it is empty';
  if (!/^[[{"\d-]|^(true|false|null)/.test(start)) return `it begins with ${quote(start)}: name a JSON file`;
  const found = jsonProblem(text);
  return found === undefined
    ? 'the parser refuses it'
    : `there is a mistake at line ${found.line}, column ${found.column}: ${found.problem}`;
}

/** `JSON.parse` calls its reviver inside out, and so deep only. */
const rangeReason = (message: string): string =>
  message.includes('call stack') ? 'nested too deep' : message;

/** A field of this name would be passed over in silence, and with it what it says. @throws {RangeError} */
function withoutProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new RangeError('no field may have the name __proto__');
  return value;
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const where = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}${dotted(String(key))}`),
    '$',
  );
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      where: `${where}${dotted(key)}`,
      reason: 'no field of this name is known',
    }));
  return [{ where, reason: issue.message.replace(/^Invalid input: /, '') }];
}

/** A key as a step of a JSON path. */
export const dotted = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${quote(key)}]`);
