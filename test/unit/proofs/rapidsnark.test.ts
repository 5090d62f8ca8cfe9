import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { root } from '../../../src/proofs/compile.ts';
import type { Prover, ProverStage } from '../../../src/proofs/prover.ts';
import { openRapidsnark } from '../../../src/proofs/rapidsnark.ts';
import { makeToyKeys, type ToyKeys, toyInput, writeManifest } from '../../helpers/toy-keys.ts';

let keys: ToyKeys;
let dir: string;
let prover: Prover | undefined;
beforeAll(async () => {
  keys = await makeToyKeys();
  await writeFile(join(keys.dir, 'ballot/proving.zkey'), Buffer.from(recorded.zkey, 'base64'));
  await writeFile(join(keys.dir, 'ballot/vkey.json'), recorded.vkey);
  await writeManifest(keys.dir);
});
afterAll(() => keys.remove());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-rapidsnark-test-'));
  // Where the prover makes its own directories: a test sees what it leaves.
  await mkdir(join(dir, 'tmp'));
  vi.stubEnv('TMPDIR', join(dir, 'tmp'));
});
afterEach(async () => {
  await prover?.close();
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

/** A program in rapidsnark's place: the script sees fs, createHash and the four arguments. */
async function binary(script: string): Promise<string> {
  const path = join(dir, 'rapidsnark');
  const text = `#!/usr/bin/env node
const fs = require('node:fs');
const { createHash } = require('node:crypto');
const [zkey, wtns, proof, publics, ...rest] = process.argv.slice(2);
(async () => {
${script}
})();
`;
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

const recorded = JSON.parse(readFileSync(join(root, 'test/vectors/rapidsnark.json'), 'utf8')).toy as {
  readonly witnessSha256: string;
  readonly zkey: string;
  readonly vkey: string;
  readonly proof: string;
  readonly public: string;
};
/** Repeats what the real program wrote for this key and witness, and logs what it was given. */
const HONEST = `
  const mode = (fs.statSync(wtns).mode & 0o777).toString(8);
  const header = (path) => fs.readFileSync(path).subarray(0, 4).toString();
  const { nlink } = fs.statSync(wtns);
  const named = fs.readdirSync(require('node:path').dirname(proof));
  fs.writeFileSync(__dirname + '/log', JSON.stringify({ zkey, rest, mode, nlink, named, headers: [header(zkey), header(wtns)] }));
  const recorded = ${JSON.stringify(recorded)};
  const sha256 = (path) => createHash('sha256').update(fs.readFileSync(path)).digest('hex');
  const isKey = fs.readFileSync(zkey).equals(Buffer.from(recorded.zkey, 'base64'));
  if (!isKey || sha256(wtns) !== recorded.witnessSha256) throw new Error('nothing is recorded for this key and witness');
  const publicText = recorded.public;
  fs.writeFileSync(proof, recorded.proof);
  fs.writeFileSync(publics, publicText);`;
const leftovers = (): Promise<string[]> => readdir(join(dir, 'tmp'));

describe('rapidsnark', () => {
  test('gets the proving key and a private witness file without a name, so that a kill leaves none, its proof passes the verifier, and nothing is left', async () => {
    prover = await openRapidsnark({ path: await binary(HONEST), keysDir: keys.dir });
    const stages: ProverStage[] = [];
    const { proof, publicSignals } = await prover.prove('ballot', toyInput(), {
      onStage: (stage) => stages.push(stage),
    });
    expect(await (await loadVerifier('ballot', keys.dir)).verify(publicSignals, proof)).toBe(true);
    expect(stages).toEqual(['keys', 'witness', 'prove', 'verify']);
    expect(JSON.parse(await readFile(join(dir, 'log'), 'utf8'))).toEqual({
      zkey: join(keys.dir, 'ballot/proving.zkey'),
      rest: [],
      mode: '600',
      nlink: 0,
      named: [],
      headers: ['zkey', 'wtns'],
    });
    expect(await leftovers()).toEqual([]);
  });

  test('is found on PATH', async () => {
    await binary(HONEST);
    vi.stubEnv('PATH', `${dir}:${process.env['PATH']}`);
    prover = await openRapidsnark({ keysDir: keys.dir });
    expect((await prover.prove('ballot', toyInput())).proof).toHaveLength(256);
  });

  test('when missing is missed before any work, with what to do', async () => {
    vi.stubEnv('PATH', join(dir, 'tmp'));
    await expect(openRapidsnark()).rejects.toMatchObject({
      code: 'PROVER_MISSING',
      message: expect.stringMatching(/rapidsnark is not on PATH; build it from https.*--prover-path/),
    });
    for (const path of [join(dir, 'nothing'), dir, join(keys.dir, 'MANIFEST.json')])
      await expect(openRapidsnark({ path })).rejects.toMatchObject({ code: 'PROVER_MISSING' });
  });

  test.each<[string, string, RegExp]>([
    ['fails', `console.error('bad key'); process.exit(3);`, /exit code 3: bad key/],
    ['is killed', `process.kill(process.pid, 'SIGKILL');`, /SIGKILL/],
    ['writes nothing', '', /wrote what is no proof: its proof.json/],
    [
      'writes rubbish',
      `fs.writeFileSync(proof, '{}'); fs.writeFileSync(publics, '[]');`,
      /its proof.json is no proof of Groth16: pi_a is not a list/,
    ],
    [
      'states something else than it proves',
      HONEST.replace('= recorded.public;', "= JSON.stringify(JSON.parse(recorded.public).with(0, '1'));"),
      /did not verify/,
    ],
  ])('that %s is a failed prover, and leaves nothing', async (_, script, message) => {
    prover = await openRapidsnark({ path: await binary(script), keysDir: keys.dir });
    await expect(prover.prove('ballot', toyInput())).rejects.toMatchObject({
      code: 'PROVER_FAILED',
      message: expect.stringMatching(message),
    });
    expect(await leftovers()).toEqual([]);
  });

  test('is ended by cancellation and by closing, and leaves nothing', async () => {
    const path = await binary(`fs.writeFileSync(__dirname + '/started', ''); setInterval(() => {}, 1000);`);
    prover = await openRapidsnark({ path, keysDir: keys.dir });
    const abort = new AbortController();
    const started = () => vi.waitFor(() => readFile(join(dir, 'started')), { timeout: 20_000 });

    const cancelled = expect(
      prover.prove('ballot', toyInput(), { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'PROVER_CANCELLED' });
    await started();
    abort.abort();
    await cancelled;
    await rm(join(dir, 'started'));

    const closed = expect(prover.prove('ballot', toyInput())).rejects.toMatchObject({
      code: 'PROVER_CLOSED',
    });
    await started();
    await prover.close();
    await closed;
    expect(await leftovers()).toEqual([]);
  });
});
