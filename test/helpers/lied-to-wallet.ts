import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { accountsJson, asOf, balanceJson, historyJson, notesJson } from '../../src/cli/wallet/answers.ts';
import { lockSeed } from '../../src/client/locked-seed.ts';
import { Trader } from '../../src/client/trader.ts';
import { genesisText } from '../../src/formats/genesis-file.ts';
import { walletKeyText } from '../../src/formats/wallet-files.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { velumIn } from './cli.ts';
import type { Json } from './lying-proxy.ts';
import type { walletChain } from './wallet-chain.ts';

/** What each command that only shows something has to show, by what the wallet knows. */
export const SHOWN = {
  balance: (trader: Trader) => balanceJson(trader),
  notes: (trader: Trader) => notesJson(trader),
  accounts: (trader: Trader) => ({ accounts: accountsJson(trader) }),
  history: (trader: Trader) => ({ history: historyJson(trader) }),
} as const;
export type ShowCommand = keyof typeof SHOWN;

/** What a command came to. */
export interface Told {
  readonly exitCode: number;
  readonly said: Json;
  readonly err: string;
  readonly seconds: number;
}

/** What a lie led to. */
export type Outcome =
  /** Exactly what honest nodes lead to. */
  | 'the truth'
  /** A code that names the node, and nothing that is not true. */
  | 'named'
  /** The truth of an earlier height, of which the wallet says that it is no later: nothing more was shown to it. */
  | 'withheld';

/** A wallet's folder of its own, whose password costs nothing to try. */
export class LiedToWallet {
  readonly #made: ReturnType<typeof walletChain>;
  readonly #dir: string;
  /** By height, what a wallet that saw all blocks knows. */
  readonly #expected = new Map<number, ReadonlyMap<ShowCommand, string>>();

  #follower: Trader;

  private constructor(made: ReturnType<typeof walletChain>, dir: string) {
    this.#made = made;
    this.#follower = Trader.begin(made.chain, made.epoch, made.seed);
    this.#dir = dir;
  }

  static async make(made: ReturnType<typeof walletChain>, dir: string): Promise<LiedToWallet> {
    const { chain, epoch, seed } = made;
    writeFileSync(join(dir, 'genesis.json'), genesisText({ chain, epoch }));
    writeFileSync(join(dir, 'password'), 'correct horse\n', { mode: 0o600 });
    writeFileSync(
      join(dir, 'seed.key'),
      walletKeyText(await lockSeed(seed, 'correct horse', randomBytes, 1)),
    );
    const wallet = new LiedToWallet(made, dir);
    const init = ['init', '--genesis', 'genesis.json', '--key', 'seed.key'];
    expect(await wallet.run(init, [])).toMatchObject({ exitCode: 0, said: { restored: true } });
    return wallet;
  }

  /** The next command reads the chain from its genesis. */
  forget(): void {
    rmSync(join(this.#dir, 'wallet/session'), { force: true });
  }

  async run(args: readonly string[], rpcs: readonly string[]): Promise<Told> {
    // Ticks, not a clock: they do not go on while this process is stopped.
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 100);
    const { exitCode, out, err } = await velumIn(
      this.#dir,
      ...['wallet', ...args, '--home', 'wallet', '--password-file', 'password', '--json'],
      ...rpcs.flatMap((rpc) => ['--rpc', rpc]),
    );
    clearInterval(ticking);
    return { exitCode, said: JSON.parse(out), err, seconds: ticks / 10 };
  }

  /** A wallet of this key that sees the blocks up to a height, which is no lower than the last one asked for, unless it begins anew. */
  knownAt(height: number): Trader {
    const { chain, epoch, seed, blocks } = this.#made;
    if (this.#follower.height > height) this.#follower = Trader.begin(chain, epoch, seed);
    for (const bytes of blocks.slice(this.#follower.height, height))
      this.#follower.apply(decodeCertifiedBlock(bytes)!);
    return this.#follower;
  }

  #expectedAt(height: number, command: ShowCommand): string {
    const known = this.#expected.get(height) ?? this.#all(height);
    this.#expected.set(height, known);
    return known.get(command)!;
  }

  #all(height: number): ReadonlyMap<ShowCommand, string> {
    const trader = this.knownAt(height);
    const of = ([name, shown]: [string, (one: Trader) => object]): [ShowCommand, string] => [
      name as ShowCommand,
      JSON.stringify({ ...asOf(trader), ...shown(trader) }),
    ];
    return new Map(Object.entries(SHOWN).map(of));
  }

  /** What a command that shows something came to. @returns undefined: what it shows is not true, or nothing says why it failed */
  judgeShown(
    command: ShowCommand,
    { exitCode, said, err }: Told,
    liar: string,
    tip: number,
  ): Outcome | undefined {
    if (exitCode !== 0) return isNamedFailure(exitCode, said, err, liar) ? 'named' : undefined;
    const { faults, ...shown } = said;
    const height = Number(said.height);
    if (!(height >= 0 && height <= tip)) return undefined;
    if (JSON.stringify(shown) !== this.#expectedAt(height, command)) return undefined;
    if (height === tip) return 'the truth';
    return faults.some(({ rpc }: Json) => rpc === liar) ? 'named' : 'withheld';
  }
}

/** Codes of failures that are a node's doing. */
const FAILURES = ['NODE_UNREACHABLE', 'WALLET_UNSETTLED'];

/** Whether a command failed with such a code and named the node with what it did. */
export const isNamedFailure = (exitCode: number, said: Json, err: string, liar: string): boolean =>
  exitCode === 1 &&
  FAILURES.includes(said.error?.code) &&
  new RegExp(`${liar.replaceAll('.', '\\.')}: [A-Z][A-Z0-9_]+`).test(`${err}${said.error.message}`);
