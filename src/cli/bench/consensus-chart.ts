import type { ConsensusBenchmark, ConsensusCell } from './consensus.ts';

/** Okabe and Ito's blue and orange: told apart by colour-blind readers, and in print by their lightness. */
const COLOURS = { 'first-hand': '#0072B2', bkr: '#E69F00' } as const;
const ACS = ['first-hand', 'bkr'] as const;

interface Panel {
  readonly title: string;
  readonly isOf: (cell: ConsensusCell) => boolean;
}
const bytesAt = (payloadBytes: number) => (cell: ConsensusCell) =>
  cell.what === 'bytes' && cell.payloadBytes === payloadBytes;
const PANELS: readonly Panel[] = [
  { title: 'bytes, proposals of 256 B', isOf: bytesAt(256) },
  { title: 'bytes, proposals of 4 KiB', isOf: bytesAt(4096) },
  { title: 'bytes, proposals of 64 KiB', isOf: bytesAt(65_536) },
  { title: 'protocol messages', isOf: ({ what }) => what === 'messages' },
  {
    title: 'time, links of 100 ms, all correct',
    isOf: ({ what, delay, faulty }) => what === 'ms' && delay === 'const:100' && faulty === 0,
  },
  {
    title: 'time, links of 100 ms, f crashed',
    isOf: ({ what, delay, faulty }) => what === 'ms' && delay === 'const:100' && faulty > 0,
  },
  { title: 'time, links of Exp(100 ms), f crashed', isOf: ({ delay }) => delay === 'exp:100' },
];

const COLUMNS = 4;
const WIDTH = 300;
const HEIGHT = 230;
/** The plot in a panel: left, top, width and height. */
const PLOT = { x: 46, y: 34, width: 240, height: 146 };
const BAR = 18;
const TOP = 44;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const yOf = (ratio: number): number => PLOT.y + PLOT.height * (1 - ratio / 1.1);

/** Ratios to hbbft, a panel a quantity, validators from left to right, as one SVG. */
export function consensusChart({ cells }: ConsensusBenchmark): string {
  const compared = cells.filter(({ ratio }) => ratio !== undefined);
  const rows = Math.ceil((PANELS.length + 1) / COLUMNS);
  const panels = PANELS.map(({ title, isOf }, i) =>
    at(
      10 + (i % COLUMNS) * WIDTH,
      TOP + Math.floor(i / COLUMNS) * HEIGHT,
      panelOf(title, compared.filter(isOf)),
    ),
  );
  const last = PANELS.length;
  const legend = at(10 + (last % COLUMNS) * WIDTH, TOP + Math.floor(last / COLUMNS) * HEIGHT, legendLines());
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${20 + COLUMNS * WIDTH}" height="${TOP + rows * HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">`,
    '<rect width="100%" height="100%" fill="white"/>',
    '<text x="16" y="26" font-size="16">Velum’s common subsets beside hbbft, per validator and height (hbbft = 1, lower is cheaper)</text>',
    ...panels,
    legend,
    '</svg>',
    '',
  ].join('\n');
}

const at = (x: number, y: number, parts: readonly string[]): string =>
  `<g transform="translate(${x} ${y})">\n${parts.join('\n')}\n</g>`;

function panelOf(title: string, cells: readonly ConsensusCell[]): string[] {
  const sizes = [...new Set(cells.map(({ n }) => n))].sort((a, b) => a - b);
  const slot = PLOT.width / sizes.length;
  const middle = (i: number): number => PLOT.x + slot * (i + 0.5);
  const right = PLOT.x + PLOT.width;
  const bottom = yOf(0);
  return [
    `<text x="${PLOT.x}" y="18" font-weight="bold">${title}</text>`,
    ...TICKS.map((tick) => {
      const line = tick === 1 ? 'stroke="#222" stroke-dasharray="5 3"' : 'stroke="#ddd"';
      return (
        `<line x1="${PLOT.x}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" ${line}/>` +
        `<text x="${PLOT.x - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick}</text>`
      );
    }),
    ...cells.map((cell) => barOf(cell, middle(sizes.indexOf(cell.n)))),
    ...sizes.map((n, i) => `<text x="${middle(i)}" y="${bottom + 16}" text-anchor="middle">${n}</text>`),
    `<text x="${PLOT.x + PLOT.width / 2}" y="${bottom + 33}" text-anchor="middle">validators</text>`,
    `<text transform="translate(11 ${PLOT.y + PLOT.height / 2}) rotate(-90)" text-anchor="middle">ratio to hbbft</text>`,
  ];
}

function barOf({ acs, ratio }: ConsensusCell, middle: number): string {
  const x = middle + (ACS.indexOf(acs) - 1) * (BAR + 2) + 1;
  const y = yOf(Math.min(1.1, ratio!));
  return (
    `<rect x="${x}" y="${y.toFixed(1)}" width="${BAR}" height="${(yOf(0) - y).toFixed(1)}" fill="${COLOURS[acs]}"/>` +
    `<text x="${x + BAR / 2}" y="${(y - 3).toFixed(1)}" text-anchor="middle" font-size="9">${ratio!.toFixed(2)}</text>`
  );
}

const legendLines = (): string[] => [
  ...ACS.map(
    (acs, i) =>
      `<rect x="46" y="${40 + 24 * i}" width="16" height="16" fill="${COLOURS[acs]}"/>` +
      `<text x="70" y="${53 + 24 * i}">${acs} (digest broadcast)</text>`,
  ),
  '<line x1="46" x2="62" y1="96" y2="96" stroke="#222" stroke-dasharray="5 3"/>',
  '<text x="70" y="100">hbbft’s own simulation (Rust),</text>',
  '<text x="70" y="115">which includes threshold encryption:</text>',
  '<text x="70" y="130">one delay and n − 1 messages</text>',
  '<text x="46" y="158">Bytes received, in the frame encoding.</text>',
  '<text x="46" y="173">Exp(100 ms): the median over heights.</text>',
];
