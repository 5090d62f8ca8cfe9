import { z } from 'zod';
import { boundedText } from '../../client/bounded-text.ts';
import {
  type Health,
  NODE_HEALTH,
  NODE_STATUS,
  type NodeStatus,
  PEERS,
  type Peer,
  PROGRESS,
  type Progress,
} from './node-answers.ts';

/** How often the node is asked while somebody looks, and how long it may take, ms. */
const ASK_MS = 400;
const ANSWER_MS = 5_000;
const MAX_ANSWER_BYTES = 1 << 18;

/** What the node says that serves this page. Nothing of it is verified: there is no certificate of it. */
export interface NodeSaid {
  readonly status: NodeStatus;
  readonly health: Health;
  readonly progress: Progress;
  readonly peers: readonly Peer[];
}

/** Or why there is nothing. */
export type Heard = { readonly said: NodeSaid } | { readonly problem: string };

const QUESTIONS = ['status', 'health', 'progress', 'peers'] as const;
const FORMS = { status: NODE_STATUS, health: NODE_HEALTH, progress: PROGRESS, peers: PEERS } as const;
const answers = z.array(z.object({ id: z.enum(QUESTIONS), result: z.unknown() })).length(QUESTIONS.length);

/** Asks for all of it in one request. Never throws. */
export async function ask(rpc: string): Promise<Heard> {
  let text: string | undefined;
  try {
    const body = QUESTIONS.map((method) => ({ jsonrpc: '2.0', id: method, method }));
    const response = await fetch(rpc, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    text = await boundedText(response, MAX_ANSWER_BYTES);
  } catch {
    return { problem: 'The node does not answer.' };
  }
  try {
    const listed = answers.parse(text && JSON.parse(text));
    const of = <N extends keyof typeof FORMS>(name: N) =>
      FORMS[name].parse(listed.find(({ id }) => id === name)?.result) as z.output<(typeof FORMS)[N]>;
    return {
      said: { status: of('status'), health: of('health'), progress: of('progress'), peers: of('peers') },
    };
  } catch {
    return { problem: 'The node answers what no validator answers.' };
  }
}

/** Asks again and again while the page is looked at. @returns ends it */
export function listen(rpc: string, hear: (heard: Heard) => void): () => void {
  let isOver = false;
  const again = async (): Promise<void> => {
    while (!isOver) {
      if (!document.hidden) {
        const heard = await ask(rpc);
        if (!isOver) hear(heard);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  };
  void again();
  return () => {
    isOver = true;
  };
}
