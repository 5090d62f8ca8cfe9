import type { RawSystem } from '../../src/audit/system/normal-form.ts';
import { PrimeField } from '../../src/audit/system/prime-field.ts';
import type { Constraint } from '../../src/groth16/r1cs.ts';
import { type Exhausted, exhaust } from './exhaustive.ts';
import { KINDS } from './small-circuit-kinds.ts';

/** Deterministic numbers: xorshift64*. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = BigInt(seed) * 2654435761n + 88172645463325252n;
  return (below) => {
    state = BigInt.asUintN(64, state ^ (state << 13n));
    state ^= state >> 7n;
    state = BigInt.asUintN(64, state ^ (state << 17n));
    return Number((BigInt.asUintN(64, state * 2685821657736338717n) >> 11n) % BigInt(below));
  };
}

export type Form = Map<number, bigint>;
export type Term = readonly [wire: number, coefficient: bigint | number];

/** A circuit that is being written, over a small prime. */
export class SmallBuilder {
  readonly below: (n: number) => number;
  readonly p: bigint;
  readonly constraints: Constraint[] = [];
  readonly outputs: number[] = [];
  readonly inputs: number[] = [];
  wireCount = 1;

  constructor(below: (n: number) => number, p: number) {
    this.below = below;
    this.p = BigInt(p);
  }
  wire(): number {
    return this.wireCount++;
  }
  wires(n: number): number[] {
    return Array.from({ length: n }, () => this.wire());
  }
  input(): number {
    this.inputs.push(this.wire());
    return this.wireCount - 1;
  }
  output(): number {
    this.outputs.push(this.wire());
    return this.wireCount - 1;
  }
  /** Any wire that is there. */
  some(): number {
    return 1 + this.below(this.wireCount - 1);
  }
  chance(of: number): boolean {
    return this.below(of) === 0;
  }
  element(): bigint {
    return BigInt(this.below(Number(this.p)));
  }
  nonzero(): bigint {
    return 1n + BigInt(this.below(Number(this.p) - 1));
  }
  form(...terms: readonly Term[]): Form {
    const out: Form = new Map();
    for (const [wire, c] of terms) {
      const sum = ((((out.get(wire) ?? 0n) + BigInt(c)) % this.p) + this.p) % this.p;
      if (sum === 0n) out.delete(wire);
      else out.set(wire, sum);
    }
    return out;
  }
  /** a·b = c */
  say(a: Form, b: Form, c: Form): void {
    this.constraints.push({ a, b, c });
  }
  /** Σ terms = 0 */
  zero(...terms: readonly Term[]): void {
    this.say(new Map(), new Map(), this.form(...terms));
  }
  bit(wire: number): void {
    this.say(this.form([wire, 1]), this.form([wire, 1], [0, -1]), new Map());
  }
  /** New bits that spell a sum. */
  bitsOf(n: number, ...terms: readonly Term[]): number[] {
    const bits = this.wires(n);
    for (const wire of bits) this.bit(wire);
    this.zero(
      ...bits.map((wire, i): Term => [wire, 1 << i]),
      ...terms.map(([w, c]): Term => [w, -BigInt(c)]),
    );
    return bits;
  }
}

/** A circuit small enough to try everything, and what trying everything says. */
export interface SmallCircuit {
  readonly kind: string;
  readonly raw: RawSystem;
  readonly truth: Exhausted;
}

/** Values that the exhaustive search tries for one circuit, at most. */
const MAX_TRIED = 100_000;

/** A circuit of one of the kinds that rules are about, most with a defect or two. */
export function randomCircuit(below: (n: number) => number): SmallCircuit {
  for (;;) {
    const { name, primes, write } = KINDS[below(KINDS.length)]!;
    const builder = new SmallBuilder(below, primes[below(primes.length)]!);
    write(builder);
    if (!builder.chance(3)) for (let n = 1 + below(2); n > 0; n--) spoil(builder);
    const { wireCount, inputs, outputs, constraints, p } = builder;
    const isInput = Array.from({ length: wireCount }, (_, wire) => inputs.includes(wire));
    const raw = { field: new PrimeField(p), wireCount, isInput, targets: outputs, constraints };
    const truth = exhaust(raw, MAX_TRIED);
    if (truth !== undefined) return { kind: name, raw, truth };
  }
}

/** Forgets a constraint, or changes one: a coefficient, or a wire for another. */
function spoil(builder: SmallBuilder): void {
  const { constraints, below } = builder;
  if (constraints.length === 0) return;
  const at = below(constraints.length);
  const one = constraints[at]!;
  if (builder.chance(2)) {
    constraints.splice(at, 1);
    return;
  }
  const part = (['a', 'b', 'c'] as const)[below(3)]!;
  const terms: Term[] = [...one[part]];
  if (terms.length === 0) return;
  const which = below(terms.length);
  const [wire, c] = terms[which]!;
  terms[which] = builder.chance(2) ? [wire, builder.nonzero()] : [below(builder.wireCount), c];
  constraints[at] = { ...one, [part]: builder.form(...terms) };
}
