import fc from 'fast-check';

/** Bytes with a few of them changed, integers of the format overwritten with their extremes, cut or lengthened. */
export const mutated = (bytes: Buffer): fc.Arbitrary<Buffer> => {
  const at = fc.nat(bytes.length - 1);
  const word = fc.constantFrom(0, 1, 2, 4, 5, 6, 32, 0x7fffffff, 0x80000000, 0xffffffff);
  const edit = fc.oneof(
    fc.tuple(fc.constant('byte' as const), at, fc.nat(255)),
    fc.tuple(
      fc.constant('word' as const),
      fc.nat(Math.floor(bytes.length / 4) - 1).map((i) => 4 * i),
      word,
    ),
    fc.tuple(fc.constant('cut' as const), at, fc.nat(40)),
    fc.tuple(fc.constant('insert' as const), at, fc.nat(40)),
  );
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    let changed = Buffer.from(bytes);
    for (const [kind, where, value] of edits) {
      if (kind === 'byte' && where < changed.length) changed[where] = value;
      if (kind === 'word' && where + 4 <= changed.length) changed.writeUInt32LE(value, where);
      if (kind === 'cut')
        changed = Buffer.concat([changed.subarray(0, where), changed.subarray(where + value)]);
      if (kind === 'insert')
        changed = Buffer.concat([changed.subarray(0, where), Buffer.alloc(value), changed.subarray(where)]);
    }
    return changed;
  });
};
