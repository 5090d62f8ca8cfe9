import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { equalBytes } from '../../base/bytes.ts';
import { FileError, VelumError } from '../../base/errors.ts';
import { GENESIS_FILE_BYTES, type Genesis, parseGenesisFile } from '../../formats/genesis-file.ts';
import { HostError } from '../../host/errors.ts';
import { Host } from '../../host/host.ts';
import { openHost } from '../../host/host-snapshot.ts';
import { FRAME_BYTES, readRecords } from '../../host/log.ts';
import type { NumberedSending } from '../../host/outbox.ts';
import { type ReadLog, readLog } from '../../host/read-log.ts';
import { decodeRecord, type HeaderRecord, type InputRecord } from '../../host/records.ts';
import type { Segment } from '../../host/store.ts';
import { type EpochConfig, epochHash } from '../../ledger/epoch-config.ts';
import { NodeError } from '../../node/errors.ts';
import { epochFolder, epochsIn } from '../../node/file-safe.ts';
import { readFolder, readingStore } from '../../node/file-store.ts';
import { readKeyFile, secretFileName, secretOwner } from '../../node/secret-file.ts';
import { validatorIndex } from '../../params/ids.ts';
import { decodeMessage, type Message, roundOf } from '../../validator/messages.ts';
import { epochInOffice } from '../../validator/snapshot.ts';
import type { Input } from '../../validator/types.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { homeFiles } from '../node/home.ts';
import { table } from '../table.ts';

/** Adds `velum node replay`. */
export function addNodeReplayCommand(node: Command, terminal: Terminal): void {
  node
    .command('replay')
    .argument(
      '<dir>',
      "a validator's folder with its log and its keys, or its home; of several epochs the newest one's",
    )
    .description("Steps through a validator's log: which input led to which frames.")
    .option(
      '--genesis <file.json>',
      'chain and first epoch (default: genesis.json of the folder above, or of one of the two above that)',
    )
    .option('--inputs', 'list the inputs alone: needs no keys, recomputes nothing', false)
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText('after', HELP)
    .action((dir: string, flags: ReplayFlags) => replay(dir, flags, terminal));
}

const HELP = `
Examples:
  velum epoch --orders examples/small.csv --out out/small && velum node replay out/small/logs/validator-0
  velum node replay out/small/logs/validator-0 --inputs --json
  velum node replay out/devnet/node-0
Every input is handled again, and what the validator sends then is compared with the hashes of what it sent.
A validator keeps the inputs since its last snapshot but one, so those of the last two heights or so; they are numbered from 1.
Where the replay stops, the inputs up to there are shown, and the error ("reason") says after which input.
With --json prints {"validator", "recomputed", "torn", "damaged", "reason", "inputs": [{"number", "type", "from", "height", "bytes", "frames"}]};
"torn" counts the bytes of a write that a crash cut off; "damaged" names an older segment that is damaged and that no restart needs.
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

/** What a folder says of itself. */
interface Log {
  readonly validator: number;
  /** Bytes of a write that a crash cut off. */
  readonly torn: number;
  /** An older segment that is damaged and that no restart needs. */
  readonly damaged: string | null;
}

interface Frame {
  readonly to: number | 'all';
  readonly kind: string;
  readonly height: number | undefined;
  readonly bytes: number;
}

async function replay(dir: string, flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const path = storeIn(resolve(terminal.cwd, dir));
  const folder = readFolder(path);
  const lines: Line[] = [];
  const whole = { validator: null, recomputed: !flags.inputs, torn: null, damaged: null };
  /** Shows how far it went before it says why it went no further. */
  const stopped = async (cause: unknown, known: Partial<Log>): Promise<never> => {
    if (!flags.json && lines.length > 0) await terminal.out(`${rowsOf(lines).join('\n')}\n`);
    const error = withHelp(cause, lines.length);
    if (!HostError.is(error, 'HOST_DIVERGED') && !HostError.is(error, 'HOST_LOG_DAMAGED')) throw error;
    return answerNo(terminal, flags, { ...whole, ...known, inputs: lines, reason: error.message }, error);
  };
  let kept: ReturnType<typeof wholeSegments>;
  try {
    kept = wholeSegments(folder.load(), folder.names());
  } catch (error) {
    return stopped(error, {});
  }
  const { segments, damaged = null } = kept;
  let logs: ReadLog[];
  try {
    logs = segments.map(({ log }, i) => readLog(log, i === segments.length - 1));
  } catch (error) {
    for (const { log } of segments) if (listWhole(log, lines)) break;
    return stopped(error, { damaged });
  }
  const torn = logs.at(-1)!.torn;
  const header = logs.flatMap(({ committed }) => committed).find((record) => record.type === 'header');
  if (header === undefined)
    throw new CliError(
      'USAGE',
      `${dir} holds no log of a validator: name a folder such as out/epoch/logs/validator-0, or the home of a validator`,
    );
  if (flags.inputs) {
    for (const { committed, tail } of logs)
      for (const record of [...committed, ...tail])
        if (record.type === 'input') lines.push(lineOf(lines.length + 1, record));
  } else {
    const genesis = await readGenesis(path, flags, terminal);
    try {
      recompute(path, segments, genesis, header, (record, sends) => {
        lines.push({ ...lineOf(lines.length + 1, record), frames: sends.map(frameOf) });
      });
    } catch (error) {
      return stopped(error, { validator: header.self, torn, damaged });
    }
  }
  const result = { ...whole, validator: header.self, torn, damaged, inputs: lines, reason: null };
  await terminal.out(flags.json ? `${JSON.stringify(result)}\n` : textOf(result, segments));
}

/** A folder that is a store itself, or the newest store in a member's folder, or in that of a home. */
function storeIn(named: string): string {
  const ofHome = homeFiles(named).validator;
  const path = existsSync(ofHome) ? ofHome : named;
  const newest = existsSync(join(path, 'blocks')) || !existsSync(path) ? undefined : epochsIn(path).at(-1);
  return newest === undefined ? path : epochFolder(path, newest);
}

/**
 * The segments that a restart would read. Of the older of two it needs nothing while the newer one's snapshot is whole; so where
 * the older one is damaged, the newer one is what can be replayed.
 */
function wholeSegments(
  segments: readonly Segment[],
  names: readonly string[],
): { readonly segments: readonly Segment[]; readonly damaged: string | undefined } {
  const [older, newer] = segments;
  const isWhole = newer?.snapshot !== undefined && openHost(newer.snapshot) !== undefined;
  if (!isWhole || !isDamaged(older!)) return { segments, damaged: undefined };
  return { segments: [newer], damaged: names[0] };
}

function isDamaged({ snapshot, log }: Segment): boolean {
  try {
    readLog(log, false);
    return snapshot !== undefined && openHost(snapshot) === undefined;
  } catch (error) {
    if (error instanceof VelumError && error.code === 'HOST_LOG_DAMAGED') return true;
    throw error;
  }
}

/** Lists the inputs of a log up to the first byte that is damaged. @returns whether there is one, or nothing but a torn end */
function listWhole(log: Uint8Array, lines: Line[]): boolean {
  let at = 0;
  for (const bytes of readRecords(log)) {
    const record = decodeRecord(bytes);
    if (record === undefined) return true;
    if (record.type === 'input') lines.push(lineOf(lines.length + 1, record));
    at += FRAME_BYTES + bytes.length;
  }
  return at < log.length;
}

/** The same error with where the replay was, and with what helps here. @param inputs how many were handled or read */
function withHelp(error: unknown, inputs: number): unknown {
  if (!(error instanceof VelumError)) return error;
  const { code, message, data } = error;
  const where = inputs === 0 ? 'before the first input' : `after input ${inputs}`;
  if (code === 'HOST_DIVERGED' || code === 'HOST_LOG_DAMAGED')
    return new HostError(
      code,
      `${message}. The replay stopped ${where}`,
      { ...data, inputs } as never,
      error,
    );
  if (code === 'NODE_KEYS_MISSING')
    return new NodeError(
      code,
      `${message}. The inputs alone can be listed without keys: --inputs`,
      data as never,
      error,
    );
  return error;
}

async function readGenesis(path: string, { genesis }: ReplayFlags, { cwd }: Terminal): Promise<Genesis> {
  // A node's home has it beside the folder, the output of an epoch beside all of them.
  const places = ['..', '../..', '../../..'].map((above) => join(path, above, 'genesis.json'));
  const file = genesis === undefined ? (places.find(existsSync) ?? places[1]!) : resolve(cwd, genesis);
  if (genesis === undefined && !existsSync(file))
    throw new FileError(
      'FILE_UNREADABLE',
      `${relative(cwd, file)} is missing: name the genesis.json of the run with --genesis FILE, or list the inputs alone with --inputs`,
      { path: file },
    );
  return parseGenesisFile(await readTextFile(file, GENESIS_FILE_BYTES), relative(cwd, file));
}

/** @throws {HostError} HOST_LOG_OTHER, HOST_DIVERGED; {NodeError} NODE_KEYS_MISSING, NODE_KEYS_EXPOSED, NODE_KEYS_FILE */
function recompute(
  path: string,
  segments: readonly Segment[],
  { chain, epoch: first }: Genesis,
  header: HeaderRecord,
  onReplayed: (record: InputRecord, sends: readonly NumberedSending[]) => void,
): void {
  const self = validatorIndex(header.self);
  const epoch = epochOf(header, first, segments);
  const name = secretFileName('keys', epoch.epoch);
  const places = [join(path, name), join(path, '..', name)];
  const secrets = readKeyFile(places.find(existsSync) ?? places[1]!, secretOwner(chain, epoch, self));
  const config = { chain, epoch, self, secrets, dissemination: header.dissemination };
  // From the oldest segment on: an empty snapshot is passed over. The host is never started, so nothing leaves it.
  const folder = readingStore(path);
  const load = () => segments.map((each, i) => (i === 0 ? each : { ...each, snapshot: NO_BYTES }));
  new Host({ config, store: { ...folder, load }, port: DEAF, onReplayed });
}

/** Who orders by this log: the epoch of the genesis, or a later one, which is in the state that its log begins with. */
function epochOf(header: HeaderRecord, first: EpochConfig, [oldest]: readonly Segment[]): EpochConfig {
  const state = oldest?.snapshot && openHost(oldest.snapshot);
  const later = state && epochInOffice(state.machine);
  return later !== undefined && equalBytes(epochHash(later), header.epoch) ? later : first;
}

const GONE =
  'A validator keeps the inputs since its last snapshot but one, numbered from 1 here; what came before is in that snapshot.';
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

/** The inputs as a table. */
function rowsOf(inputs: readonly Line[]): string[] {
  const cell = (value: number | undefined): string => (value === undefined ? '' : `${value}`);
  const hasFrames = inputs.some(({ frames }) => frames !== undefined);
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
  return table(
    [['Input', 'type', 'from', 'height', 'bytes', hasFrames ? 'frames that it led to' : ''], ...rows],
    ['right', 'left', 'right', 'right', 'right', 'left'],
  );
}

function textOf(
  {
    validator,
    recomputed,
    torn,
    damaged,
    inputs,
  }: {
    readonly validator: number;
    readonly recomputed: boolean;
    readonly torn: number;
    readonly damaged: string | null;
    readonly inputs: readonly Line[];
  },
  segments: readonly Segment[],
): string {
  const isFirst = segments[0]!.snapshot === undefined;
  const start = isFirst ? 'genesis' : 'a snapshot';
  const gone = isFirst ? [] : [GONE];
  const last = recomputed
    ? `Validator ${validator} sends the same again, from ${start} on: every hash agrees.`
    : `Inputs of validator ${validator}, from ${start} on; nothing was recomputed.`;
  const cut =
    torn === 0 ? [] : [`A crash cut off the last write: ${torn} bytes of it are left and count for nothing.`];
  const older =
    damaged === null
      ? []
      : [
          `Segment ${damaged} is damaged and was left out. A restart does not need it: it begins at the snapshot after it.`,
        ];
  return `${[...rowsOf(inputs), '', last, ...gone, ...cut, ...older].join('\n')}\n`;
}
