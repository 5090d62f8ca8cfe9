import type { Spec } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { layersAbove } from './overlap.ts';
import type { Row } from './row.ts';

/** A picture of rows: what a reader sees on a page or in a paper. */
export interface Chart {
  readonly title: string;
  /** What to see in it, with units; stands below the picture. */
  readonly caption: string;
  /** Vega-Lite without size and look, which are everywhere the same. */
  readonly spec: object;
}

/** Okabe and Ito's colours: told apart with any kind of colour vision. Black and yellow are left out: text and glare. */
export const PALETTE = ['#0072B2', '#E69F00', '#009E73', '#D55E00', '#CC79A7', '#56B4E9', '#666666'] as const;
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'];
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [4, 4],
  [1, 3],
  [10, 4],
];

export interface Axis {
  readonly field: string;
  readonly title: string;
  readonly log?: boolean;
  /** Categories in this order instead of numbers; texts without an order come as the rows have them. */
  readonly order?: readonly (string | number)[];
  readonly domain?: readonly [number, number];
  readonly format?: string;
  /** Values are ISO times, shown in UTC; the pointer tells the field `said` instead. */
  readonly time?: { readonly said: string };
}
export interface Series {
  readonly field: string;
  readonly title: string;
  readonly order?: readonly (string | number)[];
}
interface Common {
  readonly rows: readonly Row[];
  readonly x: Axis;
  readonly y: Axis;
  readonly series: Series;
  /** A line across, at a value of y. */
  readonly rule?: { readonly at: number; readonly text: string };
}

/** Upright, all of them, each part of `a, b` in a line of its own. */
const CATEGORIES = { labelAngle: 0, labelOverlap: false, labelExpr: "split(datum.label, ', ')" };
/** So many letters stand beside each other on a phone. */
const NARROW_LETTERS = 45;
/** Aslant where there is no room for them. */
const ASLANT = {
  labelAngle: { expr: 'width < 480 ? -40 : 0' },
  labelAlign: { expr: "width < 480 ? 'right' : 'center'" },
  labelBaseline: { expr: "width < 480 ? 'middle' : 'top'" },
};

function categories({ field }: Axis, rows: readonly Row[]): object {
  const labels = [...new Set(rows.map((row) => String(row[field])))];
  const longest = Math.max(0, ...labels.flatMap((label) => label.split(', ')).map(({ length }) => length));
  return longest * labels.length > NARROW_LETTERS ? { ...CATEGORIES, ...ASLANT } : CATEGORIES;
}

/** Days as such, other times by 24 hours a day. */
const TIMES = {
  labelExpr:
    "utcFormat(datum.value, utchours(datum.value) + utcminutes(datum.value) + utcseconds(datum.value) === 0 ? '%d %b' : utcseconds(datum.value) === 0 ? '%H:%M' : '%H:%M:%S')",
};

/** So many different whole numbers get a tick each. */
const MAX_OWN_TICKS = 8;

/** Ticks at whole numbers where all values are whole, at the values themselves where they are few. */
function ticksOf({ field, format }: Axis, rows: readonly Row[], isX: boolean): object {
  const values = [...new Set(rows.map((row) => row[field]))].filter((value) => typeof value === 'number');
  if (format !== undefined) return { format };
  if (values.length === 0 || !values.every(Number.isInteger)) return {};
  return isX && values.length <= MAX_OWN_TICKS
    ? { values: values.sort((a, b) => a - b), format: ',d' }
    : { tickMinStep: 1, format: ',d' };
}

/** Categories of an axis in their order, undefined if it is one of numbers or times. */
function categoriesOf({ field, order, time }: Axis, rows: readonly Row[]): readonly unknown[] | undefined {
  if (order !== undefined || time !== undefined) return order;
  const values = [...new Set(rows.map((row) => row[field]))];
  return values.some((value) => typeof value === 'string' || typeof value === 'boolean') ? values : undefined;
}

/** An axis as Vega-Lite's channel. @param rows that it is for: where all values are whole numbers the ticks are */
export const channel = (axis: Axis, rows: readonly Row[] = [], isX = false): object =>
  categoriesOf(axis, rows) !== undefined
    ? {
        field: axis.field,
        type: 'ordinal',
        sort: categoriesOf(axis, rows),
        title: axis.title,
        axis: categories(axis, rows),
      }
    : axis.time !== undefined
      ? { field: axis.field, type: 'temporal', title: axis.title, scale: { type: 'utc' }, axis: TIMES }
      : {
          field: axis.field,
          type: 'quantitative',
          title: axis.title,
          scale: {
            type: axis.log === true ? 'log' : 'linear',
            ...(axis.domain === undefined ? {} : { domain: axis.domain, clamp: true }),
            ...(axis.log === true ? { nice: false } : { zero: axis.domain === undefined }),
          },
          axis: ticksOf(axis, rows, isX),
        };

const orderOf = ({ rows, series }: Common): (string | number)[] => [
  ...new Set([...(series.order ?? []), ...rows.map((row) => row[series.field] as string | number)]),
];

/** Series in their order: what comes later is drawn on top. */
function inOrder(options: Common, rows: readonly Row[]): Row[] {
  const order = orderOf(options);
  const place = (row: Row): number => order.indexOf(row[options.series.field] as string | number);
  return [...rows].sort((a, b) => place(a) - place(b));
}

/** Colour and shape or dash say the same, so that a print without colour is read as well; what others cover is wider than they. */
function seriesChannels(options: Common, second: 'shape' | 'strokeDash' | undefined): object {
  const { rows, series, x, y } = options;
  const domain = orderOf(options);
  const drawn = new Set(rows.map((row) => row[series.field]));
  const base = {
    field: series.field,
    type: 'nominal',
    title: series.title,
    // Series that other charts have keep their colours, and are in the legend of those only.
    ...(domain.every((name) => drawn.has(name))
      ? {}
      : { legend: { values: domain.filter((name) => drawn.has(name)) } }),
  };
  const scale = (range: readonly unknown[]) => ({ domain, range: range.slice(0, domain.length) });
  const above = layersAbove(rows, {
    x: x.field,
    y: y.field,
    series: series.field,
    order: domain,
    isLog: y.log === true,
  });
  // Not by a scale: it would be a legend of its own.
  const wider = (of: (layers: number) => number) => ({
    condition: domain.flatMap((name, i) =>
      above[i] === 0
        ? []
        : [
            {
              test: `datum[${JSON.stringify(series.field)}] === ${JSON.stringify(name)}`,
              value: of(above[i]!),
            },
          ],
    ),
    value: of(0),
  });
  return {
    color: { ...base, scale: scale(PALETTE) },
    ...(second === 'shape'
      ? { shape: { ...base, scale: scale(SHAPES) }, size: wider((layers) => 55 * (1 + layers)) }
      : {}),
    ...(second === 'strokeDash'
      ? { strokeDash: { ...base, scale: scale(DASHES) }, strokeWidth: wider((layers) => 2 + 3 * layers) }
      : {}),
    opacity: { condition: { param: 'pick', value: 1 }, value: 0.08 },
  };
}

/** 95 % intervals of rows that have them (`low`, `high`): a line at each point, or a band along a plain line. */
function intervalLayers(options: Common, kind: 'rule' | 'band', more: object = {}): object[] {
  const { x, y, rows } = options;
  const own = rows.filter(({ low, high }) => typeof low === 'number' && typeof high === 'number');
  if (own.length === 0) return [];
  const smallest = Math.min(...rows.map((row) => row[y.field] as number).filter((value) => value > 0));
  // A logarithmic axis has no place for 0 and less.
  const values =
    y.log === true ? own.map((row) => ({ ...row, low: Math.max(row['low'] as number, smallest / 2) })) : own;
  return [
    {
      data: { values: inOrder(options, values) },
      mark: kind === 'band' ? { type: 'area', opacity: 0.25 } : { type: 'rule', strokeWidth: 1.5 },
      encoding: {
        x: channel(x, rows, true),
        y: { ...channel({ ...y, field: 'low' }, rows), axis: ticksOf(y, rows, false) },
        y2: { field: 'high' },
        ...seriesChannels(options, undefined),
        ...(kind === 'band' ? { opacity: { value: 0.2 } } : {}),
        ...more,
      },
    },
  ];
}

const pick = (field: string): object => ({
  name: 'pick',
  select: { type: 'point', fields: [field] },
  bind: 'legend',
});

const tooltip = ({ x, y, series, rows }: Common): object[] =>
  [series, x.time === undefined ? x : { field: x.time.said, title: x.time.said }, y]
    .map(({ field, title }) => ({
      field,
      title,
      ...(field === y.field ? { type: 'quantitative', format: '.4~g' } : {}),
    }))
    .concat(hasIntervals(rows) ? INTERVAL_TIPS : []);

const hasIntervals = (rows: readonly Row[]): boolean => rows.some(({ low }) => typeof low === 'number');
const INTERVAL_TIPS = [
  { field: 'tip low', title: '95 % from' },
  { field: 'tip high', title: '95 % to' },
  { field: 'tip seeds', title: 'seeds' },
].map((tip) => ({ ...tip, type: 'nominal' }));
/** What the pointer tells of an interval, as text: nothing at a point that has none beside others that have. */
const tipTexts = (rows: readonly Row[]): object[] =>
  hasIntervals(rows)
    ? ['low', 'high', 'seeds'].map((field) => ({
        calculate: `isValid(datum.${field}) ? format(datum.${field}, '.4~g') : ''`,
        as: `tip ${field}`,
      }))
    : [];

const ruleLayers = ({ rule }: Common): object[] =>
  rule === undefined
    ? []
    : [
        {
          data: { values: [{ at: rule.at }] },
          mark: { type: 'rule', strokeDash: [4, 4], color: '#333333' },
          encoding: { y: { field: 'at', type: 'quantitative' } },
        },
        {
          data: { values: [{ at: rule.at, text: rule.text }] },
          mark: { type: 'text', align: 'left', dx: 4, dy: -5, color: '#333333' },
          encoding: { y: { field: 'at', type: 'quantitative' }, x: { value: 0 }, text: { field: 'text' } },
        },
      ];

/**
 * Lines with points; a click on a legend entry shows one series. Rows of `overlay` are drawn as points only: published figures, or
 * categories that no line joins. `plain` leaves the points out, for long series.
 */
export function lineSpec(
  options: Common & { readonly overlay?: readonly Row[]; readonly plain?: boolean; readonly step?: boolean },
): object {
  const { rows, x, y, overlay = [], plain = false, step = false, series } = options;
  const all = { ...options, rows: [...rows, ...overlay] };
  const xy = { x: channel(x, all.rows, true), y: channel(y, all.rows) };
  const line = {
    data: { values: inOrder(all, rows) },
    ...(plain ? { transform: tipTexts(rows) } : {}),
    mark: { type: 'line', ...(step ? { interpolate: 'step-after' } : {}) },
    encoding: {
      ...xy,
      ...seriesChannels(all, 'strokeDash'),
      ...(plain ? { tooltip: tooltip(options) } : {}),
    },
    params: [pick(series.field)],
  };
  const points = {
    data: { values: inOrder(all, plain ? overlay : all.rows) },
    // Without an order of its own the first series would lie on top.
    transform: [
      {
        calculate: `indexof(${JSON.stringify(orderOf(all))}, datum[${JSON.stringify(series.field)}])`,
        as: 'place',
      },
      ...tipTexts(all.rows),
    ],
    mark: { type: 'point', filled: true },
    encoding: {
      ...xy,
      ...seriesChannels(all, 'shape'),
      order: { field: 'place', type: 'quantitative' },
      tooltip: tooltip(all),
    },
  };
  const layers =
    rows.length === 0
      ? [{ ...points, params: line.params }]
      : [line, ...(plain && overlay.length === 0 ? [] : [points])];
  return {
    layer: [...layers, ...intervalLayers(all, plain ? 'band' : 'rule'), ...ruleLayers(options)],
  };
}

/** Bars beside each other, or on top of each other. */
export function barSpec(options: Common & { readonly stacked?: boolean }): object {
  const { x, y, series, rows, stacked = false } = options;
  const offset = { field: series.field, sort: orderOf(options) };
  return {
    layer: [
      {
        data: { values: rows },
        transform: tipTexts(rows),
        mark: { type: 'bar' },
        encoding: {
          x: channel(x, rows, true),
          y: { ...channel(y, rows), ...(stacked ? { stack: 'zero' } : { stack: null }) },
          ...(stacked ? { order: { field: 'stackOrder', type: 'quantitative' } } : { xOffset: offset }),
          ...seriesChannels(options, undefined),
          tooltip: tooltip(options),
        },
        params: [pick(series.field)],
      },
      ...(stacked ? [] : intervalLayers(options, 'rule', { xOffset: offset, color: { value: '#333333' } })),
      ...ruleLayers(options),
    ],
  };
}

const LOOK = {
  font: 'system-ui, sans-serif',
  background: '#ffffff',
  view: { stroke: null },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: '#e4e4e4',
    // Every other label would go, on a logarithmic axis that of the largest power as well.
    labelOverlap: 'greedy',
  },
  // Points that lie on the axis leave its labels free.
  axisX: { labelPadding: 8 },
  legend: {
    orient: 'bottom',
    columns: { expr: 'width < 480 ? 1 : 2' },
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelLimit: 300,
    symbolSize: 80,
  },
};

/** How many seeds the points of a chart are of, and what its intervals are; nothing for a chart without means over seeds. */
export function seedsNote({ spec }: Pick<Chart, 'spec'>): string | undefined {
  const layers = (spec as { layer?: { data?: { values: Row[] } }[] }).layer ?? [];
  const counts = layers
    .flatMap(({ data }) => data?.values ?? [])
    .map(({ seeds }) => seeds)
    .filter((count) => typeof count === 'number');
  if (counts.length === 0) return undefined;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const seeds = least === most ? `${most} ${most === 1 ? 'seed' : 'seeds'}` : `${least} to ${most} seeds`;
  return most < 2 ? `${seeds} a point` : `means over ${seeds} a point, with 95 % intervals (Student’s t)`;
}

/** A chart as a Vega specification. @param width pixels, or the width of what holds it */
export async function vegaSpec({ spec, title }: Chart, width: number | 'container'): Promise<Spec> {
  const { compile } = await import('vega-lite');
  const whole = {
    ...spec,
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: title,
    width,
    height: 280,
    autosize: { type: 'fit-x', contains: 'padding' },
    config: LOOK,
  };
  return compile(whole as unknown as TopLevelSpec).spec;
}

const SVG_WIDTH = 720;

/** A chart as a picture that stands alone: its title above it. */
export async function chartSvg(chart: Chart): Promise<string> {
  const [{ View, parse, Warn }, spec] = await Promise.all([import('vega'), vegaSpec(chart, SVG_WIDTH)]);
  const subtitle = seedsNote(chart);
  const title = { text: chart.title, anchor: 'start' as const, fontSize: 15, offset: 12 };
  const titled: Spec = { ...spec, title: { ...title, ...(subtitle === undefined ? {} : { subtitle }) } };
  const view = new View(parse(titled), { renderer: 'none', logLevel: Warn });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
