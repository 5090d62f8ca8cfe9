import { z } from 'zod';
import { readJson, textOf } from '../../formats/json-file.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../params/sizes.ts';
import { FORMAT_VERSION } from '../../params/version.ts';
import { BROADCASTS, delayText, FAULTS, PROTOCOLS, parseDelay, type Scenario } from '../../sim/scenario.ts';
import type { SimulationReport } from '../../sim/simulation.ts';
import { CliError } from '../errors.ts';

export const TRACE_FILE_BYTES = 1 << 24;

/** A run: what it was, what it came to, and the hash after every height. */
export interface Trace {
  readonly scenario: Scenario;
  readonly traceHash: string;
  readonly checkpoints: readonly string[];
}

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
      delay: textOf('a delay such as "const:100"', parseDelay),
      rbc: z.enum(BROADCASTS),
      acs: z.enum(PROTOCOLS),
      heights: z.int().min(1).max(100_000),
      seed: z.int().min(0),
    })
    .refine(({ validators, faulty }) => faulty <= quorumOf(validators).f, 'too many faulty validators'),
  traceHash: hash,
  checkpoints: z.array(hash),
});

export function traceJson(scenario: Scenario, { traceHash, checkpoints }: SimulationReport): string {
  const written = { ...scenario, delay: delayText(scenario.delay) };
  return `${JSON.stringify({ velumTrace: FORMAT_VERSION, scenario: written, traceHash, checkpoints }, null, 2)}\n`;
}

/** @throws {CliError} TRACE_FILE */
export const parseTrace = (text: string, file: string): Trace =>
  readJson(schema, text, file, CliError.of('TRACE_FILE'));
