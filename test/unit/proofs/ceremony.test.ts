import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { powersOfTau, zKey } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyPhase1 } from '../../../src/groth16/ceremony/phase-1.ts';
import { type KeyProgress, trackSteps } from '../../../src/groth16/ceremony/progress.ts';
import { readTranscript } from '../../../src/groth16/ceremony/transcript.ts';
import { q, r } from '../../../src/params/fields.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { root } from '../../../src/proofs/compile.ts';
import { applyBeacon, compilerOf, contribute, setupKeys } from '../../../src/proofs/keys/ceremony.ts';
import { readManifest } from '../../../src/proofs/keys/manifest-file.ts';
import { solidityVerifier } from '../../../src/proofs/keys/solidity.ts';
import { verifyKeys } from '../../../src/proofs/keys/verify-keys.ts';
import { provePlonk, verifyPlonk } from '../../../src/proofs/plonk.ts';
import { loadCircuit, type ProofSystem } from '../../../src/proofs/registry.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';

const circuit = 'ballot';
const compile = compilerOf(join(root, 'test/helpers/toy-circuit/ballot.circom'));
const BEACON = '00ff'.repeat(16);
let toy: ToyKeys;
let ptau: string;
let dir: string;
beforeAll(async () => {
  toy = await makeToyKeys();
  ptau = join(toy.dir, '2.ptau');
  dir = await mkdtemp(join(tmpdir(), 'velum-ceremony-'));
});
afterAll(async () => {
  await toy.remove();
  await rm(dir, { recursive: true, force: true });
});

const folder = (name: string): string => join(dir, name);
const setup = (keysDir: string, protocol: ProofSystem = 'groth16', replace = false) =>
  setupKeys({ circuit, keysDir, compile, ptau, protocol, replace });
const beacon = (keysDir: string) =>
  applyBeacon({ circuit, keysDir, name: 'beacon', beacon: BEACON, iterationsExponent: 10 });
const zkeyOf = (keysDir: string): Promise<Buffer> => readFile(join(keysDir, circuit, 'proving.zkey'));
const failing = async (keysDir: string, powers = ptau): Promise<string[]> =>
  (await verifyKeys({ circuit, keysDir, compile, ptau: powers }))
    .filter(({ ok }) => !ok)
    .map(({ what }) => what);

describe('a phase 2', () => {
  const keysDir = () => folder('ceremony');

  test('begins with keys that no verifier takes', async () => {
    const record = await setup(keysDir());
    expect(record).toMatchObject({ ptau: { name: '2.ptau', trust: 'none' }, contributions: [] });
    await expect(loadVerifier(circuit, keysDir())).rejects.toMatchObject({ code: 'KEYS_UNSAFE' });
    expect(await failing(keysDir())).toEqual(['no statement can be forged: gamma and delta differ']);
  });

  test('goes on with contributions and a beacon, after which proofs verify', async () => {
    const made = [
      await contribute({ circuit, keysDir: keysDir(), name: 'first of two' }),
      await contribute({ circuit, keysDir: keysDir(), name: 'zweite · 2' }),
      await beacon(keysDir()),
    ];
    expect(made[2]).toMatchObject({ name: 'beacon', beacon: BEACON, iterationsExponent: 10 });
    expect((await readManifest(keysDir()))!).toMatchObject({
      dev: true,
      circuits: { ballot: { contributions: made } },
    });
    expect(await failing(keysDir())).toEqual([]);
    const { proof, publicSignals } = await (await loadCircuitProver(circuit, { keysDir: keysDir() }))(
      flattenSignals(circuit, toyInput()),
    );
    expect(await (await loadVerifier(circuit, keysDir())).verify(publicSignals, proof)).toBe(true);
    expect((await readdir(keysDir())).sort()).toEqual(['MANIFEST.json', 'ballot']);
  });

  test('has the transcript that the stock tool prints', async () => {
    const said: string[] = [];
    const hear = (text: string): void => void said.push(text.replace(/\s/g, ''));
    const zkey = join(keysDir(), circuit, 'proving.zkey');
    const r1cs = await readFile(join(root, 'build/test/helpers/toy-circuit/ballot.r1cs'));
    await zKey.verifyFromR1cs(r1cs, await readFile(ptau), zkey, {
      debug() {},
      info: hear,
      warn: hear,
      error: hear,
    });
    for (const [i, { name, hash }] of (await readTranscript(zkey)).entries())
      expect(said).toContain(`contribution#${i + 1}${name}:${hash}`.replace(/\s/g, ''));
  });

  test('is repeated byte by byte from its recorded beacon', async () => {
    const [before, after] = [folder('before'), folder('after')];
    await setup(before);
    await contribute({ circuit, keysDir: before, name: 'alone' });
    await cp(before, after, { recursive: true });
    expect(await beacon(before)).toEqual(await beacon(after));
    expect((await zkeyOf(before)).equals(await zkeyOf(after))).toBe(true);
  });

  test('is no ceremony of several unless phase 1 is public and somebody contributed before the beacon', async () => {
    const claim = {
      ...({ circuit, name: 'beacon', beacon: BEACON } as const),
      ...{ iterationsExponent: 10, ceremony: 'Ada, Bob' },
    };
    await expect(applyBeacon({ ...claim, keysDir: keysDir() })).rejects.toMatchObject({
      code: 'CEREMONY_INPUT',
    });
    // The toy's phase 1 is made on the spot; only the list says that it is public.
    const claimed = folder('claimed');
    const path = join(claimed, 'MANIFEST.json');
    const pretend = async (): Promise<void> =>
      writeFile(path, (await readFile(path, 'utf8')).replace('"none"', '"public ceremony"'));
    await setup(claimed);
    await pretend();
    await expect(applyBeacon({ ...claim, keysDir: claimed })).rejects.toMatchObject({
      code: 'CEREMONY_INPUT',
    });
    await contribute({ circuit, keysDir: claimed, name: 'Ada' });
    expect((await readManifest(claimed))!.dev).toBe(true);
    await applyBeacon({ ...claim, keysDir: claimed });
    expect(await readManifest(claimed)).toMatchObject({
      dev: false,
      circuits: { ballot: { ceremony: 'Ada, Bob' } },
    });
    // `keys verify` believes the hash and not the list.
    expect(await failing(claimed)).toEqual(['they are trusted for what they are, not for what is listed']);
    const cut = (await readFile(path, 'utf8')).replaceAll('"beacon": ', '"other": ');
    await writeFile(path, cut);
    expect(await failing(claimed)).toContain(
      'a ceremony is claimed of a public phase 1, contributions and a beacon after them',
    );
    await contribute({ circuit, keysDir: claimed, name: 'one more' });
    expect((await readManifest(claimed))!.dev).toBe(true);
  });

  test('never overwrites keys unless told to', async () => {
    await expect(setup(keysDir())).rejects.toMatchObject({ code: 'KEYS_EXIST' });
    const copy = folder('copy');
    await cp(keysDir(), copy, { recursive: true });
    expect((await setup(copy, 'groth16', true)).contributions).toEqual([]);
  });

  test('is not to be had without keys, nor from keys that were changed', async () => {
    await expect(beacon(folder('nothing'))).rejects.toMatchObject({ code: 'KEYS_MISSING' });
    const broken = folder('broken');
    await cp(keysDir(), broken, { recursive: true });
    const bytes = await zkeyOf(broken);
    bytes[bytes.length - 9]! ^= 1;
    await writeFile(join(broken, circuit, 'proving.zkey'), bytes);
    await expect(beacon(broken)).rejects.toMatchObject({ code: 'KEYS_STALE' });
    expect(await failing(broken)).toContain('zkey has the hash that MANIFEST.json lists');
    await rm(join(broken, circuit, 'proving.zkey'));
    await expect(failing(broken)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    execFileSync('mkfifo', [join(broken, circuit, 'proving.zkey')]);
    await expect(failing(broken)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  test('whose beacon takes longer than anybody can wait is not waited for', async () => {
    const endless = folder('endless');
    await cp(keysDir(), endless, { recursive: true });
    const bytes = await zkeyOf(endless);
    // Parameter 2 of the last contribution, the exponent, then parameter 3 and its length, the beacon.
    const at = bytes.indexOf(Buffer.from([2, 10, 3, BEACON.length / 2]));
    bytes[at + 1] = 63;
    await writeFile(join(endless, circuit, 'proving.zkey'), bytes);
    expect(await failing(endless)).toContain(
      'the contributions can be read, no beacon takes more than 2^32 hashes',
    );
  });

  test('whose transcript was rewritten in the list is found out', async () => {
    const renamed = folder('renamed');
    await cp(keysDir(), renamed, { recursive: true });
    const path = join(renamed, 'MANIFEST.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('first of two', 'somebody else'));
    expect(await failing(renamed)).toEqual(['the contributions listed are those in the key']);
  });

  test('checked against other powers of tau is found out', async () => {
    const other = join(toy.dir, 'other.ptau');
    await powersOfTau.contribute(join(toy.dir, '1.ptau'), join(dir, 'more.ptau'), 'more', 'entropy');
    await powersOfTau.preparePhase2(join(dir, 'more.ptau'), other);
    expect(await failing(keysDir(), other)).toContain('the powers of tau are those the key was made from');
  });

  test('gives a verifier contract with one input slot a public signal', async () => {
    expect(await solidityVerifier(await readFile(join(keysDir(), circuit, 'proving.zkey')))).toMatch(
      /contract Groth16Verifier[\s\S]*uint\[5\] calldata _pubSignals/,
    );
  });
});

describe('PLONK', () => {
  const keysDir = () => folder('plonk');
  test('needs no phase 2: keys are made, checked, and take no contribution', async () => {
    expect(await setup(keysDir(), 'plonk')).toMatchObject({ protocol: 'plonk', contributions: [] });
    expect(await failing(keysDir())).toEqual([]);
    await expect(beacon(keysDir())).rejects.toMatchObject({ code: 'CEREMONY_INPUT' });
  });

  test('proves and verifies, and refuses what is not canonical, not for the statement or not a proof', async () => {
    const loaded = await loadCircuit(circuit, keysDir());
    expect(loaded.protocol).toBe('plonk');
    const { proof, publicSignals } = await provePlonk(loaded, toyInput());
    const signals = publicSignals.map(String);
    expect(await verifyPlonk(loaded, signals, proof)).toBe(true);
    for (const [s, p] of [
      [signals.with(0, '1'), proof],
      [signals.with(4, String(3n + r)), proof],
      [signals.slice(0, 4), proof],
      [[...signals, '0'], proof],
      [signals, { ...proof, A: proof['B'] }],
      [signals, { ...proof, A: ['1', '3', '1'] }],
      [signals, { ...proof, A: ['0', '1', '0'] }],
      [signals, { ...proof, eval_a: String(BigInt(proof['eval_a'] as string) + r) }],
      [signals, { ...proof, A: [(proof['A'] as string[])[0]!, String(q + 5n), '1'] }],
    ] as const)
      expect(await verifyPlonk(loaded, s, p)).toBe(false);
    for (const [s, p] of [
      [signals, { ...proof, more: '1' }],
      [signals, { ...proof, A: ['1', '2'] }],
      [signals, { ...proof, curve: 'bls12381' }],
      [signals, null],
      [null, proof],
    ] as const)
      await expect(verifyPlonk(loaded, s, p)).rejects.toMatchObject({ code: 'PROOF_FILE' });
  });
});

describe('powers of tau', () => {
  test('whose header promises more than is there, or whose points are none, make and judge no keys', async () => {
    const bytes = await readFile(ptau);
    const [large, zeros] = [Buffer.from(bytes), Buffer.from(bytes)];
    large.writeUInt32LE(20, 60);
    large.writeUInt32LE(20, 64);
    zeros.fill(0, zeros.length - 31 * 64);
    for (const [name, file, why] of [
      ['large', large, /says it is of power 20/],
      ['zeros', zeros, /has what is no point of G1/],
      ['four', Buffer.from('ptau'), /is no powers-of-tau file/],
    ] as const) {
      const path = join(dir, `${name}.ptau`);
      await writeFile(path, file);
      const refused = { code: 'PHASE_1_FILE', message: expect.stringMatching(why) };
      await expect(
        setupKeys({
          circuit,
          keysDir: folder(name),
          compile,
          ptau: path,
          protocol: 'groth16',
          replace: false,
        }),
      ).rejects.toMatchObject(refused);
      await expect(failing(folder('plonk'), path)).rejects.toMatchObject(refused);
      await expect(readManifest(folder(name))).resolves.toBeUndefined();
    }
  });
  test('that bear a public name without being the file are refused, with both hashes', async () => {
    const path = join(toy.dir, 'powersOfTau28_hez_final_12.ptau');
    await cp(ptau, path);
    await expect(identifyPhase1(path)).rejects.toMatchObject({
      code: 'PHASE_1_FILE',
      data: { expected: expect.stringMatching(/^ded2694169b7/) },
    });
  });
  test('that are none, or missing, are refused', async () => {
    await mkdir(folder('x'));
    for (const path of [join(toy.dir, 'MANIFEST.json'), folder('missing'), folder('x')])
      await expect(identifyPhase1(path)).rejects.toMatchObject({ code: 'PHASE_1_FILE' });
  });
});

test('progress counts whole steps and what snarkjs counts, and never goes back', () => {
  const seen: KeyProgress[] = [];
  const track = trackSteps(
    [
      ['a', 1],
      ['b', 3],
    ],
    (progress) => seen.push(progress),
  );
  track.next();
  const logger = track.next();
  logger.debug('HashingHPoints: 0/8');
  logger.debug('HashingHPoints: 4/8');
  logger.debug('no number');
  expect(seen.map(({ step, done }) => [step, done])).toEqual([
    ['a', 0],
    ['b', 0.25],
    ['b', 0.25],
    ['b', 0.625],
  ]);
  expect(seen[0]!.leftMs).toBeUndefined();
  expect(seen[3]!.leftMs).toBeGreaterThanOrEqual(0);
});
