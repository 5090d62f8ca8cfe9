import { assert } from '../base/errors.ts';
import type { AcsMessage } from '../consensus/acs/frame.ts';
import {
  ACS_NAMES,
  type AcsName,
  acsProtocol,
  aleaProtocol,
  finProtocol,
  hotStuffProtocol,
  type Protocol,
  pbftProtocol,
  RBC_NAMES,
  type RbcName,
} from '../consensus/protocol.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash, twisted } from '../sim/adversaries/adversaries.ts';
import { serveFew } from '../sim/adversaries/twists.ts';
import { oracleSignatures } from '../sim/oracle-signatures.ts';
import { Simulation } from '../sim/simulation.ts';
import type { Adversary } from '../sim/world.ts';
import type { RunContext } from './define.ts';
import { pythonReceives, rustReceives } from './honeybadger-formats.ts';
import { mean } from './statistics.ts';

/** What f validators do. */
export type Failing = 'none' | 'crashed' | 'serves all' | 'serves f + 1' | 'serves f + 1, lies';
/** What others propose. */
export const COST_FIELD = ['fin', 'alea', 'pbft', 'hotstuff'] as const;
type Field = (typeof COST_FIELD)[number];
/** A protocol, over a broadcast if it has one, and what it runs under. */
export interface CostPoint {
  readonly acs: AcsName | Field;
  readonly rbc: RbcName | 'none';
  readonly n: number;
  readonly payloadBytes: number;
  readonly fault: Failing;
  readonly delay: 'const' | 'exp';
  readonly [column: string]: string | number;
}
/** What a height of it costs; figures of other implementations where they are told. */
export interface HeightCost {
  readonly messages: number;
  readonly frames: number;
  readonly bytes: number;
  readonly bytesMost: number;
  readonly delays: number;
  readonly ms: number;
  readonly outputs: number;
  readonly messagesFormula: number;
  readonly rustBytes: number | null;
  readonly rustMostBytes: number | null;
  readonly rustWholeBytes: number | null;
  readonly pythonBytes: number | null;
  readonly [column: string]: number | null;
}

export const EVEN_LINK_MS = 100;
/** Heights that are run: one where all are alike, else three of which the first one, which all begin at once, is not counted. */
const HEIGHTS = { alike: 1, others: 3 };
const ADVERSARIES: Readonly<Record<Exclude<Failing, 'none'>, Adversary<AcsMessage>>> = {
  crashed: crash(),
  'serves all': twisted('serves all', (frame) => [frame]),
  'serves f + 1': twisted('serves f + 1', serveFew(false)),
  'serves f + 1, lies': twisted('serves f + 1, lies', serveFew(true)),
};

/** Time-out of a view where there are leaders: twenty links. */
export const TIMEOUT_MS = 20 * EVEN_LINK_MS;

/**
 * Messages received by a validator with all correct: n − 1 PROPOSE or VAL, and n(n − 1) each of the kinds that all send; of those of
 * PBFT's leader and of two kinds of votes, and of four blocks and three rounds of votes of HotStuff, each the mean. FIN has two
 * broadcasts of each validator, a share of the lot, and a vote and its last word; Alea three messages of each broadcast, to or from its
 * proposer, such votes of a quorum of agreements, and a list.
 */
const messagesFormula = (acs: CostPoint['acs'], n: number): number => {
  switch (acs) {
    case 'bkr':
      return (n - 1) * (5 * n + 1);
    case 'first-hand':
      return (n - 1) * (4 * n + 1);
    case 'fin':
      return (n - 1) * (4 * n + 5);
    case 'alea':
      return (n - 1) * (2 * quorumOf(n).q + 4);
    case 'pbft':
      return (n - 1) * (2 + 1 / n);
    case 'hotstuff':
      return (7 * (n - 1)) / n;
  }
};

/** Runs one point: the mean of its heights. */
export function heightCost(point: CostPoint, seed: number, { erasure }: RunContext): HeightCost[] {
  const signed = (self: ValidatorIndex) => oracleSignatures(seed, self);
  switch (point.acs) {
    case 'fin':
      return costOf(point, seed, finProtocol());
    case 'alea':
      return costOf(point, seed, aleaProtocol(signed));
    case 'pbft':
      return costOf(point, seed, pbftProtocol(signed));
    case 'hotstuff':
      return costOf(point, seed, hotStuffProtocol(signed));
    default:
      return costOf(point, seed, acsProtocol(point.acs, point.rbc as RbcName, erasure), ADVERSARIES);
  }
}

/** Whether one height with even links tells what all do: not where lots or leaders differ. */
const areHeightsAlike = ({ acs, fault, delay }: CostPoint): boolean =>
  delay === 'const' && (fault === 'none' || (fault === 'crashed' && isOwn({ acs })));
/** Whether no seed changes a row: lots are drawn by seed, and matter where some are dead. */
export const isSeedless = ({ acs, fault, delay }: CostPoint): boolean =>
  delay === 'const' && !((acs === 'fin' || acs === 'alea') && fault === 'crashed');
/** With leaders in turn of which f are dead, a turn of all. */
const heightsOf = (point: CostPoint): number =>
  areHeightsAlike(point)
    ? HEIGHTS.alike
    : isLed(point) && point.fault === 'crashed'
      ? point.n + 1
      : HEIGHTS.others;

/** @param adversaries that know the messages of the protocol; crashes need none */
function costOf<M>(
  point: CostPoint,
  seed: number,
  protocol: Protocol<M>,
  adversaries?: Readonly<Record<string, Adversary<M>>>,
): HeightCost[] {
  const { acs, n, payloadBytes, fault, delay } = point;
  const areAlike = areHeightsAlike(point);
  const heights = heightsOf(point);
  const simulation = new Simulation<M>({
    n,
    seed,
    payloadBytes,
    heights,
    protocol,
    timeoutMs: TIMEOUT_MS,
    ...(fault === 'none' ? {} : { faulty: quorumOf(n).f, adversary: adversaries?.[fault] ?? crash<M>() }),
    schedule: {
      kind: 'links',
      delay: delay === 'const' ? { kind: 'const', ms: EVEN_LINK_MS } : { kind: 'exp', meanMs: EVEN_LINK_MS },
    },
  });
  const report = simulation.run();
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  const counted = report.heights.slice(areAlike ? 0 : 1);
  const meanOf = (measure: (height: (typeof counted)[number]) => number): number =>
    mean(counted.map(measure));
  const correct = simulation.receivedBytes.filter((_, i) => simulation.isCorrect(i));
  // The formats of others tell what is sent when nothing is late and nobody fails: of a common subset.
  const isTold = fault === 'none' && delay === 'const' && isOwn(point);
  const rust = (lateEchoes: number, isWhole: boolean): number | null =>
    isTold ? Math.round(rustReceives(n, payloadBytes, lateEchoes, isWhole).bytes) : null;
  return [
    {
      messages: meanOf(({ messagesPerNode }) => messagesPerNode),
      frames: meanOf(({ framesPerNode }) => framesPerNode),
      bytes: Math.round(meanOf(({ bytesPerNode }) => bytesPerNode)),
      bytesMost: Math.round(Math.max(...correct) / heights),
      delays: meanOf(({ delays }) => delays),
      ms: Math.round(meanOf(({ ms }) => ms)),
      outputs: meanOf(({ outputs }) => outputs),
      messagesFormula: messagesFormula(acs, n),
      rustBytes: rust(0, false),
      rustMostBytes: rust(1, false),
      rustWholeBytes: rust(0, true),
      pythonBytes: isTold ? Math.round(pythonReceives(n, payloadBytes).bytes) : null,
    },
  ];
}

/** The project's own common subsets; what the others are. */
export const isOwn = ({ acs }: Pick<CostPoint, 'acs'>): boolean => acs === 'bkr' || acs === 'first-hand';
export const isLed = ({ acs }: Pick<CostPoint, 'acs'>): boolean => acs === 'pbft' || acs === 'hotstuff';
export const FIELD_VARIANTS = COST_FIELD.map(
  (acs) => ({ acs, rbc: acs === 'fin' ? 'digest' : 'none' }) as const,
);
export const VARIANTS = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => ({ acs, rbc })));
/** A row of them. */
export type CostRow = CostPoint & HeightCost & { readonly seed: number };

export const isOn =
  (delay: CostPoint['delay'], ...faults: readonly Failing[]) =>
  (row: CostRow): boolean =>
    row.delay === delay && faults.includes(row.fault);
/** Nobody is asked for anything over AVID, so that there is nothing to lie about. */
export const faultsOf = (rbc: CostPoint['rbc'], faults: readonly Failing[]): Failing[] =>
  faults.filter((fault) => rbc === 'digest' || fault !== 'serves f + 1, lies');
