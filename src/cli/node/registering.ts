import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomBytes } from '../../base/random.ts';
import { signKeyFromSeed } from '../../crypto/signature.ts';
import { type ChainGenesis, chainHash } from '../../ledger/chain-genesis.ts';
import { encodeItem } from '../../ledger/items.ts';
import { draftRegistration, signRegistration } from '../../ledger/rotation/make-registration.ts';
import { type RegisteredGenesis, registrationProofs } from '../../ledger/rotation/registered-genesis.ts';
import type { RegistrationItem } from '../../ledger/rotation/registration.ts';
import { NodeError } from '../../node/errors.ts';
import { epochFolder } from '../../node/file-safe.ts';
import { FileStore } from '../../node/file-store.ts';
import { GENERATION } from '../../node/first-keys-node.ts';
import { secretFileName, writeSecretFile } from '../../node/secret-file.ts';
import { ballotInput } from '../../proofs/ballot.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import type { Prover } from '../../proofs/prover.ts';
import { CliError } from '../errors.ts';

const fresh: RandomBytes = (n) => Uint8Array.from(randomBytes(n));

/** The public part of a permanent key, 32 bytes. */
export const rootKeyOf = (rootSecret: Uint8Array): Uint8Array => signKeyFromSeed(rootSecret).publicKey;

/** A member draws its keys for a chain's first epoch. */
export interface Registering {
  readonly chain: ChainGenesis;
  /** Ed25519 seed of its permanent key. */
  readonly rootSecret: Uint8Array;
  /** Where others will reach it, "host:port". */
  readonly address: string;
  readonly prover: Prover;
}

/**
 * Draws the keys with which a member registers for a chain's first epoch, keeps them in its folder, and makes the registration.
 * @param dir of the member
 * @throws {CliError} NOT_A_MEMBER; {NodeError} NODE_STORE_EXISTS if it has registered before: two sets of keys would contradict each other
 */
export async function registerMember(
  dir: string,
  { chain, rootSecret, address, prover }: Registering,
): Promise<RegistrationItem> {
  const member = memberOf(chain, rootSecret);
  const epoch = 1;
  const owner = { chainHash: chainHash(chain), member, epoch };
  const path = join(dir, secretFileName('registrant', epoch));
  if (existsSync(path))
    throw new NodeError('NODE_STORE_EXISTS', `${dir} has registered already: name another home`, {
      path: dir,
    });
  const drafted = draftRegistration({ chain: owner.chainHash, registryIndex: member, epoch }, address, fresh);
  const { proof } = await prover.prove('ballot', ballotInput(drafted.witness));
  const item = signRegistration(owner.chainHash, drafted, proof, rootSecret);
  // The store first: whoever finds keys and no store knows that the store was lost.
  FileStore.create(epochFolder(dir, GENERATION));
  writeSecretFile(path, owner, 'registrant', drafted.secrets);
  writeSecretFile(join(dir, secretFileName('registration', epoch)), owner, 'registration', encodeItem(item));
  return item;
}

/** @throws {CliError} NOT_A_MEMBER */
export function memberOf({ registry }: ChainGenesis, rootSecret: Uint8Array): number {
  const key = String(rootKeyOf(rootSecret));
  const at = registry.findIndex((each) => String(each) === key);
  if (at >= 0) return at;
  throw new CliError(
    'NOT_A_MEMBER',
    'the registry of this chain does not hold the permanent key of this home',
  );
}

/** @throws {CliError} NOT_A_MEMBER if the proof of a registration does not hold */
export async function requireProved(genesis: RegisteredGenesis): Promise<void> {
  const proofs = registrationProofs(genesis);
  const verifier = await loadVerifier('ballot');
  const [bad] = await verifier.verifyBatch(
    proofs.map(({ signals }) => signals),
    proofs.map(({ proof }) => proof),
  );
  if (bad === undefined) return;
  const { registryIndex } = genesis.registrations[bad]!;
  throw new CliError(
    'NOT_A_MEMBER',
    `the proof in the registration of member ${registryIndex} does not hold`,
  );
}
