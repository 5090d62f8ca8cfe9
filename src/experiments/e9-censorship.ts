import { assert } from '../base/errors.ts';
import { type BallotId, ballotId, height as heightOf, type ItemId, itemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { MAX_LISTED_IN_VAIN, PROOF_BYTES } from '../params/sizes.ts';
import { twisted } from '../sim/adversaries/adversaries.ts';
import { Prng } from '../sim/prng.ts';
import type { Ballot } from '../validator/ballot.ts';
import { tally } from '../validator/tally.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { runUnderHold } from './leader-hold.ts';
import type { ListRule } from './mempool-committee.ts';
import { splitHeights } from './split-variants.ts';
import { groupBy, mean } from './statistics.ts';

type Protocol = 'acs' | 'pbft';
interface Point {
  readonly protocol: Protocol;
  readonly n: number;
  readonly censors: number;
  readonly network: 'calm' | 'honest leaders held' | 'copies held';
  readonly lists: 'given' | ListRule;
  readonly trader: 'none' | 'variants';
  readonly [column: string]: string | number;
}
interface Found {
  readonly heights: number;
  readonly seconds: number | null;
  readonly meanWait: number | null;
  readonly longestWait: number | null;
  readonly neverIncluded: number;
  readonly traderAccepted: number | null;
  readonly [column: string]: number | null;
}

const VICTIM = itemId('11'.repeat(32));
const OTHER = itemId('22'.repeat(32));
const HEIGHTS = 40;
const END_MS = 60_000;
/** Heights with a trader: so many until what is listed in vain goes last, and one more. */
const TRADER_HEIGHTS = MAX_LISTED_IN_VAIN + 1;

type Lists = readonly (readonly ItemId[])[];

/** Lists of one height: honest ones have the victim's batch, censors' do not. */
const givenLists = (n: number, censors: number): Lists =>
  Array.from({ length: n }, (_, i) => (i < n - censors ? [VICTIM, OTHER] : [OTHER]));

/** Their proofs are not looked at by the tally. */
const ballotsOf = (lists: Lists): (readonly [BallotId, Ballot])[] =>
  lists.map((items, i) => {
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

/**
 * What the tally accepts when all bundles name all ballots of the censors, the last ones, and as few others as they may: one choice of
 * honest ballots for all bundles keeps the union as small as it can be.
 */
function accepted(lists: Lists, censors: number, prng: Prng): readonly ItemId[] {
  const { f, q } = quorumOf(lists.length);
  const all = ballotsOf(lists);
  const honest = all.slice(0, lists.length - censors).sort(() => prng.bit() - 0.5);
  const named = [...all.slice(lists.length - censors), ...honest].slice(0, q);
  return tally(new Map(named), 1n, new Set(), f).items;
}

/** Waits of batches, in heights; of those that are in at some time. */
function waited(waits: readonly number[]): Pick<Found, 'meanWait' | 'longestWait' | 'neverIncluded'> {
  return {
    meanWait: waits.length === 0 ? null : mean(waits),
    longestWait: waits.length === 0 ? null : Math.max(...waits),
    neverIncluded: waits.length === 0 ? 1 : 0,
  };
}

function runTrader({ n, censors, trader }: Point, rule: ListRule, seed: number): Found[] {
  const prng = new Prng(seed);
  const setting = { n, liars: censors, rule, isAttacked: trader === 'variants', heights: TRADER_HEIGHTS };
  const silent = Array.from({ length: censors }, () => []);
  const heights = splitHeights(setting, (lists) => accepted([...lists, ...silent], censors, prng));
  const waits = heights.flatMap(({ honest }, h) => honest.map((came) => h + 2 - came));
  return [
    {
      heights: heights.length,
      seconds: null,
      ...waited(waits),
      traderAccepted: heights.reduce((sum, { traders }) => sum + traders, 0),
    },
  ];
}

function run(point: Point, seed: number): Found[] {
  const { protocol, n, censors, network, lists } = point;
  if (lists !== 'given') return runTrader(point, lists, seed);
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
    return accepted(givenLists(n, censors), censors, prng).includes(VICTIM);
  });
  // A batch that everybody holds when a height begins, for each height: how many heights until it is in.
  const waits = includes.map((_, from) => includes.indexOf(true, from) - from + 1).filter((wait) => wait > 0);
  return [
    {
      heights: heights.length,
      seconds: Math.round(report.endMs / 1000),
      ...waited(waits),
      traderAccepted: null,
    },
  ];
}

const RULES: readonly ListRule[] = ['held by 2f + 1', 'held by f + 1', 'held'];

const gridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((n) => {
    const { f } = quorumOf(n);
    const counts = [...new Set([0, Math.ceil(f / 2), f])];
    return (['acs', 'pbft'] as const).flatMap((protocol) =>
      counts.flatMap((censors) =>
        (['calm', 'honest leaders held'] as const).map((network) => ({
          protocol,
          n,
          censors,
          network,
          lists: 'given' as const,
          trader: 'none' as const,
        })),
      ),
    );
  });
const traderGridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((n) =>
    RULES.flatMap((lists) =>
      (['none', 'variants'] as const).map((trader) => ({
        protocol: 'acs' as const,
        n,
        censors: quorumOf(n).f,
        network: 'copies held' as const,
        lists,
        trader,
      })),
    ),
  );

type All = Point & Found & { readonly seed: number };
const atF = ({ n, censors }: All): boolean => censors === quorumOf(n).f;
const isWeak = ({ lists }: All): boolean => lists === 'held by f + 1' || lists === 'held';
/** Rows in which the lists are given: the censors are the only ones who do harm. */
const given = (rows: readonly All[]): All[] => rows.filter(({ lists }) => lists === 'given');

export const censorship = defineExperiment<Point, Found>({
  id: 'e9-censorship',
  title: 'Censorship: heights until a victim’s batch is in',
  question:
    'How long can f validators that leave a victim’s batch out keep it out, with rotating leaders and with ballots and a common subset, and can a trader help them?',
  method:
    'Which proposals come out is decided by the project’s PBFT and common-subset machines in its simulator (exponential links, 50 ms). With PBFT the ' +
    'committed leader’s list counts. With the common subset the project’s tally counts ballots: honest validators list the batch, the ' +
    'censors’ ballots do not, and every bundle, also of honest proposers, names all censors’ ballots and the same q − f honest ones: the ' +
    'choice that harms the victim most. “Honest leaders held”: the adversary of the network holds every honest leader of PBFT while it leads, of the common ' +
    'subset f validators for 2 s, then the next f, for the whole run. A wait is counted from each height on, in heights that were decided. In these rows the lists are given. In the others the ' +
    'correct validators’ own mempools make them: a trader gives variant i of each of 64 batches to validator i alone, better bids than the victims’ and at every height better than before, ' +
    'and the f censors announce to each validator that they hold what it got. One victim’s batch a height comes to everybody. The network lets announcements arrive before the ballots and ' +
    'copies of items (“copies held”) after them. Which items may be listed is a column: “held by 2f + 1” is the project’s announce rule; “held by f + 1” and “held”, with no announcement needed, are ' +
    'weaker rules for comparison: the same mempool is told another number. Proofs take no time there, the ledger takes every item, and the agreement is not run: every height is decided with the ' +
    'most harmful ballots as above. Not in it: a trader who outbids the victim and pays, and notes beyond 64.',
  hypotheses: [
    {
      text: 'With ballots and the common subset the wait is one height, for any number of censors up to f, in any network.',
      held: (rows) =>
        given(rows)
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
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.protocol === 'acs',
          () => ({ longestWait: 2 }),
        ),
      held: (rows) =>
        rows
          .filter(({ censors, network }) => censors === 0 && network === 'calm')
          .every(({ longestWait }) => longestWait === 1),
    },
    {
      text: 'With the announce rule, held by 2f + 1, no victim waits longer than three heights for the trader’s variants, at any n.',
      held: (rows) => {
        const own = rows.filter((row) => row.lists === 'held by 2f + 1' && row.trader === 'variants');
        return own.length > 0 && own.every(({ longestWait }) => longestWait !== null && longestWait <= 3);
      },
    },
    {
      text: 'With either weaker rule the variants make a victim wait longer than that, at every n, and none of them is accepted, so the attack costs nothing.',
      held: (rows) =>
        rows
          .filter((row) => isWeak(row) && row.trader === 'variants')
          .every(
            ({ longestWait, traderAccepted }) =>
              (longestWait === null || longestWait > 3) && traderAccepted === 0,
          ),
    },
    {
      text: 'Without the trader every rule lets every victim’s batch in at the next height: it is the variants that delay it.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.lists === 'held',
          () => ({ longestWait: 2 }),
        ),
      held: (rows) =>
        rows
          .filter(({ lists, trader }) => lists !== 'given' && trader === 'none')
          .every(({ longestWait }) => longestWait === 1),
    },
  ],
  grid: [...gridOf([4, 7, 10, 16]), ...traderGridOf([4, 7])],
  quickGrid: [...gridOf([4, 7]), ...traderGridOf([4])],
  seeds: 2,
  quickSeeds: 1,
  columns: {
    protocol: { unit: 'category', meaning: 'acs (ballots, first-hand over digest) or pbft' },
    n: { unit: 'count', meaning: 'validators' },
    censors: { unit: 'count', meaning: 'validators that leave the batch out' },
    network: { unit: 'category', meaning: 'what the adversary of the network does' },
    lists: {
      unit: 'category',
      meaning: 'what correct validators list: the batch (given), or by a rule what their mempools hold',
    },
    trader: {
      unit: 'category',
      meaning: 'whether a trader gives variants of 64 batches to one validator each',
    },
    heights: { unit: 'heights', meaning: 'heights decided, at most 40; 5 where mempools make the lists' },
    seconds: { unit: 's', meaning: 'simulated seconds, at most 60; nothing where mempools make the lists' },
    meanWait: {
      unit: 'heights',
      meaning: 'heights until inclusion, mean over the heights it ever happens from',
    },
    longestWait: { unit: 'heights', meaning: 'the longest of these; nothing if it never happens' },
    neverIncluded: { unit: 'share', meaning: '1 if no decided height has the batch' },
    traderAccepted: {
      unit: 'count',
      meaning: 'items of the trader that were accepted, for which it pays; nothing where lists are given',
    },
  },
  run,
  charts: (rows) => {
    const worst = given(rows).filter(atF);
    const variants = groupBy(
      rows.filter(({ trader }) => trader === 'variants'),
      ['lists', 'n'],
    ).map((group) => ({
      lists: group[0]!.lists,
      n: group[0]!.n,
      wait: Math.max(...group.map(({ longestWait, heights }) => longestWait ?? heights)),
    }));
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
      {
        title:
          'Heights a victim waits at most while a trader shows each validator other variants of 64 batches',
        caption:
          'f censors confirm each variant to the validator that got it. What may be listed: the announce rule (held by 2f + 1) and two weaker rules; a batch that is never in counts as the whole run.',
        spec: lineSpec({
          rows: variants,
          x: { field: 'n', title: 'validators' },
          y: { field: 'wait', title: 'heights' },
          series: { field: 'lists', title: 'may be listed', order: RULES },
        }),
      },
    ];
  },
});
