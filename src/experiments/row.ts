import { z } from 'zod';

export type Cell = number | string | boolean | null;
/** Values by column: a point of a grid, or what was found there. */
export type Row = Readonly<Record<string, Cell>>;

export const cellSchema: z.ZodType<Cell> = z.union([z.number(), z.string(), z.boolean(), z.null()]);
/** A row that comes out of a file. */
export const rowSchema: z.ZodType<Row> = z.record(z.string(), cellSchema);
