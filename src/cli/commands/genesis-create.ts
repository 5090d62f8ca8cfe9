import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { genesisText } from '../../formats/genesis-file.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { encodeSecret, secretOwner } from '../../node/secret-file.ts';
import { validatorIndex } from '../../params/ids.ts';
import { INTEGER_LAGRANGE_MAX } from '../../params/sizes.ts';
import { checkOutDirectory, MARKER_FILE, type Terminal, writeOutDirectory } from '../io.ts';
import { dealDevnet, devnetMarket, drawSeed } from '../node/devnet-genesis.ts';
import { readRunFiles } from '../run-files.ts';
import { wholeNumber } from '../whole-number.ts';

interface GenesisFlags {
  readonly validators: number;
  readonly market?: string;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** Adds `velum genesis create`. */
export function addGenesisCommand(program: Command, terminal: Terminal): void {
  program
    .command('genesis')
    .description('Where a chain begins.')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum genesis create --validators 4 --out out/net')
    .command('create')
    .description(
      'Makes the genesis of a devnet and the keys of its validators: a dealer makes all of them, so it is for trying out only.',
    )
    .option('--validators <n>', `1 to ${INTEGER_LAGRANGE_MAX}`, wholeNumber(1, INTEGER_LAGRANGE_MAX), 4)
    .option('--market <file.json>', 'market, notes and first prices (default: examples/market.json)')
    .option('--out <dir>', 'where the files go', 'out/net')
    .option('--force', 'replace an earlier output', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: GenesisFlags) => create(flags, terminal));
}

const HELP = `
Examples:
  velum genesis create --validators 4 --out out/net
  velum genesis create --validators 7 --market examples/market.json --out out/net --json
Writes genesis.json, for everybody, and validator-<i>.keys, each for one validator alone: give it to that one and delete it here.
The chain begins now: the first prices of the market file are of this moment, and all its times are moved with them.
Exit codes: 0 written, 2 wrong options or files.`;

/** Said with every genesis of this command. */
const TRUST =
  'One dealer made every key of this chain, the bridge’s included, and could read all orders. It is a devnet: put nothing at stake on it.';

async function create(flags: GenesisFlags, terminal: Terminal): Promise<void> {
  const out = resolve(terminal.cwd, flags.out);
  const { market } = await readRunFiles(flags, terminal.cwd);
  await checkOutDirectory(out, flags.force);
  const startS = BigInt(Math.floor(Date.now() / 1000));
  const { dealt } = dealDevnet(drawSeed(), flags.validators, devnetMarket(market, startS));
  const domain = epochDomain(dealt.chain, dealt.epoch);
  const keyFiles = dealt.secrets.map((secrets, i) => ({
    path: `validator-${i}.keys`,
    text: Buffer.from(
      encodeSecret(secretOwner(dealt.chain, dealt.epoch, validatorIndex(i)), 'keys', secrets),
    ),
    isPrivate: true,
  }));
  const answer = {
    velum: 'genesis create',
    chain: toHex(domain.chainHash),
    epoch: toHex(domain.epochHash),
    validators: flags.validators,
    genesis: 'genesis.json',
    keys: keyFiles.map(({ path }) => path),
    trust: TRUST,
  };
  await writeOutDirectory(out, [
    { path: 'genesis.json', text: genesisText(dealt) },
    ...keyFiles,
    { path: MARKER_FILE, text: `${JSON.stringify(answer, null, 2)}\n` },
  ]);
  const place = relative(terminal.cwd, out) || '.';
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : [
          `Chain ${answer.chain}, ${flags.validators} validators, begins now.`,
          `${join(place, 'genesis.json')} is for everybody; ${join(place, 'validator-<i>.keys')} each for one validator alone.`,
          TRUST,
          '',
        ].join('\n'),
  );
}
