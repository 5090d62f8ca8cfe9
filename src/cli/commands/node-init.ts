import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../../base/errors.ts';
import { chainHash } from '../../ledger/chain-genesis.ts';
import { encodeItem } from '../../ledger/items.ts';
import { NodeError } from '../../node/errors.ts';
import { readRoot, rootFile } from '../../node/root-file.ts';
import { readSecretFile, secretFileName } from '../../node/secret-file.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { completeHome, homeFiles, readRegisteredFile } from '../node/home.ts';
import { memberOf, requireProved } from '../node/registering.ts';
import { addSettings } from '../node/setting-options.ts';
import { readSettings, SETTING_NAMES, type SettingFlags } from '../node/settings.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

type InitFlags = SettingFlags & {
  readonly home: string;
  readonly genesis: string;
  readonly json: boolean;
};

/** Adds `velum node init`. */
export function addNodeInitCommand(node: Command, terminal: Terminal): void {
  addSettings(
    node
      .command('init')
      .description('Completes the home of a member of a chain: the genesis, checked, and its configuration.')
      .requiredOption('--home <dir>', 'the folder with its keys')
      .requiredOption('--genesis <file.json>', 'where the chain begins')
      .option('--json', 'print one JSON object', false),
  )
    .addHelpText('after', HELP)
    .action((flags: InitFlags) => init(flags, terminal));
}

const HELP = `
Example:
  velum node init --home out/net/node-0 --genesis out/net/genesis.json --listen 127.0.0.1:26600 --rpc 127.0.0.1:26700
Its keys are in the home already: velum genesis member and register put them there, or velum genesis create.
Options that are given become the configuration file of the home; what is left out there has a default, which velum node config shows.
The home holds secrets: its user alone may read it. A home is made once: to begin anew with the same keys would contradict what was said.
Exit codes: 0 made, 2 wrong options or files, or there is a home already.`;

async function init(flags: InitFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  const home = resolve(cwd, flags.home);
  const files = homeFiles(home);
  const genesis = await readRegisteredFile(resolve(cwd, flags.genesis), cwd);
  const { settings } = readSettings(flags, {}, {});
  if (existsSync(files.config))
    throw new FileError('OUT_EXISTS', `${flags.home} is a home already: name another folder`, { path: home });
  const { registry } = genesis.chain;
  if (settings.peers !== undefined && settings.peers.length !== registry.length)
    throw new CliError(
      'USAGE',
      `--peers names ${settings.peers.length} addresses, the registry has ${registry.length} members`,
    );
  const rootSecret = readRoot(files.validator);
  if (rootSecret === undefined)
    throw new NodeError(
      'NODE_KEYS_MISSING',
      `${rootFile(files.validator)} is missing: velum genesis member makes it, and velum genesis register registers with it`,
      { path: files.validator },
    );
  const member = memberOf(genesis.chain, rootSecret);
  const isSeated = genesis.registrations.some(({ registryIndex }) => registryIndex === member);
  const owner = { chainHash: chainHash(genesis.chain), member, epoch: 1 };
  const own = readSecretFile(join(files.validator, secretFileName('registration', 1)), owner, 'registration');
  const said = genesis.registrations.map((item) => String(encodeItem(item)));
  if (isSeated && (own === undefined || !said.includes(String(own))))
    throw new CliError(
      'NOT_A_MEMBER',
      'the genesis holds another registration of this member than its home: ask for a genesis with the right one',
    );
  await requireProved(genesis);
  const market =
    settings.market === undefined
      ? join(PACKAGE_ROOT, 'examples/market.json')
      : resolve(cwd, settings.market);

  const named = SETTING_NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const { peers, ...rest } = Object.fromEntries(named) as Record<string, unknown>;
  const values = completeHome(home, genesis, member, market, {
    ...rest,
    ...(typeof peers === 'string' ? { peers: peers.split(',') } : {}),
  });
  const answer = { home: relative(cwd, home) || '.', validator: member, config: values };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `Member ${member} has its home in ${answer.home}${isSeated ? '' : ', and no seat in the first committee'}.\n`,
  );
}
