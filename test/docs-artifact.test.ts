import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  artifactLines,
  figuresInFiles,
  numbersOf,
  readmeStatements,
  readPage,
  type Statement,
} from './helpers/artifact.ts';

const root = resolve(import.meta.dirname, '..');
const statements = readmeStatements(readPage('README.md'));
const lines = artifactLines(readPage('docs/ARTIFACT.md'));
const sorted = (numbers: readonly string[]): string[] => [...numbers].sort();
const linesOf = ({ text }: Statement) => lines.filter(({ begins }) => text.startsWith(begins));

describe('docs/ARTIFACT.md', () => {
  test('has each number of what the README says of experiments and figures, and no other', () => {
    const wrong = statements.flatMap((statement) => {
      const listed = sorted(linesOf(statement).flatMap(({ figures, settings }) => [...figures, ...settings]));
      const said = sorted(statement.numbers);
      return listed.join(' ') === said.join(' ')
        ? []
        : [
            `README.md, “${statement.text.slice(0, 60)}”, says ${said.join(' ')}, and docs/ARTIFACT.md ${listed.join(' ') || 'nothing'}: ` +
              'write in the lines of docs/ARTIFACT.md that begin like it the numbers that the README says, as figures or as settings.',
          ];
    });
    expect(wrong).toEqual([]);
  });

  test('is about nothing that the README does not say, and each line about one row or paragraph of it', () => {
    for (const { begins } of lines)
      expect(
        statements.filter(({ text }) => text.startsWith(begins)).map(({ text }) => text),
        `README.md has no row or paragraph with numbers that begins “${begins}”, or several: remove the line or begin it as the README does`,
      ).toHaveLength(1);
  });

  test('names a command for each figure, and a place or a command for one that is exact', () => {
    for (const { begins, figures, command } of lines)
      if (figures.length > 0) expect(command, begins).toMatch(/^(velum|npm) \w/);
  });

  test.each(lines.filter(({ standsIn }) => standsIn !== '–').map((line) => [line.begins, line] as const))(
    'says of “%s” what the files of the repository say',
    (_, line) => {
      if (line.standsIn.endsWith('.ts')) expect(existsSync(resolve(root, line.standsIn))).toBe(true);
      else
        expect(
          line.figures,
          'the published rows say otherwise: correct the README, and the line of docs/ARTIFACT.md after it',
        ).toEqual(figuresInFiles(line));
    },
  );
});

describe('the check of docs/ARTIFACT.md', () => {
  test('reads numbers as they are written, but for names and code', () => {
    expect(
      numbersOf('S1: 8,973 of 2^11 at p50 0.6×, n^1.32 (`--n 7`) on 2026-11-27 and 28, [9](a-8.md)'),
    ).toEqual(['8,973', '2^11', '0.6', '1.32', '2026-11-27', '28', '9']);
  });

  test('notices a number of the README that has no line', () => {
    const page = readPage('README.md').replace('## Figures\n', '## Figures\n\nIt takes 12345 ms.\n');
    const added = readmeStatements(page).filter((each) => linesOf(each).length === 0);
    expect(added.map(({ numbers }) => numbers)).toEqual([['12345']]);
  });

  test.each([
    ['a tolerance that says nothing', '| a | 1 | – | `npm test` | about | – | – |'],
    ['a figure without a tolerance', '| a | 1 | – | `npm test` | – | – | – |'],
    ['a missing cell', '| a | 1 | – | `npm test` | exact | – |'],
  ])('refuses a line with %s', (_, line) => {
    const head =
      '| README | figures | settings | command | tolerance | time | stands in |\n| - | - | - | - | - | - | - |\n';
    expect(() => artifactLines(`${head}${line}\n`)).toThrow('not a line of its table');
  });

  test('notices a figure that the rows do not have, and rows that are not there', () => {
    const [line] = lines.filter(({ standsIn }) => standsIn.startsWith('circuits.'));
    expect(
      figuresInFiles({ ...line!, standsIn: 'circuits.constraints[name=account]', figures: ['791'] }),
    ).toEqual(['790']);
    for (const standsIn of ['circuits.constraints[name=none]', 'circuits.nothing[none=1]', 'nowhere.x[a=1]'])
      expect(() => figuresInFiles({ ...line!, standsIn })).toThrow('docs/ARTIFACT.md');
  });
});
