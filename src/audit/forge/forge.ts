import type { Fact } from '../certificate/certificate.ts';
import type { LocalProver } from '../prove/prover.ts';
import { addScaled } from '../system/linear-form.ts';
import type { RawSystem } from '../system/normal-form.ts';
import { drawFrom } from './draw.ts';
import { type Forgery, isForgery, isWitness } from './evaluate.ts';
import { digitsOf, Filler, type PartialValues, powersOfTwo } from './filler.ts';
import { deepPolesOf, PoleFinder, polesOf } from './poles.ts';

/** How a second witness was found. */
export type ForgeMethod = 'alias' | 'one signal moved' | 'pole' | 'several signals moved';

export interface FoundForgery extends Forgery {
  readonly by: ForgeMethod;
}

export interface ForgeOptions {
  /** Witnesses that are known: of files, or of a witness program. */
  readonly witnesses: readonly (readonly bigint[])[];
  /** Witness of inputs, by the circuit's own program; undefined where it refuses them. */
  readonly calculate?: (inputs: ReadonlyMap<number, bigint>) => readonly bigint[] | undefined;
  readonly assumptions: readonly Fact[];
  readonly isOver: () => boolean;
}

/** Wires moved alone, at most, and beside those that a pole frees; poles of each kind, and attempts at each. */
const MAX_MOVED = 120;
const MAX_BESIDE = 10;
const MAX_POLES = 40;
const POLE_TRIES = 12;
const VARIED = 3;
/** Inputs that are all tried, at most, and attempts to solve for a witness of one. */
const MAX_INPUTS = 300n;
const RETRIES = 3;

/**
 * Looks for two witnesses of the same inputs that differ in a target that could not be proved. What is proved is held fixed,
 * which keeps the search small. What is found was checked by `isForgery`.
 * @param open targets without a proof
 */
export function forge(
  raw: RawSystem,
  prover: LocalProver,
  open: readonly number[],
  options: ForgeOptions,
): FoundForgery | undefined {
  return new Search(raw, prover, open, options).run();
}

class Search {
  private readonly raw: RawSystem;
  private readonly prover: LocalProver;
  private readonly open: readonly number[];
  private readonly options: ForgeOptions;
  private readonly draw = drawFrom(7);
  private readonly filler: Filler;
  private readonly inputs: readonly number[];
  /** Wires without a proof, targets first. */
  private readonly moving: readonly number[];

  constructor(raw: RawSystem, prover: LocalProver, open: readonly number[], options: ForgeOptions) {
    this.raw = raw;
    this.prover = prover;
    this.open = open;
    this.options = options;
    const { system, store } = prover;
    this.filler = new Filler(store, this.draw, options.isOver);
    this.inputs = raw.isInput.flatMap((is, wire) => (is && system.resolve(wire).wire === wire ? [wire] : []));
    const free = Array.from({ length: system.wireCount }, (_, wire) => wire).filter(
      (wire) =>
        wire > 0 &&
        !store.isUniqueWire(wire) &&
        (wire >= raw.wireCount || system.resolve(wire).wire === wire),
    );
    const targets = new Set(open.map((wire) => system.resolve(wire).wire));
    this.moving = [...free.filter((wire) => targets.has(wire)), ...free.filter((wire) => !targets.has(wire))];
  }
  run(): FoundForgery | undefined {
    const { isOver } = this.options;
    const bases: PartialValues[] = [];
    for (const base of this.bases()) {
      if (isOver()) return undefined;
      bases.push(base);
      const found = this.aliases(base);
      if (found !== undefined) return found;
    }
    for (const base of bases) {
      const found = this.moved(base, [], 'one signal moved');
      if (found !== undefined || isOver()) return found;
    }
    const finder = new PoleFinder(this.prover.store, this.inputs, this.draw, isOver);
    const { store } = this.prover;
    const poles = [...polesOf(store).slice(0, MAX_POLES), ...deepPolesOf(store).slice(0, MAX_POLES)];
    for (let tries = 0; tries < POLE_TRIES; tries++)
      for (const pole of poles) {
        if (isOver()) return undefined;
        const base = finder.at(pole, bases[tries % Math.max(1, bases.length)], this.filler);
        const found = base && this.moved(base, pole.freed, 'pole');
        if (found !== undefined) return found;
      }
    for (const base of bases)
      for (let tries = 0; tries < VARIED && !isOver(); tries++) {
        const second = this.filler.complete(this.kept(base), { hint: base, order: this.moving, vary: true });
        const found = this.judge(base, second, 'several signals moved');
        if (found !== undefined) return found;
      }
    return undefined;
  }
  /** First witnesses: those that are given, then of inputs of many kinds. */
  private *bases(): Generator<PartialValues> {
    const { p } = this.raw.field;
    for (const witness of this.options.witnesses) yield this.reduced(witness);
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
    for (const start of this.everyInput()) yield* this.from(start);
    for (const kind of kinds) {
      const start: PartialValues = [];
      for (const wire of this.inputs) {
        const domain = this.filler.domain(wire);
        start[wire] = domain?.[Number(draw(BigInt(domain.length)))] ?? kind() % p;
      }
      yield* this.from(start);
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
  private *from(start: PartialValues): Generator<PartialValues> {
    const calculated = this.calculated(start);
    if (calculated !== undefined) {
      yield this.reduced(calculated);
      return;
    }
    for (let tries = 0; tries < RETRIES; tries++) {
      const base = this.filler.complete(start);
      if (base !== undefined) {
        yield base;
        return;
      }
    }
    const base = this.filler.complete([], { order: this.moving });
    if (base !== undefined) yield base;
  }
  /** By the circuit's program, if it keeps what it is of: a program is not believed. */
  private calculated(start: PartialValues): readonly bigint[] | undefined {
    const { calculate } = this.options;
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
  /** Values of the normal form as values of the file's wires. */
  private whole(values: PartialValues): bigint[] {
    const { field } = this.raw;
    return Array.from({ length: this.raw.wireCount }, (_, wire) => {
      const { wire: by, factor, constant } = this.prover.system.resolve(wire);
      return by === 0 ? constant : (factor * values[by]! + constant) % field.p;
    });
  }
  /** What has one value, and nothing else. */
  private kept(base: PartialValues): PartialValues {
    return base.map((value, wire) => (this.prover.store.isUniqueWire(wire) ? value : undefined));
  }
  private judge(
    base: PartialValues,
    second: PartialValues | undefined,
    by: ForgeMethod,
  ): FoundForgery | undefined {
    if (second === undefined) return undefined;
    const [one, other] = [this.whole(base), this.whole(second)];
    const target = this.open.find((wire) => one[wire] !== other[wire]);
    if (target === undefined) return undefined;
    const forgery = { first: one, second: other, target };
    return isForgery(this.raw, forgery, this.options.assumptions) ? { ...forgery, by } : undefined;
  }
  /** Sums of bits that can spell the number plus or minus the field's order. */
  private aliases(base: PartialValues): FoundForgery | undefined {
    const { system, store } = this.prover;
    const { p } = system.field;
    for (const { a, c } of system.constraints) {
      if (a.size > 0) continue;
      const terms = [...c].filter(([wire]) => !store.isUniqueWire(wire));
      if (terms.length < 2 || !terms.every(([wire]) => store.isBit(wire))) continue;
      const weights = powersOfTwo(p, terms, (x) => system.field.inv(x));
      if (weights === undefined || this.options.isOver()) continue;
      const sum = terms.reduce((all, [wire, x]) => all + x * base[wire]!, 0n) * weights.scale;
      const now = terms.map(([wire]) => base[wire]!).join();
      for (const more of [0n, p, -p]) {
        const digits = digitsOf(weights, system.field.mod(sum), p, more);
        if (digits === undefined || terms.map(([wire]) => digits.get(wire)!).join() === now) continue;
        const start = this.kept(base);
        for (const [wire, bit] of digits) start[wire] = bit;
        const second = this.filler.complete(start, { hint: base, order: this.moving });
        const found = this.judge(base, second, 'alias');
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
  /** One wire gets another value, what is proved stays, the rest is solved again. */
  private moved(base: PartialValues, first: readonly number[], by: ForgeMethod): FoundForgery | undefined {
    const { field } = this.raw;
    const order = [...new Set([...first, ...this.moving])].filter(
      (wire) => !this.prover.store.isUniqueWire(wire),
    );
    const kept = this.kept(base);
    let tries = 0;
    const most = first.length === 0 ? MAX_MOVED : first.length + MAX_BESIDE;
    for (const wire of order.slice(0, most)) {
      if (this.options.isOver()) return undefined;
      const now = base[wire] ?? 0n;
      const values = this.filler.domain(wire)?.filter((value) => value !== now) ?? [
        this.draw(field.p),
        field.mod(-now),
        (now + 1n) % field.p,
      ];
      for (const value of values) {
        const start = [...kept];
        start[wire] = value;
        const second =
          this.filler.complete(start, { hint: base, order, poles: first }) ??
          (tries++ < 20
            ? this.filler.complete(start, { order: [...order].reverse(), poles: first })
            : undefined);
        const found = this.judge(base, second, by);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}
