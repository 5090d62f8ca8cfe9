import { z } from 'zod';
import { boundedText } from './bounded-text.ts';
import { ClientError } from './errors.ts';

/** An answer of a node is no larger: the longest is a block in hex. */
const MAX_ANSWER_BYTES = 1 << 23;
const ANSWER_MS = 10_000;
/** Letters of a sentence in a refusal, at most. */
const MAX_SENTENCE = 1_000;
const sentence = z.string().max(MAX_SENTENCE);

const count = z.int().min(0);
/** A code of a refusal: what may be shown at a terminal. */
export const CODE = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

// What a node answers, as a client reads it: a node is no more trusted than a file. Fields that nobody reads may come or not.
export const STATUS = z.object({
  validator: count,
  chain: hex32,
  height: count,
  settled: count,
  certified: count,
  isReady: z.boolean(),
  peersUp: count,
  waitingProofs: count,
});
export const SUBMITTED = z.object({ id: hex32.nullable() });
export const BLOCK = z.object({ encoded: z.string() });
export const ITEM_STATUS = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['waiting', 'admitted']) }),
  z.object({ status: z.literal('refused'), code: CODE, height: count.optional() }),
  z.object({ status: z.enum(['ordered', 'settled', 'certified']), height: count }),
]);

/** How a validator refuses. Whatever else comes is no answer of one. */
const REFUSAL = z.object({
  error: z.object({ message: sentence, data: z.object({ code: CODE, reason: sentence.optional() }) }),
});

/**
 * Asks a node; once more on a connection of its own if the one of before was closed. To ask twice does no harm: the same item is taken once.
 * @param rpc  HOST:PORT where it answers
 * @param form what its result has to look like
 * @throws {ClientError} NODE_UNREACHABLE if nobody answers; NODE_REFUSED with the code of its answer, or if that is none
 */
export async function askAt<F extends z.ZodType>(
  rpc: string,
  method: string,
  form: F,
  params: object = {},
): Promise<z.output<F>> {
  const ask = async (): Promise<string> => {
    const response = await fetch(`http://${rpc}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return (await boundedText(response, MAX_ANSWER_BYTES)) ?? '';
  };
  let text: string;
  try {
    text = await ask().catch((error: unknown) => {
      if (isLost(error)) return ask();
      throw error;
    });
  } catch (cause) {
    const message = `no validator answers at ${rpc}: is it started, and is this its --rpc address?`;
    throw new ClientError('NODE_UNREACHABLE', message, { rpc }, cause);
  }
  const answer = parsed(text);
  const result = form.safeParse(answer?.result);
  if (result.success) return result.data;
  const refusal = REFUSAL.safeParse(answer);
  const { message, data } = refusal.success ? refusal.data.error : NO_ANSWER;
  const why = [message, data.reason].filter(Boolean).join(' ');
  throw new ClientError('NODE_REFUSED', `${rpc} refused ${method}: ${why}`, { refusal: data.code });
}

const NO_ANSWER: z.output<typeof REFUSAL>['error'] = {
  message: 'this is no answer of a validator',
  data: { code: 'RPC_INTERNAL' },
};

/** What a connection of before ends with that the other side has closed meanwhile: a program that was busy hears of it when it writes. */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const isLost = (error: unknown): boolean =>
  error instanceof TypeError && LOST.has((error.cause as { code?: string } | undefined)?.code ?? '');

function parsed(text: string): { readonly result?: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
