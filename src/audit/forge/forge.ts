import type { Fact } from '../certificate/certificate.ts';
import type { LocalProver } from '../prove/prover.ts';
import type { RawSystem } from '../system/normal-form.ts';
import type { PartialValues } from './attempt.ts';
import { type BaseSources, Bases } from './bases.ts';
import { drawFrom } from './draw.ts';
import { type Forgery, isForgery } from './evaluate.ts';
import { Filler, SMALL_SYSTEM } from './filler.ts';
import { deepPolesOf, PoleFinder, polesOf } from './poles.ts';
import { digitsOf, MAX_LIMBS, spelledSum } from './spelled.ts';

/** How a second witness was found. */
export type ForgeMethod = 'alias' | 'one signal moved' | 'pole' | 'several signals moved';

export interface FoundForgery extends Forgery {
  readonly by: ForgeMethod;
}

export interface ForgeOptions extends BaseSources {
  readonly assumptions: readonly Fact[];
  readonly isOver: () => boolean;
}

/** Wires moved alone at each witness, at most: a few first, so that a large circuit comes to what else there is. */
const MOVED = [12, 120];
/** Guesses that are changed at each witness, at most. */
const MAX_REPLAYED = 40;
/** Wires moved beside those that a pole frees; poles of each kind, and attempts at each. */
const BESIDE = 10;
const MAX_POLES = 40;
const POLE_TRIES = 12;
const VARIED = 3;
/** Sums of digits that are spelled anew at each witness, at most. */
const MAX_ALIASES = 400;
/** Attempts from a witness without its values where the one with them failed, at most. */
const MAX_UNHINTED = 20;

/**
 * Looks for pairs of witnesses of the same inputs that differ in targets that could not be proved, until there is one for
 * each of them. What is proved is held fixed, which keeps the search small. What is found was checked by `isForgery`.
 * @param open targets without a proof
 */
export function forgeries(
  raw: RawSystem,
  prover: LocalProver,
  open: readonly number[],
  options: ForgeOptions,
): Generator<FoundForgery, undefined> {
  return new Search(raw, prover, open, options).run();
}

type Candidates = Generator<FoundForgery, undefined>;

class Search {
  private readonly raw: RawSystem;
  private readonly prover: LocalProver;
  private open: readonly number[];
  private readonly options: ForgeOptions;
  private readonly draw = drawFrom(7);
  private readonly filler: Filler;
  private readonly inputs: readonly number[];
  /** Wires without a proof: targets, and the others. */
  private readonly targets: readonly number[];
  private readonly others: readonly number[];
  /** In which they are guessed: first what has a range, which is often what much follows from; targets never before the rest. */
  private readonly order: readonly number[];
  private readonly reversed: readonly number[];

  constructor(raw: RawSystem, prover: LocalProver, open: readonly number[], options: ForgeOptions) {
    this.raw = raw;
    this.prover = prover;
    this.open = open;
    this.options = options;
    const { system, store } = prover;
    this.filler = new Filler(store, this.draw, options.isOver);
    this.inputs = raw.isInput.flatMap((is, wire) => (is && system.resolve(wire).wire === wire ? [wire] : []));
    const free = Array.from({ length: system.wireCount }, (_, wire) => wire).filter(
      (wire) => wire > 0 && !store.isUniqueWire(wire) && system.resolve(wire).wire === wire,
    );
    const targets = new Set(open.map((wire) => system.resolve(wire).wire));
    this.targets = free.filter((wire) => targets.has(wire));
    this.others = free.filter((wire) => !targets.has(wire));
    const isRanged = (wire: number): boolean =>
      store.setOf(wire) === undefined && store.rangeOf(wire) !== undefined;
    const [ranged, plain] = [this.others.filter(isRanged), this.others.filter((wire) => !isRanged(wire))];
    this.order = [...ranged, ...plain, ...this.targets];
    this.reversed = [...this.order].reverse();
  }
  *run(): Candidates {
    const { isOver } = this.options;
    for (const found of this.search()) {
      this.open = this.open.filter((wire) => found.first[wire] === found.second[wire]);
      yield found;
      if (this.open.length === 0 || isOver()) return;
    }
  }
  private *search(): Candidates {
    const { isOver } = this.options;
    const bases: PartialValues[] = [];
    const sources = new Bases(
      this.raw,
      this.prover,
      this.inputs,
      [...this.targets, ...this.others],
      this.filler,
      this.draw,
      this.options,
    );
    for (const { values, guessed } of sources.all(this.open)) {
      if (isOver()) return;
      bases.push(values);
      yield* this.aliases(values);
      yield* this.replayed(values, guessed);
    }
    const { store } = this.prover;
    const finder = new PoleFinder(store, this.inputs, this.draw, isOver);
    const poles = [...polesOf(store).slice(0, MAX_POLES), ...deepPolesOf(store).slice(0, MAX_POLES)];
    for (const [round, limit] of MOVED.entries()) {
      for (const base of bases) yield* this.moved(base, this.chosen(limit), 'one signal moved');
      for (let tries = round; tries < POLE_TRIES; tries += MOVED.length)
        for (const pole of poles) {
          if (isOver()) return;
          const base = finder.at(pole, bases[tries % Math.max(1, bases.length)], this.filler);
          const first = pole.freed.filter((wire) => !store.isUniqueWire(wire));
          if (base !== undefined) yield* this.moved(base, [...first, ...this.chosen(BESIDE)], 'pole', first);
        }
    }
    for (const base of bases)
      for (let tries = 0; tries < VARIED && !isOver(); tries++) {
        const second = this.filler.complete(this.kept(base), { hint: base, order: this.order, vary: true });
        yield* this.judged(base, second, 'several signals moved');
      }
  }
  /** Wires to move: of the targets some, of the others some from everywhere in the circuit. */
  private chosen(limit: number): number[] {
    const of = (wires: readonly number[], count: number): number[] => {
      if (wires.length <= count) return [...wires];
      const from = Number(this.draw(BigInt(wires.length)));
      const step = wires.length / count;
      return Array.from({ length: count }, (_, i) => wires[Math.floor(from + i * step) % wires.length]!);
    };
    return [...of(this.targets, limit / 2), ...of(this.others, limit)].slice(0, limit);
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
  private *judged(base: PartialValues, second: PartialValues | undefined, by: ForgeMethod): Candidates {
    if (second === undefined) return;
    const [one, other] = [this.whole(base), this.whole(second)];
    const target = this.open.find((wire) => one[wire] !== other[wire]);
    if (target === undefined) return;
    const forgery = { first: one, second: other, target };
    if (isForgery(this.raw, forgery, this.options.assumptions)) yield { ...forgery, by };
  }
  /** Digits that can spell their number plus or minus the field's order, too. */
  private *aliases(base: PartialValues): Candidates {
    const { system, store } = this.prover;
    const { field } = system;
    let tried = 0;
    for (const { a, c } of system.constraints) {
      if (a.size > 0) continue;
      const ranged = [...c].filter(
        ([wire]) => !store.isUniqueWire(wire) && store.rangeOf(wire) !== undefined,
      );
      const terms = ranged.length <= MAX_LIMBS ? ranged : ranged.filter(([wire]) => store.isBit(wire));
      if (terms.length < 2) continue;
      const ranges = new Map(terms.map(([wire]) => [wire, store.rangeOf(wire)!]));
      const spelled = spelledSum(field, new Map(terms), ranges);
      if (spelled === undefined) continue;
      if (this.options.isOver() || tried++ > MAX_ALIASES) return;
      const sum = terms.reduce((all, [wire, x]) => all + x * base[wire]!, 0n) * spelled.scale;
      const now = terms.map(([wire]) => base[wire]!).join();
      for (const more of [0n, field.p, -field.p]) {
        const digits = digitsOf(spelled, field, field.mod(sum), more);
        if (digits === undefined || terms.map(([wire]) => digits.get(wire)!).join() === now) continue;
        const start = this.kept(base);
        for (const wire of c.keys()) start[wire] = digits.get(wire) ?? base[wire];
        yield* this.judged(base, this.filler.complete(start, { hint: base, order: this.order }), 'alias');
      }
    }
  }
  /** As `order` does not have it: in a small system also targets before what they follow from. */
  private otherwise(
    start: PartialValues,
    hint: PartialValues,
    poles: readonly number[],
  ): bigint[] | undefined {
    const isSmall = this.prover.system.constraints.length <= SMALL_SYSTEM;
    const order = [...this.targets, ...this.others];
    return (
      (isSmall ? this.filler.complete(start, { hint, order, poles }) : undefined) ??
      this.filler.complete(start, { order: this.reversed, poles })
    );
  }
  /** A witness as the guesses from which it follows: one of them becomes another, those before it stay, those after it where they can. */
  private *replayed(base: PartialValues, order: readonly number[]): Candidates {
    const start = this.kept(base);
    const told = this.filler.fill(start, { hint: base, ...(order.length > 0 && { first: order }) });
    if (told === undefined) return;
    yield* this.judged(base, told.values, 'several signals moved');
    const step = Math.max(1, told.guessed.length / MAX_REPLAYED);
    let turn = 0;
    for (const [i, wire] of told.guessed.entries()) {
      if (i >= turn) {
        turn += step;
        for (const value of this.otherValues(wire, told.values[wire]!)) {
          if (this.options.isOver()) return;
          const from = [...start];
          from[wire] = value;
          const second = this.filler.complete(from, { hint: told.values, first: told.guessed });
          yield* this.judged(told.values, second, 'one signal moved');
        }
      }
      start[wire] = told.values[wire];
    }
  }
  private otherValues(wire: number, now: bigint): bigint[] {
    const { field } = this.raw;
    const domain = this.filler.domain(wire);
    if (domain !== undefined) return domain.filter((value) => value !== now);
    const range = this.prover.store.rangeOf(wire);
    const any =
      range === undefined
        ? this.draw(field.p)
        : field.mod(range.low + this.draw(range.high - range.low + 1n));
    return [any, field.mod(-now), field.mod(now + 1n), field.mod(now - 1n)];
  }
  /** One wire gets another value, what is proved stays, the rest is solved again. @param poles what a factor of 0 frees */
  private *moved(
    base: PartialValues,
    wires: readonly number[],
    by: ForgeMethod,
    poles: readonly number[] = [],
  ): Candidates {
    const kept = this.kept(base);
    let tries = 0;
    for (const wire of new Set(wires)) {
      if (this.options.isOver()) return;
      const now = base[wire] ?? 0n;
      for (const value of this.otherValues(wire, now)) {
        const start = [...kept];
        start[wire] = value;
        const second =
          this.filler.complete(start, { hint: base, order: this.order, poles }) ??
          (tries++ < MAX_UNHINTED ? this.otherwise(start, base, poles) : undefined);
        yield* this.judged(base, second, by);
      }
    }
  }
}
