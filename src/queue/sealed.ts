import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes, toHex, utf8 } from '../base/bytes.ts';

export const QUEUE_KEY_BYTES = 32;
const NONCE_BYTES = 24;

/** What something is sealed for; opened for anything else it is nothing. */
export interface SealedFor {
  readonly what: 'input' | 'answer';
  readonly task: string;
  /** SHA-256 of the circuit's proving key, hex. */
  readonly circuit: string;
}

/**
 * What a key that a requester and its workers share is used for: inputs of proofs are sealed with XChaCha20-Poly1305, each for its task
 * and its circuit, and so are answers, so that only who has the key can give one. A key of its own for each use, by HKDF-SHA256
 * (RFC 5869).
 */
export class QueueSeal {
  /** Public: says which key it is, so that workers with another one leave its tasks alone. */
  readonly keyId: string;
  private readonly keys: Readonly<Record<SealedFor['what'] | 'task', Uint8Array>>;

  /** @param key 32 bytes, secret */
  constructor(key: Uint8Array) {
    const derived = (use: string): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `velum queue 1 ${use}`, QUEUE_KEY_BYTES));
    this.keys = { input: derived('input'), answer: derived('answer'), task: derived('task') };
    this.keyId = toHex(derived('id').subarray(0, 16));
  }

  /** Equal inputs of a circuit are one task; without the key it says nothing of the input. */
  taskId(circuit: string, input: Uint8Array): string {
    const mac = createHmac('sha256', this.keys.task).update(circuit).update(input).digest('hex');
    return `proof${mac.slice(0, 32)}`;
  }

  /** @returns nonce ‖ sealed bytes, in base64 */
  seal(sealedFor: SealedFor, bytes: Uint8Array): string {
    const nonce = Uint8Array.from(randomBytes(NONCE_BYTES));
    return Buffer.from(concatBytes(nonce, this.cipher(sealedFor, nonce).encrypt(bytes))).toString('base64');
  }

  /** @param text hostile. @returns undefined if it was changed, or sealed with another key or for something else */
  open(sealedFor: SealedFor, text: string): Uint8Array | undefined {
    const sealed = Uint8Array.from(Buffer.from(text, 'base64'));
    try {
      return this.cipher(sealedFor, sealed.subarray(0, NONCE_BYTES)).decrypt(sealed.subarray(NONCE_BYTES));
    } catch {
      return undefined;
    }
  }

  private cipher({ what, task, circuit }: SealedFor, nonce: Uint8Array) {
    return xchacha20poly1305(this.keys[what], nonce, utf8(JSON.stringify([what, task, circuit])));
  }
}
