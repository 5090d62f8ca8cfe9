import type { Verifier } from '../groth16/verifier.ts';
import { r } from '../params/fields.ts';
import { type Finding, grouped } from './findings.ts';
import { patternOf } from './names.ts';

/** A statement whose proof was tried for other public signals. */
export interface ProofTampering {
  readonly tried: number;
  readonly findings: readonly Finding[];
}

/**
 * Verifies one proof for public signals that are not its own: each ± 1 and + r, each two neighbours exchanged, one
 * fewer, one more. All must be refused.
 * @param names of the public signals
 */
export async function tamperWithProof(
  verifier: Verifier,
  names: readonly string[],
  publicSignals: readonly bigint[],
  proof: Uint8Array,
): Promise<ProofTampering> {
  const variants: { subject: string; what: string; signals: readonly bigint[] }[] = [
    { subject: 'all', what: 'without the last signal', signals: publicSignals.slice(0, -1) },
    { subject: 'all', what: 'with one signal more', signals: [...publicSignals, 0n] },
  ];
  publicSignals.forEach((value, i) => {
    const subject = names[i]!;
    const put = (other: bigint): bigint[] => publicSignals.with(i, other);
    variants.push({ subject, what: '+ 1', signals: put((value + 1n) % r) });
    variants.push({ subject, what: '− 1', signals: put((value + r - 1n) % r) });
    variants.push({ subject, what: '+ r', signals: put(value + r) });
    const next = publicSignals[i + 1];
    if (next !== undefined && next !== value)
      variants.push({ subject, what: 'exchanged with the next', signals: put(next).with(i + 1, value) });
  });
  const accepted: { subject: string; message: string }[] = [];
  for (const { subject, what, signals } of variants)
    if (await verifier.verify(signals, proof))
      accepted.push({ subject, message: `the proof verifies for other public signals: ${what}` });
  return { tried: variants.length, findings: grouped('proof-tamper', accepted, patternOf) };
}
