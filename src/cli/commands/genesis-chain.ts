import { randomBytes } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { signKeyFromSeed } from '../../crypto/signature.ts';
import { MARKET_FILE_BYTES, parseMarketFile } from '../../formats/market-file.ts';
import { chainText, parseChainFile, parseMemberFile } from '../../formats/registered-file.ts';
import { type ChainGenesis, chainHash } from '../../ledger/chain-genesis.ts';
import { putFile } from '../../node/durable-files.ts';
import { checkOutFiles } from '../files.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { shiftedMarket } from '../node/devnet-genesis.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

interface ChainFlags {
  readonly members: string;
  readonly name: string;
  readonly market?: string;
  readonly out: string;
  readonly json: boolean;
}

const MAX_MEMBER_BYTES = 4096;

/** Adds `velum genesis chain`. */
export function addGenesisChainCommand(genesis: Command, terminal: Terminal): void {
  genesis
    .command('chain')
    .description('Puts a chain together for which members then register. It begins now.')
    .requiredOption(
      '--members <files>',
      'member.json of everybody who may ever validate, with commas between',
    )
    .requiredOption('--name <name>', 'what people call the chain')
    .option('--market <file.json>', 'market and first prices (default: examples/market.json)')
    .option('--out <file.json>', 'where the chain is written; bridge.keys lies beside it', 'chain.json')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: ChainFlags) => chain(flags, terminal));
}

const HELP = `
Example:
  velum genesis chain --name my-chain --members net/a.json,net/b.json,net/c.json,net/d.json --market market.json --out net/chain.json
Writes the chain, which is for everybody, and bridge.keys beside it: whoever has that file can sign deposits, that is make money.
With --json prints {"chain", "members", "file", "bridge"}.
Exit codes: 0 written, 2 wrong options or files.`;

async function chain(flags: ChainFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  const out = resolve(cwd, flags.out);
  const bridge = join(out, '../bridge.keys');
  await checkOutFiles(cwd, out, bridge);
  const registry = await Promise.all(
    flags.members.split(',').map(async (path) => {
      return parseMemberFile(await readTextFile(resolve(cwd, path), MAX_MEMBER_BYTES), path);
    }),
  );
  const named = flags.market === undefined ? join(PACKAGE_ROOT, 'examples/market.json') : flags.market;
  const path = flags.market === undefined ? named : inputPath(cwd, named);
  const file = parseMarketFile(await readTextFile(path, MARKET_FILE_BYTES), relative(cwd, path));
  const market = shiftedMarket(file, BigInt(Math.floor(Date.now() / 1000)));
  const bridgeSecret = Uint8Array.from(randomBytes(32));
  const { values, timeS } = market.oracle[0]!;
  const made: ChainGenesis = {
    chainId: flags.name,
    market: market.params,
    medians: values,
    timeS,
    bridgeKey: signKeyFromSeed(bridgeSecret).publicKey,
    registry,
    notes: [],
    notesTotal: 0n,
  };
  const text = chainText(made);
  parseChainFile(text, flags.out);
  putFile(bridge, Buffer.from(`${toHex(bridgeSecret)}\n`));
  putFile(out, Buffer.from(text));
  const answer = {
    chain: toHex(chainHash(made)),
    members: registry.length,
    file: relative(cwd, out),
    bridge: relative(cwd, bridge),
  };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `Chain ${answer.chain} of ${answer.members} members is in ${answer.file}. ${answer.bridge} can make money: keep it secret.\n`,
  );
}
