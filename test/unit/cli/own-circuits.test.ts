import { cp, readFile, truncate } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { velumIn } from '../../helpers/cli.ts';
import { snarkjs } from '../../helpers/stock-snarkjs.ts';
import {
  INPUT,
  OTHER,
  projectWithKeys,
  refusal,
  type StrangersProject,
  strangersProject,
  type Wrong,
} from '../../helpers/strangers-project.ts';
import { LOOPING, witnessProgram } from '../../helpers/witness-program.ts';

let project: StrangersProject;
const velum = (line: string) => velumIn(project.root, ...line.split(' '));
beforeAll(async () => {
  project = await projectWithKeys();
  await project.write('one.json', { a: 1 });
  await project.write('looping.wasm', witnessProgram({ init: LOOPING }));
  await project.write('greedy.wasm', witnessProgram({ pages: 65_536 }));
}, 300_000);
afterAll(() => project.remove());

describe('a project', () => {
  test('is proved and verified by name and by plain files, and its names hide those of this package', async () => {
    expect((await velum('verify multiplier')).out).toContain('verified proof.json of multiplier');
    const files = '--zkey keys/multiplier/proving.zkey --wasm keys/multiplier/witness.wasm';
    expect(
      await velum(`prove --input in.json ${files} --proof p/a.proof.json --public p/a.public.json`),
    ).toMatchObject({ exitCode: 0 });
    const vkey = '--vkey keys/multiplier/vkey.json';
    expect(
      await velum(`verify ${vkey} --proof p/a.proof.json --public p/a.public.json --json`),
    ).toMatchObject({
      exitCode: 0,
      out: '{"circuit":"vkey","verified":true,"unchecked":[],"reason":null,"keys":null}\n',
    });
    expect((await velum(`verify-batch p ${vkey}`)).out).toContain('verified 1 proofs');
    expect((await velum('verify-batch multiplier p --json')).out).toContain('"keys":"development"');
    await project.write('hiding/circuits.json', {
      ballot: { file: '../circuits/other.circom', template: 'Other' },
    });
    const listed = await velumIn(project.at('hiding'), 'circuits', 'list', '--json');
    const names = JSON.parse(listed.out).circuits.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['ballot', 'velum:ballot', 'velum:orders']));
    expect((await velumIn(project.at('hiding'), 'input', 'ballot', '--example')).out).toBe(
      '{\n "x": "0"\n}\n',
    );
    expect((await velumIn(project.at('hiding'), 'input', 'velum:ballot', '--example')).out).toContain(
      'scope',
    );
  });

  test('has proofs and a contract that are those of stock snarkjs', async () => {
    const said = await snarkjs(
      project.root,
      'groth16',
      'verify',
      'keys/multiplier/vkey.json',
      'public.json',
      'proof.json',
    );
    expect(said).toContain('OK!');
    await velum('export solidity multiplier --out ours.sol');
    await snarkjs(
      project.root,
      'zkey',
      'export',
      'solidityverifier',
      'keys/multiplier/proving.zkey',
      'theirs.sol',
    );
    const [ours, theirs] = await Promise.all(
      ['ours.sol', 'theirs.sol'].map((path) => readFile(project.at(path), 'utf8')),
    );
    expect(ours).toBe(theirs);
  });

  test('has keys that are marked for development, and a folder of keys is enough to contribute', async () => {
    expect((await velum('keys list --json')).out).toContain('"dev":true');
    const lines = [
      'keys contribute multiplier --keys keys --name Ada',
      `keys beacon multiplier --keys keys --beacon ${'0b'.repeat(16)}`,
    ];
    const elsewhere = await strangersProject();
    await cp(project.at('keys'), elsewhere.at('keys'), { recursive: true });
    for (const line of lines)
      expect(await velumIn(elsewhere.root, ...line.split(' '))).toMatchObject({ exitCode: 0 });
    const ptau = project.at('build/powers-of-tau/development-4.ptau');
    const r1cs = project.at('build/multiplier/multiplier.r1cs');
    const args = ['--keys', 'keys', '--ptau', ptau, '--r1cs', r1cs];
    const checked = await velumIn(elsewhere.root, 'keys', 'verify', 'multiplier', ...args);
    expect(checked).toMatchObject({ exitCode: 0, out: expect.not.stringContaining('NO ') });
    await elsewhere.remove();
  });

  test('tells a failed assertion with the line of the source', async () => {
    await project.write('large.json', { ...INPUT, a: 11 });
    expect(await velum('witness multiplier --input large.json')).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(
        /circuits\/multiplier\.circom:10, template Multiplier: small\.out === 1;[\s\S]*CIRCUIT_UNSATISFIED/,
      ),
    });
  });

  test('that was changed after its keys were made does not prove with them', async () => {
    await project.write('circuits/other.circom', OTHER.replace('x * x', 'x * x + 1'));
    expect(await velum('prove other --input other.json')).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/keys of other .* another version .*velum keys setup other .*KEYS_STALE/),
    });
    await project.write('circuits/other.circom', OTHER);
  });
});

const input = (text: string): Record<string, string> => ({ 'bad.json': text });
const WITNESS = 'witness multiplier --input bad.json';

/** The project itself is right. */
const WRONG_FILES: readonly Wrong[] = [
  [
    'an input that is not there',
    { 'bad.json': null },
    WITNESS,
    'FILE_UNREADABLE',
    /bad\.json: there is no such file/,
  ],
  [
    'an input that is no JSON',
    input('{"a": 1,\n "b": [1 2]}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json is not JSON: line 2, column 10/,
  ],
  [
    'an input that is a list',
    input('[1]'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:1: the input is no JSON object/,
  ],
  [
    'an input without a signal',
    input('{"a": 1}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:1: .*b is missing; the inputs are a, b\[2\]/,
  ],
  [
    'an input with another signal',
    input('{"a": 1, "b": [1, 2],\n "d": 1}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:2:7: .*d is no input/,
  ],
  [
    'an input that is too short',
    input('{"a": 1, "b": [1]}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:15: .*b has 1 numbers and takes 2/,
  ],
  [
    'an input of words',
    input('{"a": 1, "b": [1, "two"]}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:19: .*b\[1\] is no integer/,
  ],
  [
    'an input beyond exact numbers',
    input('{"a": 9007199254740993, "b": [1, 2]}'),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:7: .*a is no integer/,
  ],
  [
    'an input that is nested too deep',
    input(`{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`),
    WITNESS,
    'CIRCUIT_INPUT',
    /bad\.json:1:\d+: is nested too deep/,
  ],
  [
    'an input of another circuit',
    {},
    'witness multiplier --input other.json',
    'CIRCUIT_INPUT',
    /other\.json:1:6: .*x is no input/,
  ],
  [
    'a circuit without keys',
    {},
    'prove multiplier --input in.json --keys none',
    'KEYS_MISSING',
    /none has no keys of multiplier; make them with `velum keys setup multiplier/,
  ],
  [
    'keys that are there already',
    {},
    'keys setup multiplier --dev',
    'KEYS_EXIST',
    /keys of multiplier already.*--force/,
  ],
  [
    'powers of tau that are none',
    {},
    'keys setup multiplier --ptau in.json --force',
    'PHASE_1_FILE',
    /in\.json/,
  ],
  ['neither powers nor --dev', {}, 'keys setup multiplier --force', 'USAGE', /--ptau FILE, or --dev/],
  [
    'a proving key that is none',
    {},
    'prove --zkey in.json --wasm keys/other/witness.wasm --input other.json',
    'CIRCUIT_FILE',
    /proving key cannot be used/,
  ],
  [
    'a proving key without a program',
    {},
    'prove --zkey keys/other/proving.zkey --input other.json',
    'USAGE',
    /--wasm FILE/,
  ],
  [
    'the proving key of another circuit',
    {},
    'prove --zkey keys/multiplier/proving.zkey --wasm keys/other/witness.wasm --input other.json',
    'CIRCUIT_FILE',
    /proving key cannot be used for the witness/,
  ],
  [
    'a program that is none',
    {},
    'witness --wasm in.json --input in.json',
    'WITNESS_PROGRAM',
    /no WebAssembly/,
  ],
  [
    'the program of another circuit',
    {},
    'witness --wasm keys/other/witness.wasm --input in.json',
    'WITNESS_PROGRAM',
    /has no input a/,
  ],
  [
    'a program that does not end',
    {},
    'witness --wasm looping.wasm --input one.json --timeout 0.5',
    'WITNESS_LIMIT',
    /looping was ended: it takes more than 0\.5 s/,
  ],
  [
    'a program that wants 4 GiB',
    {},
    'witness --wasm greedy.wasm --input one.json',
    'WITNESS_LIMIT',
    /greedy was ended: .*bytes of memory/,
  ],
  ['a verification key that is none', {}, 'verify --vkey in.json', 'KEYS_FILE', /in\.json/],
  [
    'a proof of another circuit',
    {},
    'verify multiplier --proof other-proof.json',
    'NOT_VERIFIED',
    /other-proof\.json proves nothing of multiplier/,
  ],
  [
    'public signals of another circuit',
    {},
    'verify multiplier --public other-public.json',
    'NOT_VERIFIED',
    /other-public\.json has 1 public signals, and the key of multiplier is for 2/,
  ],
  [
    'calldata of a proof that is not valid',
    {},
    'export calldata multiplier --proof other-proof.json',
    'NOT_VERIFIED',
    /a contract would refuse it/,
  ],
  ['a contract from no key', {}, 'export solidity --zkey in.json', 'CIRCUIT_FILE', /in\.json cannot be used/],
  [
    'a compiled file that is none',
    {},
    'circuits inspect --r1cs in.json',
    'CIRCUIT_FILE',
    /in\.json cannot be used/,
  ],
  [
    'names of another circuit',
    {},
    'circuits inspect --r1cs build/other/other.r1cs --sym build/multiplier/multiplier.sym',
    'CIRCUIT_FILE',
    /multiplier\.sym cannot be used/,
  ],
  [
    'PLONK for a circuit of a project',
    {},
    'prove multiplier --input in.json --protocol plonk',
    'USAGE',
    /circuits of this package/,
  ],
  [
    'a name that nobody has',
    {},
    'prove nothing --input in.json',
    'CIRCUIT_UNKNOWN',
    /multiplier, other in .*circuits\.json, and velum:ballot/,
  ],
];

test.each(WRONG_FILES)('%s: refused with file and place', async (...wrong) => {
  const [, , , code, says] = wrong;
  const { exitCode, err } = await refusal(project, project.root, wrong);
  expect(err).toContain(`(${code})`);
  expect(err).toMatch(says);
  expect([1, 2]).toContain(exitCode);
});

test('an input of a gigabyte is not read', async () => {
  await project.write('huge.json', '{');
  await truncate(project.at('huge.json'), 2 ** 30);
  const { err } = await velumIn(project.root, 'prove', 'multiplier', '--input', 'huge.json');
  expect(err).toMatch(/huge\.json is larger than \d+ bytes \(FILE_UNREADABLE\)/);
});
