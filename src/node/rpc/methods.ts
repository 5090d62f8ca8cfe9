import { z } from 'zod';
import { CHAIN_METHODS } from './chain-methods.ts';
import { nothing } from './forms.ts';
import { HEAVY, type Method, method } from './method.ts';
import { NODE_METHODS } from './node-methods.ts';
import { openRpc } from './openrpc.ts';

/** What a validator answers. Nothing here is secret. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...NODE_METHODS,
  ...CHAIN_METHODS,
  'rpc.discover': method(
    'This document: every method with the forms of its parameters and its result, and the errors.',
    nothing,
    z.looseObject({ openrpc: z.string() }),
    () => described(),
    { errors: ['RPC_UNREAD'], cost: HEAVY },
  ),
} as Readonly<Record<string, Method>>;

let document: ReturnType<typeof openRpc> | undefined;
/** All of it as an OpenRPC document. */
export function described(): ReturnType<typeof openRpc> {
  document ??= openRpc(METHODS);
  return document;
}
