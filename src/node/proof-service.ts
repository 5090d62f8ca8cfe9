import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BallotWitness } from '../crypto/identity.ts';
import { atExit } from '../groth16/at-exit.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { ballotInput } from '../proofs/ballot.ts';
import { exampleInput } from '../proofs/examples.ts';
import { openProverPool } from '../proofs/pool.ts';
import type { Prover } from '../proofs/prover.ts';
import type { ProofQuestion, ProofVerdict } from '../validator/types.ts';
import { NodeError } from './errors.ts';
import type { VerifiedBatch, VerifiedCircuit, VerifyBatch } from './verify-process.ts';

export interface ProofServiceOptions {
  /** Verdicts on what was verified together. */
  readonly onVerdicts: (verdicts: readonly ProofVerdict[]) => void;
  /** The machine failed: no verdict will come. */
  readonly onFailure: (error: unknown) => void;
}

/** What is verified to warm up: nobody asked for it. */
interface Rehearsal extends Omit<ProofQuestion, 'ref'> {
  readonly ref: undefined;
  readonly done: () => void;
}

type Job = ProofQuestion | Rehearsal;

/** Proofs verified together: more would keep a ballot waiting for the items before it. What one request asks for stays together. */
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
  readonly #options: ProofServiceOptions;
  /** What the verifying process has. */
  #verifying: readonly Job[] = [];
  #isClosed = false;

  constructor(options: ProofServiceOptions) {
    this.#options = options;
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
    const rehearse = (circuit: VerifiedCircuit): Promise<void> =>
      new Promise((done) => {
        this.#waiting[circuit].push({
          ref: undefined,
          circuit,
          proofs: [{ signals: publicSignals, proof }],
          done,
        });
        this.#next();
      });
    await Promise.all(ORDER.map(rehearse));
  }

  /** Puts questions into the queue; the answers come by `onVerdicts`, never if the machine fails. */
  verify(requests: readonly ProofQuestion[]): void {
    for (const request of requests) this.#waiting[request.circuit].push(request);
    this.#next();
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
    const waiting = this.#waiting[circuit];
    let count = 0;
    let proofs = 0;
    while (count < waiting.length && (count === 0 || proofs + waiting[count]!.proofs.length <= MAX_BATCH))
      proofs += waiting[count++]!.proofs.length;
    this.#verifying = waiting.splice(0, count);
    const claimed = this.#verifying.flatMap((job) => job.proofs);
    const batch: VerifyBatch = {
      circuit,
      publics: claimed.map(({ signals }) => signals),
      proofs: claimed.map(({ proof }) => proof),
    };
    this.#verifier.send(batch, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  #answer(bad: VerifiedBatch): void {
    const jobs = this.#verifying;
    this.#verifying = [];
    this.#next();
    const verdicts: ProofVerdict[] = [];
    let first = 0;
    for (const job of jobs) {
      const next = first + job.proofs.length;
      const ok = !bad.some((i) => first <= i && i < next);
      first = next;
      if (job.ref === undefined) job.done();
      else verdicts.push({ ref: job.ref, ok });
    }
    if (verdicts.length > 0) this.#options.onVerdicts(verdicts);
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#options.onFailure(error);
  }
}

const verifierEnded = (how: string) =>
  new NodeError(
    'NODE_PROCESS_ENDED',
    `the process that verifies proofs ended (${how}): start the validator again`,
  );
