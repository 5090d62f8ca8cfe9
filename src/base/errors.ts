/** What is said of a code: a sentence for people. `D` is the data that an error of this code carries. */
export interface CodeOf<D extends object> {
  readonly sentence: string;
  /** Never there: it only carries the type. */
  readonly data?: D;
}

/** The data of a code that says all in its text. */
export type NoData = { readonly none?: never };

/** Declares a code of a room, with its sentence and the type of its data. */
export function code(sentence: string): CodeOf<NoData>;
export function code<D extends object>(sentence: string): CodeOf<D>;
export function code(sentence: string): CodeOf<NoData> {
  return { sentence };
}

/**
 * Our own bug or bad local input. What a peer sends never becomes one: parsers answer `undefined` or a fault.
 * Every room declares its own codes in its `errors.ts` with `errorsOf`, and throws those.
 */
export class VelumError extends Error {
  readonly code: string;
  /** Explains the code. */
  readonly sentence: string;
  /** What the error says beside its text. It goes into logs and JSON, so it holds no secret. */
  readonly data: object;

  constructor(
    { code, sentence }: { readonly code: string; readonly sentence: string },
    message: string,
    data: object,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VelumError';
    this.code = code;
    this.sentence = sentence;
    this.data = data;
  }
}

type Codes = Readonly<Record<string, CodeOf<object>>>;
type DataOf<K extends Codes, C extends keyof K> = NonNullable<K[C]['data']>;

/** An error of one of the codes `C`: the code tells the type of the data. */
export type ErrorOf<K extends Codes, C extends keyof K = keyof K> = {
  [One in C]: VelumError & { readonly code: One; readonly data: DataOf<K, One> };
}[C];

/** Data may be left out where every part of it may. */
type Rest<D extends object> =
  Record<never, never> extends D ? [data?: D, cause?: unknown] : [data: D, cause?: unknown];

/** The errors of one room. */
export interface RoomErrors<K extends Codes> {
  new <C extends keyof K & string>(code: C, message: string, ...rest: Rest<DataOf<K, C>>): ErrorOf<K, C>;
  readonly prototype: ErrorOf<K>;
  readonly codes: K;
  /** Whether anything that was thrown is an error of this code, made here or in another process. */
  is<C extends keyof K & string>(error: unknown, code: C): error is ErrorOf<K, C>;
  /** Makes errors of one code: for who finds what is wrong with any file, but does not know whose it is. */
  of<C extends keyof K & string>(code: C): (message: string, ...rest: Rest<DataOf<K, C>>) => ErrorOf<K, C>;
}

/** Makes the class of a room's errors from its codes. */
export function errorsOf<const K extends Codes>(codes: K): RoomErrors<K> {
  class RoomError extends VelumError {
    static readonly codes = codes;

    static is(error: unknown, code: string): boolean {
      return error instanceof VelumError && error.code === code;
    }

    static of(code: keyof K & string): (message: string, data?: object, cause?: unknown) => RoomError {
      return (message, data, cause) => new RoomError(code, message, data, cause);
    }

    constructor(code: keyof K & string, message: string, data: object = {}, cause?: unknown) {
      super({ code, sentence: codes[code]!.sentence }, message, data, cause);
    }
  }
  return RoomError as unknown as RoomErrors<K>;
}

/** What any room may run into. */
export const BaseError = errorsOf({
  ASSERTION: code('An invariant of the program does not hold: a bug.'),
  CODEC_INPUT: code('A value cannot be encoded: a list or integer exceeds its stated limit.'),
});

/** Files and directories, of whatever content. */
export const FileError = errorsOf({
  FILE_UNREADABLE: code<{ readonly path: string; readonly maxBytes?: number }>('A file cannot be read.'),
  FILE_UNWRITABLE: code<{ readonly path: string }>('A file or directory cannot be written.'),
  OUT_EXISTS: code<{ readonly path: string }>('The output directory exists.'),
});

/** Throws ASSERTION unless the condition holds; `why` states the invariant. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new BaseError('ASSERTION', `invariant broken: ${why}`);
}
