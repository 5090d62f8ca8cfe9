/**
 * The number of the formats: of every hash, id, message, record and file of this program. Whoever changes one of them raises
 * it, and pins the new ones with `npx tsx scripts/gen-vectors.ts`. Stores and files of another number are refused: until the
 * first release there is no migration.
 */
export const FORMAT_VERSION = 18;
