import { useEffect, useRef } from 'preact/hooks';
import { useChain } from '../shell/chain.ts';
import { money } from '../shell/format.ts';
import { useHash } from '../shell/tabs.tsx';
import { DETAIL_TITLE, HeightDetail } from './heights.tsx';
import { addressOf, searched } from './searched.ts';
import { Tick } from './tick.tsx';

/** What is searched for stands in the address, so that it can be kept and gone back from. */
export function Search() {
  const { seen, tell } = useChain();
  const text = searched(useHash());
  const field = useRef<HTMLInputElement>(null);
  const height = seen.state?.height;
  useEffect(() => {
    if (field.current !== null) field.current.value = text;
  }, [text]);
  // What was not there may be in a height that came since.
  useEffect(() => {
    if (text !== '' && height !== undefined) tell({ kind: 'find', text });
  }, [text, height, tell]);
  return (
    <>
      <search>
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            location.hash = addressOf(field.current?.value ?? '');
          }}
        >
          <label for="search">Height, batch or account</label>
          <input id="search" ref={field} type="search" maxLength={64} autoComplete="off" spellcheck={false} />
          <button type="submit">Find</button>
        </form>
      </search>
      {text !== '' && <Found text={text} />}
    </>
  );
}

function Found({ text }: { readonly text: string }) {
  const { found } = useChain().seen;
  const isFound = found?.text === text && found.found !== null;
  // It stands above what was clicked, and whoever does not see the page has to be told.
  useEffect(() => {
    if (isFound) document.getElementById(DETAIL_TITLE)?.focus();
  }, [text, isFound]);
  if (found?.text !== text) return <p role="status">Looking for {text}.</p>;
  const what = found.found;
  if (what === null)
    return (
      <p role="status">
        Nothing that is verified and kept here has the number or begins with {text}. An id takes 8 digits at
        least.
      </p>
    );
  if (what.kind === 'height') return <HeightDetail seen={what.height} />;
  if (what.kind === 'item')
    return (
      <>
        <p role="status">
          Item <code class="hash">{what.id}</code> was ordered in height {what.height.height}.
        </p>
        <HeightDetail seen={what.height} />
      </>
    );
  const { account, heights } = what;
  return (
    <article class="detail" aria-labelledby={DETAIL_TITLE}>
      <h3 id={DETAIL_TITLE} tabIndex={-1}>
        Account <Tick />
      </h3>
      <p>
        <code class="hash">{account.id}</code> has {money(account.equity)} of equity, {money(account.cash)} of
        it in cash. {heights.length > 0 && 'Something happened to it in heights '}
        {heights.map((height, i) => (
          <>
            {i > 0 && ', '}
            <a href={`#explorer/${height}`}>{height}</a>
          </>
        ))}
        {heights.length > 0 && '.'}
      </p>
    </article>
  );
}
