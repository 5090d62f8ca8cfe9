import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { atExit } from './at-exit.ts';
import { MAX_PROOFS } from './equation.ts';
import { createVerifier, type Verifier } from './verifier.ts';
import type { VerifierKeyMessage, VerifyAnswer, VerifyRequest } from './verifier-process.ts';

/** A verifier whose work is done by processes of its own. */
export interface VerifierPool extends Verifier {
  /** Ends the processes; what is asked for meanwhile or later is verified by the caller's. */
  close(): Promise<void>;
}

type Publics = readonly (readonly bigint[])[];
type Proofs = readonly Uint8Array[];

/** A batch is split only so far that sharing the last step of the pairings still pays. */
const SMALLEST_PART = 4;

// Tests run from src/, where Node cannot fork TypeScript: they fork the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/groth16/verifier-process.js' : './verifier-process.js',
    import.meta.url,
  ),
);

interface Helper {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** Proofs it has been asked for and not answered. */
  load: number;
  readonly asked: Map<number, (bad: readonly number[] | undefined) => void>;
}

/**
 * Opens processes that verify proofs under one key: a batch is split among them, and the caller stays free for other
 * work. The key is checked here first. An idle pool does not keep the program alive. A process that dies costs no honest
 * proof its validity: what it had not answered is verified by the caller's.
 * @param vkeyJson  snarkjs' export of a verification key
 * @param where     names the key in errors
 * @param processes each builds a curve of its own once (about 0.3 s, 80 MB)
 * @throws {Groth16Error} KEYS_FILE, KEYS_UNSAFE
 */
export async function openVerifierPool(
  vkeyJson: string,
  where: string,
  processes = availableParallelism(),
): Promise<VerifierPool> {
  const local = await createVerifier(vkeyJson, where);
  const key: VerifierKeyMessage = { vkey: vkeyJson, where };
  return new Pool(
    local,
    Array.from({ length: Math.max(1, processes) }, () => startHelper(key)),
  );
}

function startHelper(key: VerifierKeyMessage): Helper {
  const child = fork(ENTRY, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const helper: Helper = { child, ended, load: 0, asked: new Map() };
  child.on('message', (message) => {
    const { id, bad } = message as VerifyAnswer;
    helper.asked.get(id)?.(bad);
  });
  // One that cannot be told its key is of no use.
  child.send(key, (error) => {
    if (error !== null) child.kill('SIGKILL');
  });
  rest(helper);
  return helper;
}

function rest({ child }: Helper): void {
  child.unref();
  child.channel?.unref();
}

class Pool implements VerifierPool {
  readonly nPublic: number;
  readonly #local: Verifier;
  readonly #helpers: Set<Helper>;
  readonly #killAll = (): void => {
    for (const { child } of this.#helpers) child.kill('SIGKILL');
  };
  readonly #forgetExit = atExit(this.#killAll);
  #nextId = 0;

  constructor(local: Verifier, helpers: readonly Helper[]) {
    this.nPublic = local.nPublic;
    this.#local = local;
    this.#helpers = new Set(helpers);
    for (const helper of helpers) void helper.ended.then(() => this.#drop(helper));
  }

  async verify(publicSignals: readonly bigint[], proof: Uint8Array): Promise<boolean> {
    return (await this.verifyBatch([publicSignals], [proof])).length === 0;
  }

  async verifyBatch(publics: Publics, proofs: Proofs): Promise<number[]> {
    const n = publics.length;
    const lanes = Math.max(1, Math.min(this.#helpers.size, Math.floor(n / SMALLEST_PART)));
    const parts = Math.max(lanes, Math.ceil(n / MAX_PROOFS));
    const bad: number[][] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < parts) {
        const part = next++;
        const [start, end] = [Math.floor((part * n) / parts), Math.floor(((part + 1) * n) / parts)];
        const [ofPart, proofsOfPart] = [publics.slice(start, end), proofs.slice(start, end)];
        const answer = await this.#ask(ofPart, proofsOfPart);
        const local = answer ?? (await this.#local.verifyBatch(ofPart, proofsOfPart));
        bad[part] = local.map((index) => start + index);
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
    return bad.flat();
  }

  async close(): Promise<void> {
    this.#forgetExit();
    const helpers = [...this.#helpers];
    for (const { child } of helpers) child.ref();
    this.#killAll();
    await Promise.all(helpers.map(({ ended }) => ended));
  }

  /** @returns undefined if no process could answer */
  #ask(publics: Publics, proofs: Proofs): Promise<readonly number[] | undefined> {
    const [helper] = [...this.#helpers].sort((a, b) => a.load - b.load);
    if (helper === undefined || publics.length === 0) return Promise.resolve(undefined);
    const id = this.#nextId++;
    helper.load += publics.length;
    helper.child.ref();
    helper.child.channel?.ref();
    return new Promise((resolve) => {
      const settle = (bad: readonly number[] | undefined): void => {
        if (!helper.asked.delete(id)) return;
        helper.load -= publics.length;
        if (helper.asked.size === 0) rest(helper);
        resolve(bad);
      };
      helper.asked.set(id, settle);
      const request: VerifyRequest = { id, publics, proofs };
      try {
        helper.child.send(request, (error) => {
          if (error !== null) settle(undefined);
        });
      } catch {
        // An outsider's "proof" may be anything, also what cannot cross to a process.
        settle(undefined);
      }
    });
  }

  #drop(helper: Helper): void {
    this.#helpers.delete(helper);
    for (const settle of [...helper.asked.values()]) settle(undefined);
  }
}
