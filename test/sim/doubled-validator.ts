import { encodeState } from '../../src/base/state-codec.ts';
import type { Machine } from '../../src/host/machine.ts';
import { encodeSettlement } from '../../src/ledger/settlement-state.ts';
import type { Height } from '../../src/params/ids.ts';
import { Prng } from '../../src/sim/prng.ts';
import type { ValidatorStep } from '../../src/validator/out.ts';
import type { Input, ValidatorConfig } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';

export interface DoubledOptions {
  readonly seed: number;
  /** The share of inputs before which the validator is written down and restored. */
  readonly rate: number;
  /** How a validator is made from a snapshot; `Validator.restore` by default. */
  readonly restore?: (config: ValidatorConfig, snapshot: Uint8Array) => Validator;
  /** Whether what is restored has to be written as what it was restored from. */
  readonly comparesSnapshots?: boolean;
}

export const DIFFERENT = 'a restored validator';

/** Restored validators that live on beside the one that never stopped, at most. */
const OLD_ONES = 2;

/**
 * A validator with others beside it that are restored from its snapshots and get the same inputs: a new one before each input (or a
 * share of them), and some that live on. Throws where one of them gives another step, or is written in another way.
 */
export class DoubledValidator implements Machine {
  readonly validator: Validator;
  readonly config: ValidatorConfig;
  readonly #options: DoubledOptions;
  readonly #prng: Prng;
  /** Those that live on. */
  #old: Validator[] = [];
  restores = 0;
  /** Bytes of the largest snapshot. */
  largest = 0;
  /** Sees every snapshot. */
  onSnapshot: (snapshot: Uint8Array) => void = () => {};

  constructor(config: ValidatorConfig, options: DoubledOptions) {
    this.config = config;
    this.#options = options;
    this.#prng = new Prng(options.seed * 7919 + config.self);
    this.validator = new Validator(config);
  }

  get height(): Height {
    return this.validator.height;
  }

  snapshot(): Uint8Array {
    return this.validator.snapshot();
  }

  handle(input: Input): ValidatorStep {
    const isRestored = this.#prng.chance(this.#options.rate);
    const beside = [...this.#old, ...(isRestored ? [this.#restored()] : [])];
    const step = this.validator.handle(input);
    const bytes = written(step);
    for (const other of beside)
      if (!bytes.equals(written(other.handle(input)))) throw new Error(`${DIFFERENT} gave another step`);
    if (isRestored) this.#check(beside);
    if (isRestored && (this.#old.length === 0 || this.#prng.chance(0.05)))
      this.#old = [...this.#old.slice(1 - OLD_ONES), beside.at(-1)!];
    return step;
  }

  #restored(): Validator {
    const { restore = Validator.restore } = this.#options;
    const snapshot = this.validator.snapshot();
    const restored = restore(this.config, snapshot);
    this.restores += 1;
    this.largest = Math.max(this.largest, snapshot.length);
    this.onSnapshot(snapshot);
    if (this.#compares && !Buffer.from(snapshot).equals(restored.snapshot()))
      throw new Error(`${DIFFERENT} is written in another way`);
    return restored;
  }

  /** After the input, too, all are written as one. */
  #check(beside: readonly Validator[]): void {
    const snapshot = Buffer.from(this.validator.snapshot());
    if (this.#compares && beside.some((other) => !snapshot.equals(other.snapshot())))
      throw new Error(`${DIFFERENT} came to another state`);
  }

  get #compares(): boolean {
    return this.#options.comparesSnapshots ?? true;
  }
}

/** The order in which a settled state's maps were filled is no part of it. */
function written(step: ValidatorStep): Buffer {
  const outputs = step.outputs.map((output) => {
    if (output.type !== 'settled') return output;
    const { settlement } = output.result;
    const state = encodeSettlement(settlement.state);
    return { ...output, result: { ...output.result, settlement: { ...settlement, state } } };
  });
  return Buffer.from(encodeState(withoutNull({ ...step, outputs })));
}

/** Auctions have a null for no price; the codec of states has none. */
function withoutNull(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object' || value instanceof Uint8Array || value instanceof Set) return value;
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withoutNull(each)]));
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, withoutNull(each)]));
}
