import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseLatencies } from '../../../src/sim/latencies.ts';
import { oneWayMs, SPREADS } from '../../../src/sim/wan-latency.ts';

const LIST = 'from,to,ms\na,a,0.5\na,b,10\nb,a,12.25\nb,b,1\n';
const TABLE = '# one way\r\n,a,b\r\na,0.5,10\r\n\r\nb,12.25,1\r\n';
const file = new URL('../../../examples/latencies-ibm-2024-08.csv', import.meta.url);

describe('a file of latencies', () => {
  test('is a list or a table, of the same meaning', () => {
    const ms = [
      [0.5, 10],
      [12.25, 1],
    ];
    const read = parseLatencies(LIST, 'l.csv');
    expect(read).toEqual({ places: ['a', 'b'], ms, delay: { kind: 'matrix', ms } });
    expect(parseLatencies(TABLE, 't.csv')).toEqual(read);
  });

  test('of the package is the published matrix that the simulator has', () => {
    const { places, ms } = parseLatencies(readFileSync(file, 'utf8'), 'ibm.csv');
    expect(places).toEqual(SPREADS.world);
    expect(ms).toEqual(oneWayMs('world'));
  });

  test.each([
    ['', /line 1: from,to,ms is expected/],
    ['a,b,c\n', /line 1: from,to,ms is expected/],
    ['from,to,ms\n', /no latencies follow/],
    ['from,to,ms\na,a\n', /line 2: three cells are expected, not 2/],
    ['from,to,ms\na,a,-1\n', /line 2: "-1" is no number of milliseconds from 0 to 60000/],
    ['from,to,ms\na,a,1e3\n', /line 2: "1e3"/],
    ['from,to,ms\na,a,60001\n', /line 2: "60001"/],
    ['from,to,ms\na,a,1\na,a,2\n', /line 3: a to a is there twice/],
    ['from,to,ms\na,a,1\na,b,2\nb,b,1\n', /b to a is missing/],
    ['from,to,ms\n"a",a,1\n', /line 2: .* is no name of a place/],
    [',a,a\na,1,1\n', /line 1: a is there twice/],
    [',a\nb,1\n', /line 2: "b" is not in the first line/],
    [',a,b\na,1\nb,1,1\n', /line 2: 2 numbers are expected, not 1/],
    [
      `from,to,ms\n${Array.from({ length: 300 }, (_, i) => `p${i},p${i},1`).join('\n')}\n`,
      /more than 256 places/,
    ],
    ['x'.repeat((1 << 20) + 1), /more than 1048576 bytes/],
  ])('%#: is refused with what is wrong', (text, says) => {
    expect(() => parseLatencies(text, 'l.csv')).toThrow(says);
    expect(() => parseLatencies(text, 'l.csv')).toThrow(expect.objectContaining({ code: 'SIM_LATENCIES' }));
  });
});
