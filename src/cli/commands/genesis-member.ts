import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { FileError } from '../../base/errors.ts';
import { memberText } from '../../formats/registered-file.ts';
import { putFile } from '../../node/durable-files.ts';
import { rootFile, writeRoot } from '../../node/root-file.ts';
import type { Terminal } from '../io.ts';
import { makeHomeFolder } from '../node/home.ts';
import { rootKeyOf } from '../node/registering.ts';

interface MemberFlags {
  readonly home: string;
  readonly json: boolean;
}

/** Adds `velum genesis member`. */
export function addGenesisMemberCommand(genesis: Command, terminal: Terminal): void {
  genesis
    .command('member')
    .description('Draws the permanent key of a member of a registry. It never leaves the home.')
    .requiredOption('--home <dir>', 'the folder to make')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: MemberFlags) => member(flags, terminal));
}

const HELP = `
Example:
  velum genesis member --home ~/velum
Writes member.json into the home, which says the public key: give it to whoever puts the chain together.
With --json prints {"home", "key", "member"}.
Exit codes: 0 made, 2 there is a key already, or the folder cannot be written.`;

async function member(flags: MemberFlags, terminal: Terminal): Promise<void> {
  const home = resolve(terminal.cwd, flags.home);
  const files = makeHomeFolder(home);
  if (existsSync(rootFile(files.validator)))
    throw new FileError('OUT_EXISTS', `${flags.home} has a permanent key already: name another folder`, {
      path: home,
    });
  const secret = Uint8Array.from(randomBytes(32));
  const key = rootKeyOf(secret);
  writeRoot(files.validator, secret);
  const path = join(home, 'member.json');
  putFile(path, Buffer.from(memberText(key)));
  const answer = { home: flags.home, key: toHex(key), member: relative(terminal.cwd, path) };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(answer)}\n`
      : `The permanent key is ${answer.key}; ${answer.member} says so, and is for everybody.\n`,
  );
}
