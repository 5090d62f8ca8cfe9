import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BallotWitness } from '../crypto/identity.ts';
import { atExit } from '../groth16/at-exit.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { ballotInput } from '../proofs/ballot.ts';
import { exampleInput } from '../proofs/examples.ts';
import { openProverPool } from '../proofs/pool.ts';
import type { Prover } from '../proofs/prover.ts';
import { NodeError } from './errors.ts';
import type { VerifiedBatch, VerifiedCircuit, VerifyBatch } from './verify-process.ts';

/** What stands in a verifying queue. */
interface Job {
  readonly circuit: VerifiedCircuit;
  readonly signals: readonly bigint[];
  readonly proof: Uint8Array;
  readonly resolve: (ok: boolean) => void;
}

/** Proofs verified together: more would keep a ballot waiting for the items before it. */
const MAX_BATCH = 16;
/** Ballots stand in a height's way, items do not. */
const ORDER: readonly VerifiedCircuit[] = ['ballot', 'dealing', 'account', 'orders'];
/** Wait before a proof is tried again whose process died, ms. */
const PROVE_AGAIN_MS = 1_000;

// Tests run from src/, where Node cannot fork TypeScript: they fork the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/node/verify-process.js' : './verify-process.js',
    import.meta.url,
  ),
);

/**
 * Makes and verifies the proofs of one validator away from its event loop: one process verifies, ballots before items and many at once, and another
 * one proves. The queue is as long as the validator's open questions, which are bounded (`../validator/README.md`).
 */
export class ProofService {
  readonly #waiting: Readonly<Record<VerifiedCircuit, Job[]>> = {
    ballot: [],
    dealing: [],
    account: [],
    orders: [],
  };
  readonly #verifier: ChildProcess;
  readonly #forgetExit: () => void;
  readonly #prover: Prover = openProverPool({ processes: 1 });
  readonly #onFailure: (error: unknown) => void;
  /** What the verifying process has. */
  #verifying: readonly Job[] = [];
  #isClosed = false;

  /** @param onFailure the machine failed: no verdict will come */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    const verifier = fork(ENTRY, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#verifier = verifier;
    this.#forgetExit = atExit(() => verifier.kill('SIGKILL'));
    verifier.on('message', (bad) => this.#answer(bad as VerifiedBatch));
    verifier.on('error', (error) => this.#fail(error));
    verifier.on('exit', (code, signal) => this.#fail(verifierEnded(signal ?? `exit code ${code}`)));
  }

  /** Questions without an answer. */
  get waiting(): number {
    return Object.values(this.#waiting).reduce((sum, { length }) => sum + length, this.#verifying.length);
  }

  /** Loads keys and compiles, by a proof that nobody is shown: the first proof takes many times as long as the others. */
  async warm(): Promise<void> {
    const { proof, publicSignals } = await this.#prover.prove('ballot', exampleInput('ballot'));
    await Promise.all(ORDER.map((circuit) => this.verify(circuit, publicSignals, proof)));
  }

  /** @returns whether the proof is valid; never, if the machine fails */
  verify(circuit: VerifiedCircuit, signals: readonly bigint[], proof: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting[circuit].push({ circuit, signals, proof, resolve });
      this.#next();
    });
  }

  /** @param statement secret @returns the proof of one's own ballot; a process that died is replaced until it is made */
  async prove(statement: BallotWitness): Promise<Uint8Array> {
    for (;;) {
      try {
        return (await this.#prover.prove('ballot', ballotInput(statement))).proof;
      } catch (error) {
        const isDeath = Groth16Error.is(error, 'PROVER_FAILED');
        if (!isDeath) this.#fail(error);
        if (!isDeath || this.#isClosed) return await new Promise<never>(() => {});
        await new Promise((resolve) => setTimeout(resolve, PROVE_AGAIN_MS));
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forgetExit();
    const verifier = this.#verifier;
    const ended = new Promise<void>((resolve) => {
      if (verifier.exitCode !== null || verifier.signalCode !== null) resolve();
      else verifier.once('exit', () => resolve());
    });
    verifier.kill('SIGKILL');
    await Promise.all([ended, this.#prover.close()]);
  }

  #next(): void {
    if (this.#verifying.length > 0 || this.#isClosed) return;
    const circuit = ORDER.find((each) => this.#waiting[each].length > 0);
    if (circuit === undefined) return;
    this.#verifying = this.#waiting[circuit].splice(0, MAX_BATCH);
    const batch: VerifyBatch = {
      circuit,
      publics: this.#verifying.map(({ signals }) => signals),
      proofs: this.#verifying.map(({ proof }) => proof),
    };
    this.#verifier.send(batch, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  #answer(bad: VerifiedBatch): void {
    const jobs = this.#verifying;
    this.#verifying = [];
    for (const [i, { resolve }] of jobs.entries()) resolve(!bad.includes(i));
    this.#next();
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#onFailure(error);
  }
}

const verifierEnded = (how: string) =>
  new NodeError(
    'NODE_PROCESS_ENDED',
    `the process that verifies proofs ended (${how}): start the validator again`,
  );
