import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface RowsProps {
  readonly caption: ComponentChildren;
  readonly head: readonly string[];
  readonly rows: readonly { readonly key: string | number; readonly cells: readonly ComponentChildren[] }[];
  /** Whether the first cell of a row says what the row is about. */
  readonly hasRowHeads?: boolean;
}

/** A table that a screen reader can walk, and that a narrow screen can move sideways. Nothing, if it has no rows. */
export function Rows({ caption, head, rows, hasRowHeads = false }: RowsProps) {
  const id = useId();
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by a keyboard
    <section class="scroll" tabIndex={0} aria-labelledby={id}>
      <table>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>
            {head.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) =>
                hasRowHeads && i === 0 ? (
                  <th key={head[i]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={head[i]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Texts of one cell, each on a line of its own. */
export const Lines = ({ texts }: { readonly texts: readonly string[] }) => (
  <span class="lines">{texts.length === 0 ? '–' : texts.join('\n')}</span>
);
