import type { ConsensusBenchmark, ConsensusCell } from './consensus.ts';

const BAR = 18;
const GAP = 6;
const LEFT = 330;
const WIDTH = 420;
const COLOURS = { 'first-hand': '#1f6f8b', bkr: '#99a8b2' } as const;

/** Ratios to hbbft as horizontal bars, one SVG; the line is hbbft. */
export function consensusChart({ cells }: ConsensusBenchmark): string {
  const rows = cells.filter(({ ratio }) => ratio !== undefined);
  const height = 70 + rows.length * (BAR + GAP);
  const bars = rows.map((cell, i) => barOf(cell, 50 + i * (BAR + GAP)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 90}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    '<text x="10" y="22" font-size="15">Velum by hbbft, per validator and height: shorter is cheaper</text>',
    ...bars,
    `<line x1="${LEFT + WIDTH}" y1="36" x2="${LEFT + WIDTH}" y2="${height - 14}" stroke="#b03030" stroke-dasharray="4 3"/>`,
    `<text x="${LEFT + WIDTH - 34}" y="34" fill="#b03030">hbbft = 1</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function barOf(cell: ConsensusCell, y: number): string {
  const { acs, n, what, payloadBytes, delay, faulty, ratio } = cell;
  const length = Math.min(1.15, ratio!) * WIDTH;
  const size = what === 'bytes' ? ` at ${payloadBytes} B` : '';
  const crashed = faulty > 0 ? `, ${faulty} crashed` : '';
  const label = `${acs}, n = ${n}, ${what}${size}, ${delay}${crashed}`;
  return (
    `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${label}</text>` +
    `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${COLOURS[acs]}"/>` +
    `<text x="${(LEFT + length + 4).toFixed(1)}" y="${y + 13}">${ratio!.toFixed(2)}</text>`
  );
}
