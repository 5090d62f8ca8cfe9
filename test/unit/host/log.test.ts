import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { frameRecord, readRecords } from '../../../src/host/log.ts';

const records = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 });
const stored = (all: readonly Uint8Array[]): Uint8Array => concatBytes(...all.map(frameRecord));

describe('a stored log', () => {
  test('gives back its records in order', () => {
    fc.assert(fc.property(records, (all) => void expect(readRecords(stored(all))).toEqual(all)));
  });

  test('is length, checksum and record, one after the other', () => {
    const record = Uint8Array.of(5, 6, 7);
    const checksum = hashBytes('logRecord', record).slice(0, 8);
    expect([...frameRecord(record)]).toEqual([0, 0, 0, 3, ...checksum, 5, 6, 7]);
  });

  test('that was cut off anywhere has the whole records before the cut', () => {
    fc.assert(
      fc.property(records, fc.nat(), (all, where) => {
        const bytes = stored(all);
        const cut = bytes.length === 0 ? 0 : where % bytes.length;
        let whole = 0;
        for (let end = 0; whole < all.length; whole++) {
          end += frameRecord(all[whole]!).length;
          if (end > cut) break;
        }
        expect(readRecords(bytes.subarray(0, cut))).toEqual(all.slice(0, whole));
      }),
    );
  });

  test('with any byte changed ends before the damage and invents nothing', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, where, flip) => {
        const bytes = stored(all);
        fc.pre(bytes.length > 0);
        const at = where % bytes.length;
        let intact = 0;
        for (let end = 0; intact < all.length; intact++) {
          end += frameRecord(all[intact]!).length;
          if (end > at) break;
        }
        bytes[at]! ^= flip;
        expect(readRecords(bytes)).toEqual(all.slice(0, intact));
      }),
      { numRuns: 300 },
    );
  });

  test('of any bytes is read without an error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void readRecords(bytes)));
  });

  test('gives records that do not change with it', () => {
    const bytes = stored([Uint8Array.of(1, 2)]);
    const [record] = readRecords(bytes);
    bytes.fill(0);
    expect(record).toEqual(Uint8Array.of(1, 2));
  });
});
