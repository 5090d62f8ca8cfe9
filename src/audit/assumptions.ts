import { r } from '../params/fields.ts';
import type { Fact, FactOf } from './certificate/certificate.ts';
import { one } from './certificate/multiples.ts';
import { AuditError } from './errors.ts';

/** What a caller of the circuit promises of inputs, as a command line says it. */
export interface Assumption {
  readonly as: string;
  readonly fact: Fact;
}

const FORM = /^(bits|range:(\d{1,3})|subgroup|input)=(.+)$/;
const FORMS = 'bits=in[*], range:8=x, subgroup=P[*] or input=hint';

/** Names that an assumption may be about. */
export interface Nameable {
  /** Inputs, by wire. */
  readonly inputs: ReadonlyMap<number, string>;
  /** All signals that are wires. */
  readonly signals: ReadonlyMap<number, string>;
}

/**
 * Reads `bits=NAME` (each is 0 or 1), `range:N=NAME` (each is below 2^N), `subgroup=NAME` (NAME[0] and NAME[1] are a point of
 * BabyJubJub's subgroup of prime order, and not O) and `input=NAME` (a signal that no input determines is taken for one); `*` in
 * a name stands for anything.
 * @param modulus of the circuit's field
 * @throws {AuditError} ASSUMPTION if it is none, or nothing has the name
 */
export function parseAssumption(text: string, { inputs, signals }: Nameable, modulus: bigint): Assumption[] {
  const [, form, digits, pattern] = FORM.exec(text) ?? [];
  if (form === undefined || pattern === undefined)
    throw new AuditError('ASSUMPTION', `${text} is no assumption: write ${FORMS}`);
  const bits = digits === undefined ? 1 : Number(digits);
  if (bits < 1 || 1n << BigInt(bits) >= modulus)
    throw new AuditError(
      'ASSUMPTION',
      `${text}: a range has at least 1 bit and stays below the field's order`,
    );
  const names = form === 'input' ? signals : inputs;
  const wires = wiresNamed(pattern, names);
  if (wires.length === 0)
    throw new AuditError(
      'ASSUMPTION',
      `${text}: no ${form === 'input' ? 'signal' : 'input'} that is a wire has this name`,
    );
  const facts =
    form === 'subgroup'
      ? pointsNamed(text, wires, names, modulus)
      : wires.map((wire): Fact => {
          if (form === 'input') return { kind: 'unique', form: new Map([[wire, 1n]]) };
          if (bits === 1) return { kind: 'set', wire, values: [0n, 1n] };
          return { kind: 'range', wire, low: 0n, high: (1n << BigInt(bits)) - 1n };
        });
  return facts.map((fact) => ({ as: text, fact }));
}

/** Pairs NAME[0], NAME[1] as points of the subgroup. */
function pointsNamed(
  text: string,
  wires: readonly number[],
  names: ReadonlyMap<number, string>,
  modulus: bigint,
): Fact[] {
  if (modulus !== r)
    throw new AuditError('ASSUMPTION', `${text}: BabyJubJub is over BN254, and this circuit is not`);
  const byName = new Map(wires.map((wire) => [names.get(wire)!, wire]));
  const found = [...byName].flatMap(([name, x]): Fact[] => {
    const y = name.endsWith('[0]') ? byName.get(`${name.slice(0, -3)}[1]`) : undefined;
    return y === undefined ? [] : [assumedPoint(x, y)];
  });
  if (found.length === 0 || 2 * found.length !== wires.length)
    throw new AuditError('ASSUMPTION', `${text}: a point has two coordinates, NAME[0] and NAME[1]`);
  return found;
}

/** Two wires are the Edwards coordinates of a point of the subgroup of prime order that is not O. */
function assumedPoint(x: number, y: number): FactOf<'point'> {
  const [u, v] = [new Map([[x, 1n]]), new Map([[y, 1n]])];
  return { kind: 'point', curve: 'edwards', u, v, base: [u, v], multiples: one(1n) };
}

/** Wires whose names a pattern matches; `*` stands for anything. */
export function wiresNamed(pattern: string, names: ReadonlyMap<number, string>): number[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return [...names].filter(([, name]) => expression.test(name)).map(([wire]) => wire);
}
