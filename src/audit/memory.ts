import { totalmem } from 'node:os';
import { sizeOfR1cs } from '../groth16/r1cs.ts';
import { AuditError } from './errors.ts';

/** Heap of the audit's thread, at most, MiB; less where the machine has less. */
const MAX_HEAP_MIB = 4096;

export const heapMib = (): number => Math.min(MAX_HEAP_MIB, Math.floor((0.75 * totalmem()) / 2 ** 20));

/**
 * Bytes that a circuit takes before the search for a proof says anything: read, in normal form, with its indexes. For each wire,
 * constraint and term of a constraint, as measured for the worst that a file may choose (docs/AUDIT.md).
 */
const BYTES = { wire: 200, constraint: 1400, term: 200 } as const;

/**
 * Refuses a circuit before room is made for it.
 * @param file of anybody; whether it is a circuit at all, its reader tells
 * @param atMost MiB
 * @throws {AuditError} AUDIT_MEMORY
 */
export function refuseLarge(file: Uint8Array, atMost: number): void {
  const size = sizeOfR1cs(file);
  if (size === undefined) return;
  const { wires, constraints, terms } = size;
  const mib = (wires * BYTES.wire + constraints * BYTES.constraint + terms * BYTES.term) / 2 ** 20;
  if (mib > atMost)
    throw tooLarge(
      atMost,
      `: ${constraints} constraints with ${terms} terms over ${wires} wires take up to ${Math.ceil(mib)} MiB`,
    );
}

/** @param why with what it begins with, or nothing */
export const tooLarge = (atMost: number, why = ''): Error =>
  new AuditError(
    'AUDIT_MEMORY',
    `the audit of this circuit needs more than ${atMost} MiB of memory${why}. Audit its parts, each as a circuit of its own`,
  );
