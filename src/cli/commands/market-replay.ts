import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { verifyBlockProofs } from '../../client/block-proofs.ts';
import { FormatError } from '../../formats/errors.ts';
import { GENESIS_FILE_BYTES, parseGenesisFile } from '../../formats/genesis-file.ts';
import { HEIGHT_FILE_BYTES } from '../../formats/height-files.ts';
import { REPLAY_PROBLEMS } from '../../ledger/replay.ts';
import { Replica } from '../../ledger/replica.ts';
import { answerNo } from '../answer-no.ts';
import { notReplayed, readHeight, readNamed, replayHeight } from '../heights/read-height.ts';
import { type Terminal, writerOf } from '../io.ts';
import { table } from '../table.ts';

/** Adds `velum market replay`. */
export function addMarketReplayCommand(market: Command, terminal: Terminal): void {
  market
    .command('replay')
    .argument('<dir>', 'output directory of `velum epoch`')
    .description("Replays a run's blocks from its genesis and compares every state root.")
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      `
Example:
  velum epoch --orders examples/small.csv --out out/small && velum market replay out/small
Nothing but genesis.json is believed: certificates and the proofs of all items are verified, items opened and settled anew,
and every field of block.json, certificate.json and settlement.json must be what that gives. With --json prints
{"heights": [{"height", "stateRoot"}], "reason"}: the heights that replay, and why the next one does not.
Exit codes: 0 all roots agree, 1 a block does not replay to what the run says, 2 files missing or not of a run.`,
    )
    .action((dir: string, flags: { json: boolean }) => runReplay(dir, flags.json, terminal));
}

async function runReplay(dir: string, json: boolean, terminal: Terminal): Promise<void> {
  const root = resolve(terminal.cwd, dir);
  if ((await writerOf(root)) === 'market simulate')
    throw new FormatError(
      'RUN_FILES',
      `${dir} is an output of velum market simulate, which has no blocks: only one of velum epoch can be replayed`,
      { file: dir },
    );
  const genesis = await readNamed(join(root, 'genesis.json'), GENESIS_FILE_BYTES, terminal.cwd);
  const { chain, epoch } = parseGenesisFile(genesis.text, genesis.file);
  const replica = new Replica(chain, epoch);
  const heights: { readonly height: number; readonly stateRoot: string }[] = [];
  try {
    await replayAll(root, replica, terminal.cwd, heights);
  } catch (error) {
    if (!FormatError.is(error, 'REPLAY_REFUSED')) throw error;
    return answerNo(terminal, { json }, { heights, reason: error.message }, error);
  }
  if (json) return terminal.out(`${JSON.stringify({ heights, reason: null })}\n`);
  const rows = heights.map(({ height, stateRoot }) => [`${height}`, stateRoot]);
  return terminal.out(`${table([['Height', 'state root, replayed and the same'], ...rows]).join('\n')}\n`);
}

/** @param heights gets each that replays. @throws {FormatError} REPLAY_REFUSED for the first that does not */
async function replayAll(
  root: string,
  replica: Replica,
  cwd: string,
  heights: { readonly height: number; readonly stateRoot: string }[],
): Promise<void> {
  const last = await lastHeight(root);
  for (let height = 1; height <= last; height++) {
    const of = (name: string): string => join(root, `height-${height}`, name);
    const read = await readHeight(of('block.json'), of('certificate.json'), cwd);
    const said = await readNamed(of('settlement.json'), HEIGHT_FILE_BYTES, cwd);
    const replayed = replayHeight(replica, read);
    if (typeof replayed === 'string') throw notReplayed(height, `${replayed}: ${REPLAY_PROBLEMS[replayed]}`);
    const { bad } = await verifyBlockProofs(replayed.items);
    if (bad !== undefined) throw notReplayed(height, `the proof of item ${bad} does not hold`);
    const stateRoot = toHex(replayed.settlement.stateRoot);
    if (said.text !== replayed.settlementText)
      throw notReplayed(
        height,
        `it settles to the state root ${stateRoot}, and ${said.file} is not what it settles to`,
      );
    heights.push({ height, stateRoot });
  }
}

/** @throws {FormatError} RUN_FILES if the directory holds no height */
async function lastHeight(root: string): Promise<number> {
  const names = await readdir(root);
  const last = names.filter((name) => /^height-[1-9]\d*$/.test(name)).length;
  if (last === 0)
    throw new FormatError('RUN_FILES', `${root} holds no height-1: it is no output of a run`, { file: root });
  return last;
}
