import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { addNodeConfigCommand } from './node-config.ts';
import { addNodeInitCommand } from './node-init.ts';
import { addNodeReplayCommand } from './node-replay.ts';
import { addNodeStartCommand } from './node-start.ts';
import { addNodeStatusCommand } from './node-status.ts';

/** Adds `velum node`. */
export function addNodeCommand(program: Command, terminal: Terminal): void {
  const node = program
    .command('node')
    .description('A validator as a process, and its folder.')
    .helpCommand(false)
    .addHelpText('after', HELP);
  addNodeInitCommand(node, terminal);
  addNodeStartCommand(node, terminal);
  addNodeStatusCommand(node, terminal);
  addNodeConfigCommand(node, terminal);
  addNodeReplayCommand(node, terminal);
}

const HELP = `
Examples:
  velum genesis create --validators 4 --out out/net
  velum node init --home out/net/node-0 --genesis out/net/genesis.json --listen 127.0.0.1:26600 --rpc 127.0.0.1:26700
  velum node start --home out/net/node-0
  velum node replay out/epoch/logs/validator-0`;
