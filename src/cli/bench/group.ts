import type { Command } from 'commander';

/** `velum bench`, to which each room adds what it measures. */
export function benchGroup(program: Command): Command {
  return (
    program.commands.find((command) => command.name() === 'bench') ??
    program
      .command('bench')
      .description('Measures this package beside its peers.')
      .helpCommand(false)
      .addHelpText('after', '\nExample:\n  velum bench proofs --circuit ballot')
  );
}
