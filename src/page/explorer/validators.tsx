import { useChain } from '../shell/chain.ts';
import type { Heard } from './hearsay.ts';
import { Tick } from './tick.tsx';

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
      <div class="scroll">
        <table>
          <caption>Validators; columns with ○ are the node’s word</caption>
          <thead>
            <tr>
              <th scope="col">Seat</th>
              <th scope="col">Member</th>
              <th scope="col">Address</th>
              <th scope="col">Signed {last === undefined ? 'last' : `height ${last.height}`}</th>
              <th scope="col">○ At height</th>
              <th scope="col">○ Behind</th>
              <th scope="col">○ Reached</th>
              <th scope="col">○ Faults</th>
            </tr>
          </thead>
          <tbody>
            {epoch.validators.map(({ index, registryIndex, address }) => {
              const reached = said?.progress.reached[index];
              const peer = said?.peers.find((each) => each.index === index);
              const signed = last?.epoch === epoch.epoch && last.settlementSigners[index];
              return (
                <tr key={index}>
                  <th scope="row">{index}</th>
                  <td>{registryIndex}</td>
                  <td>{address}</td>
                  <td>{signed ? '✓ yes' : 'no'}</td>
                  <td>{reached ?? '–'}</td>
                  <td>{reached === undefined ? '–' : furthest - reached}</td>
                  <td>
                    {peer === undefined ? (said === undefined ? '–' : 'this node') : peer.isUp ? 'yes' : 'no'}
                  </td>
                  <td>{peer === undefined ? '–' : peer.faults + peer.violations}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}
