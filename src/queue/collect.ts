import { setTimeout as pause } from 'node:timers/promises';
import type { QueueConnection } from './connection.ts';
import { QueueError } from './errors.ts';
import { LOOK_MS, MAX_BAD_ANSWERS, MAX_REASON_CHARS, REST_MS, SOON_MS, WINDOW } from './limits.ts';
import { type Present, whoIsThere } from './roll-call.ts';
import type { Task, TaskQueue } from './task-queue.ts';

/** Something to be asked for, made into a task only when its turn comes. */
export interface Question {
  readonly id: string;
  body(): string;
}

export interface Collecting {
  readonly connection: QueueConnection;
  readonly queue: TaskQueue;
  readonly questions: readonly Question[];
  /**
   * Takes the answer to a question that was asked, once for each.
   * @param answer hostile
   * @returns      why it is none, undefined when it is taken
   */
  accept(id: string, answer: string): string | undefined | Promise<string | undefined>;
  /** Makes the error that a task ends with which failed as often as it was tried. @param reason hostile */
  failed(id: string, reason: string): Error;
  /** Told now and then who works for any queue of the server. */
  onPresent?(workers: readonly Present[]): void;
  /** Ends the work early. */
  readonly signal: AbortSignal;
}

/** Answers that are looked at in one go: each may be `MAX_ANSWER_BYTES` long. */
const SLICE = 32;

/**
 * Asks all questions, at most `WINDOW` at a time, and resolves when each has its answer.
 *
 * Nothing that Redis says is trusted: an answer is taken only if it is to a question that was asked and `accept` finds nothing wrong with it.
 * A bad one is thrown away and the question asked again. Tasks that are gone, because the server lost its memory or somebody who asks
 * the same was faster, are put again.
 *
 * Tasks that no worker holds are taken back when it ends early: they would keep workers from what others want.
 * @throws {QueueError} QUEUE_ANSWERS after `MAX_BAD_ANSWERS` bad answers to one question; QUEUE_UNREACHABLE, QUEUE_REFUSED; what `failed` makes;
 * the signal's reason
 */
export async function collect(collecting: Collecting): Promise<void> {
  const { connection, queue } = collecting;
  const asked = new Map<string, Question>();
  try {
    await collectAll(collecting, asked);
  } catch (error) {
    throw connection.failure(error);
  } finally {
    await queue.remove([...asked.keys()]).catch(() => {});
  }
}

async function collectAll(collecting: Collecting, asked: Map<string, Question>): Promise<void> {
  const { connection, queue, questions, accept, signal } = collecting;
  const bad = new Map<string, number>();
  let next = 0;
  let lookedMs = Number.NEGATIVE_INFINITY;
  const put = (some: readonly Question[]): Promise<void> => queue.put(some.map(taskOf));
  while (asked.size > 0 || next < questions.length) {
    signal.throwIfAborted();
    const more = questions.slice(next, next + WINDOW - asked.size);
    next += more.length;
    for (const question of more) asked.set(question.id, question);
    await put(more);
    const { completed, failed } = await queue.finished([...asked.keys()]);
    for (const id of failed) {
      const reason = (await queue.reasonOf(id)) ?? 'it is not said why';
      await queue.remove([id]);
      throw collecting.failed(id, reason.slice(0, MAX_REASON_CHARS));
    }
    for (let at = 0; at < completed.length; at += SLICE) {
      const ids = completed.slice(at, at + SLICE);
      const answers = await Promise.all(ids.map((id) => queue.answerOf(id)));
      for (const [i, id] of ids.entries()) {
        const answer = answers[i];
        // Somebody else who asks the same has fetched it; the look-out finds it missing.
        if (answer === null) continue;
        const problem = answer === undefined ? 'it is too large, or no text' : await accept(id, answer);
        if (problem === undefined) asked.delete(id);
        else await askAgain(id, problem);
      }
      await queue.remove(ids);
      await put(ids.flatMap((id) => asked.get(id) ?? []));
    }
    if (performance.now() - lookedMs > LOOK_MS) {
      lookedMs = performance.now();
      const gone = await queue.missing([...asked.keys()]);
      await put(gone.map((id) => asked.get(id)!));
      collecting.onPresent?.(await whoIsThere(connection));
    }
    if (asked.size > 0) await pause(completed.length > 0 ? SOON_MS : REST_MS, undefined, { signal });
  }

  async function askAgain(id: string, problem: string): Promise<void> {
    const times = (bad.get(id) ?? 0) + 1;
    bad.set(id, times);
    if (times < MAX_BAD_ANSWERS) return;
    await queue.remove([id]);
    throw new QueueError(
      'QUEUE_ANSWERS',
      `workers answered ${times} times with what is no answer to task ${id} (${problem}): a worker that is not this program writes to the queue`,
      { task: id },
    );
  }
}

const taskOf = (question: Question): Task => ({ id: question.id, body: question.body() });
