import 'reflect-metadata';
import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';

/** How a process shows its Ed25519 key in a TLS handshake. */
export interface TlsIdentity {
  /** PEM. Says nothing but the public key. */
  readonly certificate: string;
  /** PEM. Secret. */
  readonly privateKey: string;
}

const ALGORITHM = { name: 'Ed25519' };
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, section 7). */
const PKCS8 = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

/**
 * A certificate that a key signs for itself. Its only content is the key: peers are known by their keys, so it names nobody and never
 * expires.
 * @param seed Ed25519 seed, 32 bytes, secret
 */
export async function tlsIdentity(seed: Uint8Array): Promise<TlsIdentity> {
  cryptoProvider.set(webcrypto as never);
  const der = Buffer.concat([PKCS8, seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=velum',
    notBefore: new Date(0),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    signingAlgorithm: ALGORITHM,
    keys: keys as never,
  });
  return {
    certificate: certificate.toString('pem'),
    privateKey: secret.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** The Ed25519 key that the other end of a finished handshake has shown to be its own, 32 bytes; undefined if it showed none. */
export function peerKey(socket: TLSSocket): Uint8Array | undefined {
  try {
    const key = socket.getPeerX509Certificate()?.publicKey;
    return key === undefined ? undefined : rawKey(key);
  } catch {
    return undefined;
  }
}

function rawKey(key: KeyObject): Uint8Array | undefined {
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  const { x } = key.export({ format: 'jwk' });
  return x === undefined ? undefined : Uint8Array.from(Buffer.from(x, 'base64url'));
}
