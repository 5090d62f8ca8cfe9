import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { root as packageRoot } from '../../../src/proofs/compile.ts';
import { velumIn } from '../../helpers/cli.ts';
import {
  ENTRY,
  MULTIPLIER,
  refusal,
  type StrangersProject,
  strangersProject,
  type Wrong,
} from '../../helpers/strangers-project.ts';

let project: StrangersProject;
beforeAll(async () => {
  project = await strangersProject();
});
beforeEach(() => rm(project.at('wrong'), { recursive: true, force: true }));
afterAll(() => project.remove());

const circuits = (change: object): Record<string, object> => ({
  'wrong/circuits.json': { multiplier: { ...ENTRY, ...change } },
});
const source = (from: string, to: string): Record<string, string | object> => ({
  'wrong/circuits.json': { multiplier: ENTRY },
  'wrong/circuits/multiplier.circom': MULTIPLIER.replace(from, to),
});
const BUILD = 'circuits build multiplier';

/** Of a project file and of sources, in the folder `wrong`. */
const WRONG_PROJECTS: readonly Wrong[] = [
  [
    'has a file that is no JSON',
    { 'wrong/circuits.json': '{\n  "a": }' },
    BUILD,
    'PROJECT_FILE',
    /circuits\.json:2:8: is not JSON/,
  ],
  [
    'has an empty file',
    { 'wrong/circuits.json': '' },
    BUILD,
    'PROJECT_FILE',
    /circuits\.json:1:1: .*ends too early/,
  ],
  ['has a list', { 'wrong/circuits.json': [] }, BUILD, 'PROJECT_FILE', /circuits\.json:1:1: \$ is no object/],
  [
    'has an entry that is a number',
    { 'wrong/circuits.json': { a: 1 } },
    BUILD,
    'PROJECT_FILE',
    /:1:6: \$\.a is no object/,
  ],
  [
    'names no file',
    { 'wrong/circuits.json': { a: { template: 'A' } } },
    BUILD,
    'PROJECT_FILE',
    /\$\.a\.file is no text/,
  ],
  [
    'has a field of another name',
    circuits({ templete: 'A' }),
    BUILD,
    'PROJECT_FILE',
    /\$\.multiplier\.templete does not belong/,
  ],
  [
    'has a parameter that is not whole',
    circuits({ params: [1.5] }),
    BUILD,
    'PROJECT_FILE',
    /params\[0\] is no number that is whole/,
  ],
  [
    'has a parameter of words',
    circuits({ params: ['two'] }),
    BUILD,
    'PROJECT_FILE',
    /params\[0\] is no whole number/,
  ],
  ['has parameters in an object', circuits({ params: { n: 2 } }), BUILD, 'PROJECT_FILE', /params is no list/],
  [
    'has a public input that is no name',
    circuits({ pubs: ['a; }'] }),
    BUILD,
    'PROJECT_FILE',
    /pubs\[0\] is no name/,
  ],
  [
    'names a public input twice',
    circuits({ pubs: ['a', 'a'] }),
    BUILD,
    'PROJECT_FILE',
    /pubs\[1\] is named twice/,
  ],
  [
    'has public inputs of no template',
    circuits({ template: undefined }),
    BUILD,
    'PROJECT_FILE',
    /names no template/,
  ],
  [
    'has a name that leads out of its folder',
    { 'wrong/circuits.json': { '../a': ENTRY } },
    BUILD,
    'PROJECT_FILE',
    /is no name of a circuit/,
  ],
  ['asks for O9', circuits({ optimize: 'O9' }), BUILD, 'PROJECT_FILE', /optimize is none of/],
  [
    'waives without a reason',
    circuits({ waivers: [{ rule: 'x', subject: 'y', reason: 'ok' }] }),
    BUILD,
    'PROJECT_FILE',
    /reason is too short/,
  ],
  [
    'uses custom templates',
    circuits({ usesCustomTemplates: true }),
    BUILD,
    'PROJECT_FILE',
    /Groth16 has no custom templates/,
  ],
  [
    'is over another field',
    { ...circuits({}), 'wrong/circomkit.json': { prime: 'bls12381' } },
    BUILD,
    'PROJECT_FILE',
    /circomkit\.json:1:10: \$\.prime is not "bn128"/,
  ],
  [
    'is nested too deep',
    { 'wrong/circuits.json': '['.repeat(1000) },
    BUILD,
    'PROJECT_FILE',
    /:1:\d+: .*nested too deep/,
  ],
  [
    'has a file of 2 MiB',
    { 'wrong/circuits.json': ' '.repeat(1 << 21) },
    BUILD,
    'FILE_UNREADABLE',
    /circuits\.json: it is larger than/,
  ],
  [
    'has no such source',
    circuits({ file: 'absent' }),
    BUILD,
    'PROJECT_FILE',
    /:1:\d+: \$\.multiplier\.file is not there: neither .*circuits\/absent\.circom/,
  ],
  [
    'has no such template',
    { ...source('', ''), ...circuits({ template: 'Divider' }) },
    BUILD,
    'PROJECT_FILE',
    /template is no template of circuits\/multiplier\.circom: there are Multiplier/,
  ],
  [
    'has too many parameters',
    { ...source('', ''), ...circuits({ params: [2, 3] }) },
    BUILD,
    'PROJECT_FILE',
    /Multiplier of circuits\/multiplier\.circom takes 1 parameter, not 2/,
  ],
  [
    'makes public what is no input',
    { ...source('', ''), ...circuits({ pubs: ['a', 'zz'] }) },
    BUILD,
    'PROJECT_FILE',
    /:1:\d+: \$\.multiplier\.pubs\[1\] is no input of Multiplier/,
  ],
  [
    'makes an output public',
    { ...source('', ''), ...circuits({ pubs: ['c'] }) },
    BUILD,
    'PROJECT_FILE',
    /pubs\[0\] is no input/,
  ],
  [
    'includes what is not there',
    source('circomlib/circuits/comparators', 'lib/absent'),
    BUILD,
    'CIRCUIT_SOURCE',
    /circuits\/multiplier\.circom:2: .*"lib\/absent\.circom"; looked for in/,
  ],
  [
    'includes a folder',
    source('circomlib/circuits/comparators.circom', '../circuits'),
    BUILD,
    'CIRCUIT_SOURCE',
    /circuits\/multiplier\.circom:2: .*it is a directory/,
  ],
  [
    'has a mistake of syntax',
    source('signal output c;', 'signal output c'),
    BUILD,
    'CIRCUIT_COMPILE',
    /circuits\/multiplier\.circom:6:18: error P1008: Missing semicolon/,
  ],
  [
    'has a constraint that is not quadratic',
    source('a * b[0]', 'a * a * b[0]'),
    BUILD,
    'CIRCUIT_COMPILE',
    /circuits\/multiplier\.circom:11:3: error T3001: Non quadratic/,
  ],
  [
    'uses what is not declared',
    source('a * b[0]', 'a * d[0]'),
    BUILD,
    'CIRCUIT_COMPILE',
    /circuits\/multiplier\.circom:11:\d+: error T2021/,
  ],
  [
    'asks for another circom',
    source('2.1.0', '9.0.0'),
    BUILD,
    'CIRCUIT_COMPILE',
    /circuits\/multiplier\.circom.*version 9\.0\.0/,
  ],
  [
    'has neither a template nor a main component',
    { ...source('', ''), 'wrong/circuits.json': { multiplier: { file: 'multiplier' } } },
    BUILD,
    'CIRCUIT_COMPILE',
    /multiplier.*No main specified/,
  ],
  [
    'has a template that uses itself',
    {
      ...circuits({ params: [1], pubs: [] }),
      'wrong/circuits/multiplier.circom':
        'pragma circom 2.0.0;\ntemplate Multiplier(n) { signal input a; signal output b; component m = Multiplier(n + 1); m.a <== a; b <== m.b; }\n',
    },
    BUILD,
    'PROJECT_FILE',
    /\$\.multiplier cannot be compiled: .*does a template use itself/,
  ],
];

test.each(WRONG_PROJECTS)('a project that %s is refused with file and place', async (...wrong) => {
  const [, , , code, says] = wrong;
  const { exitCode, err } = await refusal(project, project.at('wrong'), wrong);
  expect(err).toContain(`(${code})`);
  expect(err).toMatch(says);
  expect([1, 2]).toContain(exitCode);
});

test('a folder without any project is told as one', async () => {
  const { err, exitCode } = await velumIn(join(packageRoot, 'keys'), 'prove', 'mine', '--input', 'in.json');
  expect([exitCode, err]).toEqual([2, expect.stringMatching(/no circuits\.json in .*keys or above/)]);
});
