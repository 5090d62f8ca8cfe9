/** What is kept, waited for and read of a queue. Times are ms. */

/** Of a task and of an answer, as text. A larger answer is not fetched; a larger task the engine has read before it is refused. */
export const MAX_TASK_BYTES = 1 << 22;
export const MAX_ANSWER_BYTES = 1 << 20;
/** Of why a task failed. */
export const MAX_REASON_CHARS = 4096;

/** Tasks of one requester that wait or are under way at a time: more are put as answers come. */
export const WINDOW = 1000;

/**
 * How long a worker holds a task without saying that it still works on it. Whoever is silent for longer is taken for dead, and the task
 * goes to another. The process that renews the lock computes nothing itself, so only a lost connection or a killed machine makes it
 * late; a task that two then do gives the same answer twice. Short, because a killed worker's task waits for so long.
 */
export const LOCK_MS = 15_000;
export const RENEW_MS = 5_000;
/** How often workers look for tasks whose holder is silent. */
export const STALLED_CHECK_MS = 5_000;
/** How often a task may lose its worker before it counts as one that kills workers. */
export const MAX_STALLED = 5;

/** How often a task that fails is tried, in all, and how long after a failure. */
export const ATTEMPTS = 3;
export const RETRY_AFTER_MS = 1_000;
/** Answers to one task that are none, before the run ends. */
export const MAX_BAD_ANSWERS = 3;

/** How long answers that nobody fetches stay: seconds. */
export const KEPT_SECONDS = 7 * 86_400;
/** Events of the engine that stay, which nobody here reads: they repeat the answers. */
export const KEPT_EVENTS = 100;

export const CONNECT_MS = 10_000;
/** How long a connection that was lost is tried again. */
export const RECONNECT_MS = 30_000;

/** How often answers are asked for: soon after the last one came, and at rest. */
export const SOON_MS = 50;
export const REST_MS = 400;
/** How often it is looked whether tasks are still there, and who works. */
export const LOOK_MS = 5_000;

/** How long a worker that was asked to end works on what it holds, before it gives that back. */
export const GRACE_MS = 20_000;
/** How long the last words to a queue may take when a command ends. */
export const FAREWELL_MS = 3_000;

/** How long a worker is there after its last word. */
export const PRESENT_MS = 15_000;
export const MAX_PRESENT = 1000;
