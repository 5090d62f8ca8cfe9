/** Length of a source that is searched, at most. */
const MAX_SOURCE = 1 << 22;

/**
 * The line of a source that declares what a finding is about: `lt.n2b.out[3]` is declared where `component lt` or `signal lt`
 * stands; an anonymous component where its template is used.
 * @returns 1 where it is not found: the file is then the place
 */
export function lineOf(source: string | undefined, subject: string): number {
  const name = /^[A-Za-z_]\w*/.exec(subject)?.[0];
  if (source === undefined || source.length > MAX_SOURCE || name === undefined) return 1;
  const lines = source.split('\n');
  const declares = new RegExp(`\\b(signal|component)\\b[^;]*\\b${name}\\b`);
  const uses = new RegExp(`\\b${name}\\b`);
  const at = lines.findIndex((line) => declares.test(line));
  const found = at >= 0 ? at : lines.findIndex((line) => !line.trim().startsWith('//') && uses.test(line));
  return found < 0 ? 1 : found + 1;
}
