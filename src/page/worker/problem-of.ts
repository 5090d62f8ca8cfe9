import { VelumError } from '../../base/errors.ts';
import type { PageProblem } from './messages.ts';

/** What anything that was thrown is to the page. */
export function problemOf(error: unknown): PageProblem {
  if (error instanceof VelumError) return { code: error.code, text: error.message };
  return { code: 'PAGE_FAILED', text: error instanceof Error ? error.message : String(error) };
}
