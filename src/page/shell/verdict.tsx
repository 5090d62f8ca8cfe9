import type { FollowedChain, PageProblem } from '../worker/messages.ts';
import { useChain } from './chain.ts';

const OTHER_GENESIS: PageProblem = {
  code: 'PAGE_OTHER_GENESIS',
  text: 'It serves another genesis than the one that this browser took for this address. Nothing is followed from it.',
};

/** What this browser has found out about the node: whether all that it showed holds. Said aloud when it changes. */
export function VerdictBar() {
  const { seen } = useChain();
  const { fault, failed, state, certified, chain } = seen;
  const isOther = chain?.pin === 'other';
  const problem = isOther ? OTHER_GENESIS : (failed ?? fault);
  const isLie = isOther || fault?.isLie === true;
  const verified = state?.height ?? 0;
  const tone = isLie ? 'bad' : problem !== undefined ? 'warn' : verified === 0 ? 'idle' : 'good';
  const further = certified > verified ? `; the node says that the chain is at ${certified}.` : '.';
  return (
    <section class={`verdict ${tone}`} aria-label="Verdict of this browser">
      <p role="status" aria-live="polite">
        {problem !== undefined ? (
          <>
            <strong>
              {isLie ? '✗ The node shows what is not true' : '! The chain cannot be followed'}
              {fault?.height && !isOther ? ` of height ${fault.height}` : ''}:
            </strong>{' '}
            {problem.text} <code>{problem.code}</code>
          </>
        ) : verified === 0 ? (
          chain === undefined ? (
            'The genesis is being read.'
          ) : (
            <>No height is verified yet{further}</>
          )
        ) : (
          <>
            <strong>✓ Verified in this browser up to height {verified}</strong>
            {further}
          </>
        )}
      </p>
      <ChainName />
    </section>
  );
}

/** By what the chain is known, and what whoever trusts nobody compares. */
function ChainName() {
  const { chain } = useChain().seen;
  if (chain === undefined) return null;
  const { chainId, pin } = chain;
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
      <PinChain chain={chain} />
    </details>
  );
}

/** What a chain is known by, and taking it for the one of this address once it was compared. */
export function PinChain({ chain }: { readonly chain: FollowedChain }) {
  const { tell } = useChain();
  const { genesisHash, pin } = chain;
  return (
    <>
      <p>
        The hash of its genesis is <code class="hash">{genesisHash}</code>, as{' '}
        <code>sha256sum genesis.json</code> prints it. All that is verified follows from that file, which{' '}
        {chain.genesis === 'served' ? 'came from the node itself' : 'you chose'}: compare it with what
        somebody says whom you trust.
      </p>
      {pin !== 'same' && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            tell({ kind: 'pin', genesisHash });
          }}
        >
          <label>
            <input type="checkbox" required /> I have compared it
          </label>{' '}
          <button type="submit">Take this chain for the one of this address</button>
        </form>
      )}
    </>
  );
}
