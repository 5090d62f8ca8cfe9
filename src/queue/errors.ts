import { code, errorsOf } from '../base/errors.ts';

/** What goes wrong with a queue of tasks and its workers. */
export const QueueError = errorsOf({
  QUEUE_ADDRESS: code('The address of a queue is not understood.'),
  QUEUE_UNREACHABLE: code<{ readonly queue: string }>('A queue does not answer.'),
  QUEUE_REFUSED: code<{ readonly queue: string }>('A queue does not do what it is asked.'),
  QUEUE_ANSWERS: code<{ readonly task: string }>('Workers of a queue answered with what is no answer.'),
  QUEUE_KEY_FILE: code<{ readonly path: string }>('A file holds no key of a queue.'),
  QUEUE_TASK: code<{ readonly task: string }>('A task of a queue failed as often as it was tried.'),
});
