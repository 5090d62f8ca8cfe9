import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { openHome } from '../node/home.ts';
import { addSettings } from '../node/setting-options.ts';
import { addressText, SETTING_NAMES, type SettingFlags } from '../node/settings.ts';
import { table } from '../table.ts';

type ConfigFlags = SettingFlags & { readonly home: string; readonly json: boolean };

/** Adds `velum node config`. */
export function addNodeConfigCommand(node: Command, terminal: Terminal): void {
  addSettings(
    node
      .command('config')
      .description('Shows every setting of a validator, and where it comes from.')
      .requiredOption('--home <dir>', 'its home')
      .option('--json', 'print one JSON object', false),
  )
    .addHelpText('after', HELP)
    .action((flags: ConfigFlags) => config(flags, terminal));
}

const HELP = `
Example:
  velum node config --home out/net/node-0 --json
A setting comes from the first place that names it: an option, an environment variable such as VELUM_LOG_LEVEL, config.json of the home, its default.
With --json prints {"settings": {name: {"value", "source"}}}; a value that nobody has set is null, and its source "not set".
Exit codes: 0 all settings are valid, 2 one is not.`;

async function config(flags: ConfigFlags, terminal: Terminal): Promise<void> {
  const { settings, sources } = await openHome(flags.home, flags, terminal.cwd);
  const rows = SETTING_NAMES.map((name) => ({ name, value: plain(settings[name]), source: sources[name] }));
  if (flags.json) {
    const named = rows.map(({ name, value, source }) => [name, { value, source }]);
    return terminal.out(`${JSON.stringify({ settings: Object.fromEntries(named) })}\n`);
  }
  const lines = rows.map(({ name, value, source }) => [
    name,
    Array.isArray(value) ? value.join(', ') : `${value ?? ''}`,
    source,
  ]);
  await terminal.out(
    `${table([['Setting', 'value', 'from'], ...lines], ['left', 'left', 'left']).join('\n')}\n`,
  );
}

/** Addresses as people write them. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? addressText(value as never) : value;
}
