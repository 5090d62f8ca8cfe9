import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type FileField, parseSym, parseWitness, type R1cs } from '../../groth16/r1cs.ts';
import { boundedModule } from '../../groth16/wasm-limits.ts';
import type { FlatSignals } from '../../groth16/witness.ts';
import { AuditError } from '../errors.ts';

/** What the thread is started with, and what it answers: see program-worker.ts. */
export interface ProgramWork {
  readonly wasm: Uint8Array;
  readonly field: FileField;
  readonly port: MessagePort;
  /** Shared: counts the answers. */
  readonly answers: SharedArrayBuffer;
}
/** First to how many numbers it takes of each input, then of each run. No witness where the inputs do not satisfy the circuit. */
export type ProgramAnswer = { readonly problem: string } | { readonly witness: Uint8Array | undefined };

/** Time of one run of a stranger's program, and its memory, at most. */
const RUN_MS = 20_000;
const MEMORY_BYTES = 1 << 30;
/** How often somebody who waits for a run is asked whether it is over. */
const SLICE_MS = 50;

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/audit/program/program-worker.js' : './program-worker.js',
    import.meta.url,
  ),
);

/**
 * A circuit's own witness program, of anybody, in a thread of its own: it may loop and take memory. Its caller waits for it,
 * since the search for a forgery is one computation.
 */
export class WitnessProgram {
  /** Why it is not asked any more. */
  problem: string | undefined;
  private readonly field: FileField;
  private readonly inputs: readonly InputSignal[];
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly answers: Int32Array<SharedArrayBuffer>;
  private readonly isOver: () => boolean;

  /**
   * @param sym    tells the program's inputs
   * @param isOver whether nobody waits any more
   * @throws {AuditError} AUDIT_PROGRAM if it is none, or of another circuit
   */
  constructor(
    wasm: Uint8Array,
    r1cs: R1cs & { readonly field: FileField },
    sym: string,
    isOver: () => boolean,
  ) {
    const bounded = boundedModule(wasm, MEMORY_BYTES);
    if (bounded === undefined) throw noProgram('it is no WebAssembly of a witness program');
    if (bounded === 'memory') throw noProgram(`it wants more than ${MEMORY_BYTES} bytes of memory`);
    this.field = r1cs.field;
    this.isOver = isOver;
    this.inputs = inputSignals(r1cs, sym);
    const { port1, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(4);
    const work: ProgramWork = { wasm: bounded, field: r1cs.field, port: port2, answers: shared };
    this.port = port1;
    this.answers = new Int32Array(shared);
    this.worker = new Worker(ENTRY, {
      workerData: work,
      transferList: [port2],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    this.worker.on('error', () => {});
    const counts = Object.fromEntries(this.inputs.map(({ name, wires }) => [name, wires.length]));
    const ready = this.ask(counts);
    if (ready === undefined || 'problem' in ready) {
      this.close();
      throw noProgram(ready?.problem ?? this.problem!);
    }
  }
  /**
   * @param values of all inputs, by wire
   * @returns      undefined where the program refuses them, or is not asked any more
   */
  calculate(values: ReadonlyMap<number, bigint>): readonly bigint[] | undefined {
    if (this.problem !== undefined) return undefined;
    const signals: FlatSignals = Object.fromEntries(
      this.inputs.map(({ name, wires }) => [name, wires.map((wire) => values.get(wire)!)]),
    );
    const answer = this.ask(signals);
    if (answer === undefined) return undefined;
    if ('problem' in answer) {
      this.problem = answer.problem;
      return undefined;
    }
    return answer.witness && parseWitness(answer.witness, this.field);
  }
  close(): void {
    this.port.close();
    void this.worker.terminate();
  }
  private ask(what: unknown): ProgramAnswer | undefined {
    const before = Atomics.load(this.answers, 0);
    this.port.postMessage(what);
    for (let waited = 0; Atomics.load(this.answers, 0) === before; waited += SLICE_MS) {
      Atomics.wait(this.answers, 0, before, SLICE_MS);
      if (waited < RUN_MS && !this.isOver()) continue;
      if (Atomics.load(this.answers, 0) !== before) break;
      this.problem =
        waited < RUN_MS
          ? 'it had not answered when the search ended'
          : `it takes more than ${RUN_MS / 1000} s`;
      this.close();
      return undefined;
    }
    return receiveMessageOnPort(this.port)?.message as ProgramAnswer | undefined;
  }
}

const noProgram = (why: string): Error =>
  new AuditError('AUDIT_PROGRAM', `the witness program cannot be used: ${why}`);

interface InputSignal {
  readonly name: string;
  /** Of its elements, row by row. */
  readonly wires: readonly number[];
}

/** The inputs of main by name; each of them a wire. */
function inputSignals(r1cs: R1cs, sym: string): InputSignal[] {
  const first = 1 + r1cs.outputCount;
  const last = r1cs.outputCount + r1cs.publicInputCount + r1cs.declaredPrivateInputs;
  const signals = new Map<string, number[]>();
  const inputs = parseSym(sym, r1cs.wireCount).filter(({ label }) => label >= first && label <= last);
  for (const { wire, name } of inputs.sort((a, b) => a.label - b.label)) {
    const own = /^main\.([^.[]+)/.exec(name)?.[1];
    if (own === undefined || wire === undefined) continue;
    signals.set(own, [...(signals.get(own) ?? []), wire]);
  }
  return [...signals].map(([name, wires]) => ({ name, wires }));
}
