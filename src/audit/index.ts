/**
 * Audits of compiled circuits, whoever wrote them: which outputs have one value for each input, proved with a certificate; which a
 * prover may choose, shown with two witnesses; and what else a circuit forgets to constrain.
 *
 * @example Whether each output has one value for each input
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readFile } from 'node:fs/promises';
 * import { auditInThread, checkCertificateFile } from 'velum/audit';
 *
 * const bytes = await readFile('circuit.r1cs');
 * const files = {
 *   r1cs: { name: 'circuit.r1cs', bytes },
 *   sym: { name: 'circuit.sym', text: await readFile('circuit.sym', 'utf8') },
 *   witnesses: [],
 * };
 * const { signal } = new AbortController();
 * const { answer } = await auditInThread({ files, assume: [], target: [] }, 10_000, signal, () => {});
 * assert.deepEqual(answer.outputs.map(({ name, verdict }) => `${name}: ${verdict}`), ['sum: PROVED']);
 *
 * // Whoever does not believe the search goes through its certificate.
 * assert.equal(checkCertificateFile(answer.certificate ?? '', bytes).accepted, true);
 * ```
 * @packageDocumentation
 */
export type { R1cs, Witness } from '../groth16/r1cs.ts';
export type { AuditResult } from './audit.ts';
export { auditInThread, type Examined } from './audit-thread.ts';
export type { Fact, UniquenessCertificate } from './certificate/certificate.ts';
export { type CertificateFile, parseCertificate } from './certificate/certificate-file.ts';
export { type CheckedCertificate, checkCertificateFile } from './certificate/check-file.ts';
export { AuditError } from './errors.ts';
export type { AuditFiles, AuditRequest, ForgeryFiles, NamedBytes, OutputsAnswer } from './examine.ts';
export { type Finding, RULES, type Rule } from './findings.ts';
export { type Names, namesByNumber, namesFromSym } from './names.ts';
export type { NamedVerdict } from './outputs.ts';
export { type Snapshot, snapshotChanges } from './snapshot.ts';
export { type Judgement, judge, parseWaivers, type Waiver } from './waivers.ts';
