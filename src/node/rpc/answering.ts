import { z } from 'zod';
import { type AnsweringNode, HEAVY, type Subscriptions } from './method.ts';
import { METHODS } from './methods.ts';
import type { RateLimit } from './rate-limit.ts';
import { type RpcErrorName, RpcFailure, rpcErrorBody } from './rpc-error.ts';

/** Requests in one batch. */
const MAX_BATCH = 16;
/** Answers of one batch, characters: when there are more, what is left of it is not answered. */
const MAX_ANSWER = 1 << 20;
/** Answers of a server that wait to be read, characters: when there are more, nobody is given long ones. */
const MAX_UNREAD = 1 << 24;

const request = z.strictObject({
  jsonrpc: z.literal('2.0'),
  method: z.string().max(64),
  params: z.record(z.string(), z.unknown()).optional(),
  id: z.union([z.string().max(64), z.int(), z.null()]).optional(),
});

type Id = string | number | null;

/** Who sent a text. */
export interface Caller {
  readonly ip: string;
  readonly subscriptions: Subscriptions | undefined;
  /** Characters that wait to be read by this caller alone. */
  readonly unread: number;
}

/** Answers texts of JSON-RPC 2.0 with texts, whatever brought them. All that comes is hostile. */
export class Answering {
  readonly #node: AnsweringNode;
  readonly #rate: RateLimit;
  #unread = 0;

  constructor(node: AnsweringNode, rate: RateLimit) {
    this.#node = node;
    this.#rate = rate;
  }

  /** Characters were handed to a socket. @returns to be called once when they have left it */
  waits(length: number): () => void {
    this.#unread += length;
    let isRead = false;
    return () => {
      if (!isRead) this.#unread -= length;
      isRead = true;
    };
  }

  /** @returns undefined if nothing is to be answered: notifications alone */
  answer(text: string, caller: Caller): string | undefined {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return failed(null, 'RPC_PARSE');
    }
    if (!Array.isArray(body)) return this.#answerOne(body, caller, 0);
    if (body.length === 0 || body.length > MAX_BATCH) return failed(null, 'RPC_REQUEST');
    const answers: string[] = [];
    let length = 0;
    for (const each of body) {
      const answer = this.#answerOne(each, caller, length);
      if (answer === undefined) continue;
      answers.push(answer);
      length += answer.length;
    }
    return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
  }

  /** @param before characters of the same batch. @returns undefined for a notification, which nobody waits for */
  #answerOne(body: unknown, caller: Caller, before: number): string | undefined {
    const parsed = request.safeParse(body);
    if (!parsed.success) return failed(null, 'RPC_REQUEST');
    const { method, params = {}, id } = parsed.data;
    const response = this.#call(method, params, id ?? null, caller, before);
    return id === undefined ? undefined : response;
  }

  #call(name: string, params: unknown, id: Id, caller: Caller, before: number): string {
    if (!Object.hasOwn(METHODS, name)) return failed(id, 'RPC_METHOD');
    const { params: schema, run, cost } = METHODS[name]!;
    if (!this.#rate.take(caller.ip, performance.now(), cost)) return failed(id, 'RPC_RATE');
    const isLong = Math.max(before, caller.unread) > MAX_ANSWER || this.#unread > MAX_UNREAD;
    if (cost >= HEAVY && isLong) return failed(id, 'RPC_UNREAD');
    const given = schema.safeParse(params);
    if (!given.success) {
      const { path, message } = given.error.issues[0]!;
      return failed(id, 'RPC_PARAMS', { where: path.join('.'), reason: message });
    }
    try {
      const result = run({ node: this.#node, subscriptions: caller.subscriptions }, given.data);
      return JSON.stringify({ jsonrpc: '2.0', id, result });
    } catch (error) {
      return error instanceof RpcFailure ? failed(id, error.error, error.data) : failed(id, 'RPC_INTERNAL');
    }
  }
}

/** The text of a response that says why there is no result. */
export const failed = (id: Id, error: RpcErrorName, data?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: rpcErrorBody(error, data) });
