import { ClientError } from '../../client/errors.ts';

/** Of this browser's wallet, whichever its chain: it keeps one key. */
const NAME = 'velum wallet';
/** A tab that was locked or loaded anew gives the wallet up when its worker has ended, which takes so long at most, ms. */
const WAIT_MS = 3_000;

/**
 * Takes this browser's wallet for this worker alone: two tabs would spend the same notes, by which others see that they are of one trader, and
 * write over what the other keeps.
 * @throws {ClientError} WALLET_OPEN if another tab has it
 * @returns what gives it up; the end of the worker does so as well
 */
export const takeWallet = (): Promise<() => void> =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(NAME, { signal: AbortSignal.timeout(WAIT_MS) }, () => new Promise<void>((end) => resolve(end)))
      .catch(() => {
        const text = 'another tab of this browser has the wallet open: lock it there, or close that tab';
        reject(new ClientError('WALLET_OPEN', text));
      });
  });
