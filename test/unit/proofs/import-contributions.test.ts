import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plonk, powersOfTau, zKey } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { zkeySections } from '../../../src/groth16/zkey.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { root } from '../../../src/proofs/compile.ts';
import { applyBeacon, compilerOf, contribute, setupKeys } from '../../../src/proofs/keys/ceremony.ts';
import { importContributions } from '../../../src/proofs/keys/import-contributions.ts';
import { readManifest } from '../../../src/proofs/keys/manifest-file.ts';
import { verifyKeys } from '../../../src/proofs/keys/verify-keys.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';
import { offSubgroup } from '../../helpers/twist-points.ts';

const circuit = 'ballot';
const compile = compilerOf(join(root, 'test/helpers/toy-circuit/ballot.circom'));
let toy: ToyKeys;
let ptau: string;
let dir: string;
let r1cs: Buffer;
const at = (name: string): string => join(dir, name);
const keysDir = (): string => at('keys');
const ours = (): string => join(keysDir(), circuit, 'proving.zkey');
const take = (from: string, powers = ptau, into = keysDir()) =>
  importContributions({ circuit, keysDir: into, compile, ptau: powers, from });
const contents = async (): Promise<Buffer[]> =>
  Promise.all(
    ['MANIFEST.json', 'ballot/vkey.json', 'ballot/proving.zkey'].map((name) =>
      readFile(join(keysDir(), name)),
    ),
  );

/** That a file is refused, with which code and reason, and that the folder is what it was. */
async function refused(from: string, code: string, reason: RegExp, powers = ptau): Promise<void> {
  const before = await contents();
  await expect(take(from, powers)).rejects.toMatchObject({ code, message: expect.stringMatching(reason) });
  expect(await contents()).toEqual(before);
  expect((await readdir(keysDir())).sort()).toEqual(['MANIFEST.json', 'ballot']);
}

beforeAll(async () => {
  toy = await makeToyKeys();
  ptau = join(toy.dir, '2.ptau');
  dir = await mkdtemp(join(tmpdir(), 'velum-import-'));
  await setupKeys({ circuit, keysDir: keysDir(), compile, ptau, protocol: 'groth16', replace: false });
  r1cs = await readFile(join(root, 'build/test/helpers/toy-circuit/ballot.r1cs'));
  await cp(keysDir(), at('blank'), { recursive: true });
  await contribute({ circuit, keysDir: keysDir(), name: 'the coordinator' });
  await cp(keysDir(), at('before'), { recursive: true });
});
afterAll(async () => {
  await toy.remove();
  await rm(dir, { recursive: true, force: true });
});

describe('contributions of the stock tool', () => {
  test('are taken, several at once, and the key proves, verifies and is checked as ours are', async () => {
    const hash = async (step: Promise<Uint8Array>): Promise<string> =>
      Buffer.from(await step).toString('hex');
    const made = [
      { name: 'Ada', hash: await hash(zKey.contribute(ours(), at('ada.zkey'), 'Ada', 'her entropy')) },
      {
        name: 'Bob · ß',
        hash: await hash(zKey.contribute(at('ada.zkey'), at('bob.zkey'), 'Bob · ß', 'his')),
      },
    ];
    const [first] = (await readManifest(keysDir()))!.circuits[circuit]!.contributions;
    expect(await take(at('bob.zkey'))).toEqual(made);
    expect((await readFile(ours())).equals(await readFile(at('bob.zkey')))).toBe(true);
    expect((await readManifest(keysDir()))!.circuits[circuit]!.contributions).toEqual([first, ...made]);
    expect(await verifyKeys({ circuit, keysDir: keysDir(), compile, ptau })).toSatisfy(
      (checks: { ok: boolean }[]) => checks.every(({ ok }) => ok),
    );
    const prove = await loadCircuitProver(circuit, { keysDir: keysDir() });
    const { proof, publicSignals } = await prove(flattenSignals(circuit, toyInput()));
    expect(await (await loadVerifier(circuit, keysDir())).verify(publicSignals, proof)).toBe(true);
  });
  test('are followed by ours and by a beacon', async () => {
    await contribute({ circuit, keysDir: keysDir(), name: 'the coordinator again' });
    await zKey.contribute(ours(), at('eve.zkey'), '', 'hers');
    expect(await take(at('eve.zkey'))).toMatchObject([{ name: '' }]);
    await cp(keysDir(), at('ended'), { recursive: true });
    await applyBeacon({ circuit, keysDir: at('ended'), name: 'b', beacon: '00ff', iterationsExponent: 10 });
    expect(
      (await readManifest(at('ended')))!.circuits[circuit]!.contributions.map(({ name }) => name),
    ).toEqual(['the coordinator', 'Ada', 'Bob · ß', 'the coordinator again', '', 'b']);
  });
  test('to the key before phase 2 are taken, unless they leave gamma = ±delta', async () => {
    const [blank, next] = [join(at('blank'), circuit, 'proving.zkey'), at('first.zkey')];
    const { Fr } = (await loadCurve()) as unknown as {
      Fr: { fromRng(rng: unknown): Uint8Array; e(x: number): Uint8Array };
    };
    for (const delta of [1, -1]) {
      const fixed = vi.spyOn(Fr, 'fromRng').mockReturnValue(Fr.e(delta));
      await zKey.contribute(blank, next, 'nobody', 'no entropy');
      fixed.mockRestore();
      await expect(take(next, ptau, at('blank'))).rejects.toMatchObject({
        code: 'KEYS_UNSAFE',
        message: expect.stringContaining('gamma and delta are equal up to sign'),
      });
    }
    expect((await readManifest(at('blank')))!.circuits[circuit]!.contributions).toEqual([]);
    await zKey.contribute(blank, next, 'somebody', 'entropy');
    expect(await take(next, ptau, at('blank'))).toMatchObject([{ name: 'somebody' }]);
  });
});

describe('a key that comes back is refused, and nothing is changed, if', () => {
  /** A true contribution to the key as it is now, and where its parts are. */
  let next: string;
  beforeAll(async () => {
    next = at('next.zkey');
    await zKey.contribute(ours(), next, 'Zoe', 'entropy of Zoe');
  });
  /** That contribution with bytes changed. */
  async function forged(change: (section: (type: number) => Buffer, bytes: Buffer) => void): Promise<string> {
    const bytes = await readFile(next);
    const sections = zkeySections(bytes)!;
    change((type) => sections.get(type)!, bytes);
    await writeFile(at('forged.zkey'), bytes);
    return at('forged.zkey');
  }
  const flip = (bytes: Buffer, offset: number): void => {
    bytes[offset]! ^= 1;
  };
  const swapPoints = (section: Buffer): void => {
    const first = Buffer.from(section.subarray(0, 64));
    section.copy(section, 0, 64, 128);
    first.copy(section, 64);
  };
  const HEADER = { alpha1: 84, beta2: 212, gamma2: 340, delta1: 468, delta2: 532 } as const;
  /** Offsets from the end: a contribution named by three letters ends the file. */
  const LAST = {
    size: 64 * 3 + 128 + 64 + 8 + 5,
    deltaAfter: 0,
    s: 64,
    sx: 128,
    spx: 192,
    transcript: 320,
    type: 384,
  };
  const last = (section: (type: number) => Buffer, part: keyof typeof LAST): Buffer => {
    const body = section(10);
    return body.subarray(body.length - LAST.size + LAST[part]);
  };

  test.each<[string, (section: (type: number) => Buffer) => void]>([
    ['points of L are exchanged', (section) => swapPoints(section(8))],
    ['points of H are exchanged', (section) => swapPoints(section(9))],
    ['delta in G1 is another', (section) => section(2).copy(section(2), HEADER.delta1, HEADER.alpha1, 148)],
    ['delta in G2 is another', (section) => section(2).copy(section(2), HEADER.delta2, HEADER.beta2, 340)],
    [
      'delta after the contribution is another',
      (section) => section(2).copy(last(section, 'deltaAfter'), 0, 84, 148),
    ],
    ['s·x in G1 is another', (section) => section(2).copy(last(section, 'sx'), 0, 84, 148)],
    ['s·x in G2 is another', (section) => section(2).copy(last(section, 'spx'), 0, HEADER.beta2, 340)],
    ['its transcript is another', (section) => flip(last(section, 'transcript'), 0)],
  ])('%s', async (_, change) => {
    await refused(await forged(change), 'NOT_VERIFIED', /a proof is false or a part was changed/);
  });

  test('a point of it is outside its group', async () => {
    const { G2 } = await loadCurve();
    const point = G2.toAffine(G2.fromObject(offSubgroup()));
    const off = await forged((section) => last(section, 'spx').set(point));
    await refused(off, 'CONTRIBUTION_FILE', /list of contributions cannot be read/);
    const none = await forged((section) => last(section, 's').fill(0, 0, 64));
    await refused(none, 'CONTRIBUTION_FILE', /list of contributions cannot be read/);
  });

  test.each([1, 3, 4, 5, 6, 7])('a part that never changes is another: section %i', async (type) => {
    const from = await forged((section) => flip(section(type), section(type).length - 1));
    await refused(from, 'CONTRIBUTION_FILE', /another circuit, or from other powers of tau/);
  });
  test.each(['alpha1', 'beta2', 'gamma2'] as const)('%s is another', async (point) => {
    const from = await forged((section) => flip(section(2), HEADER[point]));
    await refused(from, 'CONTRIBUTION_FILE', /another circuit, or from other powers of tau/);
  });

  test('it is of another circuit, or of other powers of tau', async () => {
    const other = Buffer.from(r1cs);
    // The first coefficient of the first constraint, behind the header of the container, a section's head, a count and a wire.
    const sections = [12, 12 + 12 + Number(other.readBigUInt64LE(16))];
    const constraints = sections.find((start) => other.readUInt32LE(start) === 2)!;
    other[constraints + 12 + 4 + 4]! ^= 2;
    await zKey.newZKey(other, ptau, at('other.zkey'));
    await zKey.contribute(at('other.zkey'), at('other-1.zkey'), 'x', 'x');
    await refused(at('other-1.zkey'), 'CONTRIBUTION_FILE', /another circuit, or from other powers of tau/);

    await powersOfTau.contribute(join(toy.dir, '1.ptau'), at('1.ptau'), 'more', 'more entropy');
    await powersOfTau.preparePhase2(at('1.ptau'), at('2.ptau'));
    await zKey.newZKey(r1cs, at('2.ptau'), at('powers.zkey'));
    await zKey.contribute(at('powers.zkey'), at('powers-1.zkey'), 'x', 'x');
    await refused(at('powers-1.zkey'), 'CONTRIBUTION_FILE', /another circuit, or from other powers of tau/);
    // Nor is it checked against powers that the key was not made from.
    await refused(
      next,
      'PHASE_1_FILE',
      /is not the file that the keys of ballot were made from/,
      at('2.ptau'),
    );
  });

  test('the contributions so far are left out, replaced or renamed', async () => {
    const old = join(at('before'), circuit, 'proving.zkey');
    await zKey.contribute(old, at('stale.zkey'), 'late', 'late');
    await refused(at('stale.zkey'), 'CONTRIBUTION_FILE', /does not continue the contributions so far/);
    const blank = join(toy.dir, 'blank.zkey');
    await zKey.contribute(blank, at('alone.zkey'), 'the coordinator', 'of another');
    const names = ['alone', 'a', 'b', 'c', 'd', 'e'];
    for (const [i, to] of names.slice(1).entries())
      await zKey.contribute(at(`${names[i]}.zkey`), at(`${to}.zkey`), to, 'x');
    await refused(at('e.zkey'), 'CONTRIBUTION_FILE', /does not continue the contributions so far/);
    const renamed = await forged((section) => flip(section(10), section(10).indexOf('Ada')));
    await refused(renamed, 'CONTRIBUTION_FILE', /does not continue the contributions so far/);
  });

  test('it adds nothing, or a beacon, or a name that is no plain text', async () => {
    await refused(ours(), 'CONTRIBUTION_FILE', /adds no contribution/);
    await zKey.beacon(next, at('beacon.zkey'), 'beacon', '00ff', 10);
    await refused(at('beacon.zkey'), 'CONTRIBUTION_FILE', /has a beacon/);
    for (const name of ['\u001b[2J', '\uFEFFx']) {
      await zKey.contribute(ours(), at('name.zkey'), name, 'x');
      await refused(at('name.zkey'), 'CONTRIBUTION_FILE', /no plain text/);
    }
    const marked = await forged((section) => flip(last(section, 'type'), 0));
    await refused(marked, 'CONTRIBUTION_FILE', /list of contributions cannot be read/);
  });

  test('it is no file, no key of Groth16, cut, longer than a key or longer than any may be', async () => {
    await refused(at('missing'), 'FILE_UNREADABLE', /cannot read/);
    await refused(dir, 'FILE_UNREADABLE', /it is a directory/);
    await refused(ptau, 'CONTRIBUTION_FILE', /is no Groth16 proving key/);
    await plonk.setup(r1cs, ptau, at('plonk.zkey'));
    await refused(at('plonk.zkey'), 'CONTRIBUTION_FILE', /is no Groth16 proving key/);
    const whole = await readFile(next);
    for (const bytes of [
      Buffer.alloc(0),
      whole.subarray(0, 11),
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.alloc(1)]),
      Buffer.concat([whole, whole.subarray(12, 28)]),
    ]) {
      await writeFile(at('cut.zkey'), bytes);
      await refused(at('cut.zkey'), 'CONTRIBUTION_FILE', /is no Groth16 proving key/);
    }
    await writeFile(at('long.zkey'), whole);
    await truncate(at('long.zkey'), 1 << 30);
    await refused(at('long.zkey'), 'FILE_UNREADABLE', /is larger than \d+ bytes/);
  });

  test('only our circuit has changed since; as it is, the same key is taken', async () => {
    const path = join(keysDir(), 'MANIFEST.json');
    const manifest = await readFile(path, 'utf8');
    await writeFile(path, manifest.replace(/"r1cs": ".{64}/, `"r1cs": "${'0'.repeat(64)}`));
    await refused(next, 'KEYS_STALE', /has changed since its keys were made/);
    await writeFile(path, manifest);
    expect(await take(next)).toMatchObject([{ name: 'Zoe' }]);
  });
});
