import { quorumOf } from '../../params/quorum.ts';
import type { HeightReport } from '../../sim/report.ts';
import { FIELD_NAMES, type ProtocolName } from '../../sim/scenario.ts';
import { runMeasured } from '../sim/run-scenario.ts';

/** A protocol of the field, or ours, at work: means over heights; messages, frames and bytes for each validator. */
export interface FieldRow {
  readonly acs: ProtocolName;
  readonly n: number;
  readonly faulty: number;
  /** Proposals that a height puts out. */
  readonly outputs: number;
  readonly messages: number;
  readonly frames: number;
  readonly bytes: number;
  readonly bytesPerOutput: number;
  readonly delays: number;
  readonly ms: number;
  readonly coins: number;
}

const SIZES = [4, 10, 16] as const;
const PAYLOAD_BYTES = 256;

/**
 * first-hand and each protocol of the field over links of 100 ms, all correct and with f crashed. As many heights as validators, so that
 * each is the first leader, or has the first queue, once.
 */
export async function fieldRows(
  onProgress: (what: string) => void,
  sizes: readonly number[] = SIZES,
): Promise<FieldRow[]> {
  const rows: FieldRow[] = [];
  for (const acs of ['first-hand', ...FIELD_NAMES] as const) {
    for (const n of sizes) {
      for (const faulty of [0, quorumOf(n).f]) {
        onProgress(`${acs}, ${n} validators, ${faulty} crashed`);
        const { report } = await runMeasured({
          ...{ acs, validators: n, faulty, fault: 'crash', payloadBytes: PAYLOAD_BYTES, rbc: 'digest' },
          ...{ delay: { kind: 'const', ms: 100 }, heights: n, seed: 1 },
        });
        const mean = (of: (height: HeightReport) => number): number =>
          report.heights.reduce((sum, height) => sum + of(height), 0) / n;
        const outputs = mean((height) => height.outputs);
        const bytes = mean(({ bytesPerNode }) => bytesPerNode);
        rows.push({
          ...{ acs, n, faulty, outputs, bytes, bytesPerOutput: bytes / outputs },
          messages: mean(({ messagesPerNode }) => messagesPerNode),
          frames: mean(({ framesPerNode }) => framesPerNode),
          delays: mean(({ delays }) => delays),
          ms: mean(({ ms }) => ms),
          coins: mean(({ coins }) => coins),
        });
      }
    }
  }
  return rows;
}
