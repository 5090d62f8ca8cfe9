import { formatDecimal, formatUsdc } from '../formats/decimal.ts';
import { printable } from '../formats/problems.ts';
import type { Fraction } from '../ledger/rotation/committee-risk.ts';
import type { MarketParams } from '../market/params.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
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
    ...formatRisk(result),
    ...result.heights.flatMap((height) => [
      ...formatEpochBegins(height, result, emphasis),
      '',
      ...(isQuiet(height, result) ? formatQuiet(height, emphasis) : formatHeight(height, params, emphasis)),
    ]),
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

const members = (indices: readonly number[]): string =>
  indices.length === 0
    ? 'nobody'
    : indices.length === 1
      ? `member ${indices[0]}`
      : `members ${indices.slice(0, -1).join(', ')} and ${indices.at(-1)}`;

/** What an epoch's first height begins with, where there is more than one epoch. */
function formatEpochBegins(
  { height }: HeightResult,
  { epochs, registry }: EpochResult,
  { heading, warning }: Emphasis,
): string[] {
  const at = epochs.findIndex(({ firstHeight }) => firstHeight === height);
  const epoch = epochs[at];
  if (epoch === undefined || epochs.length === 1) return [];
  const { committee, dealers, excluded } = epoch;
  const sentences = (text: string): string[] => wrap(text, WIDTH, 2);
  const lines = ['', heading(`Epoch ${epoch.epoch}, from height ${epoch.firstHeight} on`)];
  lines.push(
    ...sentences(
      `Its committee is ${members(committee)} of the ${registry} members of the registry, in the order of their seats.`,
    ),
  );
  const before = epochs[at - 1];
  if (before === undefined) return lines;
  const joined = committee.filter((member) => !before.committee.includes(member));
  const left = before.committee.filter((member) => !committee.includes(member));
  if (joined.length > 0)
    lines.push(
      ...sentences(
        `${capital(members(joined))} joined from a state that the committee before certified; ${members(left)} left.`,
      ),
    );
  const isSame = (['decryptionKey', 'coinKey'] as const).every(
    (key) => String(epoch[key]) === String(before[key]),
  );
  lines.push(
    ...sentences(
      `Its key shares come from the dealings of ${members(dealers)} of the committee before, and the public keys are ${isSame ? 'the same as before' : 'OTHERS than before'}.`,
    ),
    ...sentences(
      'What opened and signed in the epoch before, and what its dealings could be opened with, is erased.',
    ),
  );
  for (const { member, why } of excluded)
    lines.push(
      ...sentences(
        why === 'late'
          ? `The dealing of member ${member} was not needed.`
          : `Nothing of member ${member} counts: there is evidence against it.`,
      ).map((line) => (why === 'late' ? line : warning(line))),
    );
  return lines;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A probability in percent, rounded to three digits; a thing that can happen is never written as 0. */
function percentOf({ numerator, denominator }: Fraction): string {
  if (numerator === 0n) return '0 %';
  const percent = (100 * Number((numerator * 10n ** 18n) / denominator)) / 1e18;
  return percent < 1e-15 ? 'less than 1e-15 %' : `${Number(percent.toPrecision(3))} %`;
}

function formatRisk({ risk, registry, validators }: EpochResult): string[] {
  if (risk.length === 0) return [];
  const { f } = quorumOf(validators);
  const rows = risk.map(({ faulty, probability }) => {
    const { numerator, denominator } = probability;
    return [`${faulty} of ${registry}`, percentOf(probability), `${numerator} / ${denominator}`];
  });
  const risks = `A committee of ${validators} bears ${f} faulty. Drawn at random from this registry it has more, and is then no longer safe, in this part of all cases:`;
  return [
    '',
    ...wrap(risks, WIDTH, 2),
    ...table([['Faulty members', 'risk', 'committees'], ...rows], ['left', 'right', 'right']),
  ];
}

/** A height between two epochs at which nobody wanted anything and nothing went wrong. */
const isQuiet = (height: HeightResult, { epochs }: EpochResult): boolean =>
  epochs.length > 1 &&
  height.submitted === 0 &&
  [height.fills, height.transfers, height.faults].every(({ length }) => length === 0);

const formatQuiet = (height: HeightResult, { heading }: Emphasis): string[] => [
  heading(`Height ${height.height}, ${isoTime(height.timeS)}`),
  ...entry('Batches', `none, but ${workOf(height) || 'heights go on to the end of the epoch'}`),
  ...formatAgreement(height),
  ...formatHappenings(height),
];

/** What was ordered for the next epoch. */
function workOf({ items }: HeightResult): string {
  const named = (word: string): string[] => {
    const n = items.filter(({ item }) => item.startsWith(`${word} of `)).length;
    return n === 0 ? [] : [count(n, word)];
  };
  return [...named('registration'), ...named('dealing')].join(' and ');
}

function formatHeight(height: HeightResult, params: MarketParams, { heading, warning }: Emphasis): string[] {
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
    ...formatAgreement(height),
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

const formatAgreement = (height: HeightResult): string[] => [
  ...entry('Ballots', `${height.ballots}, anonymous`),
  ...entry(
    'ACS output',
    `${count(height.acsProposers.length, 'bundle')}, of validators ${list(height.acsProposers)}`,
  ),
  ...entry('Certificate', `signed by validators ${list(height.certificateSigners)}`),
  ...entry('State root', height.stateRoot),
  ...entry('', `the same at ${height.settledBy.length} of ${count(height.correct, 'correct validator')}`),
];

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
    `    velum node replay ${shellWord(`${out}/logs/validator-${result.epochs.at(-1)!.committee[0]}`)}`,
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
