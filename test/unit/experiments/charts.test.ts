import { describe, expect, test } from 'vitest';
import { barSpec, channel, chartSvg, lineSpec, seedsNote } from '../../../src/experiments/charts.ts';
import { meanPoints } from '../../../src/experiments/mean-points.ts';
import { layersAbove } from '../../../src/experiments/overlap.ts';

const x = { field: 'n', title: 'validators' } as const;
const y = { field: 'value', title: 'count' } as const;
const series = { field: 'what', title: '', order: ['a', 'b', 'c'] } as const;
const curve = (what: string, values: readonly number[]) => values.map((value, i) => ({ what, n: i, value }));

describe('curves that are equal', () => {
  const order = ['a', 'b', 'c'];
  const at = { x: 'n', y: 'value', series: 'what', order, isLog: false };

  test('are known: what is covered once or twice, and what is not', () => {
    const rows = [...curve('a', [1, 2]), ...curve('b', [1, 2]), ...curve('c', [5, 2.001])];
    expect(layersAbove(rows, at)).toEqual([2, 1, 0]);
    // Curves that only begin together are told apart.
    expect(
      layersAbove([...curve('a', [1, 2, 3]), ...curve('b', [1, 4, 6]), ...curve('c', [1, 8, 9])], at),
    ).toEqual([0, 0, 0]);
  });

  test('on a logarithmic axis as the eye sees them', () => {
    const rows = [...curve('a', [1, 1e6]), ...curve('b', [100, 1e5]), ...curve('c', [10, 1e4])];
    expect(layersAbove(rows, at)).toEqual([2, 1, 0]);
    expect(layersAbove(rows, { ...at, isLog: true })).toEqual([0, 0, 0]);
  });

  test('are both seen: the one below is drawn first, and wider', async () => {
    const rows = [...curve('b', [1, 2, 3]), ...curve('a', [1, 2, 3]), ...curve('c', [4, 4, 4])];
    const svg = await chartSvg({ title: 'T', caption: 'C', spec: lineSpec({ rows, x, y, series }) });
    const lines = [
      ...svg.matchAll(/<path aria-label="[^"]*"[^>]* stroke="(#\w+)" stroke-width="(\d+)"/g),
    ].map(([, colour, width]) => [colour, Number(width)]);
    expect(lines).toEqual([
      ['#0072B2', 5],
      ['#E69F00', 2],
      ['#009E73', 2],
    ]);
    const points = svg.slice(svg.indexOf('mark-symbol role-mark'));
    const fills = [...points.matchAll(/aria-label="validators: 1;[^>]* fill="(#\w+)"/g)].map(
      ([, colour]) => colour,
    );
    expect(fills).toEqual(['#0072B2', '#E69F00', '#009E73']);
  });
});

describe('an axis', () => {
  test('of texts is one of categories, in the order of the rows where none is given', () => {
    const rows = [{ attack: 'none' }, { attack: 'hidden-ballots' }, { attack: 'none' }];
    const found = channel({ field: 'attack', title: 'attack' }, rows, true);
    expect(found).toMatchObject({ type: 'ordinal', sort: ['none', 'hidden-ballots'] });
  });

  const ticks = (rows: readonly { n: number }[]) => (channel(x, rows, true) as { axis: object }).axis;
  test('of whole numbers has its ticks at whole numbers, at the values where they are few', () => {
    expect(ticks([{ n: 10 }, { n: 4 }, { n: 7 }, { n: 4 }])).toEqual({ values: [4, 7, 10], format: ',d' });
    expect(ticks(Array.from({ length: 30 }, (_, n) => ({ n })))).toEqual({ tickMinStep: 1, format: ',d' });
    expect(ticks([{ n: 0.5 }, { n: 1 }])).toEqual({});
  });
});

describe('means over seeds', () => {
  const rows = [4, 7].flatMap((n) => [1, 2, 3].map((seed) => ({ n, seed, heights: n + seed })));
  const points = meanPoints(
    rows,
    ['n'],
    ({ heights }) => heights,
    ({ n }) => ({ n, what: 'a' }),
  );

  test('have their interval and how many seeds they are of', () => {
    expect(points[0]).toMatchObject({ n: 4, what: 'a', value: 6, seeds: 3 });
    // t with 2 degrees of freedom is 4.303, the standard error 1/√3.
    expect(points[0]!['high']).toBeCloseTo(6 + 4.303 / Math.sqrt(3), 3);
    expect(
      meanPoints(
        rows.slice(0, 1),
        ['n'],
        ({ heights }) => heights,
        () => ({}),
      )[0],
    ).toMatchObject({ low: null });
  });

  test.each([
    ['lines', lineSpec({ rows: points, x, y, series })],
    ['bands along plain lines', lineSpec({ rows: points, x, y, series, plain: true })],
    ['bars', barSpec({ rows: points, x: { ...x, order: [4, 7] }, y, series })],
  ])('are drawn with them: %s', async (_, spec) => {
    const [low, high] = [points[0]!['low'], points[0]!['high']];
    const intervals = (
      spec as { layer: { encoding: { y2?: object }; data: { values: object[] } }[] }
    ).layer.filter(({ encoding }) => encoding.y2 !== undefined);
    expect(intervals).toHaveLength(1);
    expect(intervals[0]!.data.values[0]).toMatchObject({ low, high });
    const note = 'means over 3 seeds a point, with 95 % intervals (Student’s t)';
    expect(seedsNote({ spec })).toBe(note);
    expect(await chartSvg({ title: 'T', caption: 'C', spec })).toContain(note);
  });
});

test('a series that a chart does not have is not in its legend, and leaves the others their colours', async () => {
  const rows = [...curve('a', [1, 2]), ...curve('c', [4, 5])];
  const svg = await chartSvg({ title: 'T', caption: 'C', spec: lineSpec({ rows, x, y, series }) });
  const names = [...svg.matchAll(/<text[^>]*>([abc])<\/text>/g)].map(([, name]) => name);
  expect(names).toEqual(['a', 'c']);
  expect(svg).toContain('#009E73');
  expect(svg).not.toContain('#E69F00');
});

test('long categories stand aslant where the picture is narrow, and upright else', () => {
  const rows = ['two continents, 1', 'two continents, 10', 'two continents, 100', 'world, 1'].map((n) => ({
    n,
  }));
  const axis = { ...x, order: rows.map(({ n }) => n) };
  expect(channel(axis, rows)).toMatchObject({ axis: { labelAngle: { expr: 'width < 480 ? -40 : 0' } } });
  expect(channel(axis, rows.slice(3))).toMatchObject({ axis: { labelAngle: 0 } });
});

test('a point without an interval beside others that have one tells of none', async () => {
  const rows = [{ what: 'a', n: 4, value: 2, low: 1, high: 3, seeds: 3 }, ...curve('b', [1])];
  const svg = await chartSvg({ title: 'T', caption: 'C', spec: lineSpec({ rows, x, y, series }) });
  expect(svg).toContain('95 % from: 1; 95 % to: 3; seeds: 3');
  expect(svg).not.toContain('from: NaN');
});
