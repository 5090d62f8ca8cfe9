// An experiment of one's own. It runs as it is, in a few seconds:
//
//   velum experiment run ./mine.ts
//   velum experiment report out/own-experiments/half-spoken --file ./mine.ts
//
// Read it from top to bottom: an adversary, the grid and the columns, hypotheses with a control, the run, a chart.
import { acsProtocol } from 'velum/consensus';
import { defineExperiment, everyRow, lineSpec, meanPoints, planted } from 'velum/experiments';
import { type Adversary, parseDelay, quorumOf, Simulation, twisted } from 'velum/sim';

// An adversary stands in the place of the last f validators. This one runs the correct machine, and what that says to validators of an
// odd index is lost. A twist gives, for one message and one peer, the messages that the peer gets. src/sim/README.md of the package explains
// how to write one that runs no machine at all.
const halfSpoken = <M>(): Adversary<M> =>
  twisted('half-spoken', (message, to) => (to % 2 === 0 ? [message] : []));
const spoken = <M>(): Adversary<M> => twisted('spoken', (message) => [message]);

// Latencies of one's own: put a file beside this one (docs/OWN-EXPERIMENTS.md has its form), read it here, and use delayOf(delay) below in
// place of parseDelay(delay)!. 'measured' is then a delay for the grid.
//   import { readLatencies } from 'velum/experiments';
//   const table = readLatencies(new URL('latencies.csv', import.meta.url));
//   const delayOf = (text: string) => (text === 'measured' ? table.delay : parseDelay(text)!);

// A point of the grid and what a run finds there: a number, a text, true or false by column.
interface Point {
  readonly validators: number;
  readonly faulty: string;
  readonly delay: string;
  readonly [column: string]: number | string;
}
interface Found {
  readonly msPerHeight: number;
  readonly violations: number;
  readonly [column: string]: number;
}
type Line = Point & Found & { readonly seed: number };

const gridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((validators) =>
    ['none', 'half-spoken', 'spoken'].map((faulty) => ({ validators, faulty, delay: 'exp:100' })),
  );
const HEIGHTS = 10;

const meanOf = (rows: readonly Line[], validators: number, faulty: string): number => {
  const own = rows.filter((row) => row.validators === validators && row.faulty === faulty);
  return own.reduce((sum, { msPerHeight }) => sum + msPerHeight, 0) / own.length;
};
const sizesIn = (rows: readonly Line[]): number[] => [...new Set(rows.map(({ validators }) => validators))];

export default defineExperiment<Point, Found>({
  id: 'half-spoken',
  title: 'Validators that speak to one half only',
  question: 'Do f validators whose messages reach one half of the others slow the common subset down?',
  method:
    'The common subset (first-hand over digest) in virtual time, with independent exponential delays. The last f validators run the correct machine; ' +
    'what they say to validators of an odd index is lost.',
  grid: gridOf([4, 7]),
  quickGrid: gridOf([4]),
  // A verdict needs 20 seeds or more.
  seeds: 20,
  quickSeeds: 5,
  // Every column, of the grid and of what the run finds. The unit of texts is `category`, of true and false `truth value`.
  columns: {
    validators: { unit: 'count', meaning: 'n; f = (n - 1)/3 of them are faulty, if any are' },
    faulty: { unit: 'category', meaning: 'what the last f validators do' },
    delay: {
      unit: 'category',
      meaning: 'one-way delay of a message: const:MS, uniform:FROM:TO, exp:MEAN or wan',
      // Lets `--set delay=exp:200` have values that the grid does not have.
      accepts: (value) => parseDelay(String(value)) !== undefined,
    },
    msPerHeight: { unit: 'ms', meaning: 'virtual time of a height, until its last correct validator has it' },
    violations: { unit: 'count', meaning: 'broken properties: agreement, validity, total order' },
  },
  // Written before the run. The verdict is computed from the rows, and a hypothesis that did not hold stays in the report.
  hypotheses: [
    {
      text: 'No property is broken in any run.',
      ...everyRow<Line>(
        () => true,
        ({ violations }) => violations === 0,
      ),
    },
    {
      text: 'A height takes longer beside validators that speak to one half only, for every n.',
      held: (rows) => sizesIn(rows).every((n) => meanOf(rows, n, 'half-spoken') > meanOf(rows, n, 'none')),
    },
    // A control is a setting in which the effect must vanish. `breaks` gives rows that it must refuse: a control that cannot fail says nothing.
    {
      text: 'The same validators speak to all: a height takes as long as without faulty ones, give or take a fifth.',
      isControl: true,
      held: (rows) =>
        sizesIn(rows).every((n) => {
          const ratio = meanOf(rows, n, 'spoken') / meanOf(rows, n, 'none');
          return ratio > 0.8 && ratio < 1.25;
        }),
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.faulty === 'spoken',
          (row) => ({ msPerHeight: row.msPerHeight * 2 }),
        ),
    },
  ],
  // Pure: the same point and seed give the same rows, on every machine. Draw what is random from the seed (`new Prng(seed)` of velum/sim).
  run: ({ validators, faulty, delay }, seed) => {
    const { f } = quorumOf(validators);
    const { heights, violations } = new Simulation({
      n: validators,
      seed,
      heights: HEIGHTS,
      payloadBytes: 256,
      protocol: acsProtocol('first-hand', 'digest'),
      schedule: { kind: 'links', delay: parseDelay(delay)! },
      ...(faulty === 'none' ? {} : { faulty: f, adversary: faulty === 'spoken' ? spoken() : halfSpoken() }),
    }).run();
    const ms = heights.reduce((sum, height) => sum + height.ms, 0) / HEIGHTS;
    return [{ msPerHeight: Math.round(ms * 10) / 10, violations: violations.length }];
  },
  // meanPoints gives means over seeds with their 95 % intervals, which lineSpec draws.
  charts: (rows) => [
    {
      title: 'Time of a height',
      caption: 'Virtual ms of a height, the mean over seeds with its 95 % interval.',
      spec: lineSpec({
        rows: meanPoints(
          rows,
          ['validators', 'faulty'],
          ({ msPerHeight }) => msPerHeight,
          ({ validators, faulty }) => ({ validators, faulty }),
        ),
        x: { field: 'validators', title: 'validators' },
        y: { field: 'value', title: 'ms a height' },
        series: { field: 'faulty', title: 'the last f validators' },
      }),
    },
  ],
});
