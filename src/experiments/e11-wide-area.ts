import { defineExperiment, everyRow, planted } from './define.ts';
import { groupBy, mean } from './statistics.ts';
import {
  ATTACK_S,
  BOUND_S,
  heightsOf,
  PAYLOAD_BYTES,
  WITHOUT_LEADER,
  type WideAreaFound,
  type WideAreaPoint,
  type WideAreaRow,
  wideArea,
} from './wide-area.ts';
import { wideAreaCharts } from './wide-area-charts.ts';

type Variant = Pick<WideAreaPoint, 'protocol' | 'leaders' | 'timeoutMs'>;
/** A time-out that most committees never reach when nothing is wrong; one that far ones do, and one that nobody does. */
const USUAL_MS = 1000;
const SHORT_MS = 250;
const LONG_MS = 4000;
const withoutLeader = WITHOUT_LEADER.map(
  (protocol): Variant => ({ protocol, leaders: 'none', timeoutMs: null }),
);
const stable = (timeoutMs: number): Variant[] =>
  (['pbft', 'hotstuff'] as const).map((protocol) => ({ protocol, leaders: 'stable', timeoutMs }));
const VARIANTS: readonly Variant[] = [
  ...withoutLeader,
  { protocol: 'pbft', leaders: 'in turn', timeoutMs: USUAL_MS },
  ...stable(USUAL_MS),
];
const OTHER_CLOCKS = [...stable(SHORT_MS), ...stable(LONG_MS)];
/** Every receiver decodes every proposal: what two cores code in time. */
const MOST_OVER_AVID = 10;
/** Over wide-area links bkr is attacked as first-hand is, and more slowly: what it adds to that is time. */
const isAttacked = ({ protocol }: Variant): boolean => protocol !== 'bkr' && protocol !== 'bkr over avid';

function gridOf(sizes: readonly number[], attacked: readonly number[]): WideAreaPoint[] {
  const at = (
    variant: Variant,
    n: number,
    situation: WideAreaPoint['situation'],
    attacker: WideAreaPoint['attacker'] = 'none',
  ): WideAreaPoint => ({ ...variant, n, situation, attacker });
  const always = (variant: Variant, n: number): WideAreaPoint[] => [
    at(variant, n, 'calm'),
    at(variant, n, 'f crashed'),
  ];
  const attacks = (variant: Variant, n: number): WideAreaPoint[] =>
    (variant.leaders === 'none' ? (['in turn', 'the same'] as const) : (['leaders', 'others'] as const)).map(
      (attacker) => at(variant, n, 'attack', attacker),
    );
  return [
    ...sizes.flatMap((n) =>
      VARIANTS.filter(({ protocol }) => protocol !== 'bkr over avid' || n <= MOST_OVER_AVID).flatMap(
        (variant) => always(variant, n),
      ),
    ),
    ...attacked.flatMap((n) => [
      ...VARIANTS.filter(isAttacked).flatMap((variant) => attacks(variant, n)),
      ...OTHER_CLOCKS.flatMap((variant) => [...always(variant, n), at(variant, n, 'attack', 'leaders')]),
    ]),
  ];
}

type Among = (row: WideAreaRow) => boolean;
const isIn =
  (situation: WideAreaPoint['situation']): Among =>
  (row) =>
    row.situation === situation;
const isStable =
  (protocol: WideAreaPoint['protocol'], timeoutMs = USUAL_MS): Among =>
  (row) =>
    row.protocol === protocol && row.leaders === 'stable' && row.timeoutMs === timeoutMs;
const is =
  (protocol: WideAreaPoint['protocol']): Among =>
  (row) =>
    row.protocol === protocol;
type Measure = 'heightMs' | 'bytes' | 'bytesPerProposal' | 'leastIncluded' | 'gapMs' | 'heightsPerS';
const meanOf = (rows: readonly WideAreaRow[], measure: Measure): number =>
  mean(rows.map((row) => row[measure]).filter((value) => value !== null));
/** Whether the second mean is larger than the first, and so on, at each n of some rows that have all of them. */
const everyN = (rows: readonly WideAreaRow[], measure: Measure, ...rising: readonly Among[]): boolean =>
  groupBy(rows, ['n']).every((own) => {
    const values = rising.map((among) => meanOf(own.filter(among), measure));
    return values.every((value, i) => i === 0 || value > values[i - 1]!);
  });
/** Heights a second under the attacker that leaves the fewest, of some rows of one n. */
const worstRate = (rows: readonly WideAreaRow[]): number =>
  Math.min(...groupBy(rows, ['attacker']).map((group) => meanOf(group, 'heightsPerS')));
/** Whether a protocol without a leader orders more under its worst attacker than any with one, at any time-out, whose leaders are held. */
const ordersMoreThanLeaders = (rows: readonly WideAreaRow[], protocol: WideAreaPoint['protocol']): boolean =>
  groupBy(rows.filter(isIn('attack')), ['n']).every((own) => {
    const rates = groupBy(
      own.filter(({ attacker }) => attacker === 'leaders'),
      ['protocol', 'leaders', 'timeoutMs'],
    ).map(worstRate);
    return rates.every((rate) => worstRate(own.filter(is(protocol))) > rate);
  });
const isByDelays = (rows: readonly WideAreaRow[]): boolean =>
  everyN(rows.filter(isIn('calm')), 'heightMs', is('first-hand'), is('bkr'), is('fin'));
const LED = ['pbft', 'hotstuff'] as const;

export const wideAreaField = defineExperiment<WideAreaPoint, WideAreaFound>({
  id: 'e11-wide-area',
  title: 'The field over wide-area links, and what each protocol gives up',
  question:
    'How long does a height take and what does it receive over wide-area links, with all correct and with f crashed, by protocol and size; and what does each protocol give up for it: time under attack, independence of a clock, everybody’s place in a height?',
  method:
    'The project’s own machines in its simulator: first-hand and bkr over digest, bkr over AVID as in HoneyBadgerBFT, FIN, Alea-BFT, PBFT and chained HotStuff (src/consensus/README.md says how each departs from its paper). Links have the one-way latencies between ten cloud regions (src/sim/wan-latency.ts), ±10 % at random, and carry any number of bytes at once. ' +
    'A seed draws which validator sits in which region, the same for all protocols: of four validators four regions, of 16 six regions have two. Computing and signatures take no time; signatures are of 32 bytes, half of real ones, which favours PBFT, HotStuff and Alea. ' +
    `Proposals are of ${PAYLOAD_BYTES} bytes; one height at a time, as latency is asked for (pipelines are in e1). A run without an attack has ${heightsOf({ leaders: 'none', n: 4 })} heights, with leaders in turn n + 1, of which the first one, which all begin at once, is not counted. A height is over when n − f correct validators have it. ` +
    'A stable leader is whoever proposed what was decided last, and the first one is among those that crash. Its time-out is a column: a view of PBFT is a height, one of HotStuff a block, and both double it. ' +
    `“Attack”: from ${ATTACK_S.from} s to ${ATTACK_S.to} s an adversary of the network holds what f validators send, no message longer than ${BOUND_S} s. Where there are leaders, those that most validators follow, or, as a control, f others; without leaders f validators for ${BOUND_S} s and then the next f, or the same f all the time, and claims are about whichever leaves fewer heights. The adversary does not aim at the queue of Alea that is in turn. A height of Alea is a quorum of its proposals; as published it goes on with broadcasts meanwhile, which heights of one at a time leave out. ` +
    'Included least: of all correct validators the one whose proposal is in the fewest heights. A leader may order requests of others, so for PBFT and HotStuff this is not censorship; that is e9. ' +
    `Not in it: security against an adversary that corrupts validators as it goes, which no simulation of messages shows (the network’s adversary here chooses whom it holds as it goes); bandwidth; n = 31, AVID above n = ${MOST_OVER_AVID}, attacks on bkr and at n = 7 and 16, other time-outs there (cut for the run time).`,
  published:
    'Of the papers on these protocols only the abstracts were at hand, which have few figures of deployments, with clients, batches and signatures that are not here. FIN (CCS ’23; eprint 2023/154): among 16 to 64 replicas the parallel agreements take 95 to 97 % of the run time of BKR, and FIN’s as little as 1.23 %, on 121 servers of Amazon EC2. ' +
    'That is a share of processor time and bandwidth as well as of delays; here, where only delays count, agreement is two of five delays of bkr, and of FIN’s eight those after the proposals are delivered are five. HoneyBadgerBFT (CCS ’16): tens of thousands of transactions a second, and more than a hundred nodes over a wide-area network. ' +
    'Alea-BFT (NSDI ’24; arXiv 2407.14538): a lower latency than Dumbo-NG, and that it holds up under faults, without a figure. HotStuff (PODC ’19; arXiv 1803.05069): throughput and latency comparable to those of BFT-SMaRt with more than a hundred replicas, and communication that is linear in them. ' +
    'src/consensus/README.md has the complexities of the papers beside those of the machines.',
  earlier:
    'Trials with the seeds 100001 to 100003 came before the hypotheses: they showed which sentences were worth asking and set the factors, with room. In them the order by delays did not hold at n = 4 and 7, where a far validator’s proposal comes so late that some agreements toss coins, nor did HotStuff’s height always take longer than first-hand’s, for the leader’s place decides; both are asked as the delays want it; and under attack Alea at n = 10 ordered about as much as PBFT with a time-out of 4 s. ' +
    'A control that AVID takes as long as digest with all correct failed for the same coins and is about crashes now.',
  hypotheses: [
    {
      text: 'With all correct a height takes less time with PBFT and a stable leader than with any protocol without a leader, at every n.',
      held: (rows) =>
        WITHOUT_LEADER.every((protocol) =>
          everyN(
            rows.filter(
              (row) => isIn('calm')(row) && (protocol !== 'bkr over avid' || row.n <= MOST_OVER_AVID),
            ),
            'heightMs',
            isStable('pbft'),
            is(protocol),
          ),
        ),
    },
    {
      text: 'It takes less with first-hand than with bkr, and with that less than with FIN, at n = 10 and 16: 4, 5 and 8 delays.',
      held: (rows) => isByDelays(rows.filter(({ n }) => n >= 10)),
    },
    {
      text: 'So it does at n = 4 and 7.',
      held: (rows) => isByDelays(rows.filter(({ n }) => n < 10)),
    },
    {
      text: 'With all correct Alea’s height takes longer than FIN’s at n = 10 and 16: a quorum of agreements, one after the other, against one.',
      held: (rows) =>
        everyN(
          rows.filter((row) => isIn('calm')(row) && row.n >= 10),
          'heightMs',
          is('fin'),
          is('alea'),
        ),
    },
    {
      text: 'With all correct HotStuff’s height takes longer than first-hand’s, at every n: 7 delays against 4, though each of HotStuff’s is between a leader and the others.',
      held: (rows) => everyN(rows.filter(isIn('calm')), 'heightMs', is('first-hand'), isStable('hotstuff')),
    },
    {
      text: 'With f crashed a height takes less time with a stable leader that was found, with PBFT and with HotStuff, than with first-hand, and with that less than with FIN, at every n.',
      held: (rows) =>
        LED.every((protocol) =>
          everyN(rows.filter(isIn('f crashed')), 'heightMs', isStable(protocol), is('first-hand'), is('fin')),
        ),
    },
    {
      text: 'To find it takes longer than first-hand ever waits: with f crashed first-hand’s longest time without a commit is shorter than that of every protocol with a leader and a time-out of a second, at every n.',
      held: (rows) =>
        groupBy(
          rows.filter((row) => isIn('f crashed')(row) && row.timeoutMs === USUAL_MS),
          ['protocol', 'leaders', 'n'],
        ).every(
          (group) =>
            meanOf(group, 'gapMs') >
            meanOf(
              rows.filter((row) => isIn('f crashed')(row) && is('first-hand')(row) && row.n === group[0]!.n),
              'gapMs',
            ),
        ),
    },
    {
      text: 'Under attack first-hand orders more heights a second than PBFT and HotStuff, at every time-out and n.',
      held: (rows) => ordersMoreThanLeaders(rows, 'first-hand'),
    },
    {
      text: 'So does FIN.',
      held: (rows) => ordersMoreThanLeaders(rows, 'fin'),
    },
    {
      text: 'So does Alea.',
      held: (rows) => ordersMoreThanLeaders(rows, 'alea'),
    },
    {
      text: 'HotStuff, which needs a leader for four views in a row and not for one, commits nothing under attack with a time-out of a second or less.',
      ...everyRow<WideAreaRow>(
        (row) => is('hotstuff')(row) && row.attacker === 'leaders' && row.timeoutMs! <= USUAL_MS,
        ({ heightsPerS }) => heightsPerS === 0,
      ),
    },
    {
      text: 'No time-out is the right one: with 4 s rather than one a stable leader orders more heights under attack, and is missed longer if it crashed, with PBFT and with HotStuff, at n = 4 and 10.',
      held: (rows) =>
        LED.every((protocol) => {
          const [usual, long] = [isStable(protocol), isStable(protocol, LONG_MS)];
          const attacked = rows.filter(({ attacker }) => attacker === 'leaders');
          const crashed = rows.filter((row) => isIn('f crashed')(row) && (row.n === 4 || row.n === 10));
          return everyN(attacked, 'heightsPerS', usual, long) && everyN(crashed, 'gapMs', usual, long);
        }),
    },
    {
      text: 'A time-out of 250 ms, which far validators need to answer, is paid in messages: with f crashed PBFT with a stable leader receives more than twice the bytes a height that it receives with a second, at n = 10.',
      held: (rows) => {
        const own = rows.filter((row) => isIn('f crashed')(row) && row.n === 10);
        return (
          meanOf(own.filter(isStable('pbft', SHORT_MS)), 'bytes') >
          2 * meanOf(own.filter(isStable('pbft')), 'bytes')
        );
      },
    },
    {
      text: 'With all correct the validator that is included least is in more of first-hand’s heights than of FIN’s, at every n: FIN takes the proposals of the quorum that one validator had first.',
      held: (rows) => everyN(rows.filter(isIn('calm')), 'leastIncluded', is('fin'), is('first-hand')),
    },
    {
      text: 'For each proposal of 4 KiB that is ordered with all correct first-hand receives fewer bytes than every other protocol, at n = 10 and 16.',
      held: (rows) =>
        groupBy(
          rows.filter(
            (row) =>
              isIn('calm')(row) && row.n >= 10 && (row.timeoutMs === null || row.timeoutMs === USUAL_MS),
          ),
          ['n'],
        ).every((own) => {
          const ours = meanOf(own.filter(is('first-hand')), 'bytesPerProposal');
          return groupBy(
            own.filter((row) => !is('first-hand')(row)),
            ['protocol', 'leaders'],
          ).every((group) => meanOf(group, 'bytesPerProposal') > ours);
        }),
    },
    {
      text: 'AVID changes bytes and not times, as links carry any number of bytes: with f crashed, where no proposal comes too late, bkr’s heights take as long over AVID as over digest, within 5 %.',
      isControl: true,
      breaks: (rows) => planted(rows, is('bkr over avid'), ({ heightMs }) => ({ heightMs: heightMs! * 1.1 })),
      held: (rows) =>
        groupBy(
          rows.filter((row) => is('bkr over avid')(row) && isIn('f crashed')(row)),
          ['n'],
        ).every((group) => {
          const [{ n }] = group as [WideAreaRow];
          const other = rows.filter((row) => is('bkr')(row) && row.n === n && isIn('f crashed')(row));
          return Math.abs(meanOf(group, 'heightMs') / meanOf(other, 'heightMs') - 1) <= 0.05;
        }),
    },
    {
      text: 'It is the leader’s messages that matter: while f others are held a stable leader with a time-out of a second orders at least three times the heights a second that it orders while leaders are, and some, with PBFT and with HotStuff.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          ({ attacker }) => attacker === 'others',
          () => ({ heightsPerS: 0 }),
        ),
      held: (rows) =>
        LED.every((protocol) =>
          groupBy(
            rows.filter((row) => isIn('attack')(row) && isStable(protocol)(row)),
            ['n'],
          ).every((own) => {
            const rateOf = (attacker: WideAreaPoint['attacker']): number =>
              meanOf(
                own.filter((row) => row.attacker === attacker),
                'heightsPerS',
              );
            return rateOf('others') > 0 && rateOf('others') >= 3 * rateOf('leaders');
          }),
        ),
    },
  ],
  // Claims on attacks without leaders must not rest on the weaker of two attackers.
  rivals: (['in turn', 'the same'] as const).map((name) => ({
    name,
    score: ({ attacker, heightsPerS }) => (attacker === name ? -heightsPerS! : null),
    without: (rows) => rows.filter(({ attacker }) => attacker !== name),
  })),
  grid: gridOf([4, 7, 10, 16], [4, 10]),
  quickGrid: gridOf([4], [4]),
  seeds: 20,
  quickSeeds: 2,
  columns: {
    protocol: { unit: 'category', meaning: 'protocol; first-hand and bkr are over digest' },
    leaders: { unit: 'category', meaning: 'who leads' },
    timeoutMs: { unit: 'ms', meaning: 'time-out of the first view; nothing without time-outs' },
    n: { unit: 'count', meaning: 'validators' },
    situation: { unit: 'category', meaning: 'what happens' },
    attacker: {
      unit: 'category',
      meaning:
        'whom the adversary of the network holds: leaders or others; f validators in turn or the same ones',
    },
    heightMs: {
      unit: 'ms',
      meaning: 'time of a height until n − f correct validators have it, mean; nothing under attack',
    },
    proposals: { unit: 'count', meaning: 'proposals of a height, mean; nothing under attack' },
    bytes: {
      unit: 'bytes',
      meaning: 'bytes received, a correct validator and height, mean; nothing under attack',
    },
    bytesPerProposal: { unit: 'bytes', meaning: 'the same for each proposal that is ordered' },
    leastIncluded: {
      unit: 'share',
      meaning:
        'share of heights with a proposal of the correct validator that is in the fewest; nothing under attack',
    },
    gapMs: {
      unit: 'ms',
      meaning: 'longest time between two commits, of the whole run and from its beginning',
    },
    heightsPerS: {
      unit: 'heights/s',
      meaning: `heights that n − f correct validators have, from ${ATTACK_S.from + 1} s to ${ATTACK_S.to} s; attacks only`,
    },
  },
  run: wideArea,
  charts: wideAreaCharts,
});
