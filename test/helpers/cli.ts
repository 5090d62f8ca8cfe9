import { main } from '../../src/cli/main.ts';

/** What a command line answered. */
export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line that needs no epoch, in this process. */
export async function velumIn(cwd: string, ...args: readonly string[]): Promise<Answer> {
  const [out, err]: string[][] = [[], []];
  const collect = (texts: string[]) => async (text: string) => void texts.push(text);
  const terminal = { out: collect(out!), err: collect(err!), isErrTty: false, hasColour: false, cwd };
  const exitCode = await main(args, terminal, () => Promise.reject(new Error('no epoch is run here')));
  return { exitCode, out: out!.join(''), err: err!.join('') };
}
