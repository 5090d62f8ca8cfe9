import { useEffect, useRef, useState } from 'preact/hooks';
import { quorumOf } from '../../params/quorum.ts';
import { useChain } from '../shell/chain.ts';
import type { Heard, NodeSaid } from './hearsay.ts';
import type { HeardHeight } from './node-answers.ts';
import { HEIGHT_STEPS, type Stand, standOf } from './stages.ts';

/** A height that nothing changes of for so long stands still, ms. */
const STILL_MS = 8_000;

/** Heights on their way, as the node tells of them: a picture that moves, and says why when it does not. */
export function Live({ heard }: { readonly heard: Heard | undefined }) {
  const verified = useChain().seen.state?.height ?? 0;
  if (heard === undefined) return <p>The node is being asked.</p>;
  if ('problem' in heard)
    return (
      <p class="warn" role="status">
        {heard.problem}
      </p>
    );
  const { said } = heard;
  const heights = said.progress.heights.filter(({ height }) => height > verified);
  const { ok, state, why } = said.health;
  if (heights.length === 0)
    return ok ? (
      <p>{state === 'following' ? why : 'No height is on its way.'}</p>
    ) : (
      <p class="warn" role="status">
        {why}
      </p>
    );
  return (
    <>
      {heights.map((height) => (
        <LiveHeight key={height.height} height={height} said={said} />
      ))}
    </>
  );
}

function LiveHeight({ height, said }: { readonly height: HeardHeight; readonly said: NodeSaid }) {
  const { q } = quorumOf(Math.max(1, height.proposals.length));
  const stand = standOf(height, { ...said, quorum: q });
  const stillMs = useStillness(JSON.stringify([height, stand.at]));
  const isStalled = stand.isStopped || (stillMs > STILL_MS && stand.at > 0);
  return (
    <article
      class={`live ${isStalled ? 'stalled' : ''}`}
      aria-label={`Height ${stand.height}, not certified yet`}
    >
      <h4>Height {stand.height}</h4>
      <ol class="stages">
        {HEIGHT_STEPS.map(({ name, title }, i) => (
          <li
            key={name}
            class={i < stand.at ? 'done' : i === stand.at ? 'now' : 'todo'}
            aria-current={i === stand.at ? 'step' : undefined}
          >
            <span>{title}</span>
            {name === 'subset' && stand.at >= 2 && <Proposals height={height} />}
          </li>
        ))}
      </ol>
      <p>{stand.there}</p>
      {isStalled && <Reason stand={stand} stillMs={stillMs} />}
    </article>
  );
}

function Reason({ stand, stillMs }: { readonly stand: Stand; readonly stillMs: number }) {
  return (
    <p class="warn" role="status">
      {stillMs > STILL_MS && `Nothing has changed for ${Math.floor(stillMs / 1000)} s. `}
      {stand.why ?? 'The node does not know why: what it waits for stands above.'}
    </p>
  );
}

/** By proposer: whether its bundle came, and what the agreement on it decided. */
function Proposals({ height }: { readonly height: HeardHeight }) {
  return (
    <ul class="proposals" aria-label="Bundles by validator">
      {height.proposals.map(({ isHere, decided }, j) => {
        const said = decided === 1 ? 'in' : decided === 0 ? 'out' : isHere ? 'here' : 'awaited';
        return (
          <li key={j} class={said} title={`validator ${j}: ${said}`} aria-label={`validator ${j} ${said}`} />
        );
      })}
    </ul>
  );
}

/** For how long something has been as it is, ms. */
function useStillness(now: string): number {
  const since = useRef({ now, atMs: performance.now() });
  const [, tick] = useState(0);
  if (since.current.now !== now) since.current = { now, atMs: performance.now() };
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1_000);
    // While nobody looked the node was not asked, so nothing could change here.
    const looked = (): void => {
      since.current.atMs = performance.now();
    };
    document.addEventListener('visibilitychange', looked);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', looked);
    };
  }, []);
  return performance.now() - since.current.atMs;
}
