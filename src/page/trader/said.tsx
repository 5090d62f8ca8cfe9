import { useEffect, useRef } from 'preact/hooks';
import type { PageProblem, ToWallet } from '../worker/messages.ts';
import type { WalletSeen } from './wallet-seen.ts';

/** Why something was refused, told to screen readers at once. */
export const ProblemLine = ({ problem }: { readonly problem: PageProblem | undefined }) => (
  <div role="alert">
    {problem !== undefined && (
      <p class="problem">
        <strong>{problem.code}</strong>: {problem.text}
      </p>
    )}
  </div>
);

/** Why what one of these forms asked for was refused. */
export const refusalOf = (
  { refused }: WalletSeen,
  ...forms: readonly ToWallet['kind'][]
): PageProblem | undefined =>
  refused !== undefined && forms.includes(refused.asked) ? refused.problem : undefined;

/** A heading that is gone to when it appears, so that whoever does not see the page learns what has changed. */
export function Arrived({ text }: { readonly text: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h3 ref={heading} tabIndex={-1}>
      {text}
    </h3>
  );
}
