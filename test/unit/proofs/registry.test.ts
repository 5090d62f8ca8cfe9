import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import type { CircuitName } from '../../../src/proofs/circuits.ts';
import { keyRecord } from '../../../src/proofs/keys/manifest.ts';
import { readManifest } from '../../../src/proofs/keys/manifest-file.ts';
import { loadCircuit } from '../../../src/proofs/registry.ts';
import { makeToyKeys, type ToyKeys, writeManifest } from '../../helpers/toy-keys.ts';

let keys: ToyKeys;
beforeEach(async () => {
  keys = await makeToyKeys();
});
afterEach(() => keys.remove());

const file = (name: string): string => join(keys.dir, name);

test('key files that the manifest lists are read as they are', async () => {
  const circuit = await loadCircuit('ballot', keys.dir);
  for (const [kind, name] of [
    ['vkey', 'vkey.json'],
    ['zkey', 'proving.zkey'],
    ['wasm', 'witness.wasm'],
  ] as const) {
    expect(circuit.path(kind)).toBe(file(`ballot/${name}`));
    expect(await circuit.read(kind)).toEqual(await readFile(file(`ballot/${name}`)));
  }
});

test('a key file with one other byte is stale, and the message names the fix', async () => {
  const bytes = await readFile(file('ballot/proving.zkey'));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(file('ballot/proving.zkey'), bytes);
  const circuit = await loadCircuit('ballot', keys.dir);
  await expect(circuit.read('zkey')).rejects.toMatchObject({
    code: 'KEYS_STALE',
    message: expect.stringMatching(/proving\.zkey.*git checkout keys.*keys setup/),
  });
  await expect(circuit.read('wasm')).resolves.toBeDefined();
});

test('a missing key file and a missing folder are named, with the fix', async () => {
  await rm(file('ballot/witness.wasm'));
  const circuit = await loadCircuit('ballot', keys.dir);
  const fix = expect.stringContaining('keys setup');
  await expect(circuit.read('wasm')).rejects.toMatchObject({ code: 'KEYS_MISSING', message: fix });
  await expect(loadCircuit('ballot', file('nowhere'))).rejects.toMatchObject({
    code: 'KEYS_MISSING',
    message: fix,
  });
});

test('a pinned manifest is the only one whose keys are read, though a folder is consistent with its own', async () => {
  const text = await readFile(file('MANIFEST.json'), 'utf8');
  const pinned = createHash('sha256').update(text).digest('hex');
  await expect(loadCircuit('ballot', keys.dir, pinned)).resolves.toBeDefined();
  const other = JSON.parse(text);
  const bytes = await readFile(file('ballot/proving.zkey'));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(file('ballot/proving.zkey'), bytes);
  other.circuits.ballot.zkey = createHash('sha256').update(bytes).digest('hex');
  await writeFile(file('MANIFEST.json'), JSON.stringify(other));
  await expect((await loadCircuit('ballot', keys.dir)).read('zkey')).resolves.toBeDefined();
  await expect(loadCircuit('ballot', keys.dir, pinned)).rejects.toMatchObject({ code: 'KEYS_STALE' });
});

test('a circuit that the manifest does not list is stale', async () => {
  await expect(loadCircuit('orders', keys.dir)).rejects.toMatchObject({ code: 'KEYS_STALE' });
});

test('a manifest that is none, or not whole, is stale for whoever reads it, and the message says where', async () => {
  const whole = JSON.parse(await readFile(file('MANIFEST.json'), 'utf8'));
  const { ballot } = whole.circuits;
  const of = (change: object): object => ({ ...whole, circuits: { ballot: { ...ballot, ...change } } });
  for (const [manifest, where] of [
    [{}, '$.dev'],
    [[], '$'],
    [null, '$'],
    [5, '$'],
    [{ ...whole, circuits: null }, '$.circuits'],
    [{ ...whole, circuits: [] }, '$.circuits'],
    [{ ...whole, circuits: { ballot: null } }, '$.circuits.ballot'],
    [{ ...whole, circuits: { ballot: {} } }, '$.circuits.ballot.r1cs'],
    [of({ vkey: '00' }), '$.circuits.ballot.vkey'],
    [of({ protocol: 'stark' }), '$.circuits.ballot.protocol'],
    [of({ ptau: undefined }), '$.circuits.ballot.ptau'],
    [of({ ptau: { ...ballot.ptau, trust: 'mine' } }), '$.circuits.ballot.ptau.trust'],
    [of({ contributions: {} }), '$.circuits.ballot.contributions'],
    [of({ contributions: [{ name: 'Ada' }] }), '$.circuits.ballot.contributions.0.hash'],
    [of({ ceremony: 5 }), '$.circuits.ballot.ceremony'],
  ] as const) {
    await writeFile(file('MANIFEST.json'), JSON.stringify(manifest));
    const stale = {
      code: 'KEYS_STALE',
      message: expect.stringContaining(`MANIFEST.json is not as expected at ${where}: `),
    };
    await expect(loadCircuit('ballot', keys.dir), where).rejects.toMatchObject(stale);
    await expect(readManifest(keys.dir), where).rejects.toMatchObject(stale);
    await expect(keyRecord(keys.dir, 'ballot'), where).rejects.toMatchObject(stale);
  }
  for (const text of ['', '{', ' '.repeat(1 << 21)]) {
    await writeFile(file('MANIFEST.json'), text);
    await expect(loadCircuit('ballot', keys.dir)).rejects.toMatchObject({ code: 'KEYS_STALE' });
    await expect(readManifest(keys.dir)).rejects.toMatchObject({
      code: 'KEYS_STALE',
      message: expect.stringContaining('move the folder away and make keys'),
    });
  }
  await rm(file('MANIFEST.json'));
  expect(await readManifest(keys.dir)).toBeUndefined();
  await mkdir(file('MANIFEST.json'));
  await expect(readManifest(keys.dir)).rejects.toMatchObject({ code: 'KEYS_STALE' });
});

test('a circuit that is not in the table is unknown, also by the name of an object member', async () => {
  for (const name of ['rotation', 'toString', '__proto__']) {
    await expect(loadCircuit(name as CircuitName, keys.dir)).rejects.toMatchObject({
      code: 'CIRCUIT_UNKNOWN',
    });
  }
});

test('a verification key for another number of public signals is stale', async () => {
  const key = JSON.parse(keys.vkey) as { nPublic: number; IC: unknown[] };
  await writeFile(
    file('ballot/vkey.json'),
    JSON.stringify({ ...key, nPublic: key.nPublic - 1, IC: key.IC.slice(0, -1) }),
  );
  await writeManifest(keys.dir);
  await expect(loadVerifier('ballot', keys.dir)).rejects.toMatchObject({
    code: 'KEYS_STALE',
    message: expect.stringContaining('is for 4 public signals, ballot has 5'),
  });
});
