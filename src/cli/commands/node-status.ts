import type { Command } from 'commander';
import { STATUS } from '../../client/ask-node.ts';
import type { Address } from '../../net/transport.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { openHome, required } from '../node/home.ts';
import { askNode } from '../node/rpc-client.ts';
import { readSettings } from '../node/settings.ts';

interface StatusFlags {
  readonly home?: string;
  readonly rpc?: string;
  readonly json: boolean;
}

/** Adds `velum node status`. */
export function addNodeStatusCommand(node: Command, terminal: Terminal): void {
  node
    .command('status')
    .description('Asks a running validator how far it is.')
    .option('--home <dir>', 'its home, which says where it answers')
    .option('--rpc <host:port>', 'where it answers')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: StatusFlags) => status(flags, terminal));
}

const HELP = `
Examples:
  velum node status --home out/net/node-0
  velum node status --rpc 127.0.0.1:26700 --json
With --json prints {"validator", "chain", "height", "settled", "certified", "isReady", "peersUp", "waitingProofs"}.
Exit codes: 0 it answered, 1 nobody answers, 2 wrong options.`;

async function status(flags: StatusFlags, terminal: Terminal): Promise<void> {
  const said = await askNode(await addressOf(flags, terminal.cwd), 'status', STATUS);
  if (flags.json) return terminal.out(`${JSON.stringify(said)}\n`);
  const { validator, height, settled, certified, isReady, peersUp } = said;
  await terminal.out(
    `Validator ${validator} is ${isReady ? '' : 'not '}ready, with ${peersUp} peers.\n` +
      `Height ${height} is in progress, ${settled} settled, ${certified} certified.\n`,
  );
}

async function addressOf({ home, rpc }: StatusFlags, cwd: string): Promise<Address> {
  if (rpc !== undefined) return required('rpc', readSettings({ rpc }, {}, {}).settings.rpc);
  if (home === undefined) throw new CliError('USAGE', 'name a validator with --home DIR or --rpc HOST:PORT');
  return required('rpc', (await openHome(home, {}, cwd)).settings.rpc);
}
