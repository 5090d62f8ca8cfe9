import type { Row } from './row.ts';
import { rowSchema } from './row.ts';

/** What is wrong with an experiment of one's own: the field, and what is expected there. */
export interface ExperimentProblem {
  readonly field: string;
  readonly message: string;
}

const FIELDS = {
  needed: [
    ...['id', 'title', 'question', 'method', 'hypotheses', 'grid', 'quickGrid', 'seeds', 'quickSeeds'],
    ...['columns', 'run', 'charts'],
  ],
  optional: ['earlier', 'published', 'isFixed', 'per', 'timed', 'measure', 'measuresAs', 'rivals'],
};
const MAX_SEEDS = 100_000;

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/**
 * The shape of an experiment of one's own, before anything of it runs.
 * @param taken ids that the package has
 * @returns all that is wrong with it
 */
export function checkExperiment(value: unknown, taken: readonly string[]): ExperimentProblem[] {
  if (!isObject(value))
    return [{ field: 'export default', message: 'defineExperiment({ … }) is expected, an object' }];
  const problems: ExperimentProblem[] = [];
  const wrong = (field: string, message: string): void => void problems.push({ field, message });
  const known = [...FIELDS.needed, ...FIELDS.optional];
  for (const field of Object.keys(value))
    if (!known.includes(field)) wrong(field, `no such field; there are ${known.join(', ')}`);
  for (const field of FIELDS.needed) if (value[field] === undefined) wrong(field, 'it is missing');
  const ask = (field: string, holds: (value: unknown) => boolean, message: string): void => {
    if (value[field] !== undefined && !holds(value[field])) wrong(field, message);
  };
  ask('id', isId, 'lower-case words of letters and digits joined by hyphens, at most 64 signs');
  ask(
    'id',
    (id) => !taken.some((each) => shortName(each) === shortName(String(id))),
    `the package has experiments ${taken.map(shortName).join(', ')}: begin with another word`,
  );
  for (const field of ['title', 'question', 'method', 'earlier', 'published', 'measuresAs'])
    ask(field, isText, 'a text is expected');
  for (const field of ['run', 'charts', 'isFixed', 'measure'])
    ask(field, (each) => typeof each === 'function', 'a function is expected');
  ask(
    'rivals',
    (rivals) =>
      Array.isArray(rivals) && rivals.every((each) => isObject(each) && typeof each['score'] === 'function'),
    'a list of rivals is expected, each with a function score(row)',
  );
  for (const field of ['seeds', 'quickSeeds'])
    ask(field, isSeedCount, `a whole number from 1 to ${MAX_SEEDS} is expected`);
  problems.push(...gridProblems(value), ...columnProblems(value), ...hypothesisProblems(value['hypotheses']));
  return problems;
}

const shortName = (id: string): string => id.split('-')[0]!;
const isId = (id: unknown): boolean =>
  typeof id === 'string' && id.length <= 64 && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id);
const isSeedCount = (count: unknown): boolean =>
  Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MAX_SEEDS;

/** The rows of a grid, undefined if it is none. */
const pointsOf = (grid: unknown): readonly Row[] | undefined =>
  Array.isArray(grid) && grid.length > 0 && grid.every((point) => rowSchema.safeParse(point).success)
    ? grid
    : undefined;

function gridProblems(value: Fields): ExperimentProblem[] {
  const first = Object.keys(pointsOf(value['grid'])?.[0] ?? {});
  return ['grid', 'quickGrid'].flatMap((field): ExperimentProblem[] => {
    const points = pointsOf(value[field]);
    if (value[field] === undefined) return [];
    const wrong = (message: string): ExperimentProblem[] => [{ field, message }];
    if (points === undefined)
      return wrong('points are expected, one or more: objects of numbers, texts and truth values by column');
    const odd = points.findIndex((point) => Object.keys(point).join() !== first.join());
    if (odd >= 0) return wrong(`point ${odd + 1} has not the columns ${first.join(', ')} in this order`);
    if (first.length === 0) return wrong('its points have no columns');
    if (first.includes('seed')) return wrong('seed is no column of a grid: every row has it');
    const keys = points.map((point) => JSON.stringify(point));
    const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i);
    return twice < 0 ? [] : wrong(`point ${twice + 1} is there twice`);
  });
}

function columnProblems(value: Fields): ExperimentProblem[] {
  const columns = value['columns'];
  if (columns === undefined) return [];
  if (!isObject(columns)) return [{ field: 'columns', message: 'an object of columns by name is expected' }];
  const problems: ExperimentProblem[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const field = `columns.${name}`;
    if (!isObject(column) || !isText(column['unit']) || !isText(column['meaning']))
      problems.push({ field, message: '{ unit, meaning } is expected, both texts' });
    else if (column['accepts'] !== undefined && typeof column['accepts'] !== 'function')
      problems.push({ field: `${field}.accepts`, message: 'a function is expected' });
  }
  const points = [...(pointsOf(value['grid']) ?? []), ...(pointsOf(value['quickGrid']) ?? [])];
  const ofGrid = Object.keys(points[0] ?? {});
  for (const name of ofGrid) {
    if (!Object.hasOwn(columns, name)) {
      problems.push({
        field: `columns.${name}`,
        message: 'the grid has this column: say its unit and meaning',
      });
      continue;
    }
    const type = typeNamed((columns[name] as Fields)['unit']);
    const odd = points.find(
      (point) => typeof point[name] !== type && !(type === 'number' && point[name] === null),
    );
    if (odd !== undefined)
      problems.push({
        field: `columns.${name}`,
        message: `the grid has ${JSON.stringify(odd[name])}, which is no ${type}: the unit of texts is "category", of true and false "truth value"`,
      });
  }
  const found = Object.keys(columns).filter((name) => !ofGrid.includes(name));
  if (ofGrid.length > 0 && found.length === 0)
    problems.push({ field: 'columns', message: 'what run finds is not among them' });
  if (Object.hasOwn(columns, 'seed'))
    problems.push({ field: 'columns.seed', message: 'every row has it: leave it out' });
  for (const field of ['per', 'timed']) {
    const names = value[field];
    if (names === undefined) continue;
    if (!Array.isArray(names) || names.some((name) => !found.includes(name)))
      problems.push({ field, message: `names of columns that run finds are expected: ${found.join(', ')}` });
  }
  return problems;
}

const typeNamed = (unit: unknown): string =>
  unit === 'category' ? 'string' : unit === 'truth value' ? 'boolean' : 'number';

function hypothesisProblems(hypotheses: unknown): ExperimentProblem[] {
  if (hypotheses === undefined) return [];
  if (!Array.isArray(hypotheses) || hypotheses.length === 0)
    return [{ field: 'hypotheses', message: 'one or more are expected: { text, held(rows) }' }];
  const texts = hypotheses.map((each: unknown) => (isObject(each) ? each['text'] : undefined));
  return hypotheses.flatMap((each: unknown, i): ExperimentProblem[] => {
    const field = `hypotheses[${i}]`;
    if (!isObject(each)) return [{ field, message: '{ text, held(rows) } is expected' }];
    const problems: ExperimentProblem[] = [];
    if (!isText(each['text'])) problems.push({ field: `${field}.text`, message: 'a text is expected' });
    else if (texts.indexOf(each['text']) !== i)
      problems.push({ field: `${field}.text`, message: 'another one has this text' });
    if (typeof each['held'] !== 'function')
      problems.push({ field: `${field}.held`, message: 'a function of the rows is expected' });
    if (each['about'] !== undefined && typeof each['about'] !== 'function')
      problems.push({ field: `${field}.about`, message: 'a function of the rows is expected' });
    if (each['isControl'] === true && typeof each['breaks'] !== 'function')
      problems.push({
        field: `${field}.breaks`,
        message: 'a control needs it: a function that gives rows in which what it excludes is there',
      });
    if (each['isControl'] !== true && each['breaks'] !== undefined)
      problems.push({ field: `${field}.breaks`, message: 'only a control has it: say isControl: true' });
    return problems;
  });
}
