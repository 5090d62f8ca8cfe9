import { assert } from '../base/errors.ts';
import type { AcsMessage } from '../consensus/acs/frame.ts';
import { ACS_NAMES, type AcsName, acsProtocol, RBC_NAMES, type RbcName } from '../consensus/protocol.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash, twisted } from '../sim/adversaries/adversaries.ts';
import { serveFew } from '../sim/adversaries/twists.ts';
import { Simulation } from '../sim/simulation.ts';
import type { Adversary } from '../sim/world.ts';
import type { RunContext } from './define.ts';
import { pythonReceives, rustReceives } from './honeybadger-formats.ts';
import { mean } from './statistics.ts';

/** What f validators do. */
export type Failing = 'none' | 'crashed' | 'serves all' | 'serves f + 1' | 'serves f + 1, lies';
/** A common subset over a broadcast, and what it runs under. */
export interface CostPoint {
  readonly acs: AcsName;
  readonly rbc: RbcName;
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

/** Messages received by a validator with all correct: n − 1 PROPOSE or VAL, and n(n − 1) each of the kinds that all send. */
const messagesFormula = (acs: AcsName, n: number): number => (n - 1) * ((acs === 'bkr' ? 5 : 4) * n + 1);

/** Runs one point: the mean of its heights. */
export function heightCost(
  { acs, rbc, n, payloadBytes, fault, delay }: CostPoint,
  seed: number,
  { erasure }: RunContext,
): HeightCost[] {
  const areAlike = delay === 'const' && (fault === 'none' || fault === 'crashed');
  const heights = areAlike ? HEIGHTS.alike : HEIGHTS.others;
  const simulation = new Simulation({
    n,
    seed,
    payloadBytes,
    heights,
    protocol: acsProtocol(acs, rbc, erasure),
    ...(fault === 'none' ? {} : { faulty: quorumOf(n).f, adversary: ADVERSARIES[fault] }),
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
  // The formats of others tell what is sent when nothing is late and nobody fails.
  const isTold = fault === 'none' && delay === 'const';
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

export const VARIANTS = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => ({ acs, rbc })));
/** A row of them. */
export type CostRow = CostPoint & HeightCost & { readonly seed: number };

export const isOn =
  (delay: CostPoint['delay'], ...faults: readonly Failing[]) =>
  (row: CostRow): boolean =>
    row.delay === delay && faults.includes(row.fault);
/** Nobody is asked for anything over AVID, so that there is nothing to lie about. */
export const faultsOf = (rbc: RbcName, faults: readonly Failing[]): Failing[] =>
  faults.filter((fault) => rbc === 'digest' || fault !== 'serves f + 1, lies');
