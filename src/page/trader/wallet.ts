import { useCallback, useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { servedPlaces } from '../shell/chain.ts';
import type { FromWallet, ToWallet } from '../worker/messages.ts';
import { startWorker } from '../worker/start.ts';
import { BEFORE_DOOR, type WalletSeen, withNews } from './wallet-seen.ts';

/** A wallet in its worker, as the page has it. */
export interface PageWallet {
  readonly seen: WalletSeen;
  /** Whether it was open before, since the page was. */
  readonly wasLocked: boolean;
  readonly ask: (message: ToWallet) => void;
  /** Ends the worker, and with it all that is secret; another one stands before the locked door. */
  readonly lock: () => void;
}

/** Starts the worker that holds the keys. Only on a chain that was taken for the one of this address. */
export function useWallet(): PageWallet {
  const [seen, tell] = useReducer(withNews, BEFORE_DOOR);
  const [life, setLife] = useState(0);
  const worker = useMemo(() => startWorker('wallet'), [life]);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<FromWallet>) => tell(data);
    worker.onerror = ({ message }) => {
      const text = `What holds the keys has ended: ${message}. Load the page anew; what was sent may still be ordered.`;
      tell({ kind: 'refused', problem: { code: 'PAGE_WORKER', text } });
    };
    worker.postMessage({ kind: 'open', places: servedPlaces(), genesis: null } satisfies ToWallet);
    return () => worker.terminate();
  }, [worker]);
  const ask = useCallback(
    (message: ToWallet) => {
      tell({ kind: 'asked', asked: message.kind });
      worker.postMessage(message);
    },
    [worker],
  );
  const lock = useCallback(() => {
    // Before anything else: what it has said and nobody has heard goes with it.
    worker.terminate();
    tell({ kind: 'locked' });
    setLife((before) => before + 1);
  }, [worker]);
  return { seen, wasLocked: life > 0, ask, lock };
}
