import type { z } from 'zod';
import { askAt } from '../../client/ask-node.ts';
import type { Address } from '../../net/transport.ts';
import { addressText } from './settings.ts';

/** Asks the node of an address: see `askAt`. @throws {ClientError} NODE_UNREACHABLE, NODE_REFUSED */
export const askNode = <F extends z.ZodType>(
  rpc: Address,
  method: string,
  form: F,
  params: object = {},
): Promise<z.output<F>> => askAt(addressText(rpc), method, form, params);
