import { createHash } from 'node:crypto';
import { parseR1csOverAny } from '../../groth16/r1cs.ts';
import { normalForm } from '../system/normal-form.ts';
import { rawSystem } from '../system/raw-system.ts';
import type { UniquenessCertificate } from './certificate.ts';
import { parseCertificate } from './certificate-file.ts';
import { check } from './check.ts';

/** Whether a certificate proves what it says, of which circuit, or why it does not. */
export type CheckedCertificate =
  | {
      readonly accepted: true;
      /** Wires that have one value for each input, as the file numbers them; outputs are 1 to outputCount. */
      readonly proved: readonly number[];
      readonly outputCount: number;
      /** Public inputs that were asked: they are no inputs of the proof. */
      readonly targets: readonly number[];
      readonly assumptions: UniquenessCertificate['assumptions'];
      readonly steps: number;
    }
  | { readonly accepted: false; readonly reason: string };

/**
 * Goes through a certificate of uniqueness, step by step and without any search: it says of a compiled circuit that its outputs,
 * and the public inputs that it names, have one value for each input.
 * @param text     certificate.json, from anybody
 * @param r1csFile the compiled circuit
 * @throws {AuditError} CERTIFICATE_FILE, AUDIT_FIELD; {Groth16Error} CIRCUIT_FILE
 */
export function checkCertificateFile(text: string, r1csFile: Uint8Array): CheckedCertificate {
  const file = parseCertificate(text);
  if (createHash('sha256').update(r1csFile).digest('hex') !== file.r1csSha256)
    return { accepted: false, reason: 'it is of another compiled circuit' };
  const r1cs = parseR1csOverAny(r1csFile);
  const last = r1cs.outputCount + r1cs.publicInputCount;
  if (file.targets.some((wire) => wire <= r1cs.outputCount || wire > last))
    return { accepted: false, reason: 'a target is no public input' };
  const system = normalForm(rawSystem(r1cs, r1cs.field.modulus, file.targets));
  const result = check(system, file.certificate);
  if (!result.accepted) return { accepted: false, reason: result.reason };
  const { proved, assumptions, steps } = file.certificate;
  const { outputCount } = r1cs;
  return { accepted: true, proved, outputCount, targets: file.targets, assumptions, steps: steps.length };
}
