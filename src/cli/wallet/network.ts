import { fromHex, toHex } from '../../base/bytes.ts';
import type { Trader } from '../../client/trader.ts';
import { decodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { encodeItem, type Item } from '../../ledger/items.ts';
import { REPLAY_PROBLEMS } from '../../ledger/replay.ts';
import type { Address } from '../../net/transport.ts';
import { height, type ItemId } from '../../params/ids.ts';
import { CliError } from '../errors.ts';
import { BLOCK, ITEM_STATUS, STATUS, SUBMITTED } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';

/** Why a wallet does not believe a node, or cannot use it. */
export const NODE_FAULTS = {
  NODE_UNREACHABLE: 'It does not answer.',
  NODE_REFUSED: 'It refuses to answer, or its answer has no form that is known.',
  NODE_OTHER_CHAIN: 'It says that it is of another chain.',
  NODE_BLOCK_MISSING: 'It says that a height is certified, and does not show its block.',
  NODE_BLOCK_FALSE: 'It shows a block that is not the next one of the chain.',
  NODE_BEHIND: 'It says that less is certified than the wallet has verified.',
  NODE_ID_FALSE: 'It calls an item that was handed in by another name.',
  NODE_STATUS_FALSE:
    'It says that an item was ordered at a height that the wallet has verified, and that did not order it.',
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

/**
 * The nodes that a wallet asks, none of which it trusts: each block that one shows has to pass both certificates and a replay. One that
 * is caught is named and not asked again.
 */
export class Nodes {
  readonly #nodes: readonly Address[];
  readonly #faults: NodeFault[] = [];

  constructor(nodes: readonly Address[]) {
    this.#nodes = nodes;
  }

  /** In the order in which they were found; each node and code once. */
  get faults(): readonly NodeFault[] {
    return this.#faults;
  }

  get honest(): readonly Address[] {
    const liars = new Set(this.#faults.filter(({ code }) => LIES.has(code)).map(({ rpc }) => rpc));
    return this.#nodes.filter((node) => !liars.has(addressText(node)));
  }

  #blame(node: Address, code: NodeFaultCode, detail = ''): undefined {
    const rpc = addressText(node);
    if (this.#faults.some((known) => known.rpc === rpc && known.code === code)) return;
    this.#faults.push({ rpc, code, reason: [NODE_FAULTS[code], detail].filter(Boolean).join(' ') });
  }

  /** Asks one node; whatever it does is no error. */
  async #ask<T>(node: Address, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (CliError.is(error, 'NODE_UNREACHABLE')) return this.#blame(node, 'NODE_UNREACHABLE');
      if (CliError.is(error, 'NODE_REFUSED')) return this.#blame(node, 'NODE_REFUSED', error.data.refusal);
      throw error;
    }
  }

  /**
   * Takes the trader up to the last height that a node can show.
   * @param onHeight how far it is, and how far a node says that the chain is
   * @throws {CliError} NODE_UNREACHABLE if no node answers as one of this chain
   */
  async follow(trader: Trader, onHeight: (done: number, total: number) => void = () => {}): Promise<void> {
    const chain = toHex(trader.replica.items.chainHash);
    const said = new Map<Address, number>();
    await Promise.all(
      this.honest.map(async (node) => {
        const status = await this.#ask(node, () => askNode(node, 'status', STATUS));
        if (status === undefined) return;
        if (status.chain !== chain) this.#blame(node, 'NODE_OTHER_CHAIN', status.chain);
        else said.set(node, status.certified);
      }),
    );
    if (said.size === 0) {
      const rpc = this.#nodes.map(addressText).join(', ');
      const why = this.#faults.map(({ rpc: who, code }) => `${who}: ${code}`).join(', ');
      throw new CliError(
        'NODE_UNREACHABLE',
        `no node of this chain answers (${why || 'none is named: --rpc'})`,
        { rpc },
      );
    }
    for (const [node, certified] of said) if (certified < trader.height) this.#blame(node, 'NODE_BEHIND');
    for (;;) {
      const next = height(trader.height + 1);
      const node = this.honest.find((each) => (said.get(each) ?? 0) >= next);
      if (node === undefined) return;
      const ahead = this.honest.map((each) => said.get(each) ?? 0);
      onHeight(trader.height, Math.max(...ahead));
      if (!(await this.#takeBlock(trader, node, next))) said.delete(node);
    }
  }

  async #takeBlock(trader: Trader, node: Address, at: number): Promise<boolean> {
    const answer = await this.#ask(node, () => askNode(node, 'block', BLOCK, { height: at }));
    const bytes = answer === undefined ? undefined : fromHex(answer.encoded);
    if (answer === undefined) {
      this.#blame(node, 'NODE_BLOCK_MISSING', `Height ${at}.`);
      return false;
    }
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
        const answer = await this.#ask(node, () => askNode(node, 'submit', SUBMITTED, { item: hex }));
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
   * @returns codes of those that refuse it, and how many say anything else
   */
  async hearsay(
    trader: Trader,
    id: ItemId,
  ): Promise<{ readonly refused: readonly string[]; readonly others: number }> {
    const states = await Promise.all(
      this.honest.map(async (node) => {
        // Who does not know an item refuses to say anything of it, and is no worse for it.
        const said = await askNode(node, 'itemStatus', ITEM_STATUS, { id }).catch(() => undefined);
        const isOrdered = said?.status === 'certified' && said.height <= trader.height;
        if (isOrdered) this.#blame(node, 'NODE_STATUS_FALSE', `Item ${id}, height ${said.height}.`);
        return said;
      }),
    );
    const refused = states.flatMap((said) => (said?.status === 'refused' ? [said.code] : []));
    return { refused, others: states.length - refused.length };
  }
}
