import { useState } from 'preact/hooks';
import { Bench } from '../bench/bench.tsx';
import { Explorer } from '../explorer/explorer.tsx';
import icon from '../icon.svg';
import { TraderTab } from '../trader/trader.tsx';
import { ChainProvider, useChainWorker } from './chain.ts';
import { addressed, type Tab, TabList, useHash } from './tabs.tsx';
import { VerdictBar } from './verdict.tsx';

const TABS: readonly Tab[] = [
  { name: 'explorer', title: 'Explorer', view: () => <Explorer /> },
  { name: 'trader', title: 'Trader', view: () => <TraderTab /> },
  { name: 'bench', title: 'Proof bench', view: () => <Bench /> },
];

/** The page: its tabs, and the one that is chosen. A tab that was opened once stays, so that nothing in it is lost. */
export function Shell() {
  const chain = useChainWorker();
  const { tab } = addressed(useHash(), TABS);
  const [opened, setOpened] = useState<ReadonlySet<Tab>>(new Set([tab]));
  if (!opened.has(tab)) setOpened(new Set([...opened, tab]));
  return (
    <ChainProvider value={chain}>
      <a
        class="skip"
        href={`#${tab.name}`}
        onClick={() => document.getElementById(`panel-${tab.name}`)?.focus()}
      >
        Skip to {tab.title}
      </a>
      <header>
        <h1>
          <img src={icon} alt="" width="24" height="24" /> Velum
        </h1>
        <TabList tabs={TABS} current={tab} />
      </header>
      <main>
        <VerdictBar />
        {TABS.map((each) => (
          <section
            key={each.name}
            class="panel"
            role="tabpanel"
            id={`panel-${each.name}`}
            aria-labelledby={`tab-${each.name}`}
            tabIndex={-1}
            hidden={each !== tab}
          >
            {opened.has(each) && each.view()}
          </section>
        ))}
      </main>
      <footer>
        <p>
          Nothing on this page comes from elsewhere than the node that serves it.{' '}
          <a href="/licenses.md">Licences</a>
        </p>
      </footer>
    </ChainProvider>
  );
}
