import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { STATUS } from '../../client/ask-node.ts';
import { ClientError } from '../../client/errors.ts';
import { parseDecimal } from '../../formats/decimal.ts';
import { FormatError } from '../../formats/errors.ts';
import { fileError } from '../../formats/problems.ts';
import { INTEGER_LAGRANGE_MAX, MAX_REGISTRY } from '../../params/sizes.ts';
import type { FollowedHeight } from '../devnet/chain-follower.ts';
import { DEVNET_KEYS, DevnetHome, type DevnetKeys, type DevnetNode } from '../devnet/devnet-home.ts';
import { fundAccount } from '../devnet/fund.ts';
import { settleOrders } from '../devnet/settle-orders.ts';
import { genesisOf, makeDevnet, type NewDevnet, startNodes, tailOf } from '../devnet/up.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { devnetMarket } from '../node/devnet-genesis.ts';
import { openHome } from '../node/home.ts';
import { SETTLEMENT } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { type RunFiles, readRunFiles } from '../run-files.ts';
import { table } from '../table.ts';
import { wholeNumber } from '../whole-number.ts';
import { addDevnetChaosCommand } from './devnet-chaos.ts';

const DEFAULT_HOME = 'out/devnet';
/** L and D of a devnet that says nothing else: it is over before its first border. */
const EPOCH_HEIGHTS = 1_000;
const DEALING_HEIGHTS = 4;

interface UpFlags {
  readonly validators?: number;
  readonly registry?: number;
  readonly epochHeights?: number;
  readonly dealingHeights?: number;
  readonly keys?: DevnetKeys;
  readonly orders?: string;
  readonly market?: string;
  readonly home: string;
  readonly start?: number;
  readonly delayMs?: number;
  readonly untilSettled: boolean;
  readonly json: boolean;
}

interface HomeFlags {
  readonly home: string;
  readonly json: boolean;
}

/** Adds `velum devnet`. */
export function addDevnetCommand(program: Command, terminal: Terminal): void {
  const devnet = program
    .command('devnet')
    .description('A network of validators on this machine, each a process of its own.')
    .helpCommand(false)
    .addHelpText('after', HELP);
  devnet
    .command('up')
    .description('Starts a devnet, or what does not run of one, and lets traders hand in orders.')
    .option(
      '--validators <n>',
      `1 to ${INTEGER_LAGRANGE_MAX}, 4 if nothing is said`,
      wholeNumber(1, INTEGER_LAGRANGE_MAX),
    )
    .option(
      '--registry <m>',
      'members of the registry, each a process; those without a seat follow (default: the validators)',
      wholeNumber(1, MAX_REGISTRY),
    )
    .option(
      '--epoch-heights <L>',
      `heights after which the next committee may take over, ${EPOCH_HEIGHTS} if nothing is said`,
      wholeNumber(2, 65_535),
    )
    .option(
      '--dealing-heights <D>',
      `of those, the last ones, in which keys are dealt to it, ${DEALING_HEIGHTS} if nothing is said`,
      wholeNumber(1, 65_534),
    )
    .addOption(
      new Option(
        '--keys <from>',
        'who makes the threshold keys (dkg if nothing is said: the validators together)',
      ).choices(DEVNET_KEYS),
    )
    .option('--orders <file.csv>', 'orders that traders hand in once the nodes are ready')
    .option('--market <file.json>', 'market, notes and prices, from now on (default: examples/market.json)')
    .option('--home <dir>', 'its folder', DEFAULT_HOME)
    .option('--start <k>', 'start only the first k nodes', wholeNumber(1, INTEGER_LAGRANGE_MAX))
    .option('--delay-ms <ms>', 'one-way delay between nodes, of a new devnet', wholeNumber(0, 10_000))
    .option('--until-settled', 'wait until all orders are settled and certified by all running nodes', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', UP_HELP)
    .action((flags: UpFlags) => up(flags, terminal));
  devnet
    .command('status')
    .description('Shows the nodes of a devnet.')
    .option('--home <dir>', 'its folder', DEFAULT_HOME)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum devnet status --json')
    .action((flags: HomeFlags) => status(flags, terminal));
  devnet
    .command('logs')
    .description('Shows the ends of the nodes’ logs.')
    .option('--home <dir>', 'its folder', DEFAULT_HOME)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum devnet logs --home out/devnet')
    .action((flags: HomeFlags) => logs(flags, terminal));
  devnet
    .command('down')
    .description('Stops all nodes of a devnet. Its folder stays; up goes on from it.')
    .option('--home <dir>', 'its folder', DEFAULT_HOME)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  velum devnet down --home out/devnet')
    .action((flags: HomeFlags) => down(flags, terminal));
  devnet
    .command('fund')
    .argument('<account>', '64 hex digits')
    .argument('<amount>', 'USDC, such as 100.5')
    .description('Pays into an account: the devnet’s bridge signs a deposit.')
    .option('--home <dir>', 'its folder', DEFAULT_HOME)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', FUND_HELP)
    .action((account: string, amount: string, flags: HomeFlags) => fund(account, amount, flags, terminal));
  addDevnetChaosCommand(devnet, terminal);
}

const FUND_HELP = `
Example:
  velum devnet fund 0000000000000000000000000000000000000000000000000000000000000001 100.5 --json
With --json prints {"height"}: the height that ordered the deposit.`;

const HELP = `
Example:
  velum devnet up --validators 4 --orders examples/small.csv --until-settled && velum devnet status && velum devnet down`;

const UP_HELP = `
Examples:
  velum devnet up --validators 4 --orders examples/orders.csv --until-settled
  velum devnet up --validators 4 --start 3 --home out/three --json
  velum devnet up --delay-ms 50 --home out/far
  velum devnet up --registry 6 --validators 4 --epoch-heights 8 --home out/rotating
The nodes outlive this command: velum devnet down stops them, also after this command was killed. On a folder that holds a devnet, up starts what does not run.
The validators generate the threshold keys when they start for the first time; with --keys dealer this command makes every key, for quick experiments. Everything else that is secret is made on this machine as well: it is for trying out.
With --registry more members than validators run, and the committee changes after --epoch-heights. The market begins now, and all times of the market file are moved with it.
With --json prints {"heights": [{"height", "accepted", "stateRoot"}], "nodes": [{"index", "pid", "rpc", "stateRoot", "height"}], "keys": "dkg" or "dealer", "page": its address or null}.
Exit codes: 0 up (and settled), 1 a node ended or something did not settle, 2 wrong options or files.`;

async function up(flags: UpFlags, terminal: Terminal): Promise<void> {
  const dir = resolve(terminal.cwd, flags.home);
  const known = DevnetHome.open(dir);
  if (flags.untilSettled && flags.orders === undefined)
    throw new CliError('USAGE', '--until-settled waits for orders: name them with --orders FILE');
  if (known !== undefined && flags.market !== undefined)
    throw new CliError(
      'USAGE',
      `${flags.home} holds a devnet, which has its market: leave --market out or name another --home`,
    );
  const marketPath =
    known?.market ??
    (flags.market === undefined
      ? join(PACKAGE_ROOT, 'examples/market.json')
      : resolve(terminal.cwd, flags.market));
  const files = await readRunFiles({ ...flags, market: marketPath }, terminal.cwd);
  const settled = FIXED.find(([name]) => flags[name] !== undefined);
  if (known !== undefined && settled !== undefined)
    throw new CliError(
      'USAGE',
      `${flags.home} holds a devnet, and ${settled[1]} is of a new one: leave it out or name another --home`,
    );
  const validators = flags.validators ?? known?.file.validators ?? 4;
  if (known !== undefined && known.file.validators !== validators)
    throw new CliError(
      'USAGE',
      `the devnet of ${flags.home} has ${known.file.validators} validators: name another --home`,
    );
  const registry = known?.nodes.length ?? flags.registry ?? validators;
  const started = flags.start ?? registry;
  if (started > registry) throw new CliError('USAGE', `--start ${started} of ${registry} nodes`);
  if (flags.orders !== undefined) requireFreshOrders(known, files);

  const devnet =
    known ?? (await makeDevnet(dir, files, { ...newDevnet(flags, validators, registry), marketPath }));
  const nodes = devnet.nodes.slice(0, started);
  const progress = (text: string): Promise<void> => terminal.err(`${text}\n`);
  await progress(`starting ${nodes.length} of ${registry} nodes in ${flags.home}; ${SAID[devnet.file.keys]}`);
  await startNodes(devnet, nodes);
  const heights =
    flags.orders === undefined ? [] : await handIn(devnet, nodes, files, (text) => void progress(text));
  const states = await Promise.all(nodes.map((node) => stateOf(devnet, node)));
  const page = await pageOf(nodes, terminal.cwd);
  if (flags.json)
    return terminal.out(`${JSON.stringify({ heights, nodes: states, keys: devnet.file.keys, page })}\n`);
  const where = page === null ? [] : ['', `Explorer and trader, for a browser on this machine: ${page}`];
  await terminal.out(`${[...heightLines(heights), ...nodeLines(states), ...where].join('\n')}\n`);
}

/** Where a browser finds the page; null if no node of these serves it, as of a devnet that was made without. */
async function pageOf(nodes: readonly DevnetNode[], cwd: string): Promise<string | null> {
  for (const { home, rpc } of nodes)
    if ((await openHome(home, {}, cwd)).settings.page === true) return `http://${addressText(rpc)}/`;
  return null;
}

/** What a devnet keeps from its beginning. */
const FIXED = [
  ['delayMs', '--delay-ms'],
  ['registry', '--registry'],
  ['epochHeights', '--epoch-heights'],
  ['dealingHeights', '--dealing-heights'],
  ['keys', '--keys'],
] as const satisfies readonly (readonly [keyof UpFlags, string])[];

const SAID: Readonly<Record<DevnetKeys, string>> = {
  dkg: 'the validators generate the threshold keys, and nobody holds them',
  dealer: 'one dealer made every key (--keys dealer), and could read every order',
};

function newDevnet(flags: UpFlags, validators: number, registry: number): Omit<NewDevnet, 'marketPath'> {
  const { keys = 'dkg', epochHeights = EPOCH_HEIGHTS, dealingHeights = DEALING_HEIGHTS } = flags;
  if (registry < validators)
    throw new CliError('USAGE', `--registry ${registry} has no room for ${validators} validators`);
  if (keys === 'dealer' && registry > validators)
    throw new CliError('USAGE', '--registry is for validators that generate their keys: leave --keys out');
  if (dealingHeights >= epochHeights)
    throw new CliError('USAGE', '--dealing-heights is less than --epoch-heights');
  return {
    validators,
    registry,
    keys,
    times: { epochHeights, dealingHeights },
    delayMs: flags.delayMs ?? 0,
    page: true,
  };
}

/** Wallets of a devnet remember nothing between two runs: orders are handed in once. */
function requireFreshOrders(known: DevnetHome | undefined, { ordersName }: RunFiles): void {
  if (known === undefined) return;
  throw fileError(FormatError.of('ORDERS_FILE'), ordersName, [
    {
      where: 'file',
      reason:
        'this devnet has been started before, and its traders hand in their orders at the first start: name another --home',
    },
  ]);
}

async function handIn(
  devnet: DevnetHome,
  nodes: readonly DevnetNode[],
  { market, batches }: RunFiles,
  onProgress: (text: string) => void,
): Promise<readonly FollowedHeight[]> {
  const { seed, startS } = devnet.file;
  return settleOrders({
    seed,
    genesis: await genesisOf(devnet),
    market: devnetMarket(market, BigInt(startS)),
    batches,
    rpcs: nodes.map(({ rpc }) => rpc),
    onProgress,
  });
}

interface NodeState {
  readonly index: number;
  readonly pid: number | null;
  readonly rpc: string;
  /** Of the last certified height; null at genesis, or if the node does not answer. */
  readonly stateRoot: string | null;
  readonly height: number | null;
}

async function stateOf(devnet: DevnetHome, node: DevnetNode): Promise<NodeState> {
  const { index, rpc } = node;
  const pid = devnet.pidOf(node) ?? null;
  const none = { index, pid, rpc: addressText(rpc), stateRoot: null, height: null };
  if (pid === null) return none;
  try {
    const { certified } = await askNode(rpc, 'status', STATUS);
    if (certified === 0) return { ...none, height: 0 };
    const { stateRoot } = await askNode(rpc, 'settlement', SETTLEMENT, { height: certified });
    return { ...none, stateRoot, height: certified };
  } catch (error) {
    if (ClientError.is(error, 'NODE_UNREACHABLE') || ClientError.is(error, 'NODE_REFUSED')) return none;
    throw error;
  }
}

async function status(flags: HomeFlags, terminal: Terminal): Promise<void> {
  const devnet = DevnetHome.required(resolve(terminal.cwd, flags.home));
  const nodes = await Promise.all(devnet.nodes.map((node) => stateOf(devnet, node)));
  await terminal.out(flags.json ? `${JSON.stringify({ nodes })}\n` : `${nodeLines(nodes).join('\n')}\n`);
}

async function logs(flags: HomeFlags, terminal: Terminal): Promise<void> {
  const devnet = DevnetHome.required(resolve(terminal.cwd, flags.home));
  const nodes = devnet.nodes.map(({ index, log }) => ({ index, log, tail: tailOf(log) }));
  await terminal.out(
    flags.json
      ? `${JSON.stringify({ nodes })}\n`
      : nodes.map(({ index, log, tail }) => `Node ${index}, ${log}:\n${tail}\n`).join(''),
  );
}

async function down(flags: HomeFlags, terminal: Terminal): Promise<void> {
  const devnet = DevnetHome.required(resolve(terminal.cwd, flags.home));
  const wereRunning = await Promise.all(devnet.nodes.map((node) => devnet.stop(node)));
  const stopped = devnet.nodes.filter((_, i) => wereRunning[i]).map(({ index }) => index);
  await terminal.out(
    flags.json
      ? `${JSON.stringify({ stopped })}\n`
      : `Stopped ${stopped.length} of ${devnet.nodes.length} nodes.\n`,
  );
}

async function fund(account: string, amount: string, flags: HomeFlags, terminal: Terminal): Promise<void> {
  const units = parseDecimal(amount);
  if (!/^[0-9a-f]{64}$/.test(account) || units === undefined || units <= 0n)
    throw new CliError(
      'USAGE',
      'an account of 64 hex digits and an amount of USDC such as 100.5 are expected',
    );
  const devnet = DevnetHome.required(resolve(terminal.cwd, flags.home));
  const height = await fundAccount(devnet, account, units);
  await terminal.out(flags.json ? `${JSON.stringify({ height })}\n` : `Paid in at height ${height}.\n`);
}

const heightLines = (heights: readonly FollowedHeight[]): string[] =>
  heights.map(
    ({ height, accepted, stateRoot }) =>
      `Height ${height}: ${accepted} items accepted, state root ${stateRoot}`,
  );

const nodeLines = (nodes: readonly NodeState[]): string[] =>
  table(
    [
      ['Node', 'process', 'answers at', 'certified', 'state root'],
      ...nodes.map(({ index, pid, rpc, height, stateRoot }) => [
        `${index}`,
        pid === null ? 'not running' : `${pid}`,
        rpc,
        height === null ? '' : `${height}`,
        stateRoot?.slice(0, 16) ?? '',
      ]),
    ],
    ['right', 'right', 'left', 'right', 'left'],
  );
