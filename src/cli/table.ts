export type Align = 'left' | 'right';

/**
 * Rows as text lines whose columns line up, two spaces apart, `indent` spaces before. Ends are not padded.
 * @param align one per column; left where it is missing
 */
export function table(
  rows: readonly (readonly string[])[],
  align: readonly Align[] = [],
  indent = 2,
): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) => {
    const cells = row.map((cell, i) =>
      align[i] === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
    );
    return `${' '.repeat(indent)}${cells.join('  ')}`.trimEnd();
  });
}

/** Text broken at spaces into lines of at most `width` characters, after `indent` spaces; a longer word is cut. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const room = width - indent;
  const pieces = text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? ['']);
  const lines: string[] = [];
  let line = '';
  for (const word of pieces) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((l) => `${' '.repeat(indent)}${l}`);
}
