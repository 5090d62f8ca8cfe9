import { randomBytes } from 'node:crypto';
import { ClientError } from '../../client/errors.ts';
import type { Happening } from '../../client/history.ts';
import { proveAction, proveBatch } from '../../client/proving.ts';
import type { ActionWish, BatchWish } from '../../client/wallet.ts';
import type { Item } from '../../ledger/items.ts';
import { accountIdOf } from '../../ledger/settlement-state.ts';
import { type AccountId, type Height, height, type ItemId } from '../../params/ids.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { CliError } from '../errors.ts';
import type { OpenWallet } from './home.ts';
import type { Nodes, OnItsWay } from './network.ts';

/** Between two looks at the chain, ms. */
const POLL_MS = 500;
/** After this a command waits no longer, ms; what it sent may still be ordered. */
const WAIT_MS = 600_000;

/** What became of what a wallet sent. */
export interface Sent {
  readonly id: ItemId;
  /** That a batch pays into, or an action is of. */
  readonly account: AccountId;
  /** Last height that may order it. */
  readonly lastHeight: number;
  /** How often it was made anew because its window had passed. */
  readonly tries: number;
  /** The height that ordered it; null: not waited for. */
  readonly height: number | null;
  /** What it came to, as the verified chain says. */
  readonly happenings: readonly Happening[];
}

export interface SendOptions {
  /** How often it may be made anew. */
  readonly tries: number;
  readonly wait: boolean;
  readonly onProgress: (text: string) => void;
}

interface Made {
  readonly id: ItemId;
  readonly account: AccountId;
  readonly firstHeight: Height;
  readonly lastHeight: Height;
  readonly prove: (prover: Prover) => Promise<Item>;
}

/** Seals, proves and sends a batch, anew for each window that passes. @throws {ClientError} WALLET_FUNDS, WALLET_UNSETTLED */
export const sendBatch = (wallet: OpenWallet, nodes: Nodes, wish: BatchWish, options: SendOptions) =>
  send(wallet, nodes, options, () => {
    const { trader } = wallet;
    const sealed = trader.seal(wish, randomBytes);
    if (sealed === undefined)
      throw new ClientError(
        'WALLET_FUNDS',
        'no spendable note holds the deposit and the fee of these orders: shield cash first, or order less (see velum wallet notes)',
      );
    const { id, statement, content } = sealed;
    return {
      id,
      account: accountIdOf(content.account),
      firstHeight: statement.fromHeight,
      lastHeight: statement.toHeight,
      prove: (prover) => proveBatch(prover, sealed),
    };
  });

/** Authorises, proves and sends an account action. @throws {ClientError} WALLET_INPUT, WALLET_UNSETTLED */
export const sendAction = (wallet: OpenWallet, nodes: Nodes, wish: ActionWish, options: SendOptions) =>
  send(wallet, nodes, options, () => {
    const firstHeight = height(wallet.trader.height + 1);
    const authorised = wallet.trader.authorise(wish);
    return {
      id: authorised.id,
      account: wish.account,
      firstHeight,
      lastHeight: authorised.statement.lastHeight,
      prove: (prover) => proveAction(prover, authorised),
    };
  });

async function send(
  wallet: OpenWallet,
  nodes: Nodes,
  { tries, wait, onProgress }: SendOptions,
  make: () => Made,
): Promise<Sent> {
  const { trader, save } = wallet;
  const prover = openProverPool({ processes: 1 });
  try {
    for (let made = 0; ; made++) {
      if (made > 0)
        onProgress(
          'no height ordered it in its window: it is made anew; whoever saw both tries knows that they are of one trader',
        );
      const { id, account, firstHeight, lastHeight, prove } = make();
      onProgress('proving');
      const item = await prove(prover);
      // What is set aside is known before anybody has the item.
      save();
      const taken = await nodes.submit(id, item);
      onProgress(`handed to ${taken} nodes, to be ordered up to height ${lastHeight}`);
      const sent = { id, account, lastHeight, tries: made };
      if (taken === 0) throw unsettled('no node says that it took it', saidOf(nodes), lastHeight);
      if (!wait) return { ...sent, height: null, happenings: [] };
      const refused = await decided(wallet, nodes, { id, firstHeight, lastHeight }, onProgress);
      const happenings = trader.history.filter((each) => each.id === id);
      const [first] = happenings;
      if (first !== undefined) return { ...sent, height: first.height, happenings };
      if (refused.length > 0) throw unsettled('all nodes that answer refuse it', refused, lastHeight);
      if (made + 1 >= tries) throw unsettled(`no height up to ${lastHeight} ordered it`, []);
    }
  } finally {
    await prover.close();
  }
}

/** @param said by nodes, each with its code. @param openUntil the last height that may still order it: no node's word closes it before */
const unsettled = (why: string, said: readonly string[], openUntil?: Height) =>
  new ClientError(
    'WALLET_UNSETTLED',
    [
      `it is not settled: ${why}`,
      ...(said.length === 0 ? [] : [` (${said.join(', ')})`]),
      ...(openUntil === undefined
        ? []
        : [
            `; up to height ${openUntil} one may still order it: see velum wallet history before you send it again`,
          ]),
    ].join(''),
    { said },
  );

/** What was found of nodes. */
const saidOf = ({ faults }: Nodes): string[] => faults.map(({ rpc, code }) => `${rpc}: ${code}`);

/**
 * Waits until the verified chain has ordered an item or its window has passed; what was verified meanwhile is kept, however it ends. Nodes
 * that do not answer now may do so later.
 * @returns who refuses it, if all nodes do
 * @throws {ClientError} WALLET_UNSETTLED if time is up, or no node is left that has not lied
 */
async function decided(
  { trader, save }: OpenWallet,
  nodes: Nodes,
  item: OnItsWay,
  onProgress: SendOptions['onProgress'],
): Promise<readonly string[]> {
  const { id, lastHeight } = item;
  const endMs = performance.now() + WAIT_MS;
  let wasShown = true;
  try {
    for (;;) {
      const isShown = await follows(nodes, trader);
      if (trader.history.some((each) => each.id === id) || trader.height >= lastHeight) {
        nodes.judge(trader, id);
        return [];
      }
      if (nodes.honest.length === 0)
        throw unsettled('no node is left that has not lied', saidOf(nodes), lastHeight);
      if (wasShown && !isShown) onProgress('no node shows the chain at the moment');
      wasShown = isShown;
      const { refused, others } = await nodes.hearsay(trader, item);
      if (refused.length > 0 && others === 0) return refused;
      if (performance.now() > endMs)
        throw unsettled(`after ${WAIT_MS / 1000} s no height has ordered it`, saidOf(nodes), lastHeight);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    save();
  }
}

/** @returns whether a node showed all that it speaks of */
async function follows(nodes: Nodes, trader: OpenWallet['trader']): Promise<boolean> {
  try {
    await nodes.follow(trader);
    return true;
  } catch (error) {
    if (CliError.is(error, 'NODE_UNREACHABLE')) return false;
    throw error;
  }
}
