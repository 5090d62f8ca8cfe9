import type { Command } from 'commander';
import { snarkjsJson } from '../../groth16/json-files.ts';
import { exampleInput } from '../../proofs/examples.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { chooseCircuit } from '../own/chosen.ts';
import { exampleOfOwn } from '../own/example.ts';

export function addInputCommand(program: Command, terminal: Terminal): void {
  program
    .command('input')
    .description('Prints a valid input of a circuit to start from.')
    .argument('<circuit>', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .option(
      '--example',
      'the example that the tests prove; a circuit of a project has its first passing input, or zeros',
      false,
    )
    .option('--json', 'the input is JSON anyway; errors are too', false)
    .addHelpText('after', '\nExample:\n  velum input orders --example > input.json')
    .action(async (text: string, { example }: { readonly example: boolean }) => {
      if (!example) throw new CliError('USAGE', 'say --example\nSee velum input --help.');
      const chosen = chooseCircuit(terminal.cwd, text);
      const input = chosen.isOwn ? await exampleOfOwn(chosen) : exampleInput(chosen.name);
      await terminal.out(snarkjsJson(input));
    });
}
