import { groth16 } from 'snarkjs';
import { loadCurve } from '../../src/groth16/curve.ts';
import { proofToBytes } from '../../src/groth16/encoding.ts';

/** The proof that snarkjs makes of a witness with given r and s instead of its random ones: 256 bytes. */
export async function snarkjsProof(
  zkey: Uint8Array,
  wtns: Uint8Array,
  blinds: readonly [bigint, bigint],
): Promise<Uint8Array> {
  const curve = await loadCurve();
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = curve;
  const Fr = curve.Fr as unknown as { random: () => Uint8Array; e: (x: bigint) => Uint8Array };
  const random = Fr.random;
  let drawn = 0;
  Fr.random = () => Fr.e(blinds[drawn++]!);
  try {
    return proofToBytes((await groth16.prove(zkey, wtns)).proof);
  } finally {
    Fr.random = random;
  }
}
