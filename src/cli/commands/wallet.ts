import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { fromHex } from '../../base/bytes.ts';
import { ClientError } from '../../client/errors.ts';
import { Nodes } from '../../client/nodes.ts';
import { type SendOptions, type SendStep, type Sent, sendAction, sendBatch } from '../../client/send.ts';
import { LASTING_GAP } from '../../client/trader.ts';
import { parseDecimal } from '../../formats/decimal.ts';
import { type AccountId, accountId } from '../../params/ids.ts';
import { openProverPool } from '../../proofs/pool.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { addressText } from '../node/settings.ts';
import {
  accountsJson,
  accountsLines,
  asOf,
  balanceJson,
  balanceLines,
  faultLines,
  historyJson,
  historyLines,
  notesJson,
  notesLines,
  sentJson,
} from '../wallet/answers.ts';
import { makeWallet, type OpenWallet, openWallet, type WalletFlags } from '../wallet/home.ts';
import { ORDER_FORM, parseOrders } from '../wallet/orders.ts';
import { wholeNumber } from '../whole-number.ts';

const DEFAULT_HOME = 'out/wallet';
const MOST_TRIES = 10;

interface SendFlags extends WalletFlags {
  readonly account?: string;
  readonly wait: boolean;
}

/** Adds `velum wallet`. */
export function addWalletCommand(program: Command, terminal: Terminal): void {
  const wallet = program
    .command('wallet')
    .description('A trader: keys, notes and accounts; sends orders. Trusts no node.')
    .helpCommand(false)
    .addHelpText('after', HELP);
  const add = (name: string, about: string, help: string): Command =>
    wallet
      .command(name)
      .description(about)
      .option('--home <dir>', 'its folder', DEFAULT_HOME)
      .addOption(
        new Option(
          '--rpc <host:port>',
          'a validator to ask; again for each one (default: those of init)',
        ).argParser((value: string, known: readonly string[] = []) => [...known, value]),
      )
      .option(
        '--password-file <file>',
        'its first line is the password (or VELUM_WALLET_PASSWORD, or a prompt)',
      )
      .option('--json', 'print one JSON object', false)
      .addHelpText('after', help);
  add('init', 'Makes a wallet, or restores one from its key file.', INIT_HELP)
    .requiredOption('--genesis <file>', 'genesis.json of the chain, from somebody you trust')
    .option('--key <file>', 'wallet.key of the wallet to restore')
    .action((flags: InitFlags) => init(flags, terminal));
  add(
    'balance',
    'What the wallet holds.',
    helpOf('balance', '"notes", "setAside", "accounts", "total"'),
  ).action((flags: WalletFlags) => show(flags, terminal, balanceJson, balanceLines));
  add(
    'notes',
    'Its notes: private money.',
    helpOf('notes', '"notes", "setAside": [{"value", "toHeight"}]'),
  ).action((flags: WalletFlags) => show(flags, terminal, notesJson, notesLines));
  add(
    'accounts',
    'Its accounts, which everybody can see.',
    helpOf('accounts', '"accounts": [{"account", "number", "cash", "equity", "sequence", "positions"}]'),
  ).action((flags: WalletFlags) =>
    show(flags, terminal, (trader) => ({ accounts: accountsJson(trader) }), accountsLines),
  );
  add('history', 'What happened to its money.', helpOf('history', `"history": [${HAPPENING}]`)).action(
    (flags: WalletFlags) =>
      show(flags, terminal, (trader) => ({ history: historyJson(trader) }), historyLines),
  );
  add('submit', 'Seals up to four orders into a batch and sends it.', SUBMIT_HELP)
    .argument('<order...>', ORDER_FORM)
    .option(
      '--account <n>',
      'a lasting account of this number (default: one of this batch alone)',
      wholeNumber(0, 10 ** 6),
    )
    .option('--tries <n>', 'windows that it may take', wholeNumber(1, MOST_TRIES), 3)
    .option('--no-wait', 'do not wait until it is settled')
    .action((orders: string[], flags: SubmitFlags) => submit(orders, flags, terminal));
  add(
    'shield',
    'Turns an account’s cash into a note.',
    `\nExample:\n  velum wallet shield 500 --account 0${SENT_HELP}`,
  )
    .argument('<amount>', 'USDC, such as 500')
    .option('--account <account>', 'number or 64 hex digits', '0')
    .option('--no-wait', 'do not wait until it is settled')
    .action((amount: string, flags: SendFlags) => act(amount, undefined, flags, terminal));
  add('withdraw', 'Pays out of an account.', WITHDRAW_HELP)
    .argument('<amount>', 'USDC, such as 500')
    .requiredOption('--to <hex>', 'where to: 64 hex digits, as the bridge reads them')
    .option('--account <account>', 'number or 64 hex digits', '0')
    .option('--no-wait', 'do not wait until it is settled')
    .action((amount: string, flags: SendFlags & { readonly to: string }) =>
      act(amount, flags.to, flags, terminal),
    );
}

const HAPPENING =
  '{"height", "timeS", "kind", "id", "account", "amount", "fee", "code", "leg", "instrument", "side", "lots", "price"}';

const HELP = `
Example:
  velum wallet init --genesis out/devnet/node-0/genesis.json --rpc 127.0.0.1:26700 && velum wallet balance
docs/WALLET.md goes from there to a first trade.`;

const FAULTS = `"faults" are nodes that were caught or could not be used: [{"rpc", "code", "reason"}]. "height" is up to where the chain was verified.
Exit codes: 0 done, 1 no node of this chain answers, or the answer is no; 2 wrong options, files or password.`;

const helpOf = (name: string, keys: string): string => `
Example:
  velum wallet ${name} --json
With --json prints {"height", "timeS", ${keys}, "faults"}.
${FAULTS}`;

const INIT_HELP = `
Examples:
  velum wallet init --genesis out/devnet/node-0/genesis.json --rpc 127.0.0.1:26700 --rpc 127.0.0.1:26701
  velum wallet init --genesis genesis.json --key backup/wallet.key --home out/restored --rpc 127.0.0.1:26700
The key file and its password are all that has to be kept: everything else is found on the chain again, but for notes of the genesis.
With --json prints {"home", "account", "restored"}: lasting account 0, where deposits may go.
Exit codes: 0 made, 2 wrong options, files or password.`;

const SENT_HELP = `
It waits until the chain, as this wallet verified it, has ordered and settled it.
With --json prints {"height", "timeS", "sent": {"id", "account", "lastHeight", "tries", "height", "happenings": [${HAPPENING}]}, "faults"}.
${FAULTS}`;

const SUBMIT_HELP = `
Example:
  velum wallet submit "buy 2 BTC-PERP 60000" "sell 1 BTC-PERP 70000"
A batch spends one note: deposit and fee; the rest comes back as a change note. If no height orders it in its window it is made anew with the same
note, up to --tries times. Then whoever saw both tries knows that they are of one trader, and no more.${SENT_HELP}`;

const WITHDRAW_HELP = `
Example:
  velum wallet withdraw 250 --account 0 --to 00000000000000000000000000000000000000000000000000000000000000aa${SENT_HELP}`;

interface InitFlags extends WalletFlags {
  readonly genesis: string;
  readonly key?: string;
}

interface SubmitFlags extends Omit<SendFlags, 'account'> {
  readonly account?: number;
  readonly tries: number;
}

async function init(flags: InitFlags, terminal: Terminal): Promise<void> {
  const { trader, save, close } = await makeWallet(terminal, flags);
  save();
  close();
  const answer = { home: flags.home, account: trader.lasting(0)!, restored: flags.key !== undefined };
  if (flags.json) return terminal.out(`${JSON.stringify(answer)}\n`);
  await terminal.out(
    `${answer.restored ? 'Restored' : 'Made'} a wallet in ${flags.home}. Keep a copy of ${flags.home}/wallet.key and its password: they are all it needs.\n` +
      `Its account 0, where deposits may go: ${answer.account}\n`,
  );
}

/** Opens the wallet, takes it up to what nodes can show, works with it, and keeps what it came to know. */
async function withWallet<T>(
  flags: WalletFlags,
  terminal: Terminal,
  work: (wallet: OpenWallet, nodes: Nodes) => Promise<T>,
): Promise<{ readonly result: T; readonly nodes: Nodes }> {
  const wallet = await openWallet(terminal, flags);
  const nodes = new Nodes(wallet.nodes.map(addressText));
  try {
    if (wallet.isFresh && wallet.nodes.length > 0) await say(terminal, 'reading the chain from its genesis');
    try {
      await nodes.follow(wallet.trader, progressOf(terminal));
    } finally {
      if (terminal.isErrTty) await terminal.err('\r\u001b[K');
      // What is verified is verified, whatever the nodes do next.
      wallet.save();
    }
    return { result: await work(wallet, nodes), nodes };
  } catch (error) {
    for (const line of faultLines(nodes.faults)) await say(terminal, line);
    throw error;
  } finally {
    wallet.close();
  }
}

const say = (terminal: Terminal, text: string): Promise<void> => terminal.err(`${text}\n`);

/** A bar for a person who watches. */
const progressOf =
  (terminal: Terminal) =>
  (done: number, total: number): void => {
    if (!terminal.isErrTty) return;
    const bar = '#'.repeat(Math.floor((30 * done) / total)).padEnd(30, '-');
    void terminal.err(`\r\u001b[Kverifying heights [${bar}] ${done}/${total}`);
  };

async function show(
  flags: WalletFlags,
  terminal: Terminal,
  json: (trader: OpenWallet['trader']) => object,
  lines: (trader: OpenWallet['trader']) => readonly string[],
): Promise<void> {
  const { result: trader, nodes } = await withWallet(flags, terminal, async (wallet) => wallet.trader);
  if (flags.json)
    return terminal.out(`${JSON.stringify({ ...asOf(trader), ...json(trader), faults: nodes.faults })}\n`);
  for (const line of faultLines(nodes.faults)) await say(terminal, line);
  await terminal.out(`${lines(trader).join('\n')}\n`);
}

async function submit(orders: readonly string[], flags: SubmitFlags, terminal: Terminal): Promise<void> {
  await tell(flags, terminal, async (wallet, nodes) => {
    const { trader } = wallet;
    const wish = {
      account: flags.account === undefined ? undefined : String(flags.account),
      orders: parseOrders(orders, trader.replica.chain.market),
    };
    if (flags.account !== undefined) lasting(wallet, flags.account);
    return proving(flags, terminal, (options) =>
      sendBatch(wallet, nodes, { ...wish, random: randomBytes }, { ...options, tries: flags.tries }),
    );
  });
}

async function act(
  amountText: string,
  to: string | undefined,
  flags: SendFlags,
  terminal: Terminal,
): Promise<void> {
  const amount = parseDecimal(amountText);
  if (amount === undefined || amount <= 0n)
    throw new CliError('USAGE', `${amountText}: an amount of USDC such as 100.5 is expected`);
  const destination = to === undefined ? undefined : fromHex(to);
  if (to !== undefined && (destination?.length !== 32 || destination.every((byte) => byte === 0)))
    throw new CliError('USAGE', `--to ${to}: 64 hex digits that are not all zero are expected`);
  await tell(flags, terminal, async (wallet, nodes) => {
    const account = accountNamed(wallet, flags.account ?? '0');
    const cash = wallet.trader.accounts.find(({ id }) => id === account)?.account.cash ?? 0n;
    if (cash < amount)
      throw new ClientError(
        'WALLET_FUNDS',
        `account ${account} does not hold that much cash: see velum wallet accounts`,
      );
    return proving(flags, terminal, (options) =>
      sendAction(wallet, nodes, { account, amount, destination }, options),
    );
  });
}

/** Sends with a prover of its own, which ends with it. */
async function proving<T>(
  { wait }: { readonly wait: boolean },
  terminal: Terminal,
  send: (options: SendOptions) => Promise<T>,
): Promise<T> {
  const prover = openProverPool({ processes: 1 });
  const onStep = (step: SendStep): void => {
    const text = stepText(step);
    if (text !== undefined) void say(terminal, text);
  };
  try {
    return await send({ prover, tries: 1, wait, onStep });
  } finally {
    await prover.close();
  }
}

function stepText(step: SendStep): string | undefined {
  switch (step.step) {
    case 'again':
      return 'no height ordered it in its window: it is made anew; whoever saw both tries knows that they are of one trader';
    case 'proving':
      return 'proving';
    case 'sent':
      return `handed to ${step.taken} nodes, to be ordered up to height ${step.lastHeight}`;
    case 'unseen':
      return 'no node shows the chain at the moment';
    default:
      return undefined;
  }
}

async function tell(
  flags: WalletFlags,
  terminal: Terminal,
  work: (wallet: OpenWallet, nodes: Nodes) => Promise<Sent>,
): Promise<void> {
  const { result, nodes } = await withWallet(flags, terminal, async (wallet, known) => ({
    trader: wallet.trader,
    sent: await work(wallet, known),
  }));
  const { trader, sent } = result;
  if (flags.json)
    return terminal.out(
      `${JSON.stringify({ ...asOf(trader), sent: sentJson(trader, sent), faults: nodes.faults })}\n`,
    );
  for (const line of faultLines(nodes.faults)) await say(terminal, line);
  const where =
    sent.height === null
      ? `Sent ${sent.id}; it may be ordered up to height ${sent.lastHeight}.`
      : `Settled at height ${sent.height}, account ${sent.account}.`;
  await terminal.out(`${[where, ...historyLines(trader, sent.happenings)].join('\n')}\n`);
}

/** @throws {CliError} USAGE */
function lasting({ trader }: OpenWallet, number: number): AccountId {
  const id = trader.lasting(number);
  if (id !== undefined) return id;
  throw new CliError(
    'USAGE',
    `account ${number}: a restored wallet looks for ${LASTING_GAP} accounts beyond the last one in use, and would not find it`,
  );
}

/** @throws {CliError} USAGE */
function accountNamed(wallet: OpenWallet, text: string): AccountId {
  if (/^\d{1,7}$/.test(text)) return lasting(wallet, Number(text));
  const own = /^[0-9a-f]{64}$/.test(text)
    ? wallet.trader.accounts.find(({ id }) => id === accountId(text))
    : undefined;
  if (own !== undefined) return own.id;
  throw new CliError('USAGE', `--account ${text}: none of this wallet; see velum wallet accounts`);
}
