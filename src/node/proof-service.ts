import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MadeDealing } from '../crypto/dealing/deal.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { BallotWitness } from '../crypto/identity.ts';
import { atExit } from '../groth16/at-exit.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { ClaimedProof } from '../ledger/claims.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { ballotInput } from '../proofs/ballot.ts';
import { dealingInput } from '../proofs/dealing.ts';
import { exampleInput } from '../proofs/examples.ts';
import { openProverPool } from '../proofs/pool.ts';
import type { Prover } from '../proofs/prover.ts';
import type { Signals } from '../proofs/signals.ts';
import type { ProofQuestion, ProofVerdict } from '../validator/types.ts';
import { NodeError } from './errors.ts';
import type { VerifiedBatch, VerifiedCircuit, VerifyBatch } from './verify-process.ts';

/** Hears verdicts on what was verified together. */
export type OnVerdicts = (verdicts: readonly ProofVerdict[]) => void;

/** A question of a validator, with who is told of the verdict. */
interface Asked extends ProofQuestion {
  readonly onVerdicts: OnVerdicts;
}

/** What is verified for no validator: to warm up, or while keys are generated. */
interface Single extends Omit<ProofQuestion, 'ref'> {
  readonly ref: undefined;
  readonly done: (ok: boolean) => void;
}

type Job = Asked | Single;

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
  readonly #prover: Prover = openProverPool({ processes: 1, keepsSums: true });
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
    await Promise.all(ORDER.map((circuit) => this.#judge(circuit, [{ signals: publicSignals, proof }])));
  }

  /** Puts questions into the queue; they are answered by `onVerdicts`, never if the machine fails. */
  verify(requests: readonly ProofQuestion[], onVerdicts: OnVerdicts): void {
    for (const request of requests) this.#waiting[request.circuit].push({ ...request, onVerdicts });
    this.#next();
  }

  #judge(circuit: VerifiedCircuit, proofs: readonly ClaimedProof[]): Promise<boolean> {
    return new Promise((done) => {
      this.#waiting[circuit].push({ ref: undefined, circuit, proofs, done });
      this.#next();
    });
  }

  /** @param statement secret @returns the proof of one's own ballot; a process that died is replaced until it is made */
  prove(statement: BallotWitness): Promise<Uint8Array> {
    return this.#prove('ballot', ballotInput(statement));
  }

  /** @param made secret but for the dealing; nothing of it is kept @returns the dealing with a proof for each recipient */
  async proveDealing({ dealing, witnesses }: MadeDealing): Promise<ProvedDealing> {
    const proofs = await Promise.all(witnesses.map((each) => this.#prove('dealing', dealingInput(each))));
    return { ...dealing, proofs };
  }

  /** @returns the dealers of whose dealings a proof does not hold */
  async falseDealers(
    session: DealingSession,
    dealings: ReadonlyMap<ValidatorIndex, ProvedDealing>,
  ): Promise<ValidatorIndex[]> {
    const verdicts = await Promise.all(
      [...dealings].map(async ([dealer, dealing]) => {
        const statements = dealingStatements(session, dealer, dealing);
        const claimed = statements.map((signals, i) => ({ signals, proof: dealing.proofs[i]! }));
        return (await this.#judge('dealing', claimed)) ? [] : [dealer];
      }),
    );
    return verdicts.flat();
  }

  async #prove(circuit: 'ballot' | 'dealing', input: Signals): Promise<Uint8Array> {
    for (;;) {
      try {
        return (await this.#prover.prove(circuit, input)).proof;
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
    const verdicts = new Map<OnVerdicts, ProofVerdict[]>();
    let first = 0;
    for (const job of jobs) {
      const next = first + job.proofs.length;
      const ok = !bad.some((i) => first <= i && i < next);
      first = next;
      if (job.ref === undefined) job.done(ok);
      else verdicts.set(job.onVerdicts, [...(verdicts.get(job.onVerdicts) ?? []), { ref: job.ref, ok }]);
    }
    for (const [onVerdicts, all] of verdicts) onVerdicts(all);
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
