/** The worker that holds the keys of a trader. What it tells the page are values; keys and witnesses stay here and in the worker that proves. */
import { fromHex } from '../../base/bytes.ts';
import { askAt, STATUS } from '../../client/ask-node.ts';
import { ClientError } from '../../client/errors.ts';
import { Nodes } from '../../client/nodes.ts';
import type { Proving } from '../../client/proving.ts';
import { type SendOptions, type SendStep, type Sent, sendAction, sendBatch } from '../../client/send.ts';
import { Trader } from '../../client/trader.ts';
import { accountId } from '../../params/ids.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { takeWallet } from './alone.ts';
import type { FromWallet, JobView, ServedPlaces, ToWallet } from './messages.ts';
import { type OpenedChain, openChain } from './opened-chain.ts';
import { PINNED_MANIFEST } from './pinned-keys.ts';
import { isLie, problemOf } from './problem-of.ts';
import { openStored } from './stored.ts';
import type { Stored } from './stored-values.ts';
import { createSeed, importSeed, keptKey, randomBytes, removeKey, unlockKept } from './wallet-door.ts';
import { freeOf, happeningView, marketOrdersOf, previewOf, requireShown, walletView } from './wallet-view.ts';

const POLL_MS = 500;
/** How often a batch whose window passed is made anew. */
const TRIES = 3;

const tell = (message: FromWallet): void => postMessage(message);

/** How far what is done in the page has come, when a stage begins. */
const PROGRESS: Readonly<Record<JobView['stage'], number>> = {
  keys: 0,
  witness: 0.4,
  prove: 0.5,
  verify: 0.95,
  sent: 1,
  settled: 1,
  failed: 1,
};

/** An unlocked wallet. */
class Purse {
  readonly #trader: Trader;
  readonly #rpc: string;
  readonly #prover: Prover;
  readonly #save: () => Promise<void>;
  #certified = 0;
  #savedHeight: number;
  /** What follows the chain does so alone: a block is judged as the next one of what is verified then. */
  #last: Promise<unknown> = Promise.resolve();
  #isBusy = false;

  constructor(trader: Trader, rpc: string, prover: Prover, save: (sealed: Uint8Array) => Promise<void>) {
    this.#trader = trader;
    this.#rpc = new URL(rpc).host;
    this.#prover = prover;
    this.#savedHeight = trader.height;
    this.#save = async () => {
      const { height } = trader;
      await save(trader.save(randomBytes));
      this.#savedHeight = height;
    };
  }

  async run(): Promise<never> {
    this.#show();
    for (;;) {
      await this.#alone(() => this.#look()).catch((error: unknown) =>
        // For instance where there is no room to keep what is known: it is tried again.
        tell({ kind: 'fault', fault: { ...problemOf(error), isLie: false } }),
      );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #look(): Promise<void> {
    const before = this.#trader.height;
    const nodes = new Nodes([this.#rpc]);
    await nodes
      .follow(this.#trader, (done, total) => {
        if (done % 8 === 0) this.#show(total);
      })
      .catch(() => {
        // What the node did stands among its faults.
      });
    const { certified } = await askAt(this.#rpc, 'status', STATUS).catch(() => ({ certified: 0 }));
    if (this.#trader.height > this.#savedHeight) await this.#save();
    this.#faults(nodes);
    if (this.#trader.height > before || certified !== this.#certified) this.#show(certified);
  }

  handle(message: ToWallet): Promise<void> | void {
    const trader = this.#trader;
    switch (message.kind) {
      case 'preview':
        return tell({
          kind: 'preview',
          number: message.number,
          preview: previewOf(trader, message.orders),
        });
      case 'submit': {
        const orders = marketOrdersOf(message.orders, trader);
        if ('code' in orders) return tell({ kind: 'refused', problem: orders });
        const { account: number } = message;
        if (number !== null && trader.lasting(number) === undefined)
          throw new ClientError('WALLET_INPUT', `account ${number}: a restored wallet would not find it`);
        const account = number === null ? undefined : String(number);
        const wish = { account, orders, random: randomBytes };
        return this.#send('batch', (wallet, nodes, options) => {
          requireShown(trader, message.orders, message.deposit);
          return sendBatch(wallet, nodes, wish, options);
        });
      }
      case 'shield':
      case 'withdraw': {
        const destination = message.kind === 'withdraw' ? fromHex(message.to) : undefined;
        if (message.kind === 'withdraw' && destination === undefined)
          throw new ClientError('WALLET_INPUT', 'a destination is 64 hex digits');
        const account = accountId(message.account);
        const own = trader.accounts.find(({ id }) => id === account);
        if (own === undefined || message.amount > freeOf(trader, own.account))
          throw new ClientError(
            'WALLET_FUNDS',
            'so much may not leave the account, which pays the fee as well',
          );
        const wish = { account, amount: message.amount, destination };
        return this.#send(message.kind, (wallet, nodes, options) => sendAction(wallet, nodes, wish, options));
      }
      default:
        return undefined;
    }
  }

  async #send(
    what: JobView['what'],
    send: (
      wallet: { readonly trader: Trader; readonly save: () => Promise<void> },
      nodes: Nodes,
      options: SendOptions,
    ) => Promise<Sent>,
  ): Promise<void> {
    if (this.#isBusy)
      throw new ClientError(
        'WALLET_INPUT',
        'one thing is sent after the other: wait until this one is settled',
      );
    this.#isBusy = true;
    const job = new Job(what);
    const prover: Proving = {
      prove: (circuit, signals) =>
        this.#prover.prove(circuit, signals, { onStage: (stage) => job.at(stage) }),
    };
    const onStep = (step: SendStep): void => {
      job.step(step);
      if (step.step === 'height' || step.step === 'sent') this.#show();
    };
    const nodes = new Nodes([this.#rpc]);
    try {
      await this.#alone(async () => {
        const wallet = { trader: this.#trader, save: this.#save };
        const sent = await send(wallet, nodes, { prover, tries: TRIES, wait: true, onStep });
        job.settled(sent);
      });
    } catch (error) {
      job.failed(error);
    } finally {
      this.#isBusy = false;
      this.#faults(nodes);
      this.#show();
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  #faults(nodes: Nodes): void {
    if (nodes.faults.length === 0) tell({ kind: 'fault', fault: null });
    for (const { code, reason } of nodes.faults) {
      tell({ kind: 'fault', fault: { code, text: reason, isLie: isLie(code) } });
    }
  }

  #show(certified = this.#certified): void {
    this.#certified = certified;
    tell({ kind: 'wallet', wallet: walletView(this.#trader, certified) });
  }
}

/** What the page is told of something that is sent. */
class Job {
  #view: JobView;

  constructor(what: JobView['what']) {
    const nothing = { tries: 0, id: null, lastHeight: null, happenings: [], problem: null };
    this.#view = { what, stage: 'keys', progress: 0, ...nothing };
    this.#change({});
  }

  at(stage: JobView['stage']): void {
    this.#change({ stage, progress: PROGRESS[stage] });
  }

  step(step: SendStep): void {
    if (step.step === 'proving') this.#change({ id: step.id, lastHeight: step.lastHeight });
    if (step.step === 'again') this.#change({ tries: this.#view.tries + 1 });
    if (step.step === 'sent') this.at('sent');
  }

  settled({ happenings }: Sent): void {
    this.#change({ stage: 'settled', progress: 1, happenings: happenings.map(happeningView) });
  }

  failed(error: unknown): void {
    this.#change({ stage: 'failed', progress: 1, problem: problemOf(error) });
  }

  #change(change: Partial<JobView>): void {
    this.#view = { ...this.#view, ...change };
    tell({ kind: 'job', job: this.#view });
  }
}

let chain:
  | { readonly opened: OpenedChain; readonly places: ServedPlaces; readonly stored: Stored }
  | undefined;
let purse: Purse | undefined;

async function heard(message: ToWallet): Promise<void> {
  if (message.kind === 'open') {
    const stored = await openStored();
    const opened = await openChain(message.places, message.genesis, stored);
    if (opened.shown.pin !== 'same')
      throw new ClientError(
        'WALLET_INPUT',
        'compare the hash of the chain and pin it before you open a wallet on it',
      );
    chain = { opened, places: message.places, stored };
    return tell({ kind: 'door', door: (await keptKey(stored)) === undefined ? 'none' : 'locked' });
  }
  if (chain === undefined) throw new ClientError('WALLET_INPUT', 'the chain is not opened yet');
  const { stored } = chain;
  switch (message.kind) {
    case 'create':
      return alone(async () => unlock(await createSeed(message.password, stored)));
    case 'import':
      return alone(async () => unlock(await importSeed(message.file, message.password, stored)));
    case 'unlock':
      return alone(async () => unlock(await unlockKept(message.password, stored)));
    case 'export': {
      const file = await keptKey(stored);
      if (file === undefined) throw new ClientError('WALLET_MISSING', 'this browser keeps no wallet');
      return tell({ kind: 'key', file });
    }
    case 'remove': {
      const session = sessionOf(chain.opened);
      return alone(async () => {
        await removeKey(stored);
        await stored.remove(session);
        tell({ kind: 'door', door: 'none' });
      });
    }
    default:
      if (purse === undefined) throw new ClientError('WALLET_INPUT', 'the wallet is locked: unlock it first');
      return purse.handle(message);
  }
}

/** Does what no other tab may do meanwhile, nor later if it opened the wallet. */
async function alone(work: () => Promise<void>): Promise<void> {
  const giveUp = await takeWallet();
  try {
    await work();
  } finally {
    if (purse === undefined) giveUp();
  }
}

const sessionOf = ({ shown }: OpenedChain): string => `session ${shown.genesisHash}`;

/** @param seed secret */
async function unlock(seed: Uint8Array): Promise<void> {
  const { opened, places, stored } = chain!;
  const { chain: genesis, epoch } = opened.genesis;
  const kept = await stored.get(sessionOf(opened));
  const resumed = kept instanceof Uint8Array ? Trader.resume(genesis, seed, kept) : undefined;
  const trader = resumed ?? Trader.begin(genesis, epoch, seed);
  const prover = openProverPool({ keysDir: places.keys, manifestHash: PINNED_MANIFEST });
  purse = new Purse(trader, places.rpc, prover, (sealed) => stored.put(sessionOf(opened), sealed));
  tell({ kind: 'door', door: 'open' });
  void purse.run();
}

export function hearWallet(message: ToWallet): void {
  heard(message).catch((error: unknown) => tell({ kind: 'refused', problem: problemOf(error) }));
}
