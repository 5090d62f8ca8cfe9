import { BYTE_DOMAINS, byteTag, FIELD_DOMAINS, fieldTag } from '../../src/params/domains.ts';
import { consensusVectors } from './consensus.ts';
import { cryptoVectors } from './crypto.ts';
import { dealingVectors } from './dealing.ts';
import { hostVectors } from './host.ts';
import { ledgerVectors } from './ledger.ts';
import { registryVectors } from './registry.ts';
import { validatorVectors } from './validator.ts';
import { named, type Vectors } from './vector.ts';

const tagVectors = (): Vectors => ({
  ...named('tag/field', Object.fromEntries(FIELD_DOMAINS.map((domain) => [domain, fieldTag(domain)]))),
  ...named('tag/bytes', Object.fromEntries(BYTE_DOMAINS.map((domain) => [domain, byteTag(domain)]))),
});

/** What the rooms make of fixed inputs. A new hash, id or encoding gets its line in the file of its room. */
export const roomVectors = (): Vectors => ({
  ...cryptoVectors(),
  ...dealingVectors(),
  ...consensusVectors(),
  ...ledgerVectors(),
  ...registryVectors(),
  ...validatorVectors(),
  ...hostVectors(),
});

/**
 * Every domain tag, and every hash, id and encoding that leaves a process or is kept, of fixed inputs. After a change:
 * `npx tsx scripts/gen-vectors.ts`.
 */
export const allVectors = (): Vectors => ({ ...tagVectors(), ...roomVectors() });
