/** The longest id, digits. */
const MAX_TEXT = 64;

/** The part of an address behind `#` in which what somebody looks for stands. */
export const addressOf = (text: string): string => `explorer/${encodeURIComponent(text.trim())}`;

/** What an address says that is looked for, as ids are written; empty if nothing is. */
export function searched(hash: string): string {
  const found = /^#explorer\/(.+)$/s.exec(hash)?.[1] ?? '';
  try {
    return decodeURIComponent(found).trim().toLowerCase().slice(0, MAX_TEXT);
  } catch {
    return found.slice(0, MAX_TEXT);
  }
}
