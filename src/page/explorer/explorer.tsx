import { useEffect, useState } from 'preact/hooks';
import { servedPlaces } from '../shell/chain.ts';
import { type Heard, listen } from './hearsay.ts';
import { Heights } from './heights.tsx';
import { Live } from './live.tsx';
import { Accounts, Market } from './market.tsx';
import { Search } from './search.tsx';
import { Hearsay, Tick } from './tick.tsx';
import { Validators } from './validators.tsx';

/** What happens on the chain: on its way by the word of a node, and done as this browser has verified it. */
export function Explorer() {
  const [heard, hear] = useState<Heard>();
  useEffect(() => listen(servedPlaces().rpc, hear), []);
  return (
    <>
      <h2 class="unseen">Explorer</h2>
      <Search />
      <section aria-labelledby="live-title">
        <h3 id="live-title">
          On its way <Hearsay />
        </h3>
        <Live heard={heard} />
      </section>
      <section aria-labelledby="heights-title">
        <h3 id="heights-title">
          Certified heights <Tick />
        </h3>
        <Heights />
      </section>
      <section aria-labelledby="validators-title">
        <h3 id="validators-title">Committee</h3>
        <Validators heard={heard} />
      </section>
      <section aria-labelledby="market-title">
        <h3 id="market-title">Market</h3>
        <Market />
      </section>
      <section aria-labelledby="accounts-title">
        <h3 id="accounts-title">Accounts and turnstile</h3>
        <Accounts />
      </section>
    </>
  );
}
