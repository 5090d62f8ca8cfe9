import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { GENESIS_FILE_BYTES, type Genesis, parseGenesisFile } from '../../formats/genesis-file.ts';
import { Host } from '../../host/host.ts';
import type { NumberedSending } from '../../host/outbox.ts';
import { readLog } from '../../host/read-log.ts';
import type { HeaderRecord, InputRecord } from '../../host/records.ts';
import type { Segment } from '../../host/store.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { readFolder, readingStore } from '../../node/file-store.ts';
import { keyFileName, readKeyFile } from '../../node/key-file.ts';
import { validatorIndex } from '../../params/ids.ts';
import { decodeMessage, type Message, roundOf } from '../../validator/messages.ts';
import type { Input } from '../../validator/types.ts';
import { CliError } from '../errors.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Adds `velum node`. */
export function addNodeCommand(program: Command, terminal: Terminal): void {
  const node = program
    .command('node')
    .description('A validator and its folder.')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum node replay out/epoch/logs/validator-0');
  node
    .command('replay')
    .argument('<dir>', "a validator's folder: its log, its keys")
    .description("Steps through a validator's log: which input led to which frames.")
    .option('--genesis <file.json>', 'chain and epoch (default: genesis.json two folders above)')
    .option('--inputs', 'list the inputs alone: needs no keys, recomputes nothing', false)
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText('after', HELP)
    .action((dir: string, flags: ReplayFlags) => replay(dir, flags, terminal));
}

const HELP = `
Examples:
  velum epoch --orders examples/small.csv --out out/small && velum node replay out/small/logs/validator-0
  velum node replay out/small/logs/validator-0 --inputs --json
Every input is handled again, and what the validator sends then is compared with the hashes of what it sent.
Prints {"validator", "recomputed", "torn", "inputs": [{"number", "type", "from", "height", "bytes", "frames"}]};
"torn" counts the bytes of a write that a crash cut off.
Exit codes: 0 the same frames, 1 others, or the log is damaged, 2 another version, keys or files missing.`;

interface ReplayFlags {
  readonly genesis?: string;
  readonly inputs: boolean;
  readonly json: boolean;
}

/** One input as it is shown. */
interface Line {
  readonly number: number;
  readonly type: string;
  readonly from: number | undefined;
  readonly height: number | undefined;
  readonly bytes: number;
  readonly frames?: readonly Frame[];
}

interface Frame {
  readonly to: number | 'all';
  readonly kind: string;
  readonly height: number | undefined;
  readonly bytes: number;
}

async function replay(dir: string, flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const path = resolve(terminal.cwd, dir);
  const segments = readFolder(path).load();
  const logs = segments.map(({ log }, i) => readLog(log, i === segments.length - 1));
  const torn = logs.at(-1)!.torn;
  const header = logs.flatMap(({ committed }) => committed).find((record) => record.type === 'header');
  if (header === undefined)
    throw new CliError(
      'USAGE',
      `${dir} holds no log of a validator: name a folder such as out/epoch/logs/validator-0`,
    );
  const lines: Line[] = [];
  if (flags.inputs) {
    for (const { committed, tail } of logs)
      for (const record of [...committed, ...tail])
        if (record.type === 'input') lines.push(lineOf(lines.length + 1, record));
  } else {
    const genesis = await readGenesis(path, flags, terminal);
    recompute(path, genesis, header, (record, sends) => {
      lines.push({ ...lineOf(lines.length + 1, record), frames: sends.map(frameOf) });
    });
  }
  const result = { validator: header.self, recomputed: !flags.inputs, torn, inputs: lines };
  await terminal.out(flags.json ? `${JSON.stringify(result)}\n` : textOf(result, segments));
}

async function readGenesis(path: string, { genesis }: ReplayFlags, { cwd }: Terminal): Promise<Genesis> {
  const file = genesis === undefined ? join(path, '..', '..', 'genesis.json') : resolve(cwd, genesis);
  return parseGenesisFile(await readTextFile(file, GENESIS_FILE_BYTES), relative(cwd, file));
}

/** @throws {HostError} HOST_LOG_OTHER, HOST_DIVERGED; {NodeError} NODE_KEYS_MISSING, NODE_KEYS_EXPOSED, NODE_KEYS_FILE */
function recompute(
  path: string,
  { chain, epoch }: Genesis,
  header: HeaderRecord,
  onReplayed: (record: InputRecord, sends: readonly NumberedSending[]) => void,
): void {
  const self = validatorIndex(header.self);
  const owner = { domain: epochDomain(chain, epoch), self };
  const secrets = readKeyFile(join(path, keyFileName(epoch.epoch)), owner);
  const config = { chain, epoch, self, secrets, dissemination: header.dissemination };
  // From the oldest segment on: an empty snapshot is passed over. The host is never started, so nothing leaves it.
  const folder = readingStore(path);
  const load = () => folder.load().map((each, i) => (i === 0 ? each : { ...each, snapshot: NO_BYTES }));
  new Host({ config, store: { ...folder, load }, port: DEAF, onReplayed });
}

const NO_BYTES = new Uint8Array(0);
const DEAF = { send() {}, acknowledge() {}, effect() {}, output() {}, fault() {} };

function lineOf(number: number, { input }: InputRecord): Line {
  const message = input.type === 'message' ? decodeMessage(input.bytes) : undefined;
  return {
    number,
    type: input.type === 'message' ? (message?.kind ?? 'malformed') : input.type,
    from: peerOf(input),
    height: message === undefined ? refHeight(input) : heightIn(message),
    bytes: 'bytes' in input ? (input.bytes?.length ?? 0) : 0,
  };
}

const heightIn = (message: Message): number | undefined =>
  roundOf(message) ?? ('height' in message ? message.height : undefined);

const peerOf = (input: Input): number | undefined =>
  input.type === 'message' ? input.from : input.type === 'connected' ? input.peer : undefined;

const refHeight = (input: Input): number | undefined =>
  'ref' in input && 'height' in input.ref ? input.ref.height : undefined;

function frameOf({ to, bytes }: NumberedSending): Frame {
  const message = decodeMessage(bytes)!;
  return { to, kind: message.kind, height: heightIn(message), bytes: bytes.length };
}

function textOf(
  {
    validator,
    recomputed,
    torn,
    inputs,
  }: {
    readonly validator: number;
    readonly recomputed: boolean;
    readonly torn: number;
    readonly inputs: readonly Line[];
  },
  segments: readonly Segment[],
): string {
  const cell = (value: number | undefined): string => (value === undefined ? '' : `${value}`);
  const rows = inputs.map(({ number, type, from, height, bytes, frames = [] }) => [
    `${number}`,
    type,
    cell(from),
    cell(height),
    bytes === 0 ? '' : `${bytes}`,
    frames
      .map(({ to, kind, height: at }) => `${kind}${at === undefined ? '' : ` ${at}`} to ${to}`)
      .join(', '),
  ]);
  const lines = table(
    [['Input', 'type', 'from', 'height', 'bytes', recomputed ? 'frames that it led to' : ''], ...rows],
    ['right', 'left', 'right', 'right', 'right', 'left'],
  );
  const start = segments[0]!.snapshot === undefined ? 'genesis' : 'a snapshot';
  const last = recomputed
    ? `Validator ${validator} sends the same again, from ${start} on: every hash agrees.`
    : `Inputs of validator ${validator}, from ${start} on; nothing was recomputed.`;
  const cut =
    torn === 0 ? [] : [`A crash cut off the last write: ${torn} bytes of it are left and count for nothing.`];
  return `${[...lines, '', last, ...cut].join('\n')}\n`;
}
