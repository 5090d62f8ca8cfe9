import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readmePrices } from '../../../scripts/experiment-prices.ts';
import { overviewLine, verdictLine } from '../../../scripts/experiments-page.ts';
import type { Experiment } from '../../../src/experiments/define.ts';
import { liveness } from '../../../src/experiments/e1-liveness.ts';
import { flp } from '../../../src/experiments/e2-flp.ts';
import { frontRunning } from '../../../src/experiments/e3-front-running.ts';
import { accountLinkability } from '../../../src/experiments/e5-account-linkability.ts';
import { cost } from '../../../src/experiments/e6-cost.ts';
import { proofCost } from '../../../src/experiments/e8-proof-cost.ts';
import { censorship } from '../../../src/experiments/e9-censorship.ts';
import { wideAreaField } from '../../../src/experiments/e11-wide-area.ts';
import { failuresStillPossible } from '../../../src/experiments/intervals.ts';
import { EXPERIMENTS } from '../../../src/experiments/registry.ts';
import { columnsCsv } from '../../../src/experiments/results.ts';
import { groupBy, mean } from '../../../src/experiments/statistics.ts';
import { verdictsOf } from '../../../src/experiments/verdicts.ts';
import { docsRows, docsTable, type SeededRow, seedsOf } from '../../helpers/experiment-rows.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(root, 'docs/EXPERIMENTS.md'), 'utf8');
const sections = page.split(/\n(?=## )/);

describe.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))(
  'what is published of %s',
  (id, experiment) => {
    const rows = docsRows(experiment);

    test('has the verdicts that follow from the published rows', () => {
      const hypotheses = verdictsOf(experiment, seedsOf(rows), rows);
      const section = sections.find((part) => part.startsWith(`## ${experiment.title}\n`))!;
      expect(section.split('\n').filter((line) => line.startsWith('- **'))).toEqual(
        hypotheses.map(verdictLine),
      );
      expect(page).toContain(overviewLine({ experiment, hypotheses }));
    });

    test('has a data dictionary with a unit and a meaning for each column of its rows', () => {
      const { head, lines } = docsTable(`${id}-columns.csv`);
      expect(head).toEqual(['column', 'unit', 'meaning']);
      for (const line of lines) expect(line.every((cell) => cell !== '')).toBe(true);
      expect(lines.map(([column]) => column).sort()).toEqual([...docsTable(`${id}.csv`).head].sort());
      expect(readFileSync(resolve(root, `docs/experiments/${id}-columns.csv`), 'utf8')).toBe(
        columnsCsv(experiment),
      );
    });
  },
);

describe('what the README says of experiments', () => {
  const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
  const part = readme.split(/\n(?=## )/).find((each) => each.startsWith('## What the experiments found'))!;
  const said = (heading: string): string =>
    part
      .split('\n\n')
      .find((each) => each.startsWith(`**${heading}.**`))!
      .replaceAll('\n', ' ');
  const undecided = EXPERIMENTS.filter((experiment) => {
    const rows = docsRows(experiment);
    return verdictsOf(experiment, seedsOf(rows), rows).every(({ verdict }) => verdict === 'not decided');
  });

  test('is of no experiment that decides nothing', () => {
    for (const { id } of undecided) expect(part).not.toContain(`velum experiment run ${id.split('-')[0]}\``);
  });

  const list = (values: readonly string[]): string =>
    `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`;
  const percents = (shares: readonly number[]): string =>
    `${list(shares.map((share) => (100 * share).toFixed(0)))} %`;
  /** The ruling on each hypothesis of an experiment, by the published rows. */
  const rulings = (experiment: Experiment): string[] => {
    const rows = docsRows(experiment);
    return verdictsOf(experiment, seedsOf(rows), rows).map(({ verdict }) => verdict);
  };

  test('on liveness follows from the rows of e1', () => {
    const [stops, , isAlwaysMore, isMoreFrom2s] = rulings(liveness);
    const isLessInCalm = rulings(liveness)[8];
    expect([stops, isAlwaysMore, isMoreFrom2s, isLessInCalm]).toEqual([
      'held',
      'did not hold',
      'held',
      'held',
    ]);
    const rows = docsRows(liveness);
    const rate = (protocol: string, hold: string, timeout: number | null = null): string =>
      mean(
        rows
          .filter(
            (row) =>
              row['protocol'] === protocol &&
              row['timeoutDelays'] === timeout &&
              row['pipeline'] === 4 &&
              row['n'] === 10 &&
              row['situation'] === (hold === 'none' ? 'calm' : 'held') &&
              row['hold'] === hold,
          )
          .map((row) => row['heightsPerS'] as number),
      ).toFixed(1);
    const text = said('Liveness');
    const acs = (hold: string): string => rate('acs', hold);
    const stable = (hold: string): string => rate('pbft, stable leader', hold, 20);
    expect([4, 10].map((timeout) => rate('pbft, stable leader', '2 s', timeout))).toEqual([
      stable('2 s'),
      stable('2 s'),
    ]);
    expect(text).toContain(
      `orders ${acs('2 s')} heights a second among 10, and PBFT with a stable leader and as many orders ${stable('2 s')}.`,
    );
    expect(text).toContain(`${acs('0.5 s')} and, with a time-out of 20 delays, ${stable('0.5 s')};`);
    expect(text).toContain(`in calm, ${acs('none')} and ${stable('none')}`);
  });

  test('on the field follows from the rows of e11', () => {
    const ruled = rulings(wideAreaField);
    expect([0, 1, 3, 7].map((i) => ruled[i])).toEqual(['held', 'held', 'held', 'held']);
    const among = docsRows(wideAreaField).filter((row) => row['n'] === 10);
    const meansOf = (rows: readonly SeededRow[], column: string, by: readonly string[]): number[] =>
      groupBy(rows, by).map((group) => mean(group.map((row) => row[column] as number)));
    const calm = (protocol: string): string =>
      Math.round(
        meansOf(
          among.filter(
            (row) =>
              row['situation'] === 'calm' &&
              row['protocol'] === protocol &&
              (row['leaders'] === 'none' || (row['leaders'] === 'stable' && row['timeoutMs'] === 1000)),
          ),
          'heightMs',
          [],
        )[0]!,
      ).toLocaleString('en');
    const text = said('The field');
    expect(text).toContain(
      `takes ${calm('first-hand')} ms with the common subset if all are correct, ${calm('fin')} with FIN, ${calm('alea')} with Alea-BFT and ${calm('pbft')} with PBFT`,
    );
    const attacked = (is: (row: SeededRow) => boolean, by: readonly string[]): number[] =>
      meansOf(
        among.filter((row) => row['situation'] === 'attack' && is(row)),
        'heightsPerS',
        by,
      );
    const led = attacked((row) => row['attacker'] === 'leaders', ['protocol', 'leaders', 'timeoutMs']);
    expect(text).toContain(`order at most ${Math.max(...led).toFixed(2)} heights a second`);
    const own = attacked((row) => row['protocol'] === 'first-hand', ['attacker']);
    expect(own.length).toBe(2);
    expect(text).toContain(`orders ${Math.min(...own).toFixed(2)} under the worse of two attacks`);
  });

  test('on agreement follows from the rows of e2', () => {
    expect(rulings(flp).slice(0, 3)).toEqual(['held', 'held', 'held']);
    const runs = (coin: string, decided: boolean): number => {
      const own = docsRows(flp).filter((row) => row['coin'] === coin && row['scheduler'] === 'adversary');
      expect(own.every((row) => row['decided'] === decided)).toBe(true);
      return own.length;
    };
    const text = said('Agreement');
    expect(text).toContain(`undecided in all ${runs('constant', false)} runs if its coin is constant`);
    expect(text).toContain(`in all ${runs('common, no CONF', false)} if the coin is known before`);
    expect(text).toContain(`all ${runs('common', true)} runs decide`);
    const open = 100 * failuresStillPossible(seedsOf(docsRows(flp)).length);
    expect(text).toContain(`up to ${open.toPrecision(2)} % of seeds`);
  });

  test('on the bytes of a height follows from the rows of e6', () => {
    const at = (rbc: string) =>
      [256, 4096, 65_536].map(
        (payloadBytes) =>
          docsRows(cost).find(
            (row) =>
              row['acs'] === 'first-hand' &&
              row['rbc'] === rbc &&
              row['n'] === 10 &&
              row['payloadBytes'] === payloadBytes &&
              row['fault'] === 'none' &&
              row['delay'] === 'const',
          )!,
      );
    const written = (rbc: string, column: string): string =>
      at(rbc)
        .map((row) => (row[column] as number).toLocaleString('en'))
        .join(', ');
    const times = (rbc: string): string =>
      at(rbc)
        .map((row) => `${((row['bytes'] as number) / (row['rustBytes'] as number)).toFixed(3)}×`)
        .join(', ');
    expect(readme).toContain(`| ${written('digest', 'bytes')} (first-hand) `);
    expect(readme).toContain(`| ${written('avid', 'bytes')} `);
    expect(readme).toContain(
      `| ${times('digest')}; AVID ${times('avid')} | ${written('digest', 'rustBytes')} `,
    );
  });

  test('on censorship follows from the rows of e9', () => {
    const ruled = rulings(censorship);
    const [promise, bound, unbounded, price, sooner] = ruled;
    expect([promise, bound, unbounded, price, sooner, ruled[10], ruled[11]]).toEqual(
      Array.from({ length: 7 }, () => 'held'),
    );
    const among = (protocol: string): SeededRow[] =>
      docsRows(censorship).filter(
        (row) =>
          row['protocol'] === protocol && row['lists'] !== 'held' && row['n'] === 10 && row['hold'] === '8 s',
      );
    const text = said('Censorship');
    const meanOf = (column: string, protocol: string): number => {
      const rows = among(protocol).filter((row) => row['holders'] === 4);
      expect(rows.length).toBe(20);
      return mean(rows.map((row) => row[column] as number));
    };
    const longest = (protocol: string): string => `${meanOf('longestWaitS', protocol).toFixed(1)} s`;
    expect(text).toContain(
      `the longest wait of a run is ${longest('acs')} in the mean among 10 with the common subset and ${longest('pbft, leaders in turn')} with PBFT whose leaders take turns`,
    );
    const never = Math.round(100 * meanOf('neverIn', 'pbft, stable leader'));
    expect(text).toContain(`${never} % of the batches are not in within the 30 s of a run`);
  });

  test('on front-running follows from the rows of e3', () => {
    expect(rulings(frontRunning).slice(0, 3)).toEqual(['held', 'held', 'held']);
    const rows = docsRows(frontRunning);
    const profit = (orders: string, error: number, budget: number): number =>
      mean(
        rows
          .filter(
            (row) =>
              row['orders'] === orders &&
              row['ordering'] === 'acs' &&
              row['attacker'] === 'exact' &&
              row['attackerError'] === error &&
              row['budgetLots'] === budget,
          )
          .map((row) => row['profit'] as number),
      );
    const taken = (budget: number): number[] =>
      [0, 0.25, 0.5, 1].map((error) => 1 - profit('sealed', error, budget) / profit('plain', error, budget));
    expect(said('Front-running')).toContain(`takes ${percents(taken(100))} of that`);
    expect(said('Front-running')).toContain(`of 10 lots ${percents(taken(10))}`);
  });

  test('on deposits follows from the rows of e5', () => {
    const rows = docsRows(accountLinkability);
    const shares = (habit: string): number[] =>
      [10, 30, 100, 300].map((traders) =>
        mean(
          rows
            .filter(
              (row) =>
                row['habit'] === habit && row['traders'] === traders && row['behaviour'] === 'own amounts',
            )
            .map((row) => row['correctShare'] as number),
        ),
      );
    const text = said('Deposits and withdrawals');
    expect(text).toContain(`${percents(shares('account per batch'))} among 10, 30, 100 and 300 traders`);
    expect(text).toContain(`with fixed denominations ${percents(shares('fixed denominations'))}`);
    expect(rulings(accountLinkability)[0]).toBe('held');
  });

  test('prices of proofs are those of the price table, which e8 has as well', () => {
    const csv = readFileSync(resolve(root, 'docs/experiments/prices.csv'), 'utf8');
    expect(readme).toContain(readmePrices(csv));
    const { head, lines } = docsTable('prices.csv');
    const priceOf = (name: string, figure: string): number =>
      Number(lines.find(([what]) => what === name)![head.indexOf(figure)]);
    expect(lines.every((line) => Number(line[head.indexOf('timings')]) >= 30)).toBe(true);
    for (const row of docsRows(proofCost).filter(({ proves }) => proves === true))
      expect([row['proveQ1Ms'], row['proveMs'], row['proveQ3Ms'], row['batchMs']]).toEqual([
        ...['q1_ms', 'median_ms', 'q3_ms'].map((figure) => priceOf(`prove ${row['circuit']}`, figure)),
        priceOf(`verify 64 ${row['circuit']}`, 'median_ms'),
      ]);
  });

  test('sizes of circuits are those of e8', () => {
    const sizeOf = (circuit: string, depth: number): [number, number] => {
      const row = docsRows(proofCost).find(
        (each) =>
          each['circuit'] === circuit &&
          each['depth'] === depth &&
          each['system'] === 'groth16' &&
          (circuit !== 'orders' || each['orders'] === 4),
      )!;
      return [row['constraints'] as number, Math.log2(row['domain'] as number)];
    };
    for (const [circuit, depth] of [
      ['ballot', 4],
      ['orders', 10],
      ['account', 0],
    ] as const) {
      const [constraints, domain] = sizeOf(circuit, depth);
      expect(readme).toContain(`${constraints.toLocaleString('en')} constraints, domain 2^${domain}`);
    }
    const [pool, poolDomain] = sizeOf('note pool', 20);
    expect(readme).toContain(`with Poseidon ${pool.toLocaleString('en')}, 2^${poolDomain}`);
  });
});
