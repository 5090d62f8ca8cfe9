import { z } from 'zod';
import { MAX_SOURCES, type OwnFile } from '../../experiments/own-module.ts';
import { readJson, textOf } from '../../formats/json-file.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../params/sizes.ts';
import { FORMAT_VERSION } from '../../params/version.ts';
import { MAX_LATENCY_MS, MAX_PLACES } from '../../sim/latencies.ts';
import { BROADCASTS, delayText, FAULTS, PROTOCOLS, parseDelay, type Scenario } from '../../sim/scenario.ts';
import type { SimulationReport } from '../../sim/simulation.ts';
import { CliError } from '../errors.ts';

export const TRACE_FILE_BYTES = 1 << 24;

/** A run: what it was, what it came to, and the hash after every height. */
export interface Trace {
  /** Without the name of an adversary of one's own: who replays it says where that is. */
  readonly scenario: Scenario;
  /** The file of that adversary. A trace never has one run: it is code. */
  readonly adversary?: OwnFile | undefined;
  readonly traceHash: string;
  readonly checkpoints: readonly string[];
}

const row = z.array(z.number().min(0).max(MAX_LATENCY_MS)).max(MAX_PLACES);
/** The latencies of a file stand in the trace themselves. */
const latencies = z
  .strictObject({
    kind: z.literal('matrix'),
    ms: z.array(row).min(1).max(MAX_PLACES),
    file: z.string().max(4096),
  })
  .refine(({ ms }) => ms.every((each) => each.length === ms.length));
const source = { name: z.string().max(4096), sha256: z.string().regex(/^[0-9a-f]{64}$/) };
const hash = z.string().regex(/^[0-9a-f]{16}$/, '16 hex digits are expected');
const schema = z.strictObject({
  velumTrace: z.literal(
    FORMAT_VERSION,
    `this program reads traces of format ${FORMAT_VERSION}: make the trace anew with velum sim acs --trace`,
  ),
  scenario: z
    .strictObject({
      validators: z.int().min(1).max(MAX_VALIDATORS),
      payloadBytes: z.int().min(10).max(MAX_PAYLOAD_BYTES),
      faulty: z.int().min(0),
      fault: z.enum(FAULTS),
      delay: z.union([textOf('a delay such as "const:100"', parseDelay), latencies], {
        error:
          'a delay such as "const:100" is expected, or what velum sim acs --trace writes of a file of latencies',
      }),
      rbc: z.enum(BROADCASTS),
      acs: z.enum(PROTOCOLS),
      heights: z.int().min(1).max(100_000),
      seed: z.int().min(0),
    })
    .refine(({ validators, faulty }) => faulty <= quorumOf(validators).f, 'too many faulty validators'),
  adversary: z
    .strictObject({ ...source, others: z.array(z.strictObject(source)).max(MAX_SOURCES) })
    .optional(),
  traceHash: hash,
  checkpoints: z.array(hash),
});

/** @param adversary the file of an adversary of one's own */
export function traceJson(
  { adversary: _, ...scenario }: Scenario,
  { traceHash, checkpoints }: SimulationReport,
  adversary?: OwnFile,
): string {
  const { delay } = scenario;
  const written = { ...scenario, delay: delay.kind === 'matrix' ? delay : delayText(delay) };
  const trace = { velumTrace: FORMAT_VERSION, scenario: written, adversary, traceHash, checkpoints };
  return `${JSON.stringify(trace, null, 2)}\n`;
}

/** @throws {CliError} TRACE_FILE */
export const parseTrace = (text: string, file: string): Trace =>
  readJson(schema, text, file, CliError.of('TRACE_FILE'));
