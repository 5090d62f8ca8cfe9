import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * BLAKE2b-512 of the public Hermez / Perpetual Powers of Tau files (54 contributions and a beacon) of powers 11 to 16.
 * @see the table in snarkjs' README, "powersOfTau28_hez_final_<power>.ptau"
 */
const PUBLIC_CEREMONY: ReadonlySet<string> = new Set([
  '47c282116b892e5ac92ca238578006e31a47e7c7e70f0baa8b687f0a5203e28ea07bbbec765a98dcd654bad618475d4661bfaec3bd9ad2ed12e7abc251d94d33', // 11
  'ded2694169b7b08e898f736d5de95af87c3f1a64594013351b1a796dbee393bd825f88f9468c84505ddd11eb0b1465ac9b43b9064aa8ec97f2b73e04758b8a4a', // 12
  '58efc8bf2834d04768a3d7ffcd8e1e23d461561729beaac4e3e7a47829a1c9066d5320241e124a1a8e8aa6c75be0ba66f65bc8239a0542ed38e11276f6fdb4d9', // 13
  'eeefbcf7c3803b523c94112023c7ff89558f9b8e0cf5d6cdcba3ade60f168af4a181c9c21774b94fbae6c90411995f7d854d02ebd93fb66043dbb06f17a831c1', // 14
  '982372c867d229c236091f767e703253249a9b432c1710b4f326306bfa2428a17b06240359606cfe4d580b10a5a1f63fbed499527069c18ae17060472969ae6e', // 15
  '6a6277a2f74e1073601b4f9fed6e1e55226917efb0f0db8a07d98ab01df1ccf43eb0e8c3159432acd4960e2f29fe84a4198501fa54c8dad9e43297453efec125', // 16
]);

/** What MANIFEST.json says of the phase-1 file of a circuit's key. */
export interface Phase1File {
  readonly name: string;
  readonly blake2b: string;
  /** 'public ceremony' if the hash is a published one; 'none' for any other file, whatever its name. */
  readonly trust: 'public ceremony' | 'none';
}

export async function identifyPhase1(path: string): Promise<Phase1File> {
  const hash = createHash('blake2b512');
  await pipeline(createReadStream(path), hash);
  const blake2b = hash.digest('hex');
  return { name: basename(path), blake2b, trust: PUBLIC_CEREMONY.has(blake2b) ? 'public ceremony' : 'none' };
}
