import type { RawSystem } from '../../src/audit/system/normal-form.ts';
import { PrimeField } from '../../src/audit/system/prime-field.ts';
import type { Constraint } from '../../src/groth16/r1cs.ts';

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

type Form = Map<number, bigint>;
const PRIMES = [5, 7, 11, 13, 17];
/** Assignments that an exhaustive search looks at, at most. */
const MAX_ASSIGNMENTS = 200_000;

/** A circuit small enough to try everything. Outputs come first, then inputs, then inner wires. */
export interface SmallCircuit {
  readonly raw: RawSystem;
  readonly outputs: number;
  readonly inputs: number;
}

/** Circuits of the kinds that rules are about: bits and their sums, selectors, zero tests, divisions, squares, and anything. */
export function randomCircuit(below: (n: number) => number): SmallCircuit {
  for (;;) {
    const p = PRIMES[below(PRIMES.length)]!;
    const [outputs, inputs, inner] = [1 + below(2), 1 + below(2), below(4)];
    const wireCount = 1 + outputs + inputs + inner;
    if (p ** (wireCount - 1) > MAX_ASSIGNMENTS) continue;
    const constraints = constraintsOf(below, BigInt(p), outputs, inputs, wireCount);
    const isInput = Array.from({ length: wireCount }, (_, w) => w > outputs && w <= outputs + inputs);
    const targets = Array.from({ length: outputs }, (_, i) => i + 1);
    return {
      raw: { field: new PrimeField(BigInt(p)), wireCount, isInput, targets, constraints },
      outputs,
      inputs,
    };
  }
}

function constraintsOf(
  below: (n: number) => number,
  p: bigint,
  outputs: number,
  inputs: number,
  wireCount: number,
): Constraint[] {
  const found: Constraint[] = [];
  const wire = (): number => 1 + below(wireCount - 1);
  const element = (): bigint => BigInt(below(Number(p)));
  const nonzero = (): bigint => 1n + BigInt(below(Number(p) - 1));
  const form = (...terms: readonly (readonly [number, bigint])[]): Form => {
    const out: Form = new Map();
    for (const [w, c] of terms) {
      const sum = ((((out.get(w) ?? 0n) + c) % p) + p) % p;
      if (sum === 0n) out.delete(w);
      else out.set(w, sum);
    }
    return out;
  };
  const any = (most: number): Form => {
    const terms = Array.from({ length: below(most + 1) }, () => [wire(), nonzero()] as const);
    return form(...terms, [0, below(3) === 0 ? nonzero() : 0n]);
  };
  const say = (a: Form, b: Form, c: Form): void => void found.push({ a, b, c });
  const none: Form = new Map();
  const bit = (w: number): void => say(form([w, 1n]), form([w, 1n], [0, -1n]), none);
  const made = Array.from({ length: wireCount - 1 }, (_, i) => i + 1).filter(
    (w) => w <= outputs || w > outputs + inputs,
  );
  const input = 1 + outputs;
  const mode = below(4);
  if (mode === 1) {
    for (const w of made) bit(w);
    let weight = 1n;
    const terms: (readonly [number, bigint])[] = [[input, -1n]];
    for (const w of made) {
      terms.push([w, weight]);
      if (below(4) > 0) weight *= 2n;
    }
    say(none, none, form(...terms));
  }
  if (mode === 2) {
    let at = 0n;
    for (const w of made) {
      say(form([w, 1n]), form([input, 1n], [0, -at]), none);
      if (below(6) > 0) at++;
    }
    say(none, none, form(...made.map((w) => [w, 1n] as const), [0, below(4) > 0 ? -1n : 0n]));
  }
  const more = mode === 1 || mode === 2 ? below(2) : made.length + below(3);
  for (let i = 0; i < more; i++) {
    const kind = below(11);
    if (kind < 2) bit(wire());
    else if (kind < 3) {
      const [s, t, u] = [wire(), wire(), wire()];
      say(form([s, 1n]), form([t, 1n]), form([0, 1n], [u, -1n]));
      say(form([s, 1n]), form([u, 1n]), none);
    } else if (kind < 5) say(none, none, any(3));
    else if (kind < 6) say(none, none, form([wire(), 1n], [wire(), 2n], [wire(), -1n]));
    else if (kind < 7) {
      const s = wire();
      say(form([s, 1n], [0, element()]), form([s, 1n], [0, element()]), below(2) ? any(1) : none);
    } else if (kind < 8)
      say(form([wire(), 1n], [0, element()]), form([wire(), 1n]), below(2) ? none : any(2));
    else if (kind < 9) {
      // A division, and its divisor known by another constraint.
      const [s, t] = [wire(), wire()];
      say(form([s, 1n]), form([t, 1n]), form([0, nonzero()]));
      say(form([s, 1n]), form([wire(), 1n]), any(2));
    } else say(any(2), any(2), any(2));
  }
  return found;
}

/** What trying every assignment says. */
export interface Exhausted {
  readonly satisfiable: boolean;
  /** Outputs that differ between two witnesses of the same inputs. */
  readonly unsafe: ReadonlySet<number>;
}

export function exhaust({ raw, outputs, inputs }: SmallCircuit): Exhausted {
  const p = Number(raw.field.p);
  const rows = raw.constraints.map(({ a, b, c }) =>
    [a, b, c].map((f) => [...f].map(([w, x]) => [w, Number(x)] as const)),
  );
  const w = new Array<number>(raw.wireCount).fill(0);
  w[0] = 1;
  const value = (terms: readonly (readonly [number, number])[]): number => {
    let sum = 0;
    for (const [wire, c] of terms) sum += c * w[wire]!;
    return sum % p;
  };
  const seen = new Map<string, readonly number[]>();
  const unsafe = new Set<number>();
  for (let n = 0, total = p ** (raw.wireCount - 1); n < total; n++) {
    for (let i = 1, rest = n; i < raw.wireCount; i++, rest = Math.floor(rest / p)) w[i] = rest % p;
    if (!rows.every(([a, b, c]) => (value(a!) * value(b!) - value(c!)) % p === 0)) continue;
    const key = w.slice(1 + outputs, 1 + outputs + inputs).join();
    const first = seen.get(key);
    if (first === undefined) seen.set(key, w.slice(0, 1 + outputs));
    else for (let o = 1; o <= outputs; o++) if (first[o] !== w[o]) unsafe.add(o);
  }
  return { satisfiable: seen.size > 0, unsafe };
}
