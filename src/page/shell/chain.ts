import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useReducer } from 'preact/hooks';
import type { FromChain, ServedPlaces, ToChain } from '../worker/messages.ts';
import { startWorker } from '../worker/start.ts';
import { absorb, BEFORE_ANY, type ChainSeen } from './chain-seen.ts';

/** All of the page's own origin. */
export function servedPlaces(): ServedPlaces {
  const at = (path: string): string => new URL(path, location.origin).href;
  return { rpc: at('/'), genesis: at('/genesis.json'), keys: at('/keys/') };
}

export interface Chain {
  readonly seen: ChainSeen;
  readonly tell: (message: ToChain) => void;
}

/** Starts the worker that follows and verifies the chain, once for the whole page. */
export function useChainWorker(): Chain {
  const [seen, dispatch] = useReducer(absorb, BEFORE_ANY);
  const worker = useMemo(() => startWorker('chain'), []);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<FromChain>) => dispatch(data);
    worker.onerror = ({ message }) =>
      dispatch({
        kind: 'failed',
        problem: { code: 'PAGE_WORKER', text: `What verifies the chain has ended: ${message}` },
      });
    worker.postMessage({ kind: 'open', places: servedPlaces(), genesis: null } satisfies ToChain);
    return () => worker.terminate();
  }, [worker]);
  const tell = useCallback((message: ToChain) => worker.postMessage(message), [worker]);
  return { seen, tell };
}

const ChainContext = createContext<Chain>({ seen: BEFORE_ANY, tell: () => {} });
export const ChainProvider = ChainContext.Provider;
export const useChain = (): Chain => useContext(ChainContext);
