import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { main, programOf } from '../../../src/cli/main.ts';

const nothing = async (): Promise<never> => {
  throw new Error('nothing is run here');
};
const written: string[] = [];
const terminal = {
  out: async (text: string) => void written.push(text),
  err: async (text: string) => void written.push(text),
  isErrTty: false,
  hasColour: false,
  cwd: '/',
};

/** Every command with the words that name it, the program itself first. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  const below = command.commands.flatMap((each) => commandsOf(each, [...words, each.name()]));
  return [[['velum', ...words].join(' '), command], ...below];
}
const commands = commandsOf(await programOf(terminal, nothing, () => {}));

const helpOf = async (name: string): Promise<string> => {
  written.length = 0;
  expect(await main([...name.split(' ').slice(1), '--help'], terminal, nothing)).toBe(0);
  return written.join('');
};

/** The commands of the lines that are examples: those of this program, without what a shell makes of their output. */
const examplesOf = (help: string): string[] =>
  help
    .split('\n')
    .filter((line) => line.startsWith('  velum '))
    .flatMap((line) => line.trim().split(' && '))
    .map((line) => line.replace(/ > \S+$/, ''))
    .filter((line) => line.startsWith('velum '));

/** What only names others does nothing; `velum audit` does something and has a command below it. */
const doesSomething = ({ commands: below, registeredArguments }: Command): boolean =>
  below.length === 0 || registeredArguments.length > 0;

/** Whether commander takes a line: each command and option known, each value in its range. Nothing is run. */
async function isTaken(line: string): Promise<boolean> {
  const program = await programOf(terminal, nothing, () => {});
  let taken = false;
  for (const [, command] of commandsOf(program))
    if (doesSomething(command))
      command.action(() => {
        taken = true;
      });
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
  await program.parseAsync(words.slice(1), { from: 'user' });
  return taken;
}

test('there are all commands to look at', () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'velum',
      'velum epoch',
      'velum keys setup',
      'velum sim replay',
      'velum bench market',
    ]),
  );
});

describe.each(commands)('%s --help', (name, command) => {
  test('has an example of the command, and every example is a command that is understood', async () => {
    const help = await helpOf(name);
    expect(help).toMatch(/^Examples?\b.*:$/m);
    const examples = examplesOf(help);
    expect(examples.filter((line) => `${line} `.startsWith(`${name} `))).not.toEqual([]);
    for (const line of examples) expect(await isTaken(line), line).toBe(true);
  });

  if (doesSomething(command))
    test('has --json', () => expect(command.options.map(({ long }) => long)).toContain('--json'));
});
