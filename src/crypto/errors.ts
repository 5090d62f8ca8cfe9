import { code, errorsOf } from '../base/errors.ts';

/** What the cryptography refuses to compute. */
export const CryptoError = errorsOf({
  CRYPTO_SCALAR_OUT_OF_RANGE: code('A scalar is 0 or not below the group order.'),
  CRYPTO_INPUT: code<{
    readonly n?: number;
    readonly degree?: number;
    readonly points?: readonly number[];
    readonly depth?: number;
    readonly index?: number;
    readonly domain?: string;
  }>('A cryptographic function got an input of the wrong shape.'),
  CRYPTO_SELF_TEST: code('A library does not compute the curve the protocol is written for.'),
});
