import { code, errorsOf } from '../base/errors.ts';

/** What is wrong with the network of this machine. */
export const NetError = errorsOf({
  NET_LISTEN: code<{ readonly host: string; readonly port: number }>(
    'An address on which a program is to listen cannot be used.',
  ),
});
