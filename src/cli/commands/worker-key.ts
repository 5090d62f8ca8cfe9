import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Terminal } from '../io.ts';

/** Adds `velum worker-key`. */
export function addWorkerKeyCommand(program: Command, terminal: Terminal): void {
  program
    .command('worker-key')
    .description('Makes the key file under which inputs of proofs go to workers.')
    .argument('<file>', 'a new file')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((file: string, flags: { readonly json: boolean }) => make(file, flags, terminal));
}

const HELP = `
Example:
  velum worker-key queue.key
32 random bytes that you alone can read. Copy the file to the workers over a channel that you trust, not through the queue: whoever has it
reads the inputs. A file that is there is not touched.
Exit codes: 0 written, 2 the file is there or cannot be written.`;

async function make(file: string, { json }: { readonly json: boolean }, terminal: Terminal): Promise<void> {
  const { makeQueueKey, readQueueKey } = await import('../queue/key-file.ts');
  const path = resolve(terminal.cwd, file);
  makeQueueKey(path);
  const { keyId } = readQueueKey(path);
  await terminal.out(
    json ? `${JSON.stringify({ file, keyId })}\n` : `wrote ${file} (key ${keyId}); copy it to each worker\n`,
  );
}
