import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { addSimAcsCommand } from './sim-acs.ts';
import { addSimCommitteeCommand } from './sim-committee.ts';
import { addSimReplayCommand } from './sim-replay.ts';

/** Adds `velum sim`. */
export function addSimCommand(program: Command, terminal: Terminal): void {
  const sim = program
    .command('sim')
    .description('Runs the consensus in virtual time, with faulty validators, and checks what must hold.')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum sim acs --faulty 1 --trace run.json && velum sim replay run.json\n  velum sim committee --attack slow-then-silent',
    );
  addSimAcsCommand(sim, terminal);
  addSimReplayCommand(sim, terminal);
  addSimCommitteeCommand(sim, terminal);
}
