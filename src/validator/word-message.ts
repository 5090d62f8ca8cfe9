import type { EpochDomain } from '../ledger/epoch-config.ts';
import { decodeMessage, encodeMessage, type WordMessage, wordBody } from './messages.ts';
import { signWord } from './signed-word.ts';
import type { ValidatorSecrets } from './types.ts';
import type { ValidatorCrypto } from './validator-crypto.ts';

/** Who signs. */
export interface Signer {
  readonly domain: EpochDomain;
  readonly secrets: Pick<ValidatorSecrets, 'signSecret'>;
  readonly crypto?: Pick<ValidatorCrypto, 'sign'> | undefined;
}

type Unsigned = {
  [K in WordMessage['kind']]: Omit<Extract<WordMessage, { kind: K }>, 'word'>;
}[WordMessage['kind']];

/** A finish or settlement message with its author's signature. */
export function signedMessage({ domain, secrets, crypto }: Signer, unsigned: Unsigned): WordMessage {
  const message = { ...unsigned, word: new Uint8Array(64) } as WordMessage;
  return {
    ...message,
    word: signWord(secrets.signSecret, domain, message.kind, message.height, wordBody(message), crypto?.sign),
  };
}

/** A frame signed by whoever sends it now; one of a kind that is not signed stays as it is. For those who change what they send. */
export function signedFrame(signer: Signer, bytes: Uint8Array): Uint8Array {
  const message = decodeMessage(bytes);
  return message !== undefined && 'word' in message ? encodeMessage(signedMessage(signer, message)) : bytes;
}
