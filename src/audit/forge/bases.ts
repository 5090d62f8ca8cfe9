import type { LocalProver } from '../prove/prover.ts';
import { addScaled } from '../system/linear-form.ts';
import type { RawSystem } from '../system/normal-form.ts';
import { type FillOptions, PATIENCE, type PartialValues } from './attempt.ts';
import { isWitness } from './evaluate.ts';
import type { Filler } from './filler.ts';

/** Where first witnesses come from. */
export interface BaseSources {
  /** Witnesses that are known: of files. */
  readonly witnesses: readonly (readonly bigint[])[];
  /** Witness of inputs, by the circuit's own program; undefined where it refuses them. */
  readonly calculate?: (inputs: ReadonlyMap<number, bigint>) => readonly bigint[] | undefined;
}

/** A witness, with the guesses from which the rest followed, in their order; none if it was given. */
export interface FirstWitness {
  readonly values: PartialValues;
  readonly guessed: readonly number[];
}

/** Inputs that are all tried, at most, and attempts to solve for a witness of one. */
const MAX_INPUTS = 300n;
const RETRIES = 3;
/** Of one attempt. */
const PATIENT = { retreats: 400, values: 40 } as const;
/** Attempts to solve for inputs of an output that is 1. */
const ANSWERS = 12;

/** First witnesses of a circuit, in the wires of its normal form. */
export class Bases {
  private readonly raw: RawSystem;
  private readonly prover: LocalProver;
  private readonly filler: Filler;
  private readonly draw: (below: bigint) => bigint;
  private readonly sources: BaseSources;
  private readonly inputs: readonly number[];
  private readonly moving: readonly number[];

  /** @param inputs wires that may be chosen; @param moving wires without a proof */
  constructor(
    raw: RawSystem,
    prover: LocalProver,
    inputs: readonly number[],
    moving: readonly number[],
    filler: Filler,
    draw: (below: bigint) => bigint,
    sources: BaseSources,
  ) {
    this.raw = raw;
    this.prover = prover;
    this.inputs = inputs;
    this.moving = moving;
    this.filler = filler;
    this.draw = draw;
    this.sources = sources;
  }
  /** Those that are given, then of inputs of many kinds, then of answers. @param open targets without a proof */
  *all(open: readonly number[]): Generator<FirstWitness> {
    const { p } = this.raw.field;
    for (const witness of this.sources.witnesses) yield { values: this.reduced(witness), guessed: [] };
    const { draw } = this;
    const mixed = (): bigint => [0n, 1n, p - 1n, draw(p)][Number(draw(4n))]!;
    const kinds: readonly (() => bigint)[] = [
      () => draw(p),
      () => 0n,
      () => 1n,
      () => draw(2n),
      () => draw(13n) + 2n,
      () => 3n,
      () => p - 1n,
      () => draw(p < 1n << 40n ? p : 1n << 30n),
      mixed,
      () => draw(2n),
    ];
    for (const start of this.everyInput()) yield* this.from(start, PATIENCE);
    for (const kind of kinds) {
      const start: PartialValues = [];
      for (const wire of this.inputs) {
        const domain = this.filler.domain(wire);
        start[wire] = domain?.[Number(draw(BigInt(domain.length)))] ?? kind() % p;
      }
      yield* this.from(start, PATIENT);
    }
    yield* this.answers(open);
  }
  /** Inputs for which a yes or no is yes: at most others it does not show what moves behind it. */
  private *answers(open: readonly number[]): Generator<FirstWitness> {
    const { store, system } = this.prover;
    const asked = open
      .map((wire) => system.resolve(wire).wire)
      .filter((wire) => wire !== 0 && store.isBit(wire));
    for (let tries = 0; tries < ANSWERS && asked.length > 0; tries++) {
      const start: PartialValues = [];
      start[asked[tries % asked.length]!] = 1n;
      const order = [...this.inputs];
      for (let i = order.length - 1; i > 0; i--) {
        const j = Number(this.draw(BigInt(i + 1)));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      const base = this.filler.fill(start, { order, patience: PATIENT });
      if (base !== undefined) yield base;
    }
  }
  /** All inputs, if there are few. */
  private *everyInput(): Generator<PartialValues> {
    const { p } = this.raw.field;
    const choices = this.inputs.map(
      (wire) =>
        this.filler.domain(wire) ??
        (p > MAX_INPUTS ? undefined : Array.from({ length: Number(p) }, (_, x) => BigInt(x))),
    );
    let size = 1n;
    for (const of of choices) size *= BigInt(of?.length ?? 0);
    if (size > MAX_INPUTS || this.inputs.length === 0) return;
    for (let n = 0n; n < size; n++) {
      const start: PartialValues = [];
      let rest = n;
      this.inputs.forEach((wire, i) => {
        const of = choices[i]!;
        start[wire] = of[Number(rest % BigInt(of.length))]!;
        rest /= BigInt(of.length);
      });
      yield start;
    }
  }
  /** Witnesses of inputs: by the circuit's program, else solved for, else of any inputs. */
  private *from(
    start: PartialValues,
    patience: NonNullable<FillOptions['patience']>,
  ): Generator<FirstWitness> {
    const calculated = this.calculated(start);
    if (calculated !== undefined) {
      yield { values: this.reduced(calculated), guessed: [] };
      return;
    }
    for (let tries = 0; tries < RETRIES; tries++) {
      const base = this.filler.fill(start, { patience });
      if (base !== undefined) {
        yield base;
        return;
      }
    }
    const base = this.filler.fill([], { patience }) ?? this.filler.fill([], { order: this.moving, patience });
    if (base !== undefined) yield base;
  }
  /** By the circuit's program, if it keeps what it is of: a program is not believed. */
  private calculated(start: PartialValues): readonly bigint[] | undefined {
    const { calculate } = this.sources;
    if (calculate === undefined) return undefined;
    const { raw } = this;
    const inputs = new Map<number, bigint>();
    for (const [wire, is] of raw.isInput.entries()) {
      if (!is) continue;
      const { wire: by, factor, constant } = this.prover.system.resolve(wire);
      inputs.set(wire, by === 0 ? constant : raw.field.mod(factor * start[by]! + constant));
    }
    const witness = calculate(inputs);
    return witness !== undefined && isWitness(raw, witness) ? witness : undefined;
  }
  /** A witness of the file as one of the normal form. */
  private reduced(witness: readonly bigint[]): PartialValues {
    const { system } = this.prover;
    const values: PartialValues = [...witness];
    // A wire that stands for a form comes after the wires of the file, in the constraint that says of which.
    for (const { a, c } of system.constraints) {
      if (a.size > 0) continue;
      const own = [...c.keys()].find((wire) => wire >= this.raw.wireCount && values[wire] === undefined);
      if (own === undefined) continue;
      const rest = new Map<number, bigint>();
      addScaled(system.field, rest, c, system.field.mod(-system.field.inv(c.get(own)!)));
      let value = 0n;
      for (const [wire, coefficient] of rest)
        if (wire !== own) value += coefficient * (wire === 0 ? 1n : values[wire]!);
      values[own] = system.field.mod(value);
    }
    return values;
  }
}
