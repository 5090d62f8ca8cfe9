import type { Form, SmallBuilder, Term } from './small-circuits.ts';

/** A kind of circuit, as circuits have them. */
interface Kind {
  readonly name: string;
  readonly primes: readonly number[];
  readonly write: (builder: SmallBuilder) => void;
}

const TINY = [5, 7, 11, 13, 17];
const none: Form = new Map();

/** Sum of wires times 1, 2, 4 and so on, times a sign. */
const spelled = (bits: readonly number[], sign = 1): Term[] =>
  bits.map((wire, i): Term => [wire, sign * (1 << i)]);

/** Constraints of all shapes over a few wires. */
function anything(b: SmallBuilder): void {
  for (let n = 1 + b.below(2); n > 0; n--) b.output();
  for (let n = 1 + b.below(2); n > 0; n--) b.input();
  const made = b.outputs.length + b.wires(b.below(4)).length;
  const any = (most: number): Form =>
    b.form(...Array.from({ length: b.below(most + 1) }, (): Term => [b.some(), b.nonzero()]), [
      0,
      b.chance(3) ? b.nonzero() : 0n,
    ]);
  for (let n = made + b.below(3); n > 0; n--) {
    const kind = b.below(10);
    if (kind < 2) b.bit(b.some());
    else if (kind < 3) {
      const [s, t, u] = [b.some(), b.some(), b.some()];
      b.say(b.form([s, 1]), b.form([t, 1]), b.form([0, 1], [u, -1]));
      b.say(b.form([s, 1]), b.form([u, 1]), none);
    } else if (kind < 5) b.say(none, none, any(3));
    else if (kind < 6) b.zero([b.some(), 1], [b.some(), 2], [b.some(), -1]);
    else if (kind < 7) {
      const s = b.some();
      b.say(b.form([s, 1], [0, b.element()]), b.form([s, 1], [0, b.element()]), b.chance(2) ? any(1) : none);
    } else if (kind < 8)
      b.say(b.form([b.some(), 1], [0, b.element()]), b.form([b.some(), 1]), b.chance(2) ? any(2) : none);
    else b.say(any(2), any(2), any(2));
  }
}

/** Digits of an input, not all of them bits, at weights that may overlap. */
function digits(b: SmallBuilder): void {
  const made = [b.output(), ...(b.chance(2) ? [b.output()] : []), ...b.wires(b.below(4))];
  const x = b.input();
  let weight = 1n;
  const terms: Term[] = [[x, -1]];
  for (const wire of made) {
    const isTrit = b.chance(12);
    if (isTrit) {
      const square = b.wire();
      b.say(b.form([wire, 1]), b.form([wire, 1], [0, -1]), b.form([square, 1]));
      b.say(b.form([square, 1]), b.form([wire, 1], [0, -2]), none);
    } else b.bit(wire);
    terms.push([wire, b.chance(8) ? -weight : weight]);
    if (!b.chance(4)) weight *= isTrit ? 3n : 2n;
  }
  b.zero(...terms);
}

/** One of several is chosen by an index. */
function selector(b: SmallBuilder): void {
  const made = [b.output(), ...(b.chance(2) ? [b.output()] : []), ...b.wires(b.below(3))];
  const index = b.input();
  let at = 0n;
  for (const wire of made) {
    b.say(b.form([wire, 1]), b.form([index, 1], [0, -at]), none);
    if (!b.chance(6)) at++;
  }
  b.zero(...made.map((wire): Term => [wire, 1]), [0, b.chance(4) ? 0 : -1]);
}

/** IsZero of a difference, and a choice by it. */
function zeroTest(b: SmallBuilder): void {
  const [out, x, inverse, isZero] = [b.output(), b.input(), b.wire(), b.wire()];
  const y = b.chance(2) ? b.input() : 0;
  const difference: Term[] = [
    [x, 1],
    [y, -b.element()],
  ];
  b.say(b.form(...difference), b.form([inverse, 1]), b.form([0, 1], [isZero, -1]));
  b.say(b.form(...difference), b.form([isZero, 1]), none);
  if (b.chance(2)) b.zero([out, 1], [isZero, -1], [0, b.element()]);
  else b.say(b.form([isZero, 1]), b.form([x, 1], [y, -1]), b.form([out, 1], [y, -1]));
}

/** A divisor that may be 0 or not: a square less a constant, a range, an input, a product. */
function division(b: SmallBuilder): void {
  const [out, x] = [b.output(), b.input()];
  const kind = b.below(4);
  let divisor: Form;
  if (kind === 0) {
    const square = b.wire();
    b.say(b.form([x, 1]), b.form([x, 1]), b.form([square, 1]));
    divisor = b.form([square, 1], [0, b.nonzero()]);
  } else if (kind === 1) {
    const bits = b.bitsOf(1 + b.below(2), [x, 1]);
    divisor = b.form(...spelled(bits), [0, b.nonzero()]);
  } else if (kind === 2) {
    const inverse = b.wire();
    b.say(b.form([x, 1]), b.form([inverse, 1]), b.form([0, b.chance(3) ? 0 : 1]));
    divisor = b.form([x, b.nonzero()]);
  } else divisor = b.form([x, 1], [0, b.element()]);
  const numerator = b.chance(2)
    ? b.form([x, 1], [0, b.element()])
    : b.form([b.input(), 1], [0, b.chance(2) ? 1 : 0]);
  b.say(divisor, b.form([out, 1], ...(b.chance(4) ? [[x, 1] as Term] : [])), numerator);
}

/** out·(1 + d·x·y) = λ·x + μ·y, as the addition of points on an Edwards curve has it. */
function edwards(b: SmallBuilder): void {
  const [out, x, y, product] = [b.output(), b.input(), b.input(), b.wire()];
  b.say(b.form([x, 1]), b.form([y, 1]), b.form([product, 1]));
  const numerator = b.chance(4) ? b.form([x, b.nonzero()]) : b.form([x, b.nonzero()], [y, b.nonzero()]);
  b.say(b.form([0, b.nonzero()], [product, b.nonzero()]), b.form([out, 1]), numerator);
}

/** LessThan of two inputs that are below 2^n, or are not. */
function lessThan(b: SmallBuilder): void {
  const n = 2;
  const [out, x, y] = [b.output(), b.input(), b.input()];
  for (const one of [x, y]) if (!b.chance(5)) b.bitsOf(n, [one, 1]);
  const top = b.bitsOf(n + 1, [x, 1], [y, -1], [0, 1 << n]).at(-1)!;
  b.zero([out, 1], [top, 1], [0, -1]);
}

/** x = q·d + rest with ranges of rest and q. */
function quotient(b: SmallBuilder): void {
  const [q, rest, x] = [b.output(), b.output(), b.input()];
  const d = 2 + b.below(4);
  if (b.chance(2)) b.zero([x, -1], [q, d], [rest, 1]);
  else {
    const divisor = b.input();
    b.say(b.form([q, 1]), b.form([divisor, 1]), b.form([x, 1], [rest, -1]));
    b.bitsOf(1 + b.below(2), [divisor, 1], [0, -1]);
  }
  b.bitsOf(1 + b.below(2), [q, 1]);
  b.bitsOf(1 + b.below(2), [rest, 1]);
}

/** Outputs that only several constraints together determine, with a product of unknown factors among the unknowns. */
function together(b: SmallBuilder): void {
  const [u, v, x, y, product] = [b.output(), b.output(), b.input(), b.wire(), b.wire()];
  b.say(b.form([u, 1], [y, b.element()]), b.form([v, 1]), b.form([product, 1]));
  for (let n = 3; n > 0; n--)
    b.zero([u, b.nonzero()], [v, b.element()], [product, b.element()], [x, b.nonzero()], [y, b.element()]);
  if (!b.chance(4)) b.zero([y, 1], [x, b.nonzero()]);
}

/**
 * Layers of a hash of which only sums are constrained, as a compiler leaves them that solves linear constraints: products of
 * inputs tell two sums of three unknowns; a square of a sum of these, or nearly, tells the third.
 */
function layers(b: SmallBuilder): void {
  const [out, x, y, square] = [b.output(), b.input(), b.input(), b.wire()];
  const unknown = b.wires(3);
  const sum = (): Term[] => unknown.map((wire): Term => [wire, b.element()]);
  const [first, second, third] = [sum(), sum(), sum()];
  b.say(b.form([x, 1]), b.form([x, 1]), b.form(...first));
  b.say(b.form([x, 1], [y, 1]), b.form([y, 1]), b.form(...second));
  const by = b.nonzero();
  const layer = first.map(([wire, c], i): Term => [wire, BigInt(c) + by * BigInt(second[i]![1])]);
  if (b.chance(6)) layer.push([unknown[0]!, b.nonzero()]);
  b.say(b.form(...layer, [0, b.element()]), b.form(...layer, [x, b.element()]), b.form([square, 1]));
  b.zero([square, 1], ...third);
  b.zero([out, 1], ...sum());
}

/** Two unknowns, each times an input that is not 0, in one sum; a second equation of them, or none. */
function weighed(b: SmallBuilder): void {
  const [u, v, s] = [b.output(), b.output(), b.input()];
  const sum: Term[] = [[s, -1]];
  for (const unknown of [u, v]) {
    const [x, inverse, product] = [b.chance(4) ? s : b.input(), b.wire(), b.wire()];
    b.say(b.form([x, 1]), b.form([inverse, 1]), b.form([0, 1]));
    b.say(b.form([x, 1]), b.form([unknown, 1]), b.form([product, 1]));
    sum.push([product, 1]);
  }
  b.zero(...sum);
  if (b.chance(2)) b.zero([u, b.nonzero()], [v, b.element()], [s, 1]);
}

/** Squares and their roots, told by a bit or not. */
function root(b: SmallBuilder): void {
  const [out, x] = [b.output(), b.input()];
  b.say(b.form([out, 1]), b.form([out, 1]), b.form([x, 1]));
  if (b.chance(2)) b.bitsOf(2, [out, 1]);
  else b.say(b.form([out, 1], [0, b.element()]), b.form([b.wire(), 1]), b.form([0, 1]));
}

/** circomlib's CompConstant: bits spell more than a limit if, and only if, the answer is 1; nearly, where it is spoilt. */
function compared(b: SmallBuilder, bits: readonly number[], limit: number, ...answer: readonly Term[]): void {
  const pairs = bits.length / 2;
  const sum: Term[] = [];
  let [below, above] = [(2 << pairs) - 1, 1];
  for (let i = 0; i < pairs; i++) {
    const [l, h, part] = [bits[2 * i]!, bits[2 * i + 1]!, b.wire()];
    const [cl, ch] = [(limit >> (2 * i)) & 1, (limit >> (2 * i + 1)) & 1];
    const [both, ...terms]: readonly [number, ...Term[]] =
      ch === 0 && cl === 0
        ? [-below, [h, below], [l, below]]
        : ch === 0
          ? [above, [l, -above], [h, below - above], [0, above]]
          : cl === 0
            ? [below, [h, -above], [0, above]]
            : [-above, [0, above]];
    b.say(
      b.form([l, both]),
      b.form([h, 1]),
      b.form([part, 1], ...terms.map(([w, c]): Term => [w, -BigInt(c)])),
    );
    sum.push([part, 1]);
    below -= 1 << i;
    above += 1 << i;
  }
  // Where the sum begins decides whether the bit tells what it should.
  const spare = b.bitsOf(pairs + 3, ...sum, [0, b.chance(4) ? b.below(1 << pairs) : 0]);
  b.zero([spare[pairs]!, 1], ...answer);
}

/**
 * Bits of x, kept below a constant by circomlib's CompConstant with four pairs; without it, or with a wrong constant, they may
 * also spell x + p.
 */
function strictBits(b: SmallBuilder): void {
  const [x, low] = [b.input(), b.output()];
  const bits = b.bitsOf(8, [x, 1]);
  b.zero([low, 1], ...spelled(bits.slice(0, 1 + b.below(3)), -1));
  compared(b, bits, Number(b.p) - 1 + (b.chance(4) ? b.below(7) : 0));
}

/** A root of a square and which of the two it is: its bits spell at most half of p, or more, nearly. */
function signedRoot(b: SmallBuilder): void {
  const [out, square, sign] = [b.output(), b.input(), b.input()];
  b.say(b.form([out, 1]), b.form([out, 1]), b.form([square, 1]));
  const bits = b.bitsOf(8, [out, 1]);
  const half = (Number(b.p) - 1) / 2 + (b.chance(4) ? b.below(3) - 1 : 0);
  if (!b.chance(6)) compared(b, bits, Number(b.p) - 1);
  compared(b, bits, half, [sign, -1]);
}

const QUICK: readonly Kind[] = [
  { name: 'anything', primes: TINY, write: anything },
  { name: 'digits', primes: TINY, write: digits },
  { name: 'selector', primes: TINY, write: selector },
  { name: 'zero test', primes: TINY, write: zeroTest },
  { name: 'division', primes: TINY, write: division },
  { name: 'edwards', primes: TINY, write: edwards },
  { name: 'less than', primes: [11, 13, 17, 31], write: lessThan },
  { name: 'quotient', primes: [11, 17, 31, 61], write: quotient },
  { name: 'together', primes: TINY, write: together },
  { name: 'weighed', primes: [5, 7, 11], write: weighed },
  { name: 'root', primes: TINY, write: root },
  { name: 'layers', primes: [5, 7], write: layers },
];
/** Bits of a whole element take the exhaustive search longest, and are drawn less often. */
export const KINDS: readonly Kind[] = [
  ...QUICK,
  ...QUICK,
  { name: 'strict bits', primes: [131, 137, 149, 193, 251], write: strictBits },
  { name: 'signed root', primes: [131, 137, 149, 193, 251], write: signedRoot },
];
