import { type ProvedStatement, verified } from '../groth16/proved-statement.ts';
import { findRapidsnark, runRapidsnark } from '../groth16/rapidsnark.ts';
import type { Verifier } from '../groth16/verifier.ts';
import { createWitnessCalculator, type WitnessCalculator } from '../groth16/witness.ts';
import { circuitVerifier } from './circuit-verifier.ts';
import type { CircuitName } from './circuits.ts';
import { ProofsError } from './errors.ts';
import type { ProveOptions, Prover } from './prover.ts';
import { type Circuit, loadCircuit } from './registry.ts';
import { flattenSignals, type Signals } from './signals.ts';

export interface RapidsnarkOptions {
  /** The binary; by default `rapidsnark` on PATH. */
  readonly path?: string;
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
}

/** What is kept of a circuit between proofs. */
interface ProvingParts {
  readonly circuit: Circuit;
  readonly verifier: Verifier;
  readonly calculator: WitnessCalculator;
}

async function loadParts(name: CircuitName, keysDir: string | undefined): Promise<ProvingParts> {
  const circuit = await loadCircuit(name, keysDir);
  const verifier = await circuitVerifier(circuit);
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  // The binary reads the proving key itself: that it is the manifest's is checked once, here.
  await circuit.read('zkey');
  return { circuit, verifier, calculator };
}

/**
 * Proves with the user's own rapidsnark binary. What it answers is believed as little as a peer's proof: it passes the
 * verifier first.
 * @throws {Groth16Error} PROVER_MISSING, before any work
 */
export async function openRapidsnark({ path, keysDir }: RapidsnarkOptions = {}): Promise<Prover> {
  return new Rapidsnark(await findRapidsnark(path), keysDir);
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
      throw new ProofsError(code, `a proof of ${name} was given up`, { circuit: name });
    };
    const flat = flattenSignals(name, signals);
    checkStop();
    const { circuit, calculator, verifier } = await this.#load(name, onStage);
    onStage?.('witness');
    const witness = calculator.calculate(flat);
    onStage?.('prove');
    checkStop();
    const made = await runRapidsnark(this.#binary, circuit.path('zkey'), witness, stop).catch((error) => {
      checkStop();
      throw error;
    });
    checkStop();
    onStage?.('verify');
    return verified(name, verifier, made.proof, made.publicSignals);
  }

  #load(name: CircuitName, onStage: ProveOptions['onStage']): Promise<ProvingParts> {
    let parts = this.#parts.get(name);
    if (parts === undefined) {
      onStage?.('keys');
      parts = loadParts(name, this.#keysDir);
      this.#parts.set(name, parts);
      parts.catch(() => this.#parts.delete(name));
    }
    return parts;
  }
}
