import { resolve } from 'node:path';
import { ClientError } from '../../client/errors.ts';
import { readTextFile, type Terminal } from '../io.ts';

const MAX_PASSWORD_BYTES = 1024;
const VARIABLE = 'VELUM_WALLET_PASSWORD';

/**
 * The password of a wallet: the first line of a file, of the environment, or asked at the terminal. Never of the command line, which others can read.
 * @param isNew asks twice
 * @throws {ClientError} WALLET_PASSWORD; {FileError} FILE_UNREADABLE
 */
export async function readPassword(
  terminal: Terminal,
  { passwordFile }: { readonly passwordFile?: string },
  isNew: boolean,
): Promise<string> {
  if (passwordFile !== undefined) {
    const text = await readTextFile(resolve(terminal.cwd, passwordFile), MAX_PASSWORD_BYTES);
    return text.split(/\r?\n/, 1)[0]!;
  }
  const found = process.env[VARIABLE];
  if (found !== undefined && found !== '') return found;
  if (process.stdin.isTTY !== true)
    throw new ClientError(
      'WALLET_PASSWORD',
      `a password is expected: name a file with --password-file, set ${VARIABLE}, or run this at a terminal`,
    );
  const password = await ask(terminal, 'Password of the wallet: ');
  if (isNew && (await ask(terminal, 'The same again: ')) !== password)
    throw new ClientError('WALLET_PASSWORD', 'the two passwords are not the same');
  return password;
}

/** One line of the terminal, which does not show it. */
async function ask(terminal: Terminal, question: string): Promise<string> {
  const { stdin } = process;
  await terminal.err(question);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await new Promise((answer) => {
      let line = '';
      const hear = (chunk: Buffer): void => {
        for (const c of chunk.toString('utf8')) {
          if (c === '\u0003') process.exit(130);
          if (c === '\r' || c === '\n' || c === '\u0004') {
            stdin.off('data', hear);
            return answer(line);
          }
          line = c === '\u007f' || c === '\b' ? [...line].slice(0, -1).join('') : line + c;
        }
      };
      stdin.on('data', hear);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    await terminal.err('\n');
  }
}
