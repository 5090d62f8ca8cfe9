import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** One of the page's parts, under a name that stands in the address behind `#`. */
export interface Tab {
  readonly name: string;
  readonly title: string;
  readonly view: () => ComponentChildren;
}

/** The tab that the address names, with what stands behind a slash: `#explorer/height/7`. */
export function addressed(hash: string, tabs: readonly Tab[]): { readonly tab: Tab; readonly rest: string } {
  const [name = '', ...rest] = hash.replace(/^#/, '').split('/');
  return { tab: tabs.find((each) => each.name === name) ?? tabs[0]!, rest: rest.join('/') };
}

/** What the address says behind the tab's name, and goes on saying when somebody goes back. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return hash;
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** A list of tabs as screen readers know it: one stop for the tabulator, arrows between them. @see WAI-ARIA 1.2, tablist */
export function TabList({ tabs, current }: { readonly tabs: readonly Tab[]; readonly current: Tab }) {
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const at = tabs.indexOf(current);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = STEPS[event.key]?.(at, tabs.length);
    if (next === undefined) return;
    event.preventDefault();
    location.hash = tabs[next]!.name;
    buttons.current[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of this page" onKeyDown={onKeyDown}>
      {tabs.map((tab, i) => (
        <button
          key={tab.name}
          ref={(button) => {
            buttons.current[i] = button;
          }}
          type="button"
          role="tab"
          id={`tab-${tab.name}`}
          aria-selected={tab === current}
          aria-controls={`panel-${tab.name}`}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => {
            location.hash = tab.name;
          }}
        >
          {tab.title}
        </button>
      ))}
    </div>
  );
}
