import { useRef } from 'preact/hooks';
import { useChain } from './chain.ts';

/** What this browser has found out about the node: whether all that it showed holds. Said aloud when it changes. */
export function VerdictBar() {
  const { seen } = useChain();
  const { fault, failed, state, certified, chain } = seen;
  const problem = failed ?? fault;
  const isLie = fault?.isLie === true;
  const tone = isLie ? 'bad' : problem !== undefined ? 'warn' : state === undefined ? 'idle' : 'good';
  return (
    <section class={`verdict ${tone}`} aria-label="Verdict of this browser">
      <p role="status" aria-live="polite">
        {problem !== undefined ? (
          <>
            <strong>
              {isLie ? '✗ The node shows what is not true' : '! The chain cannot be followed'}
              {fault?.height ? ` of height ${fault.height}` : ''}:
            </strong>{' '}
            {problem.text} <code>{problem.code}</code>
          </>
        ) : state === undefined ? (
          chain === undefined ? (
            'The genesis is being read.'
          ) : (
            'No height is verified yet.'
          )
        ) : (
          <>
            <strong>✓ Verified in this browser up to height {state.height}</strong>
            {certified > state.height ? `; the node says that the chain is at ${certified}.` : '.'}
          </>
        )}
      </p>
      <ChainName />
    </section>
  );
}

/** By what the chain is known, and what whoever trusts nobody compares. */
function ChainName() {
  const { seen, tell } = useChain();
  const box = useRef<HTMLInputElement>(null);
  const { chain } = seen;
  if (chain === undefined) return null;
  const { chainId, chainHash, pin } = chain;
  return (
    <details open={pin === 'other'}>
      <summary>
        Chain {chainId},{' '}
        {pin === 'same'
          ? 'the one that this browser knows here'
          : pin === 'new'
            ? 'seen here for the first time'
            : 'ANOTHER one than before'}
      </summary>
      <p>
        Its hash is <code class="hash">{chainHash}</code>. All that is verified follows from the genesis with
        this hash, which {chain.genesis === 'served' ? 'came from the node itself' : 'you chose'}: compare it
        with what somebody says whom you trust.
      </p>
      {pin !== 'same' && (
        <p class="row">
          <label>
            <input type="checkbox" ref={box} /> I have compared it
          </label>{' '}
          <button
            type="button"
            onClick={() => {
              if (box.current?.checked) tell({ kind: 'pin', chainHash });
            }}
          >
            Take this chain for the one of this address
          </button>
        </p>
      )}
    </details>
  );
}
