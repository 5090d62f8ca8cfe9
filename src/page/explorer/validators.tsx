import { useChain } from '../shell/chain.ts';
import { Rows } from '../shell/rows.tsx';
import type { Heard } from './hearsay.ts';
import { Tick } from './tick.tsx';

const SIGNED = new Map<boolean | undefined, string>([
  [true, '✓ yes'],
  [false, 'no'],
]);

/** The committee: who it is and what it signed is verified; how far each is, and its faults, is what the node has noticed. */
export function Validators({ heard }: { readonly heard: Heard | undefined }) {
  const { state, heights } = useChain().seen;
  if (state === undefined) return <p>The committee is known once a height is verified.</p>;
  const { epoch } = state;
  const last = heights.at(-1);
  const said = heard !== undefined && 'said' in heard ? heard.said : undefined;
  const furthest = Math.max(0, ...(said?.progress.reached ?? []));
  return (
    <>
      <p>
        <Tick /> Epoch {epoch.epoch}, from height {epoch.firstHeight} on
        {epoch.heights > 0 && `, for ${epoch.heights} heights or a few more`}. {epoch.quorum} of{' '}
        {epoch.validators.length} signatures make a certificate.
      </p>
      <Rows
        caption="Validators; columns with ○ are the node’s word"
        head={[
          ...['Seat', 'Member', 'Address', `Signed ${last === undefined ? 'last' : `height ${last.height}`}`],
          ...['○ At height', '○ Behind', '○ Reached', '○ Faults'],
        ]}
        hasRowHeads
        rows={epoch.validators.map(({ index, registryIndex, address }) => {
          const reached = said?.progress.reached[index];
          const peer = said?.peers.find((each) => each.index === index);
          // Seats of another epoch are other validators'.
          const signed = last?.epoch === epoch.epoch ? last.settlementSigners[index] : undefined;
          return {
            key: index,
            cells: [
              ...[index, registryIndex, address, SIGNED.get(signed) ?? '–', reached ?? '–'],
              reached === undefined ? '–' : furthest - reached,
              peer === undefined ? (said === undefined ? '–' : 'this node') : peer.isUp ? 'yes' : 'no',
              peer === undefined ? '–' : peer.faults + peer.violations,
            ],
          };
        })}
      />
    </>
  );
}
