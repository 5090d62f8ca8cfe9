import type { Address } from '../../net/transport.ts';
import { CliError } from '../errors.ts';
import { addressText } from './settings.ts';

/** An answer of a node is no larger: the longest is a block in hex. */
const MAX_ANSWER_BYTES = 1 << 23;
const ANSWER_MS = 10_000;

/**
 * Asks a node.
 * @returns the result, as the node says it
 * @throws {CliError} NODE_UNREACHABLE if nobody answers; NODE_REFUSED with the code of its answer
 */
export async function askNode<T>(rpc: Address, method: string, params: object = {}): Promise<T> {
  const where = addressText(rpc);
  let text: string;
  try {
    const response = await fetch(`http://${where}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const bytes = await response.arrayBuffer();
    if (bytes.byteLength > MAX_ANSWER_BYTES) throw new Error('its answer is too long');
    text = Buffer.from(bytes).toString('utf8');
  } catch (cause) {
    const message = `no validator answers at ${where}: is it started, and is this its --rpc address?`;
    throw new CliError('NODE_UNREACHABLE', message, { rpc: where }, cause);
  }
  const answer = parsed(text);
  if (answer !== undefined && 'result' in answer) return answer.result as T;
  const { code, reason } = (answer?.error?.data ?? {}) as { code?: string; reason?: string };
  const why = [answer?.error?.message ?? 'this is no answer of a validator', reason]
    .filter(Boolean)
    .join(' ');
  throw new CliError('NODE_REFUSED', `${where} refused ${method}: ${why}`, {
    refusal: code ?? 'RPC_INTERNAL',
  });
}

function parsed(
  text: string,
):
  | { readonly result?: unknown; readonly error?: { readonly message?: string; readonly data?: unknown } }
  | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
