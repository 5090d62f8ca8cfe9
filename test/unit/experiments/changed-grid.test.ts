import { describe, expect, test } from 'vitest';
import {
  changeSentence,
  changeText,
  isChangeOf,
  parseGridChange,
  withGrid,
} from '../../../src/experiments/changed-grid.ts';
import { defineExperiment, jobsOf } from '../../../src/experiments/define.ts';

const sample = defineExperiment({
  id: 'e0-sample',
  title: 'A sample',
  question: 'Is it?',
  method: 'None.',
  hypotheses: [
    {
      text: 'There is a row of n = 7.',
      held: (rows) => rows.find(({ n }) => n === 7)!.n === 7,
    },
  ],
  grid: [
    { coin: 'common, no CONF', n: 4, delay: 'const:100', sealed: true },
    { coin: 'common', n: 4, delay: 'const:100', sealed: true },
    { coin: 'common', n: 7, delay: 'const:100', sealed: true },
  ],
  quickGrid: [{ coin: 'common', n: 4, delay: 'const:100', sealed: true }],
  seeds: 20,
  quickSeeds: 1,
  columns: {
    coin: { unit: 'category', meaning: 'coin' },
    n: { unit: 'count', meaning: 'validators' },
    delay: {
      unit: 'category',
      meaning: 'delay',
      accepts: (value) => typeof value === 'string' && value.startsWith('exp:'),
    },
    sealed: { unit: 'truth value', meaning: 'whether' },
    found: { unit: 'count', meaning: 'found' },
  },
  run: () => [{ found: 1 }],
  charts: () => [],
});
const parse = (...texts: string[]) => parseGridChange(sample, texts);

describe('a grid that is changed on a command line', () => {
  test('is never taken for the published one, nor for that of the file of one’s own', () => {
    const change = parse('n=4,13');
    expect(changeSentence(change, false)).toBe(
      'grid was changed (n=4,13): this is not the published experiment',
    );
    expect(changeSentence(change, true)).toBe('grid was changed (n=4,13): this is not the grid of the file');
  });

  test('has values of the type of their column, also those with commas in them', () => {
    expect(parse('n=4,13', 'coin=common, no CONF,common', 'delay=exp:200', 'sealed=false', 'n=16')).toEqual({
      n: [4, 13, 16],
      coin: ['common, no CONF', 'common'],
      delay: ['exp:200'],
      sealed: [false],
    });
  });

  test.each([
    ['m=4', /n=4 \| 7/],
    ['n', /is not column=value/],
    ['seed=4', /names no column/],
    ['n=four', /"four" is no number that n takes; it has 4 \| 7, and takes others/],
    ['n=', /"" is no number/],
    ['n=0x10', /"0x10" is no number/],
    ['coin=commn', /"commn" is no string that coin takes; it has common, no CONF \| common$/],
    ['delay=exp', /"exp" is no string/],
    ['sealed=yes', /"yes" is no boolean/],
    ['constructor=1', /names no column/],
  ])('refuses %s and says what is there', (text, says) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_SET' }));
    expect(() => parse(text)).toThrow(says);
  });

  test('keeps every other column, has each point once, and is a change that can be read again', () => {
    const change = parse('n=4,13');
    const changed = withGrid(sample, change);
    expect(changed.grid.map(({ coin, n }) => [coin, n])).toEqual([
      ['common, no CONF', 4],
      ['common, no CONF', 13],
      ['common', 4],
      ['common', 13],
    ]);
    expect(Object.keys(changed.grid[0]!)).toEqual(Object.keys(sample.grid[0]!));
    expect(jobsOf(changed, true)).toHaveLength(2);
    expect(changeText(change)).toBe('n=4,13');
    expect(isChangeOf(sample, JSON.parse(JSON.stringify(change)))).toBe(true);
    for (const other of [{ m: [4] }, { n: [] }, { n: ['4'] }, { coin: ['heads'] }, { delay: ['x'] }])
      expect(isChangeOf(sample, other)).toBe(false);
    expect(withGrid(sample, {})).toBe(sample);
  });

  test('leaves a hypothesis undecided that cannot cope with its rows', () => {
    expect(() => sample.hypotheses[0]!.held([])).toThrow();
    expect(withGrid(sample, parse('n=13')).hypotheses[0]!.held([])).toBeUndefined();
  });
});
