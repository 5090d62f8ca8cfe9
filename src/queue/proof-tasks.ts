import { z } from 'zod';
import { toHex, utf8 } from '../base/bytes.ts';
import type { ChildPool } from '../groth16/child-pool.ts';
import type { Verifier } from '../groth16/verifier.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { r } from '../params/fields.ts';
import { collect } from './collect.ts';
import type { QueueConnection } from './connection.ts';
import { QueueError } from './errors.ts';
import type { BatchProofAnswer, BatchProofRequest, ProvingFiles } from './proof-process.ts';
import type { Present } from './roll-call.ts';
import type { QueueSeal, SealedFor } from './sealed.ts';
import type { Service, TaskOutcome } from './serve.ts';
import { TaskQueue } from './task-queue.ts';

/** Of what tasks and answers say. */
const FORMAT = 1;

/**
 * The queue of proofs of one circuit under one key: workers that have not that proving key and that secret never see its tasks.
 * @param circuit SHA-256 of the proving key, hex
 */
export const proofQueue = (circuit: string, { keyId }: QueueSeal): string =>
  `proofs-${FORMAT}-${circuit.slice(0, 32)}-${keyId}`;

/** Something to be proved. */
export interface ToProve {
  readonly name: string;
  /** Secret. */
  readonly signals: FlatSignals;
}

/** Proves inputs, in whatever order, and tells each when it is done. What it tells has been verified. */
export type BatchProver = (
  inputs: readonly ToProve[],
  onDone: (input: ToProve, answer: BatchProofAnswer) => Promise<void>,
) => Promise<void>;

/** Answers that say something of the input: whoever proves it says the same. Other failures are of a machine. */
const OF_THE_INPUT = new Set(['CIRCUIT_UNSATISFIED', 'WITNESS_PROGRAM', 'WITNESS_LIMIT']);

const field = z.string().regex(/^[0-9a-f]{64}$/);
const inputSchema = z.record(z.string().min(1).max(200), z.array(field).max(1 << 20));
const answerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('proved'),
    proof: z.string().regex(/^[0-9a-f]{512}$/),
    publicSignals: z.array(field).max(1 << 16),
  }),
  z.strictObject({
    type: z.literal('refused'),
    code: z.enum([...OF_THE_INPUT] as [string, ...string[]]),
    message: z.string().max(1 << 14),
  }),
]);

const hex = (x: bigint): string => x.toString(16).padStart(64, '0');
/** Every number in 64 digits: the length says nothing of them. */
const inputBytes = (signals: FlatSignals): Uint8Array =>
  utf8(
    JSON.stringify(
      Object.fromEntries(Object.entries(signals).map(([name, values]) => [name, values.map(hex)])),
    ),
  );

/** @param bytes of whoever has the key. @returns undefined if they are no input */
function readSignals(bytes: Uint8Array): FlatSignals | undefined {
  const data = parsed(bytes, inputSchema);
  if (data === undefined) return undefined;
  const signals = Object.entries(data).map(
    ([name, values]) => [name, values.map((value) => BigInt(`0x${value}`))] as const,
  );
  return signals.every(([, values]) => values.every((value) => value < r))
    ? Object.fromEntries(signals)
    : undefined;
}

function parsed<T>(bytes: Uint8Array, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Proves in processes of this machine. @param lanes how many */
export const proveHere =
  (
    children: ChildPool<BatchProofRequest, BatchProofAnswer>,
    files: ProvingFiles,
    lanes: number,
  ): BatchProver =>
  async (inputs, onDone) => {
    const waiting = [...inputs];
    const lane = async (): Promise<void> => {
      for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
        const answer = await children.ask({ files, signals: input.signals });
        if (answer.type === 'ended') throw machineFailure(input.name, `its process ended (${answer.how})`);
        if (answer.type === 'refused' && !OF_THE_INPUT.has(answer.code))
          throw machineFailure(input.name, `${answer.message} (${answer.code})`);
        await onDone(input, answer);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };

const machineFailure = (task: string, why: string): Error =>
  new QueueError('QUEUE_TASK', `${task} is not proved: ${why}`, { task });

/**
 * Has inputs proved by the workers of a queue. Redis holds each sealed, and what comes back is taken only if it was sealed by who has the
 * key, for this task, and if the proof is one of the circuit.
 */
export const proveOnQueue =
  (
    connection: QueueConnection,
    seal: QueueSeal,
    circuit: string,
    {
      verifier,
      signal,
      onPresent,
    }: {
      readonly verifier: Pick<Verifier, 'verify'>;
      readonly signal: AbortSignal;
      readonly onPresent: (workers: readonly Present[]) => void;
    },
  ): BatchProver =>
  async (inputs, onDone) => {
    const asked = new Map<string, ToProve[]>();
    for (const input of inputs) {
      const task = seal.taskId(circuit, inputBytes(input.signals));
      asked.set(task, [...(asked.get(task) ?? []), input]);
    }
    const names = (task: string): string =>
      asked
        .get(task)!
        .map(({ name }) => name)
        .join(', ');
    await collect({
      connection,
      queue: await TaskQueue.open(connection, proofQueue(circuit, seal)),
      questions: [...asked].map(([task, [input]]) => ({
        id: task,
        body: () => seal.seal({ what: 'input', task, circuit }, inputBytes(input!.signals)),
      })),
      async accept(task, text) {
        const bytes = seal.open({ what: 'answer', task, circuit }, text);
        const said = bytes && parsed(bytes, answerSchema);
        if (said === undefined) return 'it was not sealed by a worker with this key';
        const answer = answerOf(said);
        if (answer.type === 'proved' && !(await verifier.verify(answer.publicSignals, answer.proof)))
          return 'its proof does not verify';
        for (const input of asked.get(task)!) await onDone(input, answer);
        return undefined;
      },
      failed: (task, reason) => machineFailure(names(task), reason),
      onPresent,
      signal,
    });
  };

function answerOf(said: z.infer<typeof answerSchema>): BatchProofAnswer {
  if (said.type === 'refused') return said;
  const publicSignals = said.publicSignals.map((value) => BigInt(`0x${value}`));
  return { type: 'proved', proof: Uint8Array.from(Buffer.from(said.proof, 'hex')), publicSignals };
}

/** What a worker does for proofs of one circuit under one key. */
export const proofService = (
  children: ChildPool<BatchProofRequest, BatchProofAnswer>,
  seal: QueueSeal,
  files: ProvingFiles,
): Service => {
  const circuit = files.zkeySha256;
  return {
    queue: proofQueue(circuit, seal),
    async work(task, body): Promise<TaskOutcome> {
      const bytes = seal.open({ what: 'input', task, circuit } satisfies SealedFor, body);
      const signals = bytes && readSignals(bytes);
      if (signals === undefined) return { failure: 'it was not sealed with this key, for this task' };
      const answer = await children.ask({ files, signals });
      if (answer.type === 'ended') return { failure: `a proving process ended (${answer.how})` };
      // What an error says goes back sealed; in plain text only that there was one.
      if (answer.type === 'refused' && !OF_THE_INPUT.has(answer.code))
        return { failure: `a worker could not prove it (${answer.code})` };
      const said: z.infer<typeof answerSchema> =
        answer.type === 'refused'
          ? answer
          : {
              type: 'proved',
              proof: toHex(answer.proof),
              publicSignals: answer.publicSignals.map(hex),
            };
      return { answer: seal.seal({ what: 'answer', task, circuit }, utf8(JSON.stringify(said))) };
    },
  };
};
