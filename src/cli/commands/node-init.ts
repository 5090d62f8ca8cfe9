import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../../base/errors.ts';
import { readKeyFile, secretOwner } from '../../node/secret-file.ts';
import { validatorIndex } from '../../params/ids.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { homeFiles, makeNodeHome, readGenesisFile } from '../node/home.ts';
import { addSettings } from '../node/setting-options.ts';
import { readSettings, SETTING_NAMES, type SettingFlags } from '../node/settings.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

type InitFlags = SettingFlags & {
  readonly home: string;
  readonly genesis: string;
  readonly keys?: string;
  readonly json: boolean;
};

/** Adds `velum node init`. */
export function addNodeInitCommand(node: Command, terminal: Terminal): void {
  addSettings(
    node
      .command('init')
      .description("Makes a validator's home: its store, its keys, its configuration.")
      .requiredOption('--home <dir>', 'the folder to make')
      .requiredOption('--genesis <file.json>', 'where the chain begins')
      .option('--keys <file>', 'its keys (default: validator-<i>.keys beside the genesis)')
      .option('--json', 'print one JSON object', false),
  )
    .addHelpText('after', HELP)
    .action((flags: InitFlags) => init(flags, terminal));
}

const HELP = `
Example:
  velum node init --home out/net/node-0 --genesis out/net/genesis.json --validator 0 --peers 127.0.0.1:26600,127.0.0.1:26601,127.0.0.1:26602,127.0.0.1:26603
Options that are given become the configuration file of the home; what is left out there has a default, which velum node config shows.
The home holds secrets: its user alone may read it. A home is made once: to begin anew with the same keys would contradict what was said.
Exit codes: 0 made, 2 wrong options or files, or there is a home already.`;

async function init(flags: InitFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  const home = resolve(cwd, flags.home);
  const files = homeFiles(home);
  const genesisPath = resolve(cwd, flags.genesis);
  const genesis = await readGenesisFile(genesisPath, cwd);
  const { settings } = readSettings(flags, {}, {});
  const n = genesis.epoch.validators.length;
  if (settings.validator === undefined || settings.validator >= n)
    throw new CliError('USAGE', `--validator says which of the ${n} validators this is: 0 to ${n - 1}`);
  if (settings.peers !== undefined && settings.peers.length !== n)
    throw new CliError(
      'USAGE',
      `--peers names ${settings.peers.length} addresses, the genesis has ${n} validators`,
    );
  if (existsSync(files.config))
    throw new FileError('OUT_EXISTS', `${flags.home} is a home already: name another folder`, { path: home });

  const self = validatorIndex(settings.validator);
  const owner = secretOwner(genesis.chain, genesis.epoch, self);
  const keysPath =
    flags.keys === undefined
      ? join(dirname(genesisPath), `validator-${self}.keys`)
      : resolve(cwd, flags.keys);
  const secrets = readKeyFile(keysPath, owner);
  const market =
    settings.market === undefined
      ? join(PACKAGE_ROOT, 'examples/market.json')
      : resolve(cwd, settings.market);

  const named = SETTING_NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const { peers, ...rest } = Object.fromEntries(named) as Record<string, unknown>;
  const values = makeNodeHome(home, {
    genesis,
    self,
    secrets,
    market,
    settings: { ...rest, ...(typeof peers === 'string' ? { peers: peers.split(',') } : {}) },
  });
  const answer = { home: relative(cwd, home) || '.', validator: self, config: values };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `Validator ${self} has its home in ${answer.home}. Its keys are in there: delete ${relative(cwd, keysPath)}.\n`,
  );
}
