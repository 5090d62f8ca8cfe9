import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { GENESIS_FILE_BYTES } from '../../formats/genesis-file.ts';
import {
  parseChainFile,
  parseRegisteredFile,
  parseRegistrationFile,
  registeredText,
} from '../../formats/registered-file.ts';
import { chainHash } from '../../ledger/chain-genesis.ts';
import type { RegisteredGenesis } from '../../ledger/rotation/registered-genesis.ts';
import { putFile } from '../../node/durable-files.ts';
import { checkOutFiles } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { requireProved } from '../node/registering.ts';
import { wholeNumber } from '../whole-number.ts';

interface AssembleFlags {
  readonly chain: string;
  readonly registrations: string;
  readonly epochHeights: number;
  readonly dealingHeights: number;
  readonly out: string;
  readonly json: boolean;
}

const MAX_REGISTRATION_FILE_BYTES = 1 << 16;
/** L and D where nothing is said: a network that rotates once in many heights. */
export const NETWORK_TIMES = { epochHeights: 10_000, dealingHeights: 100 };

/** Adds `velum genesis assemble`. */
export function addGenesisAssembleCommand(genesis: Command, terminal: Terminal): void {
  genesis
    .command('assemble')
    .description('Puts the genesis together from the registrations of the first committee.')
    .requiredOption('--chain <file.json>', 'the chain')
    .requiredOption('--registrations <files>', 'registrations of the first committee, with commas between')
    .option(
      '--epoch-heights <L>',
      'heights after which the next committee may take over',
      wholeNumber(2, 65_535),
      NETWORK_TIMES.epochHeights,
    )
    .option(
      '--dealing-heights <D>',
      'of those, the last ones, in which keys are dealt to it',
      wholeNumber(1, 65_534),
      NETWORK_TIMES.dealingHeights,
    )
    .option('--out <file.json>', 'where the genesis is written', 'genesis.json')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: AssembleFlags) => assemble(flags, terminal));
}

const HELP = `
Example:
  velum genesis assemble --chain net/chain.json --registrations net/registration-a.json,net/registration-b.json,net/registration-c.json,net/registration-d.json --out net/genesis.json
Every registration is checked, its proof as well. Anybody can do this and comes to the same file.
With --json prints {"chain", "validators", "genesis"}.
Exit codes: 0 written, 2 wrong options or files, or a registration does not hold.`;

async function assemble(flags: AssembleFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  await checkOutFiles(cwd, flags.out);
  const chain = parseChainFile(
    await readTextFile(resolve(cwd, flags.chain), GENESIS_FILE_BYTES),
    flags.chain,
  );
  const registrations = await Promise.all(
    flags.registrations.split(',').map(async (path) => {
      return parseRegistrationFile(await readTextFile(resolve(cwd, path), MAX_REGISTRATION_FILE_BYTES), path);
    }),
  );
  const { epochHeights, dealingHeights } = flags;
  const genesis: RegisteredGenesis = {
    chain,
    registrations: registrations.sort((a, b) => a.registryIndex - b.registryIndex),
    times: { epochHeights, dealingHeights },
  };
  const text = registeredText(genesis);
  await requireProved(parseRegisteredFile(text, flags.out));
  const out = resolve(cwd, flags.out);
  putFile(out, Buffer.from(text));
  const answer = {
    chain: toHex(chainHash(chain)),
    validators: registrations.length,
    genesis: relative(cwd, out),
  };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `${answer.genesis} is where chain ${answer.chain} begins, with ${answer.validators} validators: it is for everybody.\n`,
  );
}
