import { resolve } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { ClientError } from '../../client/errors.ts';
import { FormatError } from '../../formats/errors.ts';
import { epochsText, stateText } from '../../formats/state-files.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { isNodeHome } from '../heights/node-blocks.ts';
import {
  type HeightFiles,
  type HeightPaths,
  type VerifiedHeight,
  verifyHeight,
} from '../heights/verify-height.ts';
import { inputPath } from '../input-file.ts';
import { checkOutDirectory, type Terminal, writeOutDirectory } from '../io.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends Partial<HeightFiles>, Pick<HeightPaths, 'genesis' | 'epochs' | 'state' | 'blocks'> {
  readonly height?: number;
  readonly proofs: boolean;
  readonly out?: string;
  readonly json: boolean;
}

/** Adds `velum verify-height`. */
export function addVerifyHeightCommand(program: Command, terminal: Terminal): void {
  program
    .command('verify-height')
    .description('Verifies a height of a chain from its files and trusts nobody: a light client.')
    .requiredOption('--genesis <file>', 'genesis.json of the chain: the only file that is believed')
    .option('--block <file>', 'block.json of the height')
    .option('--certificate <file>', 'certificate.json of the height')
    .option('--settlement <file>', 'settlement.json of the height')
    .option('--state <file>', 'state before the height, to replay its settlement (of --out)')
    .option(
      '--blocks <dir>',
      'to replay all heights before: a folder with height-1, height-2 …, or the home of a node',
    )
    .option(
      '--height <h>',
      'a height that the node of --blocks keeps, in place of three files (default: its newest)',
      wholeNumber(1, 2 ** 32 - 1),
    )
    .option('--epochs <file>', 'changes of the committee, for a later epoch without --blocks (of --out)')
    .option('--proofs', 'verify the proofs of all items as well', false)
    .option('--out <dir>', 'write state.json and epochs.json after the height, for the height after it')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, terminal));
}

const HELP = `
Examples:
  velum epoch --orders examples/small.csv --out out/small && velum verify-height --genesis out/small/genesis.json --block out/small/height-1/block.json --certificate out/small/height-1/certificate.json --settlement out/small/height-1/settlement.json --blocks out/small --proofs
  velum verify-height --genesis out/devnet/node-0/genesis.json --blocks out/devnet/node-0
Checked are both certificates, the committee of the epoch since genesis, that the items are those of the header in its order, their
signatures, and that each batch was opened with the right key. With --state or --blocks the settlement is replayed, and every field of
every file must be what that gives. A node keeps blocks with both certificates and no settlement file; it may run meanwhile. Without them the settlement is not replayed: then only height, roots and tables of settlement.json
are checked, and of block.json neither the beacon nor the refused items, nor a dealing or evidence against a dealer beyond its name.
With --json prints {"height", "epoch", "validators", "stateRoot", "receiptsRoot", "items", "batches", "signers": {"header", "settlement"},
"proofs", "unjudged", "replayed", "problem", "reason"}: "proofs" counts those verified, null without --proofs; "problem" is the code of a no.
Exit codes: 0 verified, 1 not verified, 2 files missing or of another kind.`;

async function run(flags: Flags, terminal: Terminal): Promise<void> {
  if (flags.state !== undefined && flags.blocks !== undefined)
    throw new CliError('USAGE', '--state and --blocks both say how the height came about: name one');
  if (flags.out !== undefined && flags.state === undefined && flags.blocks === undefined)
    throw new CliError('USAGE', '--out writes the state after the height, which --state or --blocks lead to');
  const judged = judgedBy(flags, terminal.cwd);
  const at = (path: string): string => inputPath(terminal.cwd, path);
  const paths: HeightPaths = {
    genesis: at(flags.genesis),
    judged,
    ...(flags.epochs === undefined ? {} : { epochs: at(flags.epochs) }),
    ...(flags.state === undefined ? {} : { state: at(flags.state) }),
    ...(flags.blocks === undefined ? {} : { blocks: resolve(terminal.cwd, flags.blocks) }),
  };
  const out = flags.out === undefined ? undefined : resolve(terminal.cwd, flags.out);
  if (out !== undefined) await checkOutDirectory(out, false);
  let verified: VerifiedHeight;
  try {
    verified = await verifyHeight(paths, { cwd: terminal.cwd, proofs: flags.proofs });
  } catch (error) {
    const isNo = ClientError.is(error, 'HEIGHT_REFUSED') || FormatError.is(error, 'REPLAY_REFUSED');
    if (!isNo) throw error;
    const { height, problem } = { height: null, problem: error.code, ...error.data };
    return answerNo(terminal, flags, { ...NOTHING, height, problem, reason: error.message }, error);
  }
  const { replica } = verified;
  if (out !== undefined && replica !== undefined)
    await writeOutDirectory(out, [
      { path: 'state.json', text: stateText(replica.shown()) },
      { path: 'epochs.json', text: epochsText(replica.changes) },
    ]);
  await terminal.out(
    flags.json ? `${JSON.stringify(answerOf(verified))}\n` : `${linesOf(verified).join('\n')}\n`,
  );
}

/** @throws {CliError} USAGE unless all three files of a height are named, or the home of a node and none of them */
function judgedBy({ height, blocks, ...named }: Flags, cwd: string): HeightPaths['judged'] {
  const { block, certificate, settlement } = named;
  const files = [block, certificate, settlement].filter((file) => file !== undefined);
  if (block !== undefined && certificate !== undefined && settlement !== undefined && height === undefined)
    return {
      block: inputPath(cwd, block),
      certificate: inputPath(cwd, certificate),
      settlement: inputPath(cwd, settlement),
    };
  if (files.length === 0 && blocks !== undefined && isNodeHome(resolve(cwd, blocks))) return { height };
  throw new CliError(
    'USAGE',
    'name --block, --certificate and --settlement of one height; or none of them, and with --blocks the home of a node',
  );
}

/** The keys of a yes. */
const NOTHING = {
  height: null,
  epoch: null,
  validators: null,
  stateRoot: null,
  receiptsRoot: null,
  items: null,
  batches: null,
  signers: null,
  proofs: null,
  unjudged: null,
  replayed: null,
  problem: null,
  reason: null,
};

const answerOf = ({ replica, proofs, stateRoot, receiptsRoot, ...verified }: VerifiedHeight) => ({
  ...NOTHING,
  ...verified,
  stateRoot: toHex(stateRoot),
  receiptsRoot: toHex(receiptsRoot),
  proofs: proofs ?? null,
  replayed: replica !== undefined,
});

function linesOf(verified: VerifiedHeight): string[] {
  const { height, epoch, validators, signers, items, batches, proofs, unjudged, replica } = verified;
  return [
    `Height ${height} is verified, by the committee of epoch ${epoch}.`,
    `  order        ${signers.header} of ${validators} validators signed the header; its ${items} items are these, in this order`,
    `  openings     each of ${batches} batches has the right key`,
    `  settlement   ${signers.settlement} of ${validators} validators signed state root ${toHex(verified.stateRoot)}`,
    replica === undefined
      ? '  replay       settlement not replayed: name --state or --blocks'
      : '  replay       the settlement was replayed, and every field of the files is what it gives',
    proofs === undefined
      ? '  proofs       not verified: ask with --proofs'
      : `  proofs       ${proofs} verified`,
    ...(unjudged === 0
      ? []
      : [
          `  dealings     ${unjudged} dealings, or pieces of evidence against dealers, not judged: that needs the state before, with --state or --blocks`,
        ]),
  ];
}
