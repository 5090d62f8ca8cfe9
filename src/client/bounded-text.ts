import { concatBytes } from '../base/bytes.ts';

/** The body of an answer as text, of which no more is read than it may have. @returns undefined if it has more bytes */
export async function boundedText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.length;
    if (bytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return new TextDecoder().decode(concatBytes(...pieces));
}
