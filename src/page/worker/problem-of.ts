import { VelumError } from '../../base/errors.ts';
import type { NodeFaultCode } from '../../client/nodes.ts';
import type { PageProblem } from './messages.ts';

/** What anything that was thrown is to the page. */
export function problemOf(error: unknown): PageProblem {
  if (error instanceof VelumError) return { code: error.code, text: error.message };
  return { code: 'PAGE_FAILED', text: error instanceof Error ? error.message : String(error) };
}

/** Whether a node that did this told what is not so; or it answers nothing that can be used, and may be honest. */
export const isLie = (code: NodeFaultCode): boolean => code !== 'NODE_UNREACHABLE' && code !== 'NODE_REFUSED';
