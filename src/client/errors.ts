import { code, errorsOf } from '../base/errors.ts';
import type { LightProblem } from './light-client.ts';

/** What a wallet refuses from its owner, and what nodes refuse to it. */
export const ClientError = errorsOf({
  HEIGHT_REFUSED: code<{ readonly height: number; readonly problem: LightProblem }>(
    'A height is not what its chain certified, or its files say something else.',
  ),
  WALLET_PASSWORD: code('A password is missing, too short, or not the one of the key file.'),
  WALLET_EXISTS: code('A folder holds a wallet already.'),
  WALLET_OPEN: code('The wallet is open elsewhere in the same browser.'),
  WALLET_MISSING: code('A folder holds no wallet.'),
  WALLET_EXPOSED: code('Other users can read a key file.'),
  WALLET_FUNDS: code('No note or account of the wallet holds what is asked for.'),
  WALLET_UNSETTLED: code<{ readonly said: readonly string[] }>('What a wallet sent was not settled.'),
  NODE_UNREACHABLE: code<{ readonly rpc: string }>('A validator does not answer.'),
  NODE_REFUSED: code<{ readonly refusal: string }>('A validator does not do what it was asked.'),
  WALLET_INPUT: code('A wallet got a wish or a seed that it cannot serve.'),
});
