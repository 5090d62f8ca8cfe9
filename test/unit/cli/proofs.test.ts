import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { groth16, wtns } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyProgressLine } from '../../../src/cli/key-progress.ts';
import { snarkjsJson } from '../../../src/groth16/json-files.ts';
import { root } from '../../../src/proofs/compile.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { velumIn } from '../../helpers/cli.ts';
import { tameSnarkjs } from '../../helpers/toy-keys.ts';
import { offSubgroup } from '../../helpers/twist-points.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-cli-proofs-'));
  await tameSnarkjs();
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** Runs a command line in the test's folder. */
const velum = (line: string) => velumIn(cwd, ...line.split(' '));
const file = (name: string): string => join(cwd, name);
const jsonFile = async (name: string): Promise<unknown> => JSON.parse(await readFile(file(name), 'utf8'));
const keyFile = (name: string): string => join(root, 'keys', name);

describe('velum prove and verify speak with the stock tool', () => {
  test.each(['account', 'ballot', 'orders'])('about %s, both ways', async (circuit) => {
    expect((await velum(`input ${circuit} --example`)).out).toBe(
      snarkjsJson(exampleInput(circuit as 'ballot')),
    );
    await writeFile(file('in.json'), (await velum(`input ${circuit} --example`)).out);
    const proved = await velum(`prove ${circuit} --input in.json --proof p.json --public s.json --json`);
    expect(proved).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(proved.out)).toMatchObject({
      circuit,
      protocol: 'groth16',
      prover: 'wasm',
      proof: 'p.json',
    });
    const [proof, signals] = [(await jsonFile('p.json')) as never, (await jsonFile('s.json')) as string[]];
    const vkey: unknown = JSON.parse(await readFile(keyFile(`${circuit}/vkey.json`), 'utf8'));
    expect(await groth16.verify(vkey, signals, proof)).toBe(true);

    await velum(`witness ${circuit} --input in.json --out w.wtns`);
    const theirs = await groth16.prove(keyFile(`${circuit}/proving.zkey`), file('w.wtns'));
    await writeFile(file('p2.json'), JSON.stringify(theirs.proof));
    await writeFile(file('s2.json'), JSON.stringify(theirs.publicSignals));
    expect(await velum(`verify ${circuit} --proof p2.json --public s2.json --json`)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(
        new RegExp(
          `^\\{"circuit":"${circuit}","verified":true,"unchecked":\\[.*\\],"reason":null,"keys":"development"\\}\n$`,
        ),
      ),
      err: '',
    });
    const memory = { type: 'mem' as const };
    await wtns.calculate(
      JSON.parse(await readFile(file('in.json'), 'utf8')),
      keyFile(`${circuit}/witness.wasm`),
      memory,
    );
    expect(await wtns.exportJson(file('w.wtns'))).toEqual(await wtns.exportJson(memory as never));
  });
});

describe('velum verify', () => {
  test('says of keys for development that their maker can forge, and not of those of a ceremony', async () => {
    const line = 'verify orders --proof p2.json --public s2.json';
    expect(await velum(line)).toEqual({
      exitCode: 0,
      out: 'verified p2.json of orders\n',
      err: expect.stringMatching(
        /^velum: the keys are for development: whoever made them can forge proofs\nvelum: left to you: that noteRoot .*\n$/,
      ),
    });
    await cp(keyFile('orders'), file('keys/orders'), { recursive: true });
    const manifest = JSON.parse(await readFile(keyFile('MANIFEST.json'), 'utf8'));
    const { orders } = manifest.circuits;
    const list = (change: object): Promise<void> =>
      writeFile(
        file('keys/MANIFEST.json'),
        JSON.stringify({ ...manifest, circuits: { orders: { ...orders, ...change } } }),
      );
    const ceremony = { ceremony: 'Ada, Bob', ptau: { ...orders.ptau, trust: 'public ceremony' } };
    for (const [change, keys] of [
      [ceremony, 'any network'],
      [{ ...ceremony, ceremony: undefined }, 'development'],
      [{ ...ceremony, ptau: orders.ptau }, 'development'],
    ] as const) {
      await list(change);
      expect(JSON.parse((await velum(`${line} --keys keys --json`)).out)).toMatchObject({
        circuit: 'orders',
        verified: true,
        keys,
      });
    }
    await list(ceremony);
    expect((await velum(`${line} --keys keys`)).err).toMatch(/^velum: left to you: .*\n$/);
    await list({ ...ceremony, ptau: undefined });
    for (const command of [line, 'keys list', 'keys contribute orders --name Ada'])
      expect(await velum(`${command} --keys keys`)).toMatchObject({
        exitCode: 1,
        out: '',
        err: expect.stringMatching(
          /MANIFEST\.json is not as expected at \$\.circuits\.orders\.ptau: .*KEYS_STALE/,
        ),
      });
  });
  test('exits 1 for another statement, and says which files', async () => {
    const signals = (await jsonFile('s2.json')) as string[];
    await writeFile(file('other.json'), JSON.stringify(signals.with(0, '5')));
    const { exitCode, err } = await velum('verify orders --proof p2.json --public other.json');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: 'velum: p2.json proves nothing of orders about other.json (NOT_VERIFIED)\n',
    });
  });
  test('exits 1 for a right form whose point is on no curve or in no group, and 2 for a wrong form, naming the field', async () => {
    const proof = (await jsonFile('p2.json')) as { pi_a: string[]; pi_b: string[][] };
    const answer = async (change: object) => {
      await writeFile(file('changed.json'), JSON.stringify({ ...proof, ...change }));
      const { exitCode, err } = await velum('verify orders --proof changed.json --public s2.json');
      return [exitCode, err.split('\n')[0]];
    };
    const nothing = 'velum: changed.json proves nothing of orders about s2.json (NOT_VERIFIED)';
    expect((await answer({ curve: undefined, protocol: undefined }))[0]).toBe(0);
    expect(await answer({ pi_a: proof.pi_a.with(0, '1') })).toEqual([1, nothing]);
    expect(await answer({ pi_a: ['0', '1', '0'] })).toEqual([1, nothing]);
    const outside = offSubgroup().map((pair) => pair.map(String));
    expect(await answer({ pi_b: [...outside, proof.pi_b[2]] })).toEqual([1, nothing]);
    expect(await answer({ curve: 'bls12381' })).toMatchObject([
      2,
      expect.stringContaining('curve is "bls12381"'),
    ]);
    expect(await answer({ pi_c: ['1'] })).toMatchObject([
      2,
      expect.stringContaining('pi_c is not a list of three'),
    ]);
  });
  test('takes a key after a byte order mark, and exits 2 for a file that is no key', async () => {
    await cp(keyFile('orders'), file('marked/orders'), { recursive: true });
    const manifest = JSON.parse(await readFile(keyFile('MANIFEST.json'), 'utf8'));
    const install = async (text: string): Promise<void> => {
      await writeFile(file('marked/orders/vkey.json'), text);
      const orders = { ...manifest.circuits.orders, vkey: createHash('sha256').update(text).digest('hex') };
      await writeFile(file('marked/MANIFEST.json'), JSON.stringify({ ...manifest, circuits: { orders } }));
    };
    const line = 'verify orders --proof p2.json --public s2.json --keys marked';
    const key = await readFile(keyFile('orders/vkey.json'), 'utf8');
    await install(`\uFEFF${key}`);
    expect(await velum(line)).toMatchObject({ exitCode: 0 });
    await install(key.replace('"bn128"', '"bls12381"'));
    expect(await velum(line)).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/vkey\.json is no verification key.*curve is "bls12381".*KEYS_FILE/),
    });
  });
  test('exits 2 for files that are none', async () => {
    await writeFile(file('text.json'), 'x');
    for (const flags of [
      '--proof in.json --public s2.json',
      '--proof p2.json --public in.json',
      '--proof text.json',
    ])
      expect((await velum(`verify orders ${flags}`)).exitCode).toBe(2);
    expect((await velum('verify nothing')).err).toContain('there are ballot, orders');
  });
});

test('velum verify-batch names the bad proofs, also in folders below, and misses no file', async () => {
  await mkdir(file('batch/more'), { recursive: true });
  for (const [from, to] of [
    ['p2', 'a.proof'],
    ['s2', 'a.public'],
    ['p2', 'more/proof'],
    ['s2', 'more/public'],
  ])
    await cp(file(`${from}.json`), file(`batch/${to}.json`));
  expect(await velum('verify-batch orders batch')).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^verified 2 proofs of orders in/),
    err: expect.stringContaining('the keys are for development'),
  });
  expect(JSON.parse((await velum('verify-batch orders batch --json')).out)).toMatchObject({
    proofs: 2,
    bad: [],
    keys: 'development',
  });
  await cp(file('other.json'), file('batch/more/public.json'));
  await writeFile(file('batch/z.proof.json'), '{}');
  await cp(file('s2.json'), file('batch/z.public.json'));
  const { exitCode, out } = await velum('verify-batch orders batch --json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    verified: false,
    proofs: 3,
    bad: ['more/proof.json', 'z.proof.json'],
    keys: 'development',
  });
  await mkdir(file('empty'));
  for (const dir of ['empty', 'missing'])
    expect((await velum(`verify-batch orders ${dir}`)).exitCode).toBe(2);
});

test('velum verify-batch judges all proofs beside files that are none, each named with its reason', async () => {
  const all = ['good', 'cut', 'lonely', 'text', 'form', 'pipe', 'folder', 'zgood'];
  const reasons: Readonly<Record<string, string>> = {
    cut: 'cut.public.json is not JSON',
    folder: 'folder.proof.json: it is a directory',
    form: 'form.public.json is no list of public signals of Groth16: [0] is not a decimal number as text',
    lonely: 'lonely.public.json: there is no such file',
    pipe: 'pipe.proof.json: it is no file',
    text: 'text.proof.json is not JSON',
  };
  await mkdir(file('mixed/folder.proof.json'), { recursive: true });
  await promisify(execFile)('mkfifo', [file('mixed/pipe.proof.json')]);
  for (const name of all) {
    if (!['folder', 'pipe'].includes(name)) await cp(file('p2.json'), file(`mixed/${name}.proof.json`));
    if (name !== 'lonely') await cp(file('s2.json'), file(`mixed/${name}.public.json`));
  }
  await writeFile(file('mixed/cut.public.json'), '{');
  await writeFile(file('mixed/form.public.json'), '[1]');
  await writeFile(file('mixed/text.proof.json'), 'x');
  const { exitCode, out } = await velum('verify-batch orders mixed --json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    proofs: all.length,
    bad: Object.keys(reasons).map((name) => `${name}.proof.json`),
    reasons: { 'cut.proof.json': expect.stringContaining(reasons['cut']!) },
  });
  const { err } = await velum('verify-batch orders mixed');
  for (const reason of Object.values(reasons)) expect(err).toContain(reason);
});

describe('velum prove', () => {
  const input = async (change: object): Promise<void> => {
    const example = JSON.parse(snarkjsJson(exampleInput('orders'))) as object;
    await writeFile(file('changed.json'), JSON.stringify({ ...example, ...change }));
  };
  test('names the constraint that an input breaks, by number and meaning, and writes nothing', async () => {
    await input({ deposit: '1' });
    const { exitCode, err } = await velum('prove orders --input changed.json --proof none.json');
    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /breaks a constraint of orders \(circuits\/orders.circom:\d+\):\n {2}C19: deposit·10⁶ − Σ need/,
    );
    expect(await readdir(cwd)).not.toContain('none.json');
  });
  test('names the signal, shape and range of an input that is wrong', async () => {
    await input({ lots: [1, 2, 3] });
    const { exitCode, err } = await velum('prove orders --input changed.json');
    expect(exitCode).toBe(2);
    expect(err).toContain('lots has length 3; lots takes 4 integers of at most 2^32');
  });
  test('with rapidsnark takes the binary that is named, and misses one that is not there', async () => {
    const binary = file('prover');
    await writeFile(
      binary,
      `#!/usr/bin/env node
const { groth16 } = require(${JSON.stringify(join(root, 'node_modules/snarkjs'))});
const [zkey, wtns, proof, publics] = process.argv.slice(2);
groth16.prove(zkey, wtns).then((made) => {
  require('node:fs').writeFileSync(proof, JSON.stringify(made.proof));
  require('node:fs').writeFileSync(publics, JSON.stringify(made.publicSignals));
  process.exit(0);
});
`,
    );
    const line =
      'prove ballot --input ballot.json --prover rapidsnark --prover-path prover --proof r.json --public rs.json';
    await writeFile(file('ballot.json'), snarkjsJson(exampleInput('ballot')));
    expect(await velum(line)).toMatchObject({ exitCode: 2, err: expect.stringContaining('PROVER_MISSING') });
    await chmod(binary, 0o755);
    expect(await velum(line)).toMatchObject({ exitCode: 0 });
    expect((await velum('verify ballot --proof r.json --public rs.json')).exitCode).toBe(0);
    expect((await velum(`${line} --protocol plonk`)).exitCode).toBe(2);
  });
  test('with PLONK says how its keys are made where there are none', async () => {
    const { exitCode, err } = await velum('prove ballot --input ballot.json --protocol plonk --keys empty');
    expect(exitCode).toBe(1);
    expect(err).toContain('velum keys setup ballot --protocol plonk --ptau FILE');
  });
  test.each(['SIGINT', 'SIGTERM'] as const)('on %s leaves no process and no file', async (signal) => {
    // snarkjs proves in a process of its own.
    const files = ['--input', 'in.json', '--proof', 'late.json', '--public', 'late-s.json'];
    const args = ['prove', 'orders', '--prover', 'snarkjs', ...files];
    const before = (await readdir(cwd)).sort();
    const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
      cwd,
      stdio: 'ignore',
    });
    const code = new Promise((resolve) => child.on('exit', (exitCode) => resolve(exitCode)));
    const workers = async () =>
      (await processes()).filter(({ ppid }) => ppid === child.pid).map(({ pid }) => pid);
    let started: number[] = [];
    while (started.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      started = await workers();
    }
    child.kill(signal);
    expect(await code).toBe(signal === 'SIGINT' ? 130 : 143);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await processes()).filter(({ pid }) => started.includes(pid))).toEqual([]);
    expect((await readdir(cwd)).sort()).toEqual(before);
  });
});

/** All processes; one that has ended and only waits for its parent to notice is none. */
async function processes(): Promise<{ pid: number; ppid: number }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , stat]) => !stat!.startsWith('Z'))
    .map(([pid, ppid]) => ({ pid: Number(pid), ppid: Number(ppid) }));
}

describe('velum circuits', () => {
  const rows = async (line: string) =>
    (JSON.parse((await velum(line)).out) as { circuits: Record<string, unknown>[] }).circuits;
  test('inspect states the domains and sizes that are reviewed', async () => {
    const circuits = await rows('circuits inspect --json');
    expect(circuits).toContainEqual({
      ...{ name: 'ballot', constraints: 1933, domain: 2048, publicInputs: 3, publicOutputs: 2, wires: 1949 },
      ...{
        r1csSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        vkeySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(circuits).toContainEqual(
      expect.objectContaining({ name: 'orders', domain: 8192, publicInputs: 37, publicOutputs: 8 }),
    );
    expect(circuits).toContainEqual(
      expect.objectContaining({ name: 'account', constraints: 790, domain: 1024, publicInputs: 4 }),
    );
    const listed = await rows('circuits list --json');
    expect(listed.map(({ name, constraints, domain }) => ({ name, constraints, domain }))).toEqual(
      circuits.map(({ name, constraints, domain }) => ({ name, constraints, domain })),
    );
  });
  test('inspect and build of one circuit tell a person', async () => {
    expect((await velum('circuits inspect ballot')).out).toMatch(/^ballot \(S1\)[\s\S]*path\[4\]\[4\]/);
    expect((await velum('circuits build ballot')).out).toMatch(
      /^ballot: 1933 constraints in .*ballot\.\{r1cs,sym,wasm\}/,
    );
  });
});

describe('velum keys', () => {
  test('list shows origin and contributions of the package keys', async () => {
    const { out } = await velum('keys list');
    expect(out).toMatch(
      /ballot +groth16 +powersOfTau28_hez_final_12.ptau +public ceremony +\w{12} +development/,
    );
    expect(out).toContain('for development only');
  });
  test('keys export-vkey and export solidity write what snarkjs would', async () => {
    await velum('keys export-vkey orders --out v.json');
    expect(await jsonFile('v.json')).toEqual(JSON.parse(await readFile(keyFile('orders/vkey.json'), 'utf8')));
    await velum('export solidity orders --out v.sol');
    expect(await readFile(file('v.sol'), 'utf8')).toContain('uint[45] calldata _pubSignals');
  });
  test.each([
    'keys beacon ballot --beacon xyz',
    'keys beacon ballot --beacon 00 --iterations 9',
    'keys contribute ballot',
    'keys contribute ballot --from in.json',
    'keys contribute ballot --from in.json --ptau in.json',
    'keys contribute ballot --from in.json --ptau in.json --name x',
    'keys contribute ballot --ptau in.json --name x',
    'keys setup ballot',
    'keys setup ballot --ptau in.json --keys fresh',
    'keys verify ballot --ptau missing.ptau',
  ])('%s is refused', async (line) => {
    expect((await velum(line)).exitCode).toBe(2);
    expect(await readdir(cwd)).not.toContain('fresh');
  });
  test('progress is one line with what, how far and how long still', () => {
    expect(keyProgressLine({ step: 'making the key', done: 0.5, leftMs: 12_300 })).toBe(
      `making the key [${'#'.repeat(15)}${'-'.repeat(15)}] 50 %, 13 s left`,
    );
  });
});
