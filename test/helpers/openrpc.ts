import { createRequire } from 'node:module';
import { Ajv, type ErrorObject } from 'ajv';

/** A method as an OpenRPC document describes it. */
export interface DescribedMethod {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly required?: boolean }[];
  readonly result: { readonly schema: object };
  readonly errors: readonly { readonly $ref: string }[];
}
/** What of an OpenRPC document is read here. */
export interface OpenRpcDocument {
  readonly methods: readonly DescribedMethod[];
  readonly components: { readonly schemas: Readonly<Record<string, object>>; readonly errors: object };
}

const require = createRequire(import.meta.url);
const draft7 = require('ajv/dist/refs/json-schema-draft-07.json');
const { openrpcDocument } = require('@open-rpc/meta-schema');

/** @returns what is wrong with a document by the schema of OpenRPC itself, whose schemas are of JSON Schema draft 7 */
export function openRpcProblems(document: unknown): readonly ErrorObject[] {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const JSONSchemaObject = { properties: { $ref: draft7.properties.$ref } };
  ajv.addSchema({ ...draft7, $id: 'https://meta.json-schema.tools' });
  ajv.addSchema({ $id: 'https://meta.json-schema.tools/', definitions: { JSONSchemaObject } });
  const { $schema, ...schema } = openrpcDocument;
  const validate = ajv.compile(schema);
  return validate(document) ? [] : (validate.errors ?? []);
}

/** @returns what is wrong with a value by a schema of a document */
export function schemaProblems(schema: object, value: unknown): readonly ErrorObject[] {
  const validate = new Ajv({ strict: true, strictTuples: false }).compile(schema);
  return validate(value) ? [] : (validate.errors ?? []);
}
