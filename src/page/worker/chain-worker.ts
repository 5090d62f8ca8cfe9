/** The worker that verifies: it follows the node by a replica and tells the page what that came to. It holds no secret. */
import { FileError } from '../../base/errors.ts';
import type { State } from '../../base/state-codec.ts';
import { recordOf } from '../../base/state-shape.ts';
import { askAt, STATUS } from '../../client/ask-node.ts';
import { KEPT_REPLICA, type KeptReplica, keepReplica, resumeReplica } from '../../client/kept-replica.ts';
import { Nodes } from '../../client/nodes.ts';
import { Replica } from '../../ledger/replica.ts';
import { FORMAT_VERSION } from '../../params/version.ts';
import { ChainWatch } from './chain-watch.ts';
import { type FromChain, SEEN_FORMAT, type SeenHeight, type ServedPlaces, type ToChain } from './messages.ts';
import { type OpenedChain, openChain, pinChain } from './opened-chain.ts';
import { isLie, problemOf } from './problem-of.ts';
import { openStored } from './stored.ts';
import type { Stored } from './stored-values.ts';

/** Between two looks at the node, ms. */
const POLL_MS = 500;
/** While it catches up, the page is told so often, ms. */
const TELL_MS = 250;
/** Between two looks for a genesis, ms. */
const GENESIS_MS = 2_000;
/** Heights after which the state is kept for the next visit. */
const KEEP_EVERY = 16;

const tell = (message: FromChain): void => postMessage(message);

/** Follows one chain until the page is closed. */
class Following {
  readonly #watch: ChainWatch;
  readonly #rpc: string;
  readonly #name: string;
  readonly #stored: Stored;
  #nodes: Nodes;
  #told = 0;
  #toldMs = 0;
  #kept: number;

  constructor(watch: ChainWatch, { rpc }: ServedPlaces, name: string, stored: Stored) {
    this.#watch = watch;
    this.#rpc = new URL(rpc).host;
    this.#name = name;
    this.#stored = stored;
    this.#nodes = new Nodes([this.#rpc]);
    this.#kept = watch.height;
  }

  get watch(): ChainWatch {
    return this.#watch;
  }

  async run(): Promise<never> {
    for (;;) {
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** One node is all that a page can ask, so one that was caught is asked again: it may tell the truth now, and what it says is judged anew. */
  async #look(): Promise<void> {
    const { height } = this.#watch;
    try {
      await this.#nodes.follow(this.#watch, (_, certified) => this.#tell(certified, TELL_MS));
    } catch {
      // What it did stands among its faults.
    }
    const { certified } = await askAt(this.#rpc, 'status', STATUS).catch(() => ({ certified: 0 }));
    this.#tell(certified, 0);
    for (const { code, reason } of this.#nodes.faults) {
      tell({
        kind: 'fault',
        fault: { code, text: reason, height: this.#watch.height + 1, isLie: isLie(code) },
      });
    }
    if (this.#nodes.faults.length === 0) tell({ kind: 'fault', fault: null });
    else this.#nodes = new Nodes([this.#rpc]);
    if (this.#watch.height > height) await this.#keep();
  }

  /** @param everyMs no more often */
  #tell(certified: number, everyMs: number): void {
    if (performance.now() - this.#toldMs < everyMs) return;
    this.#toldMs = performance.now();
    tell({ kind: 'said', certified, verified: this.#watch.height });
    const heights = this.#watch.news();
    if (this.#told > 0 && heights.length === 0) return;
    this.#told++;
    tell({ kind: 'verified', heights, state: this.#watch.state() });
  }

  async #keep(): Promise<void> {
    if (this.#watch.height < this.#kept + KEEP_EVERY) return;
    this.#kept = this.#watch.height;
    const { replica, seen } = this.#watch;
    const kept = { version: FORMAT_VERSION, seenFormat: SEEN_FORMAT, seen, ...keepReplica(replica) };
    // Where there is no room the next visit verifies more; nothing of this one depends on it.
    await this.#stored.put(this.#name, kept).catch(() => {});
  }
}

const KEPT = recordOf({
  version: (value) => value === FORMAT_VERSION,
  seenFormat: (value) => value === SEEN_FORMAT,
  seen: (value) => Array.isArray(value),
  ...KEPT_REPLICA,
});

/** Where the last visit came to with the heights that it saw, if this browser keeps them; else the genesis. */
async function watchOf({ genesis }: OpenedChain, name: string, stored: Stored): Promise<ChainWatch> {
  const kept = (await stored.get(name)) as State;
  if (KEPT(kept)) {
    const { seen, ...state } = kept as unknown as KeptReplica & { readonly seen: readonly SeenHeight[] };
    const resumed = resumeReplica(genesis.chain, state);
    if (resumed !== undefined) return new ChainWatch(resumed, seen);
  }
  return new ChainWatch(new Replica(genesis.chain, genesis.epoch));
}

let following: Following | undefined;
let waiting:
  | { readonly opened: OpenedChain; readonly places: ServedPlaces; readonly stored: Stored }
  | undefined;

async function begin(): Promise<void> {
  if (waiting === undefined || following !== undefined) return;
  const { opened, places, stored } = waiting;
  const name = `chain ${opened.shown.genesisHash}`;
  following = new Following(await watchOf(opened, name, stored), places, name, stored);
  await following.run();
}

/** Waits for the genesis: a member that generates the first keys has none before, and a node that is started again does not answer. */
async function openedChain(
  { places, genesis }: Extract<ToChain, { kind: 'open' }>,
  stored: Stored,
): Promise<OpenedChain> {
  for (;;) {
    try {
      return await openChain(places, genesis, stored);
    } catch (error) {
      if (!FileError.is(error, 'FILE_UNREADABLE')) throw error;
      tell({ kind: 'failed', problem: problemOf(error) });
      await new Promise((resolve) => setTimeout(resolve, GENESIS_MS));
    }
  }
}

async function heard(message: ToChain): Promise<void> {
  switch (message.kind) {
    case 'open': {
      const stored = await openStored();
      const opened = await openedChain(message, stored);
      waiting = { opened, places: message.places, stored };
      tell({ kind: 'chain', chain: opened.shown });
      if (opened.shown.pin !== 'other') await begin();
      return;
    }
    case 'pin':
      if (waiting?.opened.shown.genesisHash !== message.genesisHash) return;
      await pinChain(message.genesisHash, waiting.stored);
      tell({ kind: 'chain', chain: { ...waiting.opened.shown, pin: 'same' } });
      return begin();
    case 'find':
      return tell({ kind: 'found', text: message.text, found: following?.watch.find(message.text) ?? null });
  }
}

export function hearChain(message: ToChain): void {
  heard(message).catch((error: unknown) => tell({ kind: 'failed', problem: problemOf(error) }));
}
