import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import type { VelumError } from '../../base/errors.ts';
import { FormatError } from '../../formats/errors.ts';
import { GENESIS_FILE_BYTES, parseGenesisFile } from '../../formats/genesis-file.ts';
import {
  HEIGHT_FILE_BYTES,
  parseBlockFile,
  parseCertificateFile,
  settlementText,
} from '../../formats/height-files.ts';
import { type Claim, claimOf } from '../../ledger/claims.ts';
import { type Item, proofsOf } from '../../ledger/items.ts';
import { REPLAY_PROBLEMS } from '../../ledger/replay.ts';
import { Replica } from '../../ledger/replica.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { answerNo } from '../answer-no.ts';
import { readTextFile, type Terminal, writerOf } from '../io.ts';
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
  const read = async (name: string, most: number): Promise<{ text: string; file: string }> => {
    const path = join(root, name);
    return { text: await readTextFile(path, most), file: relative(terminal.cwd, path) };
  };
  if ((await writerOf(root)) === 'market simulate')
    throw new FormatError(
      'RUN_FILES',
      `${dir} is an output of velum market simulate, which has no blocks: only one of velum epoch can be replayed`,
      { file: dir },
    );
  const genesis = await read('genesis.json', GENESIS_FILE_BYTES);
  const { chain, epoch } = parseGenesisFile(genesis.text, genesis.file);
  const replica = new Replica(chain, epoch);
  const heights: ReplayedHeight[] = [];
  try {
    await replayAll(root, replica, read, heights);
  } catch (error) {
    if (!FormatError.is(error, 'REPLAY_REFUSED')) throw error;
    return answerNo(terminal, { json }, { heights, reason: error.message }, error);
  }
  if (json) return terminal.out(`${JSON.stringify({ heights, reason: null })}\n`);
  const rows = heights.map(({ height, stateRoot }) => [`${height}`, stateRoot]);
  return terminal.out(`${table([['Height', 'state root, replayed and the same'], ...rows]).join('\n')}\n`);
}

interface ReplayedHeight {
  readonly height: number;
  readonly stateRoot: string;
}

/** @param heights gets each that replays. @throws {FormatError} REPLAY_REFUSED for the first that does not */
async function replayAll(
  root: string,
  replica: Replica,
  read: (name: string, most: number) => Promise<{ text: string; file: string }>,
  heights: ReplayedHeight[],
): Promise<void> {
  for (let height = 1; height <= (await lastHeight(root)); height++) {
    const at = `height-${height}`;
    const blockFile = await read(`${at}/block.json`, HEIGHT_FILE_BYTES);
    const certificateFile = await read(`${at}/certificate.json`, HEIGHT_FILE_BYTES);
    const said = await read(`${at}/settlement.json`, HEIGHT_FILE_BYTES);
    const block = parseBlockFile(blockFile.text, blockFile.file);
    const certificate = parseCertificateFile(certificateFile.text, certificateFile.file, block.certificate);
    const { settlement: before, items, claims: known } = replica;
    const claims = block.items.map((item) => ({ item, claim: claimOf(items, known, item) }));
    const settlement = replica.apply(block, certificate);
    if (typeof settlement === 'string')
      throw refused(height, `${settlement}: ${REPLAY_PROBLEMS[settlement]}`);
    await verifyProofs(height, claims);
    if (said.text !== settlementText(before, settlement))
      throw refused(
        height,
        `it settles to the state root ${toHex(settlement.stateRoot)}, and ${said.file} is not what it settles to`,
      );
    heights.push({ height, stateRoot: toHex(settlement.stateRoot) });
  }
}

/** The proofs of a block's items: the header binds what they prove, and not their bytes. @throws {FormatError} REPLAY_REFUSED */
async function verifyProofs(
  height: number,
  claims: readonly { readonly item: Item; readonly claim: Claim | undefined }[],
): Promise<void> {
  for (const circuit of ['orders', 'account', 'ballot', 'dealing'] as const) {
    const proved = claims.flatMap(({ item, claim }) =>
      claim?.proved?.circuit === circuit
        ? claim.proved.statements.map((signals, i) => ({
            id: claim.id,
            signals: [...signals],
            proof: proofsOf(item)[i]!,
          }))
        : [],
    );
    if (proved.length === 0) continue;
    const verifier = await loadVerifier(circuit);
    const [bad] = await verifier.verifyBatch(
      proved.map(({ signals }) => signals),
      proved.map(({ proof }) => proof),
    );
    if (bad !== undefined) throw refused(height, `the proof of item ${proved[bad]!.id} does not hold`);
  }
}

const refused = (height: number, why: string): VelumError =>
  new FormatError('REPLAY_REFUSED', `the block of height ${height} does not replay: ${why}`, { height });

/** @throws {FormatError} RUN_FILES if the directory holds no height */
async function lastHeight(root: string): Promise<number> {
  const names = await readdir(root);
  const last = names.filter((name) => /^height-[1-9]\d*$/.test(name)).length;
  if (last === 0)
    throw new FormatError('RUN_FILES', `${root} holds no height-1: it is no output of a run`, { file: root });
  return last;
}
