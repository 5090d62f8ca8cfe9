import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../src/formats/csv.ts';

const fieldsOf = (text: string): (readonly string[])[] => parseCsv(text).rows.map(({ fields }) => fields);

describe('CSV', () => {
  test('reads quotes, doubled quotes, commas and line ends inside quotes', () => {
    expect(fieldsOf('a,"b ""c"", d",\r\n"x\ny",,z\n')).toEqual([
      ['a', 'b "c", d', ''],
      ['x\ny', '', 'z'],
    ]);
  });

  test('passes over a byte order mark, empty lines and a missing last line end', () => {
    expect(parseCsv('\uFEFFa,b\r\n\r\n\n1,2')).toEqual({
      rows: [
        { line: 1, fields: ['a', 'b'] },
        { line: 4, fields: ['1', '2'] },
      ],
      problems: [],
    });
  });

  test('counts lines through quoted line ends', () => {
    expect(parseCsv('"a\n\nb"\nc\n').rows.map(({ line }) => line)).toEqual([1, 4]);
  });

  test.each([
    ['a,b"c\nd\n', 1, 'a quote inside a bare field'],
    ['a,"b"c\nd\n', 1, 'text after a closing quote'],
    ['d\na,"b\nc', 2, 'a quote that is never closed'],
    ['d\na,"b""', 2, 'a quote that is never closed'],
    ['d\na\rb\n', 2, 'a carriage return without a line feed'],
  ])('names what is wrong in %j and goes on', (text, line, reason) => {
    const { rows, problems } = parseCsv(text);
    expect(problems).toEqual([{ line, reason }]);
    expect(rows.map(({ fields }) => fields)).toContainEqual(['d']);
  });

  test('what RFC 4180 writes comes back', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', '\n', '\r', ' ', 'é') });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (cells, end) => {
        const text = cells.map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(',')).join(end);
        expect(fieldsOf(text)).toEqual(cells);
      }),
    );
  });

  test('ends on any text, with every line in a row, in a problem or empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 60 }), (text) => {
        const { rows, problems } = parseCsv(text);
        const lines = [...rows, ...problems].map(({ line }) => line);
        expect(new Set(lines).size).toBe(lines.length);
        expect(Math.max(0, ...lines)).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });
});
