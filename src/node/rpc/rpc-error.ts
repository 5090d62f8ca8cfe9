/** Why a request is not answered: the numbers of JSON-RPC 2.0 and ours, each with a name that programs compare. */
export const RPC_ERRORS = {
  RPC_PARSE: [-32700, 'The body is not JSON.'],
  RPC_REQUEST: [-32600, 'This is no request of JSON-RPC 2.0.'],
  RPC_METHOD: [-32601, 'There is no such method.'],
  RPC_PARAMS: [-32602, 'The parameters are not those of the method.'],
  RPC_INTERNAL: [-32603, 'The validator failed on this request.'],
  RPC_ITEM: [-32001, 'The item is malformed, and no validator takes it.'],
  RPC_BUSY: [-32002, 'Too many proofs wait for a verdict: submit it again later.'],
  RPC_UNKNOWN: [-32003, 'It is not known here.'],
  RPC_RATE: [-32004, 'Too many requests of this address: ask again later.'],
  RPC_HOST: [-32005, 'The Host header names neither an address nor this server.'],
  RPC_ORIGIN: [-32006, 'Pages of a browser may not call this server.'],
  RPC_BODY: [-32007, 'The body is too large, or its type is not application/json.'],
  RPC_NOT_READY: [-32008, 'The validator is not ready yet: submit it again later.'],
  RPC_UNREAD: [-32009, 'Too much waits to be read: read what was answered, and ask again.'],
  RPC_CONNECTIONS: [-32010, 'Too many WebSockets are open: close one, or connect later.'],
  RPC_SUBSCRIPTIONS: [-32011, 'This WebSocket has as many subscriptions as it may have.'],
  RPC_PRUNED: [-32013, 'This validator keeps no blocks of heights this old: ask one that keeps all.'],
  RPC_WEBSOCKET: [-32012, 'Only a WebSocket has subscriptions: connect to it at the same address.'],
} as const;

export type RpcErrorName = keyof typeof RPC_ERRORS;

/** What a request is answered with in place of a result. Never leaves the server. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly error: RpcErrorName;
  readonly data: object;

  constructor(error: RpcErrorName, data: object = {}) {
    super(RPC_ERRORS[error][1]);
    this.error = error;
    this.data = data;
  }
}

/** The error object of a response. */
export function rpcErrorBody(error: RpcErrorName, data: object = {}) {
  const [code, message] = RPC_ERRORS[error];
  return { code, message, data: { code: error, ...data } };
}
