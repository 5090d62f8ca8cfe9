import { join, relative, resolve } from 'node:path';
import type { OutputsAnswer } from '../audit/examine.ts';
import type { OutputVerdict } from '../audit/report.ts';
import { writeWholeFile } from './files.ts';

/**
 * Writes certificate, witnesses and their inputs.
 * @param out folder, relative to `cwd`; not made if there is nothing to write
 * @returns   the verdicts with the files' names
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function writeVerdictFiles(
  { outputs, certificate, forgeries }: OutputsAnswer,
  out: string,
  cwd: string,
): Promise<OutputVerdict[]> {
  const folder = resolve(cwd, out);
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeWholeFile(join(folder, name), content);
    return relative(cwd, join(folder, name));
  };
  const pairs: string[][] = [];
  for (const [i, { first, second, inputs, differ }] of forgeries.entries())
    pairs.push([
      await write(`forged-${i}-a.wtns`, first),
      await write(`forged-${i}-b.wtns`, second),
      await write(`forged-${i}-inputs.json`, `${JSON.stringify({ inputs, differ }, null, 2)}\n`),
    ]);
  const proof = certificate === undefined ? null : await write('certificate.json', certificate);
  return outputs.map(({ pair, ...one }) => ({
    ...one,
    certificate: one.verdict === 'PROVED' ? proof : null,
    witnesses: pair === undefined ? [] : pairs[pair]!,
  }));
}
