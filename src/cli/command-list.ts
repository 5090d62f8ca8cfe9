import type { Command } from 'commander';
import type { RunEpoch } from './commands/epoch.ts';
import type { Terminal } from './io.ts';

type Engine = () => Promise<RunEpoch>;
type Add = (program: Command, terminal: Terminal, engine: Engine) => void;

/** The words that a command line can begin with, in the order of --help, and what adds their commands. */
const COMMANDS: readonly (readonly [word: string, load: () => Promise<readonly Add[]>])[] = [
  ['epoch', async () => [(await import('./commands/epoch.ts')).addEpochCommand]],
  ['audit', async () => [(await import('./commands/audit.ts')).addAuditCommand]],
  ['init', async () => [(await import('./commands/init.ts')).addInitCommand]],
  ['test', async () => [(await import('./commands/test.ts')).addTestCommand]],
  ['circuits', async () => [(await import('./commands/circuits.ts')).addCircuitsCommand]],
  ['input', async () => [(await import('./commands/input.ts')).addInputCommand]],
  ['witness', async () => [(await import('./commands/witness.ts')).addWitnessCommand]],
  ['prove', async () => [(await import('./commands/prove.ts')).addProveCommand]],
  ['prove-batch', async () => [(await import('./commands/prove-batch.ts')).addProveBatchCommand]],
  ['verify', async () => [(await import('./commands/verify.ts')).addVerifyCommand]],
  ['verify-batch', async () => [(await import('./commands/verify-batch.ts')).addVerifyBatchCommand]],
  ['verify-height', async () => [(await import('./commands/verify-height.ts')).addVerifyHeightCommand]],
  ['keys', async () => [(await import('./commands/keys.ts')).addKeysCommand]],
  ['export', async () => [(await import('./commands/export.ts')).addExportCommand]],
  ['market', async () => [(await import('./commands/market.ts')).addMarketCommand]],
  ['evidence', async () => [(await import('./commands/evidence.ts')).addEvidenceCommand]],
  ['genesis', async () => [(await import('./commands/genesis.ts')).addGenesisCommand]],
  ['devnet', async () => [(await import('./commands/devnet.ts')).addDevnetCommand]],
  ['node', async () => [(await import('./commands/node.ts')).addNodeCommand]],
  ['wallet', async () => [(await import('./commands/wallet.ts')).addWalletCommand]],
  ['sim', async () => [(await import('./commands/sim.ts')).addSimCommand]],
  [
    'bench',
    async () => [
      (await import('./commands/bench-proofs.ts')).addBenchProofsCommand,
      (await import('./commands/bench-consensus.ts')).addBenchConsensusCommand,
      (await import('./commands/bench-market.ts')).addBenchMarketCommand,
      (await import('./commands/bench-threshold.ts')).addBenchThresholdCommand,
      (await import('./commands/bench-node.ts')).addBenchNodeCommand,
    ],
  ],
  ['worker-key', async () => [(await import('./commands/worker-key.ts')).addWorkerKeyCommand]],
  ['worker', async () => [(await import('./commands/worker.ts')).addWorkerCommand]],
  ['experiment', async () => [(await import('./commands/experiment.ts')).addExperimentCommand]],
];

/** Adds the commands that begin with a word, and loads no other; all of them if none does. */
export async function addCommands(
  program: Command,
  terminal: Terminal,
  engine: Engine,
  word?: string,
): Promise<void> {
  const named = COMMANDS.filter(([known]) => known === word);
  for (const [, load] of named.length > 0 ? named : COMMANDS)
    for (const add of await load()) add(program, terminal, engine);
}
