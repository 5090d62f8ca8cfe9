import type { Command } from 'commander';
import type { Terminal } from '../io.ts';
import { addGenesisAssembleCommand } from './genesis-assemble.ts';
import { addGenesisChainCommand } from './genesis-chain.ts';
import { addGenesisCreateCommand } from './genesis-create.ts';
import { addGenesisMemberCommand } from './genesis-member.ts';
import { addGenesisRegisterCommand } from './genesis-register.ts';

/** Adds `velum genesis`. */
export function addGenesisCommand(program: Command, terminal: Terminal): void {
  const genesis = program
    .command('genesis')
    .description('Where a chain begins: its registry, its first committee, and no key that anybody deals.')
    .helpCommand(false)
    .addHelpText('after', HELP);
  addGenesisCreateCommand(genesis, terminal);
  addGenesisMemberCommand(genesis, terminal);
  addGenesisChainCommand(genesis, terminal);
  addGenesisRegisterCommand(genesis, terminal);
  addGenesisAssembleCommand(genesis, terminal);
}

const HELP = `
Examples:
  velum genesis create --validators 4 --out out/net
  velum genesis member --home ~/velum
  velum genesis chain --name my-chain --members net/a.json,net/b.json,net/c.json,net/d.json --market market.json --out net/chain.json
  velum genesis register --home ~/velum --chain net/chain.json --address 10.0.0.1:26600 --out net/registration-a.json
  velum genesis assemble --chain net/chain.json --registrations net/registration-a.json,net/registration-b.json,net/registration-c.json,net/registration-d.json --out net/genesis.json
On one machine, create does all of it. On several, each operator does member and register and keeps every secret; chain and assemble handle public files only.`;
