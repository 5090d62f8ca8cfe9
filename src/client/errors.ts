import { code, errorsOf } from '../base/errors.ts';
import type { LightProblem } from './light-client.ts';

/** What a wallet refuses from its owner. */
export const ClientError = errorsOf({
  HEIGHT_REFUSED: code<{ readonly height: number; readonly problem: LightProblem }>(
    'A height is not what its chain certified, or its files say something else.',
  ),
  WALLET_INPUT: code('A wallet got a wish or a seed that it cannot serve.'),
});
