import type { Fact } from './certificate/certificate.ts';
import { AuditError } from './errors.ts';

/** What a caller of the circuit promises of inputs, as a command line says it. */
export interface Assumption {
  readonly as: string;
  readonly fact: Fact;
}

const FORM = /^(bits|range:(\d{1,3}))=(.+)$/;

/**
 * Reads `bits=NAME` (each is 0 or 1) and `range:N=NAME` (each is below 2^N); `*` in a name stands for anything.
 * @param names   of inputs, by wire
 * @param modulus of the circuit's field
 * @throws {AuditError} ASSUMPTION if it is none, or no input has the name
 */
export function parseAssumption(
  text: string,
  names: ReadonlyMap<number, string>,
  modulus: bigint,
): Assumption[] {
  const match = FORM.exec(text);
  if (match === null)
    throw new AuditError('ASSUMPTION', `${text} is no assumption: write bits=in[*] or range:8=x`);
  const bits = match[2] === undefined ? 1 : Number(match[2]);
  if (bits < 1 || 1n << BigInt(bits) >= modulus)
    throw new AuditError(
      'ASSUMPTION',
      `${text}: a range has at least 1 bit and stays below the field's order`,
    );
  const wires = wiresNamed(match[3]!, names);
  if (wires.length === 0)
    throw new AuditError('ASSUMPTION', `${text}: no input that is a wire has this name`);
  return wires.map((wire) => ({
    as: text,
    fact:
      bits === 1
        ? { kind: 'set', wire, values: [0n, 1n] }
        : { kind: 'range', wire, low: 0n, high: (1n << BigInt(bits)) - 1n },
  }));
}

/** Wires whose names a pattern matches; `*` stands for anything. */
export function wiresNamed(pattern: string, names: ReadonlyMap<number, string>): number[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return [...names].filter(([, name]) => expression.test(name)).map(([wire]) => wire);
}
