import { MAX_MESSAGE_BYTES } from '../params/sizes.ts';
import { HostError } from './errors.ts';
import type { InputRecord } from './records.ts';
import type { Store } from './store.ts';

/** What is too long for anything that a validator takes is logged and judged as empty, which is malformed as well. */
export function withinBounds(record: InputRecord): InputRecord {
  const { input } = record;
  const isHostile = input.type === 'message' || input.type === 'item' || input.type === 'block';
  if (!isHostile || input.bytes.length <= MAX_MESSAGE_BYTES) return record;
  return { ...record, input: { ...input, bytes: new Uint8Array(0) } };
}

/** As it is logged: blocks that were served are in the store already. */
export function withoutBlock(record: InputRecord): InputRecord {
  const { input } = record;
  if (input.type !== 'stored' || input.bytes === undefined) return record;
  return { ...record, input: { ...input, bytes: new Uint8Array(0) } };
}

/** As it was before it was logged. */
export function withBlock(record: InputRecord, store: Store): InputRecord {
  const { input } = record;
  if (input.type !== 'stored' || input.bytes === undefined) return record;
  return { ...record, input: { ...input, bytes: store.block(input.ref.height) } };
}

/**
 * The owner of a host sees to it that only members speak: what a log says of anybody else, nobody wrote.
 * @param n validators
 * @throws {HostError} HOST_LOG_DAMAGED
 */
export function requireMember({ input }: InputRecord, n: number): void {
  const named =
    'from' in input ? input.from : 'peer' in input ? input.peer : input.type === 'stored' ? input.ref.to : 0;
  if (named >= n)
    throw new HostError('HOST_LOG_DAMAGED', `the log has an input of validator ${named} of ${n}`);
}
