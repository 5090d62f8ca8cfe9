import { fromHex, toHex } from '../base/bytes.ts';
import { type CertifiedBlock, decodeCertifiedBlock } from '../ledger/certified-block.ts';
import { encodeItem, type Item } from '../ledger/items.ts';
import { REPLAY_PROBLEMS, type ReplayProblem } from '../ledger/replay.ts';
import type { Replica } from '../ledger/replica.ts';
import type { Settlement } from '../ledger/transition.ts';
import { type Height, height, type ItemId } from '../params/ids.ts';
import { askAt, BLOCK, ITEM_STATUS, STATUS, SUBMITTED } from './ask-node.ts';
import { ClientError } from './errors.ts';
import type { Trader } from './trader.ts';

/** Why a wallet does not believe a node, or cannot use it. */
export const NODE_FAULTS = {
  NODE_UNREACHABLE: 'It does not answer.',
  NODE_REFUSED: 'It refuses to answer, or its answer has no form that is known.',
  NODE_OTHER_CHAIN: 'It says that it is of another chain.',
  NODE_BLOCK_MISSING: 'It says that a height is certified, and does not show its block.',
  NODE_BLOCK_FALSE: 'It shows a block that is not the next one of the chain.',
  NODE_BEHIND: 'It says that less is certified than the wallet has verified.',
  NODE_ID_FALSE: 'It calls an item that was handed in by another name.',
  NODE_STATUS_FALSE: 'It says that an item was ordered at a height that cannot order it, or did not.',
} as const;

export type NodeFaultCode = keyof typeof NODE_FAULTS;

/** What a node did. */
export interface NodeFault {
  readonly rpc: string;
  readonly code: NodeFaultCode;
  readonly reason: string;
}

/** Faults after which a node is asked nothing more by the same command. */
const LIES: ReadonlySet<NodeFaultCode> = new Set([
  'NODE_OTHER_CHAIN',
  'NODE_BLOCK_MISSING',
  'NODE_BLOCK_FALSE',
  'NODE_ID_FALSE',
  'NODE_STATUS_FALSE',
]);

/** What takes longer to show a block is asked after the others, ms. */
const SLOW_MS = 1_000;

/** An item on its way. */
export interface OnItsWay {
  readonly id: ItemId;
  /** The heights that may order it. */
  readonly firstHeight: Height;
  readonly lastHeight: Height;
}

/** Whoever is taken up to the end of a chain, and judges each block. */
export interface ChainFollowing {
  readonly replica: Replica;
  /** The last one that it has verified. */
  readonly height: Height;
  /** @returns why it is not the next block; then nothing changed */
  apply(certified: CertifiedBlock): Settlement | ReplayProblem;
}

/**
 * The nodes that a wallet asks, none of which it trusts: each block that one shows has to pass both certificates and a replay. One that
 * is caught is named and not asked again.
 */
export class Nodes {
  /** HOST:PORT of each. */
  readonly #nodes: readonly string[];
  readonly #faults: NodeFault[] = [];
  /** Where nodes said that an item was ordered, of heights that may order it: to be judged when they are verified. */
  readonly #claims = new Map<ItemId, { readonly node: string; readonly height: number }[]>();

  constructor(nodes: readonly string[]) {
    this.#nodes = nodes;
  }

  /** In the order in which they were found; each node and code once. */
  get faults(): readonly NodeFault[] {
    return this.#faults;
  }

  get honest(): readonly string[] {
    const liars = new Set(this.#faults.filter(({ code }) => LIES.has(code)).map(({ rpc }) => rpc));
    return this.#nodes.filter((node) => !liars.has(node));
  }

  #blame(node: string, code: NodeFaultCode, detail = ''): undefined {
    if (this.#faults.some((known) => known.rpc === node && known.code === code)) return;
    this.#faults.push({ rpc: node, code, reason: [NODE_FAULTS[code], detail].filter(Boolean).join(' ') });
  }

  /** Names a node by what asking it threw. @throws whatever is no doing of the node */
  #failed(node: string, error: unknown): undefined {
    if (ClientError.is(error, 'NODE_UNREACHABLE')) return this.#blame(node, 'NODE_UNREACHABLE');
    if (ClientError.is(error, 'NODE_REFUSED')) return this.#blame(node, 'NODE_REFUSED', error.data.refusal);
    throw error;
  }

  /** Asks one node; whatever it does is no error. */
  async #ask<T>(node: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      return this.#failed(node, error);
    }
  }

  /**
   * Takes the trader up to the last height that a node can show. Each height is asked of one node after the other; whoever was slow, or
   * could not show one, is asked after the others from then on.
   * @param onHeight how far it is, and how far a node says that the chain is
   * @throws {ClientError} NODE_UNREACHABLE if no node answers as one of this chain and shows all heights that it speaks of
   */
  async follow(
    trader: ChainFollowing,
    onHeight: (done: number, total: number) => void = () => {},
  ): Promise<void> {
    const chain = toHex(trader.replica.items.chainHash);
    const said = new Map<string, number>();
    await Promise.all(
      this.honest.map(async (node) => {
        const status = await this.#ask(node, () => askAt(node, 'status', STATUS));
        if (status === undefined) return;
        if (status.chain !== chain) this.#blame(node, 'NODE_OTHER_CHAIN', status.chain);
        else said.set(node, status.certified);
      }),
    );
    for (const [node, certified] of said) if (certified < trader.height) this.#blame(node, 'NODE_BEHIND');
    let order = this.honest;
    /** Those that did not show the next height. */
    const asked = new Set<string>();
    for (;;) {
      const next = height(trader.height + 1);
      const honest = new Set(this.honest);
      order = order.filter((each) => honest.has(each));
      const ahead = order.filter((each) => (said.get(each) ?? 0) >= next);
      const node = ahead.find((each) => !asked.has(each));
      if (node === undefined) break;
      onHeight(trader.height, Math.max(...ahead.map((each) => said.get(each)!)));
      const beganMs = performance.now();
      const isTaken = await this.#takeBlock(trader, node, next);
      if (isTaken) asked.clear();
      else asked.add(node);
      if (!isTaken || performance.now() - beganMs > SLOW_MS)
        order = [...order.filter((each) => each !== node), node];
    }
    if (!order.some((node) => (said.get(node) ?? Infinity) <= trader.height))
      throw this.#unanswered(said.size > 0);
  }

  /** @param isSomeOf whether any node is of this chain */
  #unanswered(isSomeOf: boolean): Error {
    const why = this.#faults.map(({ rpc, code }) => `${rpc}: ${code}`).join(', ') || 'none is named: --rpc';
    const what = isSomeOf ? 'no node shows all heights that it speaks of' : 'no node of this chain answers';
    return new ClientError('NODE_UNREACHABLE', `${what} (${why})`, { rpc: this.#nodes.join(', ') });
  }

  /** @returns whether the node showed the next block; else it was named */
  async #takeBlock(trader: ChainFollowing, node: string, at: number): Promise<boolean> {
    let encoded: string;
    try {
      ({ encoded } = await askAt(node, 'block', BLOCK, { height: at }));
    } catch (error) {
      this.#failed(node, error);
      // Whoever keeps no blocks so old, or is asked too often, says so; whoever does not know what it calls certified lies.
      if (ClientError.is(error, 'NODE_REFUSED') && error.data.refusal === 'RPC_UNKNOWN')
        this.#blame(node, 'NODE_BLOCK_MISSING', `Height ${at}.`);
      return false;
    }
    const bytes = fromHex(encoded);
    const certified = bytes && decodeCertifiedBlock(bytes);
    if (certified === undefined) {
      this.#blame(node, 'NODE_BLOCK_FALSE', `Height ${at}: it encodes no block.`);
      return false;
    }
    const applied = trader.apply(certified);
    if (typeof applied !== 'string') return true;
    this.#blame(node, 'NODE_BLOCK_FALSE', `Height ${at}: ${applied}: ${REPLAY_PROBLEMS[applied]}`);
    return false;
  }

  /** Hands an item to every node. @returns how many took it */
  async submit(id: ItemId, item: Item): Promise<number> {
    const hex = toHex(encodeItem(item));
    const taken = await Promise.all(
      this.honest.map(async (node) => {
        const answer = await this.#ask(node, () => askAt(node, 'submit', SUBMITTED, { item: hex }));
        if (answer === undefined) return false;
        if (answer.id !== null && answer.id !== id)
          this.#blame(node, 'NODE_ID_FALSE', `${answer.id}, not ${id}.`);
        return answer.id === null || answer.id === id;
      }),
    );
    return taken.filter(Boolean).length;
  }

  /**
   * What nodes say of an item that no verified height has ordered. Only hearsay: it decides nothing but whether to go on waiting.
   * @returns who refuses it and with which code, and how many say anything else
   */
  async hearsay(
    trader: Trader,
    sent: OnItsWay,
  ): Promise<{ readonly refused: readonly string[]; readonly others: number }> {
    const { id, firstHeight, lastHeight } = sent;
    const claims = this.#claims.get(id) ?? [];
    this.#claims.set(id, claims);
    const states = await Promise.all(
      this.honest.map(async (node) => {
        // Who does not know an item refuses to say anything of it, and is no worse for it.
        const said = await askAt(node, 'itemStatus', ITEM_STATUS, { id }).catch(() => undefined);
        if (said?.status === 'refused') return `${node}: ${said.code}`;
        if (said === undefined || !('height' in said)) return undefined;
        if (said.height < firstHeight || said.height > lastHeight)
          this.#blame(node, 'NODE_STATUS_FALSE', `Item ${id}, height ${said.height}.`);
        else if (!claims.some((known) => known.node === node && known.height === said.height))
          claims.push({ node, height: said.height });
        return undefined;
      }),
    );
    this.judge(trader, id);
    const refused = states.filter((said) => said !== undefined);
    return { refused, others: states.length - refused.length };
  }

  /** Names the nodes that said of an item that a height ordered it which, as is verified now, did not. */
  judge(trader: Trader, id: ItemId): void {
    const ordered = trader.history.find((each) => each.id === id)?.height;
    for (const { node, height: at } of this.#claims.get(id) ?? [])
      if (at <= trader.height && at !== ordered)
        this.#blame(node, 'NODE_STATUS_FALSE', `Item ${id}, height ${at}.`);
  }
}
