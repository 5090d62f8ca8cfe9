import { z } from 'zod';
import { EVENT_FORMS } from './forms.ts';
import type { Method } from './method.ts';
import { RPC_ERRORS, type RpcErrorName, rpcErrorBody } from './rpc-error.ts';

const OPENRPC_VERSION = '1.3.2';
/** Of what is described here: raised with every change of a method that its callers notice. */
const API_VERSION = '1.1.0';
/** What any method may be answered with. */
const ANY: readonly RpcErrorName[] = ['RPC_PARAMS', 'RPC_RATE', 'RPC_INTERNAL'];

const schemaOf = (form: z.ZodType, io: 'input' | 'output') => {
  const { $schema, ...schema } = z.toJSONSchema(form, { target: 'draft-7', io });
  return schema;
};

/**
 * Describes methods as an OpenRPC document.
 * @see https://spec.open-rpc.org
 */
export function openRpc(methods: Readonly<Record<string, Method>>) {
  const errors = Object.keys(RPC_ERRORS) as RpcErrorName[];
  return {
    openrpc: OPENRPC_VERSION,
    info: {
      title: 'A validator of Velum',
      version: API_VERSION,
      description:
        'JSON-RPC 2.0 over HTTP (POST with application/json at /) and over WebSocket at the same address. Parameters are given by name. Amounts are units of 10^-6 USDC in decimal strings; bytes and field elements are hex, field elements big-endian. data.code of an error is what programs compare.',
    },
    methods: Object.entries(methods).map(([name, { about, params, result, errors }]) => ({
      name,
      description: about,
      paramStructure: 'by-name',
      params: paramsOf(params),
      result: { name: 'result', schema: schemaOf(result, 'output') },
      errors: [...new Set([...ANY, ...errors])].map((error) => ({ $ref: `#/components/errors/${error}` })),
    })),
    components: {
      schemas: Object.fromEntries(
        Object.entries(EVENT_FORMS).map(([topic, form]) => [`event-${topic}`, schemaOf(form, 'output')]),
      ),
      errors: Object.fromEntries(errors.map((error) => [error, rpcErrorBody(error)])),
    },
  };
}

/** Each parameter by its name. Of several forms that parameters may have, none of theirs is required by all. */
function paramsOf(form: z.ZodType) {
  const schema = schemaOf(form, 'input');
  const forms = (schema.anyOf ?? [schema]) as (typeof schema)[];
  return forms.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, schema]) => ({
      name,
      required: forms.length === 1 && required.includes(name),
      schema,
    })),
  );
}
