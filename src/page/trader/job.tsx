import type { JobView } from '../worker/messages.ts';
import { HappeningList } from './happenings.tsx';
import { Arrived, ProblemLine } from './said.tsx';
import type { WalletSeen } from './wallet-seen.ts';

const WHAT = { batch: 'batch', shield: 'shield', withdraw: 'withdrawal' } as const;

const STAGES: Readonly<Record<JobView['stage'], string>> = {
  keys: 'Loading the proving key from the node, and comparing its hash with the one that this page has',
  witness: 'Sealed; computing the witness',
  prove: 'Making the proof',
  verify: 'Checking the proof',
  sent: 'The proof is made and sent',
  settled: 'Settled, as this browser has verified',
  failed: 'It was not settled',
};

/** How far what was sent last is. What settles it is a verified height, never what a node says. */
export function SendingJob({ seen: { job, wallet } }: { readonly seen: WalletSeen }) {
  if (job === undefined) return null;
  const { what, stage, progress, tries, id, lastHeight, happenings, problem } = job;
  const percent = Math.round(progress * 100);
  return (
    <section class="detail" aria-label="What was sent last" data-job={stage}>
      <Arrived text={`Your ${WHAT[what]}`} />
      <p role="status" aria-live="polite">
        {STAGES[stage]}.
      </p>
      <p class="row">
        <progress max={100} value={percent} aria-label="What is done in this browser" /> {percent} %
      </p>
      {stage === 'sent' && wallet !== undefined && (
        <p>
          A height up to {lastHeight} may order it. This browser has verified up to height {wallet.height},
          and goes on until one has settled it.
        </p>
      )}
      {tries > 0 && (
        <p class="warn">
          No height ordered it in time, so it was made anew: whoever saw both knows that they are of one
          trader.
        </p>
      )}
      {id !== null && (
        <p>
          Its id is <code class="hash">{id}</code>.
        </p>
      )}
      {wallet !== undefined && (
        <HappeningList caption="What it came to" wallet={wallet} happenings={happenings} />
      )}
      <ProblemLine problem={problem ?? undefined} />
    </section>
  );
}

/** What was sent before, for instance in a tab that was closed, and may still be ordered: whoever sends it again may do it twice. */
export function StillOpen({ seen: { job, wallet } }: { readonly seen: WalletSeen }) {
  const open = (wallet?.open ?? []).filter(({ id }) => id !== job?.id);
  if (open.length === 0) return null;
  return (
    <section aria-label="What may still be ordered">
      <p class="warn">Sent before, and not settled yet. To send the same again may do it twice.</p>
      <ul>
        {open.map(({ id, lastHeight }) => (
          <li key={id}>
            <code class="hash">{id}</code>: a height up to {lastHeight} may order it.
          </li>
        ))}
      </ul>
    </section>
  );
}
