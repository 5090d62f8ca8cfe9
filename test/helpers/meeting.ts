import type { Json } from './lying-proxy.ts';
import { asked, posted } from './running-rpc.ts';

/** A batch that waits for another one is handed on after so long alone, ms. */
const HOLD_MS = 120_000;

/** In front of a node: batches that are to meet in one height reach it in one body, as soon as there are two. Orders meet only in one height, and how long a proof takes, nobody decides. */
export class Meeting {
  isOn = false;
  readonly #rpc: string;
  readonly #held: { readonly params: object; readonly timer: NodeJS.Timeout }[] = [];

  constructor(rpc: string) {
    this.#rpc = rpc;
  }

  /** Takes what is handed in. @returns the node's answer, or that it is taken */
  async submit(params: object): Promise<Json> {
    if (!this.isOn) return asked(this.#rpc, 'submit', params);
    this.#held.push({ params, timer: setTimeout(() => this.#handOn(), HOLD_MS) });
    if (this.#held.length === 2) this.#handOn();
    return { result: { id: null } };
  }

  #handOn(): void {
    const together = this.#held.splice(0);
    for (const { timer } of together) clearTimeout(timer);
    const body = together.map(({ params }, id) => ({ jsonrpc: '2.0', id, method: 'submit', params }));
    void posted(this.#rpc, JSON.stringify(body));
  }
}
