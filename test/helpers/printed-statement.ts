/** What a person can read off a printed report: nothing here knows how it was made. */
export interface PrintedStatement {
  readonly name: string;
  /** Units: the signed numbers of every line, in the columns of cash and of positions. */
  readonly cash: readonly bigint[];
  readonly positions: readonly bigint[];
  /** Units: the numbers of the last line. */
  readonly end: { readonly cash: bigint; readonly positions: bigint; readonly equity: bigint };
}

const AMOUNT = /^[+-]?[\d,]+\.\d{2,6}$/;

export const unitsOf = (text: string): bigint => {
  const [whole, fraction] = text.replaceAll(',', '').replace(/^[+-]/, '').split('.');
  const units = BigInt(whole! + fraction!.padEnd(6, '0'));
  return text.startsWith('-') ? -units : units;
};

/** The amount that ends at a column, if one does: columns of amounts are flush right. */
function amountBefore(line: string, end: number): bigint {
  if (line.length < end || line[end - 1] === ' ') return 0n;
  const word = line.slice(0, end).split(/\s+/).at(-1)!;
  if (!AMOUNT.test(word)) throw new Error(`no amount: ${word}`);
  return unitsOf(word);
}

/** The statements of accounts in a report. */
export function printedStatements(report: string): PrintedStatement[] {
  const [, part] = report.split('Where each unit went');
  return part!.split('\n\n').flatMap((block): PrintedStatement[] => {
    const [head, ...rows] = block.split('\n').filter((line) => line !== '');
    const title = /^\s+(\S.*?)\s+cash {2,}in positions$/.exec(head ?? '');
    if (title === null) return [];
    const cashEnd = head!.lastIndexOf('cash') + 'cash'.length;
    const worthEnd = head!.length;
    const last = rows.pop()!;
    return [
      {
        name: title[1]!,
        cash: rows.map((row) => amountBefore(row, cashEnd)),
        positions: rows.map((row) => amountBefore(row, worthEnd)),
        end: {
          cash: amountBefore(last, cashEnd),
          positions: amountBefore(last, worthEnd),
          equity: unitsOf(/equity (\S+)/.exec(last)![1]!),
        },
      },
    ];
  });
}
