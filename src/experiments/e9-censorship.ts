import { assert } from '../base/errors.ts';
import { type BallotId, ballotId, height as heightOf, itemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import { twisted } from '../sim/adversaries/adversaries.ts';
import { Prng } from '../sim/prng.ts';
import type { Ballot } from '../validator/ballot.ts';
import { tally } from '../validator/tally.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment } from './define.ts';
import { runUnderHold } from './leader-hold.ts';
import { groupBy, mean } from './statistics.ts';

type Protocol = 'acs' | 'pbft';
interface Point {
  readonly protocol: Protocol;
  readonly n: number;
  readonly censors: number;
  readonly network: 'calm' | 'honest leaders held';
  readonly [column: string]: string | number;
}
interface Found {
  readonly heights: number;
  readonly seconds: number;
  readonly meanWait: number | null;
  readonly longestWait: number | null;
  readonly neverIncluded: number;
  readonly [column: string]: number | null;
}

const VICTIM = itemId('11'.repeat(32));
const OTHER = itemId('22'.repeat(32));
const HEIGHTS = 40;
const END_MS = 60_000;

/** Ballots of one height: honest ones list the victim's batch, censors' do not. Their proofs are not looked at by the tally. */
const ballotsOf = (n: number, censors: number): (readonly [BallotId, Ballot])[] =>
  Array.from({ length: n }, (_, i) => {
    const items = i < n - censors ? [VICTIM, OTHER] : [OTHER];
    const id = ballotId(i.toString(16).padStart(2, '0').repeat(32));
    const ballot: Ballot = {
      height: heightOf(1),
      items,
      nullifier: BigInt(i + 1),
      y: 1n,
      proof: new Uint8Array(PROOF_BYTES),
    };
    return [id, ballot] as const;
  });

/** Whether the tally accepts the victim's batch when the chosen bundles name the ballots that harm it most. */
function isAccepted(n: number, censors: number, proposers: readonly number[], prng: Prng): boolean {
  const { f, q } = quorumOf(n);
  const all = ballotsOf(n, censors);
  const named = new Map<BallotId, Ballot>();
  // One choice of honest ballots for all bundles keeps the union as small as it can be.
  const honest = all.slice(0, n - censors).sort(() => prng.bit() - 0.5);
  for (const _ of proposers)
    for (const [id, ballot] of [...all.slice(n - censors), ...honest].slice(0, q)) named.set(id, ballot);
  return tally(named, 1n, new Set(), f).items.includes(VICTIM);
}

function run({ protocol, n, censors, network }: Point, seed: number): Found[] {
  const prng = new Prng(seed);
  const isCensor = (validator: number): boolean => validator >= n - censors;
  const { report, outputs } = runUnderHold({
    protocol,
    n,
    seed,
    heights: HEIGHTS,
    untilMs: END_MS,
    timeoutMs: 1000,
    payloadBytes: 64,
    delay: { kind: 'exp', meanMs: 50 },
    attack: network === 'calm' ? undefined : { fromMs: 0, toMs: END_MS, spares: isCensor },
    faulty: censors,
    // Censors follow the protocol to the letter; what they leave out is no fault.
    adversary: () => twisted('censor', (message) => [message]),
  });
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  const heights = [...outputs.keys()].sort((a, b) => a - b);
  const includes = heights.map((height) => {
    const proposers = outputs.get(height)!.map(({ proposer }) => Number(proposer));
    if (protocol === 'pbft') return proposers.some((proposer) => !isCensor(proposer));
    return isAccepted(n, censors, proposers, prng);
  });
  // A batch that everybody holds when a height begins, for each height: how many heights until it is in.
  const waits = includes.map((_, from) => includes.indexOf(true, from) - from + 1);
  const done = waits.filter((wait) => wait > 0);
  return [
    {
      heights: heights.length,
      seconds: Math.round(report.endMs / 1000),
      meanWait: done.length === 0 ? null : mean(done),
      longestWait: done.length === 0 ? null : Math.max(...done),
      neverIncluded: includes.some((is) => is) ? 0 : 1,
    },
  ];
}

const gridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((n) => {
    const { f } = quorumOf(n);
    const counts = [...new Set([0, Math.ceil(f / 2), f])];
    return (['acs', 'pbft'] as const).flatMap((protocol) =>
      counts.flatMap((censors) =>
        (['calm', 'honest leaders held'] as const).map((network) => ({ protocol, n, censors, network })),
      ),
    );
  });

type All = Point & Found & { readonly seed: number };
const atF = ({ n, censors }: All): boolean => censors === quorumOf(n).f;

export const censorship = defineExperiment<Point, Found>({
  id: 'e9-censorship',
  title: 'Censorship: heights until a victim’s batch is in',
  question:
    'How long can f validators that leave a victim’s batch out keep it out, with rotating leaders and with ballots and a common subset?',
  method:
    'Which proposals come out is decided by the project’s PBFT and common-subset machines in its simulator (exponential links, 50 ms). With PBFT the ' +
    'committed leader’s list counts. With the common subset the project’s tally counts ballots: honest validators list the batch, the ' +
    'censors’ ballots do not, and every bundle, also of honest proposers, names all censors’ ballots and the same q − f honest ones: the ' +
    'choice that harms the victim most. “Honest leaders held”: the adversary of the network holds every honest leader of PBFT while it leads, of the common ' +
    'subset f validators for 2 s, then the next f, for the whole run. A wait is counted from each height on, in heights that were decided.',
  hypotheses: [
    {
      text: 'With ballots and the common subset the wait is one height, for any number of censors up to f, in any network.',
      held: (rows) =>
        rows
          .filter(({ protocol }) => protocol === 'acs')
          .every((row) => row.heights > 0 && row.longestWait === 1),
    },
    {
      text: 'With rotating leaders in a calm network f censors make some victims wait f + 1 heights, and none longer than 2f + 1.',
      held: (rows) =>
        rows
          .filter((row) => row.protocol === 'pbft' && row.network === 'calm' && atF(row))
          .every(
            ({ n, longestWait }) =>
              (longestWait ?? 0) >= quorumOf(n).f + 1 && (longestWait ?? 0) <= 2 * quorumOf(n).f + 1,
          ),
    },
    {
      text: 'If honest leaders are held, f censors that lead keep the batch out of every height of PBFT that is decided.',
      held: (rows) =>
        rows
          .filter((row) => row.protocol === 'pbft' && row.network !== 'calm' && atF(row))
          .every(({ neverIncluded }) => neverIncluded === 1),
    },
    {
      text: 'Without censors and with a calm network every batch is in the next height, with either protocol.',
      isControl: true,
      held: (rows) =>
        rows
          .filter(({ censors, network }) => censors === 0 && network === 'calm')
          .every(({ longestWait }) => longestWait === 1),
    },
  ],
  grid: gridOf([4, 7, 10, 16]),
  quickGrid: gridOf([4, 7]),
  seeds: 2,
  quickSeeds: 1,
  columns: {
    protocol: 'acs (ballots, first-hand over digest) or pbft',
    n: 'validators',
    censors: 'validators that leave the batch out',
    network: 'what the adversary of the network does',
    heights: 'heights decided, at most 40',
    seconds: 'simulated seconds, at most 60',
    meanWait: 'heights until inclusion, mean over the heights it ever happens from',
    longestWait: 'the longest of these, heights; nothing if it never happens',
    neverIncluded: '1 if no decided height has the batch',
  },
  run,
  charts: (rows) => {
    const worst = rows.filter(atF);
    const lines = groupBy(
      worst.filter(({ longestWait }) => longestWait !== null),
      ['protocol', 'network', 'n'],
    ).map((group) => ({
      what: `${group[0]!.protocol}, ${group[0]!.network}`,
      n: group[0]!.n,
      wait: Math.max(...group.map(({ longestWait }) => longestWait ?? 0)),
    }));
    const never = groupBy(worst, ['protocol', 'network']).map((group) => ({
      protocol: group[0]!.protocol,
      network: group[0]!.network,
      share: mean(group.map(({ neverIncluded }) => neverIncluded)),
    }));
    return [
      {
        title: 'Heights a victim waits at most, with f censors',
        caption:
          'With rotating leaders the wait grows with the run of f censors in the rotation; with ballots and the common subset it is always one. ' +
          'PBFT with honest leaders held has no point: the batch is never in.',
        spec: lineSpec({
          rows: lines,
          x: { field: 'n', title: 'validators' },
          y: { field: 'wait', title: 'heights' },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Runs in which the batch is in no decided height, with f censors',
        caption:
          'All sizes and seeds. Holding honest leaders makes the censors lead: PBFT decides their lists only, or nothing.',
        spec: barSpec({
          rows: never,
          x: { field: 'network', title: '', order: ['calm', 'honest leaders held'] },
          y: { field: 'share', title: 'share of runs', format: '%', domain: [0, 1] },
          series: { field: 'protocol', title: '', order: ['acs', 'pbft'] },
        }),
      },
    ];
  },
});
