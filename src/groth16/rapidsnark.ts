/**
 * The user's own rapidsnark binary: `rapidsnark ZKEY WTNS PROOF.json PUBLIC.json`, several times as fast as snarkjs.
 * @see https://github.com/iden3/rapidsnark
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, type FileHandle, open, readFile, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { VelumError } from '../base/errors.ts';
import { atExit, withScratchDir } from './at-exit.ts';
import { Groth16Error } from './errors.ts';
import { parseGroth16Proof, parsePublicSignals } from './json-files.ts';
import type { ProvedStatement } from './proved-statement.ts';

const BINARY = 'rapidsnark';
const HELP =
  'build it from https://github.com/iden3/rapidsnark (its binary is called prover), and put it on PATH as ' +
  `${BINARY} or name it with --prover-path; or prove with snarkjs`;

/** @throws {Groth16Error} PROVER_MISSING if there is no such program that this user may run */
export async function findRapidsnark(path?: string): Promise<string> {
  const dirs = (process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  for (const candidate of path === undefined ? dirs.map((dir) => join(dir, BINARY)) : [path]) {
    if (await isExecutable(candidate)) return candidate;
  }
  const where = path === undefined ? `${BINARY} is not on PATH` : `${path} is no program that can be run`;
  throw new Groth16Error('PROVER_MISSING', `${where}; ${HELP}`, path === undefined ? {} : { path });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * Proves one witness. The witness is secret: it passes through a file that has no name any more when it is written, so that
 * nothing of it is left on the disk even if this process is killed. The program reads it through the descriptor that it inherits.
 * @param zkey    path of the proving key
 * @param witness .wtns
 * @param stop    ends the program; the proof then fails
 * @returns       what the program answered, to be believed as little as a peer's proof
 * @throws {Groth16Error} PROVER_FAILED
 */
export function runRapidsnark(
  binary: string,
  zkey: string,
  witness: Uint8Array,
  stop: AbortSignal,
): Promise<ProvedStatement> {
  return withScratchDir(tmpdir(), async (dir) => {
    const [proofFile, publicFile] = [join(dir, 'proof.json'), join(dir, 'public.json')];
    const file = await namelessFile(dir, witness);
    try {
      const failure = stop.aborted
        ? 'was stopped'
        : await run(binary, [zkey, INHERITED, proofFile, publicFile], file.fd, stop);
      if (failure !== undefined) throw failed(failure);
    } finally {
      await file.close();
    }
    try {
      return {
        proof: parseGroth16Proof(await json(proofFile), 'its proof.json'),
        publicSignals: parsePublicSignals(await json(publicFile), 'its public.json'),
      };
    } catch (error) {
      throw error instanceof VelumError ? failed(`wrote what is no proof: ${error.message}`) : error;
    }
  });
}

/** Where a program finds the file that it was given as descriptor 3. */
const INHERITED = existsSync('/proc/self/fd') ? '/proc/self/fd/3' : '/dev/fd/3';

/** A file of these bytes that only its descriptor leads to: it loses its name while it is empty. */
async function namelessFile(dir: string, bytes: Uint8Array): Promise<FileHandle> {
  const path = join(dir, 'witness');
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    // At explicit places: where a program shares the descriptor's position, it has to begin at 0.
    for (let done = 0; done < bytes.length; )
      done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @param input descriptor that the program gets as its third. @returns why the program failed, undefined if it did not */
function run(
  binary: string,
  args: readonly string[],
  input: number,
  stop: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe', input] });
    const kill = (): void => void child.kill('SIGKILL');
    const forget = atExit(kill);
    stop.addEventListener('abort', kill, { once: true });
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-400);
    });
    const end = (failure: string | undefined): void => {
      forget();
      stop.removeEventListener('abort', kill);
      resolve(failure);
    };
    child.on('error', (error) => end(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      end(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}: ${said.trim()}`);
    });
  });
}

async function json(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const failed = (how: string): VelumError => new Groth16Error('PROVER_FAILED', `${BINARY} ${how}`, { how });
