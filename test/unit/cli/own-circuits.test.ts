import { cp } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { velumIn } from '../../helpers/cli.ts';
import {
  INPUT,
  OTHER,
  projectWithKeys,
  type StrangersProject,
  strangersProject,
} from '../../helpers/strangers-project.ts';

let project: StrangersProject;
const velum = (line: string) => velumIn(project.root, ...line.split(' '));
beforeAll(async () => {
  project = await projectWithKeys();
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
    ).toMatchObject({ exitCode: 0, out: '{"circuit":"vkey","verified":true}\n' });
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
