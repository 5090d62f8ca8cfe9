import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { GENESIS_FILE_BYTES } from '../../formats/genesis-file.ts';
import { parseChainFile, registrationText } from '../../formats/registered-file.ts';
import { putFile } from '../../node/durable-files.ts';
import { NodeError } from '../../node/errors.ts';
import { readRoot, rootFile } from '../../node/root-file.ts';
import { openProverPool } from '../../proofs/pool.ts';
import { checkOutFiles } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { homeFiles, required } from '../node/home.ts';
import { registerMember } from '../node/registering.ts';
import { addressText, readSettings } from '../node/settings.ts';

interface RegisterFlags {
  readonly home: string;
  readonly chain: string;
  readonly address: string;
  readonly out: string;
  readonly json: boolean;
}

/** Adds `velum genesis register`. */
export function addGenesisRegisterCommand(genesis: Command, terminal: Terminal): void {
  genesis
    .command('register')
    .description('Draws the keys of a member for the first epoch of a chain, and registers with them.')
    .requiredOption('--home <dir>', 'the home with the permanent key')
    .requiredOption('--chain <file.json>', 'the chain')
    .requiredOption('--address <host:port>', 'where other validators will reach this one')
    .option('--out <file.json>', 'where the registration is written', 'registration.json')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: RegisterFlags) => register(flags, terminal));
}

const HELP = `
Example:
  velum genesis register --home ~/velum --chain net/chain.json --address 10.0.0.1:26600 --out net/registration-a.json
The secrets stay in the home. The registration is for everybody: it shows that they are there, and nothing of them.
With --json prints {"member", "registration"}.
Exit codes: 0 registered, 2 wrong options or files, or this home has registered already.`;

async function register(flags: RegisterFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  await checkOutFiles(cwd, flags.out);
  const { validator } = homeFiles(resolve(cwd, flags.home));
  const address = required('address', readSettings({ address: flags.address }, {}, {}).settings.address);
  const chain = parseChainFile(
    await readTextFile(resolve(cwd, flags.chain), GENESIS_FILE_BYTES),
    flags.chain,
  );
  const rootSecret = readRoot(validator);
  if (rootSecret === undefined)
    throw new NodeError(
      'NODE_KEYS_MISSING',
      `${rootFile(validator)} is missing: make it with velum genesis member`,
      { path: validator },
    );
  const prover = openProverPool({ processes: 1 });
  try {
    const item = await registerMember(validator, {
      chain,
      rootSecret,
      address: addressText(address),
      prover,
    });
    const out = resolve(cwd, flags.out);
    putFile(out, Buffer.from(registrationText(item)));
    const answer = { member: item.registryIndex, registration: relative(cwd, out) };
    await terminal.out(
      flags.json
        ? `${JSON.stringify(answer)}\n`
        : `Member ${answer.member} has registered: ${answer.registration} is for everybody.\n`,
    );
  } finally {
    await prover.close();
  }
}
