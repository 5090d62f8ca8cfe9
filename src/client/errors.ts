import { code, errorsOf } from '../base/errors.ts';

/** What a wallet refuses from its owner. */
export const ClientError = errorsOf({
  WALLET_INPUT: code('A wallet got a wish or a seed that it cannot serve.'),
});
