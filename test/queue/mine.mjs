// An experiment of one's own for the tests of the queue: it squares numbers, and fails at one seed if it is told to.
const FAILS_AT = 0;

export default {
  id: 'squares',
  title: 'Squares',
  question: 'Is a square at least its root?',
  method: 'Arithmetic.',
  grid: [{ base: 2 }, { base: 3 }],
  quickGrid: [{ base: 2 }],
  seeds: 20,
  quickSeeds: 2,
  columns: {
    base: { unit: 'count', meaning: 'added to the seed' },
    square: { unit: 'count', meaning: 'the square of the sum' },
  },
  hypotheses: [{ text: 'It is.', held: (rows) => rows.every(({ base, square }) => square >= base) }],
  run: ({ base }, seed) => {
    if (seed === FAILS_AT) throw new Error(`the seed is ${seed}`);
    return [{ square: (base + seed) ** 2 }];
  },
  charts: (rows) => [
    {
      title: 'Squares',
      caption: 'The square by the seed.',
      spec: {
        data: { values: rows },
        mark: 'point',
        encoding: {
          x: { field: 'seed', type: 'quantitative' },
          y: { field: 'square', type: 'quantitative' },
        },
      },
    },
  ],
};
