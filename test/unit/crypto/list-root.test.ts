import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListRoot } from '../../../src/crypto/list-root.ts';
import { byteTag } from '../../../src/params/domains.ts';

const rootOf = (values: readonly Uint8Array[]): Buffer => {
  const list = new ListRoot();
  for (const value of values) list.append(value);
  return Buffer.from(list.root);
};
const sha256 = (domain: 'listNode' | 'listRoot', ...parts: readonly Uint8Array[]): Uint8Array => {
  const state = createHash('sha256').update(byteTag(domain));
  for (const part of parts) state.update(part);
  return state.digest();
};

/** The root by definition, from the whole list, with OpenSSL's hash: the list cut into the powers of 2 of its length. */
function rootByDefinition(values: readonly Uint8Array[]): Uint8Array {
  const full = (some: readonly Uint8Array[]): Uint8Array => {
    const half = some.length / 2;
    return some.length === 1
      ? some[0]!
      : sha256('listNode', full(some.slice(0, half)), full(some.slice(half)));
  };
  const trees: Uint8Array[] = [];
  for (let from = 0, size = 2 ** 16; size >= 1; size /= 2) {
    if ((values.length & size) === 0) continue;
    trees.unshift(full(values.slice(from, from + size)));
    from += size;
  }
  const length = Buffer.alloc(8);
  length.writeUInt32BE(values.length, 4);
  return sha256('listRoot', length, ...trees);
}

const value = fc.uint8Array({ minLength: 32, maxLength: 32 });
const values = fc.array(value, { maxLength: 40 });

test('the root of a list that grows is that of the whole list', () => {
  fc.assert(
    fc.property(values, (list) => {
      expect(rootOf(list)).toEqual(rootByDefinition(list));
    }),
  );
});

test('two lists have two roots: another value, another order, one more, one less', () => {
  fc.assert(
    fc.property(values, value, fc.nat(), (list, other, place) => {
      const at = place % (list.length + 1);
      const longer = [...list.slice(0, at), other, ...list.slice(at)];
      expect(rootOf(longer)).not.toEqual(rootOf(list));
      const changed = longer.map((each, i) => (i === at ? each.map((byte) => byte ^ 1) : each));
      expect(rootOf(changed)).not.toEqual(rootOf(longer));
      const swapped = [...longer.slice(1), longer[0]!];
      if (longer.some((each) => Buffer.compare(each, longer[0]!) !== 0))
        expect(rootOf(swapped)).not.toEqual(rootOf(longer));
    }),
  );
});
