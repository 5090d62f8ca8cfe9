export type Cell = number | string | boolean | null;
/** Values by column: a point of a grid, or what was found there. */
export type Row = Readonly<Record<string, Cell>>;
