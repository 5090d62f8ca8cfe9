import type { Command } from 'commander';
import { addAuditCommand } from './commands/audit.ts';
import { addBenchProofsCommand } from './commands/bench-proofs.ts';
import { addCircuitsCommand } from './commands/circuits.ts';
import { addInputCommand } from './commands/input.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addProveCommand } from './commands/prove.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addVerifyBatchCommand } from './commands/verify-batch.ts';
import { addWitnessCommand } from './commands/witness.ts';
import type { Terminal } from './io.ts';

/** Circuits, keys, proofs and their measurement, in the words and files of snarkjs. */
export function addProofCommands(program: Command, terminal: Terminal): void {
  addCircuitsCommand(program, terminal);
  addAuditCommand(program, terminal);
  addInputCommand(program, terminal);
  addWitnessCommand(program, terminal);
  addProveCommand(program, terminal);
  addVerifyCommand(program, terminal);
  addVerifyBatchCommand(program, terminal);
  addKeysCommand(program, terminal);
  addBenchProofsCommand(program, terminal);
}
