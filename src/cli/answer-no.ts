import { VelumError } from '../base/errors.ts';
import type { Terminal } from './io.ts';

/**
 * Answers a question with no, exit code 1. With --json that is one object of the shape that a yes has, whose `reason` is null
 * then: whoever asked reads one shape. Without it the error's text says no, on standard error.
 * @param value the same keys as of a yes, null or empty where there is nothing
 * @throws {VelumError} `no`, with --json as one that is told already
 */
export async function answerNo(
  { out }: Terminal,
  { json }: { readonly json: boolean },
  value: Readonly<Record<string, unknown>> & { readonly reason: unknown },
  no: VelumError,
): Promise<never> {
  if (!json) throw no;
  await out(`${JSON.stringify(value)}\n`);
  throw new VelumError(no, no.message, { isTold: true }, no);
}
