/**
 * Forms of JSON values, for what a browser loads and for commands that end within a second: a schema library takes
 * longer to load than a proof takes to check. Each form reads a parsed value, from anybody, into what it means.
 */

/** Where in a file: names and indexes. */
export type Path = readonly (string | number)[];
/** @throws {FormProblem} where the value has another form */
export type Form<T> = (value: unknown, path: Path) => T;
type Read<F> = F extends Form<infer T> ? T : never;

/** What is wrong, as the end of a sentence that the place in the file begins. Never leaves `readForm`. */
class FormProblem extends Error {
  readonly path: Path;
  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

/** @returns what the value means, or the first problem and its place */
export function readForm<T>(
  form: Form<T>,
  value: unknown,
): { readonly data: T } | { readonly path: Path; readonly problem: string } {
  try {
    return { data: form(value, []) };
  } catch (error) {
    if (!(error instanceof FormProblem)) throw error;
    return { path: error.path, problem: error.message };
  }
}

/** A value that passes a test. @param problem may name the value */
export function checked<T>(
  isIt: (value: unknown) => value is T,
  problem: string | ((value: unknown) => string),
): Form<T> {
  return (value, path) => {
    if (isIt(value)) return value;
    throw new FormProblem(path, typeof problem === 'string' ? problem : problem(value));
  };
}

/** What a form reads, if it passes a test as well. @param at the part that is to blame */
export function refined<T>(
  form: Form<T>,
  test: (read: T) => boolean,
  problem: string,
  at: Path = [],
): Form<T> {
  return (value, path) => {
    const read = form(value, path);
    if (test(read)) return read;
    throw new FormProblem([...path, ...at], problem);
  };
}

export function mapped<T, U>(form: Form<T>, to: (read: T) => U): Form<U> {
  return (value, path) => to(form(value, path));
}

export const textOr = (problem: string): Form<string> =>
  checked((value): value is string => typeof value === 'string', problem);
export const anyText = textOr('is no text');
export const flag = checked((value): value is boolean => typeof value === 'boolean', 'is not true or false');
export const integer = checked(
  (value): value is number => Number.isSafeInteger(value),
  'is no number that is whole',
);

export const choice = <const T extends string>(
  values: readonly T[],
  problem: string | ((value: unknown) => string),
): Form<T> => checked((value): value is T => values.includes(value as T), problem);

/** @param form what it must be before */
export const matching = (pattern: RegExp, problem: string, form: Form<string> = anyText): Form<string> =>
  refined(form, (read) => pattern.test(read), problem);

export function list<T>(item: Form<T>, problem = 'is no list'): Form<T[]> {
  const array = checked((value): value is unknown[] => Array.isArray(value), problem);
  return (value, path) => array(value, path).map((part, i) => item(part, [...path, i]));
}

/** As many values, each of its form. */
export function tuple<const F extends readonly Form<unknown>[]>(
  forms: F,
  problem: string,
): Form<{ [I in keyof F]: Read<F[I]> }> {
  const array = checked(
    (value): value is unknown[] => Array.isArray(value) && value.length === forms.length,
    problem,
  );
  return (value, path) => {
    const parts = array(value, path);
    return forms.map((form, i) => form(parts[i], [...path, i])) as { [I in keyof F]: Read<F[I]> };
  };
}

const record = (problem: string): Form<Readonly<Record<string, unknown>>> =>
  checked(
    (value): value is Readonly<Record<string, unknown>> =>
      typeof value === 'object' && value !== null && !Array.isArray(value),
    problem,
  );

type Fields = Readonly<Record<string, Form<unknown>>>;
type Object<F extends Fields, O extends Fields> = { readonly [K in keyof F]: Read<F[K]> } & {
  readonly [K in keyof O]?: Read<O[K]>;
};

/** An object with these fields; others are passed over unless it is `isClosed`. @param optional may be left out */
export function object<F extends Fields, O extends Fields = Record<never, never>>(
  fields: F,
  {
    optional,
    problem = 'is no object',
    isClosed = false,
  }: {
    readonly optional?: O;
    readonly problem?: string;
    readonly isClosed?: boolean;
  } = {},
): Form<Object<F, O>> {
  const whole = record(problem);
  return (value, path) => {
    const given = whole(value, path);
    const read: Record<string, unknown> = {};
    for (const [name, form] of Object.entries(optional ?? {}))
      if (Object.hasOwn(given, name) && given[name] !== undefined)
        read[name] = form(given[name], [...path, name]);
    for (const [name, form] of Object.entries(fields))
      read[name] = form(Object.hasOwn(given, name) ? given[name] : undefined, [...path, name]);
    const other = isClosed ? Object.keys(given).find((name) => !Object.hasOwn(read, name)) : undefined;
    if (other !== undefined) throw new FormProblem([...path, other], 'does not belong there');
    return read as Object<F, O>;
  };
}

/** An object of any names with values of one form. */
export function mapOf<T>(item: Form<T>, problem = 'is no object'): Form<Readonly<Record<string, T>>> {
  const whole = record(problem);
  return (value, path) =>
    Object.fromEntries(
      Object.entries(whole(value, path)).map(([name, part]) => [name, item(part, [...path, name])]),
    );
}
