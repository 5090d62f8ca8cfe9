import { formatDecimal, formatUsdc } from '../formats/decimal.ts';
import { printable } from '../formats/problems.ts';
import type { MarketParams } from '../market/params.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { AccountChange, AccountView, EpochResult, HeightResult } from './epoch/types.ts';
import { statementLines } from './market/statement-text.ts';
import { table, wrap } from './table.ts';

const WIDTH = 100;
const LABEL = 14;

/** How headings and warnings stand out; identity where the output is no terminal. */
export interface Emphasis {
  readonly heading: (text: string) => string;
  readonly warning: (text: string) => string;
}
export const PLAIN: Emphasis = { heading: (text) => text, warning: (text) => text };
export const COLOURED: Emphasis = {
  heading: (text) => `\u001b[1m${text}\u001b[22m`,
  warning: (text) => `\u001b[33m${text}\u001b[39m`,
};

const nameOf = (params: MarketParams, instrument: number): string => params.instruments[instrument]!.name;
const list = (validators: readonly ValidatorIndex[]): string =>
  validators.length === 0 ? 'nobody' : validators.join(', ');
const usdcAlot = (price: bigint): string => formatDecimal(price, 6, 2);
const isoTime = (timeS: bigint): string =>
  new Date(Number(timeS) * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** A labelled paragraph whose lines hang below each other. */
function entry(label: string, text: string, emphasise: (line: string) => string = (line) => line): string[] {
  const lines = wrap(text, WIDTH - LABEL).map(
    (line, i) => (i === 0 ? label : '').padEnd(LABEL - 2) + emphasise(line),
  );
  return lines.map((line) => `  ${line}`);
}

/** A path as a shell takes it: in quotes where it holds more than plain characters. */
const shellWord = (path: string): string =>
  /^[\w./@:+-]+$/.test(path) ? path : `'${printable(path).replaceAll("'", `'\\''`)}'`;

/** Paths as the reader would type them. */
export interface Places {
  /** The output directory. */
  readonly out: string;
  /** The verification key of sealed batches. */
  readonly ordersKey: string;
}

/** What happened in a run, for a person: at most 100 columns where names are short. */
export function formatEpoch(
  result: EpochResult,
  params: MarketParams,
  places: Places,
  emphasis: Emphasis,
): string {
  const lines = [
    emphasis.heading(
      `Velum epoch: ${params.name}, ${count(result.validators, 'validator')}, ${result.faulty.length} faulty, ` +
        `${result.dissemination} dissemination, seed ${result.seed}`,
    ),
    ...result.faulty.map(({ validator, plays }) =>
      emphasis.warning(`  validator ${validator} is faulty: ${plays}`),
    ),
    ...(result.restarts === 0
      ? []
      : [
          emphasis.warning(
            `  validators were dropped and restarted from their logs ${count(result.restarts, 'time')}`,
          ),
        ]),
    ...formatGenesis(result, emphasis),
    ...result.heights.flatMap((height) => ['', ...formatHeight(height, result, params, emphasis)]),
    ...statementLines(params, result.stories).flatMap((line, i) =>
      i === 0 ? ['', emphasis.heading(line)] : [line],
    ),
    '',
    emphasis.heading('Files'),
    ...formatFiles(result, places),
    '',
    emphasis.heading('Trust in this run'),
    ...result.trust.flatMap((line) => wrap(line, WIDTH, 2)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Why a dealing is not in the keys, in words. */
const lacks = (why: string): string =>
  why === 'late'
    ? 'its dealing came too late'
    : why === 'silent'
      ? 'it dealt nothing'
      : `its dealing does not hold (${why})`;

function formatGenesis({ genesis }: EpochResult, { warning }: Emphasis): string[] {
  const { keys, dealers, excluded } = genesis;
  if (keys === 'dealer') return [warning('  one dealer made the threshold keys (--keys dealer)')];
  return [
    `  threshold keys generated without a dealer, from the dealings of validators ${list(dealers)}`,
    ...excluded.map(({ validator, why }) =>
      warning(`  validator ${validator} has no part in them: ${lacks(why)}`),
    ),
  ];
}

function formatHeight(
  height: HeightResult,
  result: EpochResult,
  params: MarketParams,
  { heading, warning }: Emphasis,
): string[] {
  const correct = result.validators - result.faulty.length;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
  const { ms } = height;
  return [
    heading(`Height ${height.height}, ${isoTime(height.timeS)}`),
    ...entry(
      'Batches',
      `${height.submitted} submitted, ${height.accepted} accepted, ${height.refused.length} refused`,
    ),
    ...height.refused.flatMap(({ item, code, sentence, by, validators }) =>
      entry('', `refused ${item}: ${code} at ${stageOf(by, validators)}. ${sentence}`, warning),
    ),
    ...height.dropped.flatMap(({ item, leg, code, sentence }) =>
      entry('', `left out order ${leg + 1} of ${item}: ${code}. ${sentence}`, warning),
    ),
    ...entry('Ballots', `${height.ballots}, anonymous`),
    ...entry(
      'ACS output',
      `${count(height.acsProposers.length, 'bundle')}, of validators ${list(height.acsProposers)}`,
    ),
    ...entry('Certificate', `signed by validators ${list(height.certificateSigners)}`),
    ...entry('State root', height.stateRoot),
    ...entry('', `the same at ${height.settledBy.length} of ${count(correct, 'correct validator')}`),
    ...entry(
      'Time',
      `proofs ${seconds(ms.prove)}, admission ${seconds(ms.admit)}, consensus ${seconds(ms.consensus)}, ` +
        `decryption ${seconds(ms.decrypt)}, settlement ${seconds(ms.settle)}`,
    ),
    ...formatFaults(height, warning),
    '',
    ...formatAuctions(height, params),
    ...formatHappenings(height),
    ...formatFills(height, params),
    ...formatAccounts(height, params),
    ...formatTransfers(height),
  ];
}

const stageOf = (by: 'admit' | 'recheck' | 'settle', validators: number | undefined): string =>
  by === 'admit'
    ? `admission${validators === undefined ? '' : ` by ${count(validators, 'validator')}`}`
    : by === 'recheck'
      ? 'the re-check after ordering'
      : 'settlement';

function formatFaults(height: HeightResult, warning: (text: string) => string): string[] {
  return [
    ...height.faults.flatMap(({ by, fault, evidence }) =>
      entry('Fault', `validator ${by}: ${fault}. ${evidence}`, warning),
    ),
    ...height.recovered.flatMap(({ validator, identitySecret }) => [
      ...entry('Recovered', `identity secret of validator ${validator}, from its two ballots:`),
      ...entry('', `0x${identitySecret.toString(16).padStart(64, '0')}`),
      ...entry('', `it opens the commitment of validator ${validator} in genesis`),
    ]),
  ];
}

function formatAuctions(height: HeightResult, params: MarketParams): string[] {
  const rows = height.auctions.map(({ instrument, price, volume }) => [
    nameOf(params, instrument),
    price === null ? 'no trade' : usdcAlot(price),
    price === null ? '' : volume.toString(),
  ]);
  return table([['Auctions', 'USDC a lot', 'lots'], ...rows], ['left', 'right', 'right']);
}

/** Funding, liquidations, who paid whom, and why orders did not fill. */
const formatHappenings = ({ market: { happenings } }: HeightResult): string[] =>
  happenings.length === 0 ? [] : ['', '  What happened besides', ...happenings];

function formatFills(height: HeightResult, params: MarketParams): string[] {
  if (height.fills.length === 0) return [];
  const rows = height.fills.map(({ item, instrument, side, lots, price, fee }) => [
    item,
    side,
    lots.toString(),
    nameOf(params, instrument),
    usdcAlot(price),
    formatUsdc(fee),
  ]);
  return [
    '',
    ...table(
      [['Fills', 'side', 'lots', 'instrument', 'USDC a lot', 'fee'], ...rows],
      ['left', 'left', 'right', 'left', 'right', 'right'],
    ),
  ];
}

function formatAccounts(height: HeightResult, params: MarketParams): string[] {
  if (height.accounts.length === 0) return [];
  const money = (view: AccountView | undefined, key: 'cash' | 'equity'): string =>
    view === undefined ? 'new' : formatUsdc(view[key]);
  const rows = height.accounts.map(({ name, trader, before, after }) => [
    trader,
    name,
    money(before, 'cash'),
    money(after, 'cash'),
    money(before, 'equity'),
    money(after, 'equity'),
  ]);
  const [head, ...lines] = table(
    [['Trader', 'account', 'cash before', 'cash after', 'equity before', 'equity after'], ...rows],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  );
  const accounts = height.accounts.flatMap((change, i) => {
    const moved = positionMoves(change, params);
    return [lines[i]!, ...(moved === '' ? [] : wrap(moved, WIDTH, 6))];
  });
  return ['', head!, ...accounts];
}

function formatTransfers({ transfers, turnstile }: HeightResult): string[] {
  const { before, shielded, spent, after, deposits, withdrawals } = turnstile;
  const rows = transfers.map(({ item, kind, trader, name, amount, refused }) => [
    item,
    kind,
    trader,
    name,
    formatUsdc(amount),
    refused === undefined ? 'done' : `refused: ${refused.code}`,
  ]);
  const heads = ['Transfers', 'kind', 'trader', 'account', 'USDC', ''];
  const lines =
    rows.length === 0
      ? []
      : ['', ...table([heads, ...rows], ['left', 'left', 'left', 'left', 'right', 'left'])];
  const pool =
    `${formatUsdc(before)} + ${formatUsdc(shielded)} shielded - ${formatUsdc(spent)} spent = ${formatUsdc(after)} USDC ` +
    `in notes; ${formatUsdc(deposits)} came in and ${formatUsdc(withdrawals)} left in all: the books balance`;
  return [...lines, '', ...entry('Turnstile', pool)];
}

/** "BTC-PERP 0 > +20, …": every position that the height changed. */
function positionMoves({ before, after }: AccountChange, params: MarketParams): string {
  const signed = (lots: bigint): string => (lots > 0n ? `+${lots}` : lots.toString());
  const was = new Map(before?.positions.map(({ instrument, lots }) => [instrument, lots]));
  const is = new Map(after.positions.map(({ instrument, lots }) => [instrument, lots]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .sort((a, b) => a - b)
    .filter((instrument) => (was.get(instrument) ?? 0n) !== (is.get(instrument) ?? 0n))
    .map((instrument) => {
      const [from, to] = [was.get(instrument) ?? 0n, is.get(instrument) ?? 0n];
      return `${nameOf(params, instrument)} ${signed(from)} > ${signed(to)}`;
    })
    .join(', ');
}

function formatFiles(result: EpochResult, { out, ordersKey }: Places): string[] {
  const paths = result.heights.flatMap(({ files }) => files.map(({ path }) => path));
  const proof = paths.find((path) => path.endsWith('.proof.json'));
  const lines = [
    `  ${printable(out)}/: block, certificate, settlement and the proofs of every height, report.json`,
    `  ${printable(out)}/logs/: what each validator was given, and its keys. Step through one:`,
    `    velum node replay ${shellWord(`${out}/logs/validator-0`)}`,
  ];
  if (proof === undefined) return lines;
  return [
    ...lines,
    '  Check a proof with the stock tool:',
    `    npx snarkjs groth16 verify ${shellWord(ordersKey)} \\`,
    `      ${shellWord(`${out}/${proof.replace(/\.proof\.json$/, '.public.json')}`)} \\`,
    `      ${shellWord(`${out}/${proof}`)}`,
  ];
}
