import type { Command } from 'commander';
import { snarkjsJson } from '../../groth16/json-files.ts';
import { exampleInput } from '../../proofs/examples.ts';
import { circuitName } from '../circuit-args.ts';
import type { Terminal } from '../io.ts';

export function addInputCommand(program: Command, terminal: Terminal): void {
  program
    .command('input')
    .description('Prints a valid input of a circuit to start from.')
    .argument('<circuit>', 'ballot, orders, … (velum circuits list)')
    .requiredOption('--example', 'the example that the tests prove')
    .option('--json', 'the input is JSON anyway; errors are too', false)
    .addHelpText('after', '\nExample:\n  velum input orders --example > input.json')
    .action((circuit: string) => terminal.out(snarkjsJson(exampleInput(circuitName(circuit)))));
}
