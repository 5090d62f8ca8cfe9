import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { openHome, required } from '../node/home.ts';
import { openNode, pageOf, serveNode } from '../node/run-node.ts';
import { addSettings } from '../node/setting-options.ts';
import type { SettingFlags } from '../node/settings.ts';

type StartFlags = SettingFlags & { readonly home: string; readonly json: boolean };

/** Adds `velum node start`. */
export function addNodeStartCommand(node: Command, terminal: Terminal): void {
  addSettings(
    node
      .command('start')
      .description(
        'Runs a validator until it is told to stop; its log goes to standard error, a line of JSON each.',
      )
      .requiredOption('--home <dir>', 'its home')
      .option('--json', 'when it has stopped, print one JSON object', false),
  )
    .addHelpText('after', HELP)
    .action((flags: StartFlags) => start(flags, terminal));
}

const HELP = `
Examples:
  velum node start --home out/net/node-0 --log-level warn
  velum node start --home out/net/node-0 --page
Each setting comes from the first place that names it: an option, an environment variable, the configuration file of the home, its default.
With --json prints {"validator", "height"} when it has stopped.
With --page a browser on this machine finds the explorer and the trader at the address of --rpc; see docs/PAGE.md.
At the first start of a chain the validators generate its threshold keys; requests are answered once they are there.
Ctrl-C and SIGTERM stop it; what it has said is in its log, so it may be killed at any time.
Exit codes: 0 stopped when it was told to; 1 its log is damaged, or its proving keys are for development; 2 wrong settings or files, or the disk is full.`;

async function start(flags: StartFlags, terminal: Terminal): Promise<void> {
  const home = await openHome(flags.home, flags, terminal.cwd);
  const page = pageOf(home);
  const node = await openNode(home, terminal.cwd);
  await serveNode(node, required('rpc', home.settings.rpc), page);
  const answer = { validator: node.self, height: node.height };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `Validator ${answer.validator} stopped at height ${answer.height}.\n`,
  );
}
