import type { Spec } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
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
  /** Categories in this order instead of numbers. */
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

/** Days as such, other times by 24 hours a day. */
const TIMES = {
  labelExpr:
    "utcFormat(datum.value, utchours(datum.value) + utcminutes(datum.value) + utcseconds(datum.value) === 0 ? '%d %b' : utcseconds(datum.value) === 0 ? '%H:%M' : '%H:%M:%S')",
};

/** An axis as Vega-Lite's channel. */
export const channel = (axis: Axis): object =>
  axis.order !== undefined
    ? { field: axis.field, type: 'ordinal', sort: axis.order, title: axis.title, axis: CATEGORIES }
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
          axis: axis.format === undefined ? {} : { format: axis.format },
        };

/** Colour and shape or dash say the same, so that a print without colour is read as well. */
function seriesChannels({ rows, series }: Common, second: 'shape' | 'strokeDash' | undefined): object {
  const domain = series.order ?? [...new Set(rows.map((row) => row[series.field] as string | number))];
  const base = { field: series.field, type: 'nominal', title: series.title };
  const scale = (range: readonly unknown[]) => ({ domain, range: range.slice(0, domain.length) });
  return {
    color: { ...base, scale: scale(PALETTE) },
    ...(second === 'shape' ? { shape: { ...base, scale: scale(SHAPES) } } : {}),
    ...(second === 'strokeDash' ? { strokeDash: { ...base, scale: scale(DASHES) } } : {}),
    opacity: { condition: { param: 'pick', value: 1 }, value: 0.08 },
  };
}

const pick = (field: string): object => ({
  name: 'pick',
  select: { type: 'point', fields: [field] },
  bind: 'legend',
});

const tooltip = ({ x, y, series }: Common): object[] =>
  [series, x.time === undefined ? x : { field: x.time.said, title: x.time.said }, y].map(
    ({ field, title }) => ({
      field,
      title,
      ...(field === y.field ? { type: 'quantitative', format: '.4~g' } : {}),
    }),
  );

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
  const xy = { x: channel(x), y: channel(y) };
  const all = { ...options, rows: [...rows, ...overlay] };
  const line = {
    data: { values: rows },
    mark: { type: 'line', strokeWidth: 2, ...(step ? { interpolate: 'step-after' } : {}) },
    encoding: {
      ...xy,
      ...seriesChannels(all, 'strokeDash'),
      ...(plain ? { tooltip: tooltip(options) } : {}),
    },
    params: [pick(series.field)],
  };
  const points = {
    data: { values: plain ? overlay : [...rows, ...overlay] },
    mark: { type: 'point', filled: true, size: 55 },
    encoding: { ...xy, ...seriesChannels(all, 'shape'), tooltip: tooltip(options) },
  };
  const layers =
    rows.length === 0
      ? [{ ...points, params: line.params }]
      : [line, ...(plain && overlay.length === 0 ? [] : [points])];
  return { layer: [...layers, ...ruleLayers(options)] };
}

/** Bars beside each other, or on top of each other. */
export function barSpec(options: Common & { readonly stacked?: boolean }): object {
  const { x, y, series, stacked = false } = options;
  const order = series.order ?? [...new Set(options.rows.map((row) => row[series.field] as string | number))];
  return {
    layer: [
      {
        data: { values: options.rows },
        mark: { type: 'bar' },
        encoding: {
          x: channel(x),
          y: { ...channel(y), ...(stacked ? { stack: 'zero' } : { stack: null }) },
          ...(stacked
            ? { order: { field: 'stackOrder', type: 'quantitative' } }
            : { xOffset: { field: series.field, sort: order } }),
          ...seriesChannels(options, undefined),
          tooltip: tooltip(options),
        },
        params: [pick(series.field)],
      },
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
    labelOverlap: true,
  },
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
  const titled: Spec = { ...spec, title: { text: chart.title, anchor: 'start', fontSize: 15, offset: 12 } };
  const view = new View(parse(titled), { renderer: 'none', logLevel: Warn });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}
