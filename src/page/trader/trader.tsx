import { useChain } from '../shell/chain.ts';
import { PinChain } from '../shell/verdict.tsx';
import { Door } from './door.tsx';
import { UnlockedWallet } from './unlocked-wallet.tsx';
import { useWallet } from './wallet.ts';

/** A trader's part of the page: nothing is kept, shown or sent before its chain is the one that the user means. */
export function TraderTab() {
  const { chain } = useChain().seen;
  if (chain === undefined) return <p>The genesis is being read.</p>;
  if (chain.pin === 'same') return <OnPinned />;
  return (
    <>
      <h2>Which chain is it?</h2>
      <p>
        Keys, notes and proofs are of one chain, and everything that a wallet believes follows from its
        genesis. Compare the hash of this one before you make keys on it. The browser remembers the hash for
        this address and sends it to nobody.
      </p>
      <PinChain chain={chain} />
    </>
  );
}

function OnPinned() {
  const wallet = useWallet();
  return wallet.seen.door === 'open' ? <UnlockedWallet {...wallet} /> : <Door {...wallet} />;
}
