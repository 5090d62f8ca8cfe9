import type { R1cs } from '../../groth16/r1cs.ts';
import { AuditError } from '../errors.ts';
import type { RawSystem } from './normal-form.ts';
import { isProbablePrime, PrimeField } from './prime-field.ts';

/**
 * A compiled circuit as the engine takes it.
 * @param targets public inputs whose uniqueness is asked beside the outputs': they are then no inputs
 * @throws {AuditError} AUDIT_FIELD if its modulus is no odd prime
 */
export function rawSystem(r1cs: R1cs, modulus: bigint, targets: readonly number[] = []): RawSystem {
  if (modulus === 2n || !isProbablePrime(modulus))
    throw new AuditError('AUDIT_FIELD', `the circuit is over ${modulus}, which is no odd prime`);
  const { wireCount, outputCount, publicInputCount, privateInputCount, constraints } = r1cs;
  const last = outputCount + publicInputCount + privateInputCount;
  const asked = new Set(targets);
  return {
    field: new PrimeField(modulus),
    wireCount,
    isInput: Array.from({ length: wireCount }, (_, w) => w > outputCount && w <= last && !asked.has(w)),
    targets: [...Array.from({ length: outputCount }, (_, i) => i + 1), ...asked],
    constraints,
  };
}
