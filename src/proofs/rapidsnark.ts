import { spawn } from 'node:child_process';
import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { VelumError } from '../base/errors.ts';
import { atExit, withScratchDir } from './at-exit.ts';
import { loadProvingParts, type ProvingParts, verified } from './circuit-prover.ts';
import type { CircuitName } from './circuits.ts';
import { parseGroth16Proof, parsePublicSignals } from './json-files.ts';
import type { ProvedStatement, ProveOptions, Prover } from './prover.ts';
import { flattenSignals, type Signals } from './signals.ts';

const BINARY = 'rapidsnark';
const HELP =
  'build it from https://github.com/iden3/rapidsnark (its binary is called prover), and put it on PATH as ' +
  `${BINARY} or name it with --prover-path; or prove with snarkjs`;

export interface RapidsnarkOptions {
  /** The binary; by default `rapidsnark` on PATH. */
  readonly path?: string;
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
}

/**
 * The user's own rapidsnark binary: `rapidsnark ZKEY WTNS PROOF.json PUBLIC.json`, several times as fast as snarkjs.
 *
 * The witness is secret and passes through a file: in a directory that only this user may read, removed at once. What
 * the binary answers is believed as little as a peer's proof: it passes the verifier first.
 * @throws {VelumError} PROVER_MISSING, before any work
 */
export async function openRapidsnark({ path, keysDir }: RapidsnarkOptions = {}): Promise<Prover> {
  return new Rapidsnark(await findRapidsnark(path), keysDir);
}

/** @throws {VelumError} PROVER_MISSING if there is no such program that this user may run */
export async function findRapidsnark(path?: string): Promise<string> {
  const dirs = (process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  for (const candidate of path === undefined ? dirs.map((dir) => join(dir, BINARY)) : [path]) {
    if (await isExecutable(candidate)) return candidate;
  }
  const where = path === undefined ? `${BINARY} is not on PATH` : `${path} is no program that can be run`;
  throw new VelumError('PROVER_MISSING', `${where}; ${HELP}`, path === undefined ? {} : { path });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

class Rapidsnark implements Prover {
  readonly #binary: string;
  readonly #keysDir: string | undefined;
  readonly #parts = new Map<CircuitName, Promise<ProvingParts>>();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(binary: string, keysDir: string | undefined) {
    this.#binary = binary;
    this.#keysDir = keysDir;
  }

  async prove(circuit: CircuitName, signals: Signals, options: ProveOptions = {}): Promise<ProvedStatement> {
    const proof = this.#prove(circuit, signals, options);
    this.#running.add(proof);
    return proof.finally(() => this.#running.delete(proof));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  async #prove(
    name: CircuitName,
    signals: Signals,
    { signal, onStage }: ProveOptions,
  ): Promise<ProvedStatement> {
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const checkStop = (): void => {
      if (!stop.aborted) return;
      const code = this.#closing.signal.aborted ? 'PROVER_CLOSED' : 'PROVER_CANCELLED';
      throw new VelumError(code, `a proof of ${name} was given up`, { circuit: name });
    };
    const flat = flattenSignals(name, signals);
    checkStop();
    const { circuit, calculator, verifier } = await this.#load(name, onStage);
    onStage?.('witness');
    const witness = calculator.calculate(flat);
    const made = await withScratchDir(tmpdir(), async (dir) => {
      const [wtns, proof, publics] = [join(dir, 'w.wtns'), join(dir, 'proof.json'), join(dir, 'public.json')];
      await writeFile(wtns, witness, { mode: 0o600 });
      onStage?.('prove');
      checkStop();
      const failure = await run(this.#binary, [circuit.path('zkey'), wtns, proof, publics], stop);
      checkStop();
      if (failure !== undefined) throw failed(name, failure);
      return {
        proof: parseGroth16Proof(await json(proof)),
        publics: parsePublicSignals(await json(publics)),
      };
    });
    if (made.proof === undefined || made.publics === undefined) {
      throw failed(name, 'wrote no proof.json and public.json in the form of snarkjs');
    }
    onStage?.('verify');
    return verified(name, verifier, made.proof, made.publics);
  }

  #load(name: CircuitName, onStage: ProveOptions['onStage']): Promise<ProvingParts> {
    let parts = this.#parts.get(name);
    if (parts === undefined) {
      onStage?.('keys');
      // The binary reads the proving key itself: that it is the manifest's is checked once, here.
      parts = loadProvingParts(name, this.#keysDir).then(async (loaded) => {
        await loaded.circuit.read('zkey');
        return loaded;
      });
      this.#parts.set(name, parts);
      parts.catch(() => this.#parts.delete(name));
    }
    return parts;
  }
}

/** @returns why the program failed, undefined if it did not */
function run(binary: string, args: readonly string[], stop: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    const forget = atExit(kill);
    stop.addEventListener('abort', kill, { once: true });
    let said = '';
    child.stderr.on('data', (chunk) => {
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

const failed = (circuit: CircuitName, how: string): VelumError =>
  new VelumError('PROVER_FAILED', `${BINARY}, asked for a proof of ${circuit}, ${how}`, { circuit, how });
