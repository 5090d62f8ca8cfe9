import type { RandomBytes } from '../base/random.ts';
import type { Item } from '../ledger/items.ts';
import { accountIdOf } from '../ledger/settlement-state.ts';
import { type AccountId, type Height, height, type ItemId } from '../params/ids.ts';
import { ClientError } from './errors.ts';
import type { Happening } from './history.ts';
import type { Nodes, OnItsWay } from './nodes.ts';
import { type Proving, proveAction, proveBatch } from './proving.ts';
import type { Trader } from './trader.ts';
import type { ActionWish, BatchWish } from './wallet.ts';

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

/** A trader who sends. */
export interface SendingWallet {
  readonly trader: Trader;
  /** What is known now outlives a crash. */
  readonly save: () => void | Promise<void>;
}

/** What happens while something is sent. */
export type SendStep =
  /** No height ordered it in its window: it is made anew; whoever saw both tries knows that they are of one trader. */
  | { readonly step: 'again' }
  | { readonly step: 'proving'; readonly id: ItemId; readonly lastHeight: Height }
  /** @param taken nodes that took it */
  | { readonly step: 'sent'; readonly taken: number; readonly lastHeight: Height }
  /** No node shows the chain at the moment. */
  | { readonly step: 'unseen' }
  /** Another height is verified. */
  | { readonly step: 'height' };

export interface SendOptions {
  readonly prover: Proving;
  /** How often it may be made anew. */
  readonly tries: number;
  readonly wait: boolean;
  readonly onStep: (step: SendStep) => void;
}

interface Made {
  readonly id: ItemId;
  readonly account: AccountId;
  readonly firstHeight: Height;
  readonly lastHeight: Height;
  /** If it rejects, it is as if nothing had been made. */
  readonly prove: () => Promise<Item>;
}

/** Seals, proves and sends a batch, anew for each window that passes. @throws {ClientError} WALLET_FUNDS, WALLET_UNSETTLED */
export const sendBatch = (
  wallet: SendingWallet,
  nodes: Nodes,
  { random, ...wish }: BatchWish & { readonly random: RandomBytes },
  options: SendOptions,
) =>
  send(wallet, nodes, options, () => {
    const { trader } = wallet;
    const sealed = trader.seal(wish, random);
    if (sealed === undefined)
      throw new ClientError(
        'WALLET_FUNDS',
        'no spendable note holds the deposit and the fee of these orders: shield cash first, or order less (see the wallet’s notes)',
      );
    const { id, statement, content } = sealed;
    return {
      id,
      account: accountIdOf(content.account),
      firstHeight: statement.fromHeight,
      lastHeight: statement.toHeight,
      prove: () =>
        proveBatch(options.prover, sealed).catch((error: unknown) => {
          trader.takeBack(sealed);
          throw error;
        }),
    };
  });

/** Authorises, proves and sends an account action. @throws {ClientError} WALLET_INPUT, WALLET_UNSETTLED */
export const sendAction = (wallet: SendingWallet, nodes: Nodes, wish: ActionWish, options: SendOptions) =>
  send(wallet, nodes, options, () => {
    const firstHeight = height(wallet.trader.height + 1);
    const authorised = wallet.trader.authorise(wish);
    return {
      id: authorised.id,
      account: wish.account,
      firstHeight,
      lastHeight: authorised.statement.lastHeight,
      prove: () =>
        proveAction(options.prover, authorised).catch((error: unknown) => {
          wallet.trader.giveUp(authorised);
          throw error;
        }),
    };
  });

async function send(
  wallet: SendingWallet,
  nodes: Nodes,
  { tries, wait, onStep }: SendOptions,
  make: () => Made,
): Promise<Sent> {
  const { trader, save } = wallet;
  for (let made = 0; ; made++) {
    if (made > 0) onStep({ step: 'again' });
    const { id, account, firstHeight, lastHeight, prove } = make();
    onStep({ step: 'proving', id, lastHeight });
    const item = await prove();
    // What is set aside is known before anybody has the item.
    await save();
    const taken = await nodes.submit(id, item);
    onStep({ step: 'sent', taken, lastHeight });
    const sent = { id, account, lastHeight, tries: made };
    if (taken === 0) throw unsettled('no node says that it took it', saidOf(nodes), lastHeight);
    if (!wait) return { ...sent, height: null, happenings: [] };
    const refused = await decided(wallet, nodes, { id, firstHeight, lastHeight }, onStep);
    const happenings = trader.history.filter((each) => each.id === id);
    const [first] = happenings;
    if (first !== undefined) return { ...sent, height: first.height, happenings };
    if (refused.length > 0) throw unsettled('all nodes that answer refuse it', refused, lastHeight);
    if (made + 1 >= tries) throw unsettled(`no height up to ${lastHeight} ordered it`, []);
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
            `; up to height ${openUntil} one may still order it: look at the wallet’s history before you send it again`,
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
  { trader, save }: SendingWallet,
  nodes: Nodes,
  item: OnItsWay,
  onStep: SendOptions['onStep'],
): Promise<readonly string[]> {
  const { id, lastHeight } = item;
  const endMs = performance.now() + WAIT_MS;
  let wasShown = true;
  try {
    for (;;) {
      const isShown = await follows(nodes, trader, () => onStep({ step: 'height' }));
      if (trader.history.some((each) => each.id === id) || trader.height >= lastHeight) {
        nodes.judge(trader, id);
        return [];
      }
      if (nodes.honest.length === 0)
        throw unsettled('no node is left that has not lied', saidOf(nodes), lastHeight);
      if (wasShown && !isShown) onStep({ step: 'unseen' });
      wasShown = isShown;
      const { refused, others } = await nodes.hearsay(trader, item);
      if (refused.length > 0 && others === 0) return refused;
      if (performance.now() > endMs)
        throw unsettled(`after ${WAIT_MS / 1000} s no height has ordered it`, saidOf(nodes), lastHeight);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await save();
  }
}

/** @returns whether a node showed all that it speaks of */
async function follows(nodes: Nodes, trader: Trader, onHeight: () => void): Promise<boolean> {
  try {
    await nodes.follow(trader, onHeight);
    return true;
  } catch (error) {
    if (ClientError.is(error, 'NODE_UNREACHABLE')) return false;
    throw error;
  }
}
