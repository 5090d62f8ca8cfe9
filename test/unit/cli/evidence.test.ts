import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceFileText } from '../../../src/formats/evidence-file.ts';
import { genesisText } from '../../../src/formats/genesis-file.ts';
import { jsonText } from '../../../src/formats/json-text.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import type { ShownEvidence } from '../../../src/validator/shown-evidence.ts';
import { signWord, wordDigest, wordPair } from '../../../src/validator/signed-word.ts';
import { velumIn } from '../../helpers/cli.ts';
import { changedLeaves } from '../../helpers/json-leaves.ts';
import { twoBallots } from '../../helpers/two-ballots.ts';
import { dealt, H1 } from '../validator/fixtures.ts';

const { chain, epoch, secrets } = dealt(4);
const domain = epochDomain(chain, epoch);
const SEAT = 2;

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-evidence-'));
  await writeFile(join(cwd, 'genesis.json'), genesisText({ chain, epoch }));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** Runs `velum evidence verify` on a text. */
async function verify(text: string, ...more: string[]) {
  await writeFile(join(cwd, 'e.json'), text);
  return velumIn(cwd, 'evidence', 'verify', 'e.json', '--genesis', 'genesis.json', ...more);
}

function words(kind: 'bundle' | 'finish' | 'settled', signer = SEAT): ShownEvidence {
  const [a, b] = [1, 2].map((said) => {
    const body = Uint8Array.of(said);
    return {
      digest: wordDigest(body),
      signature: signWord(secrets[signer]!.signSecret, domain, kind, H1, body),
    };
  });
  return { kind, validator: validatorIndex(SEAT), height: H1, words: wordPair(a!, b!)! };
}

describe('velum evidence verify', () => {
  test.each(['bundle', 'finish', 'settled'] as const)(
    'is convinced by two signed words: %s',
    async (kind) => {
      const text = evidenceFileText({ domain, epoch }, words(kind));
      const { exitCode, out } = await verify(text, '--json');
      const said = { kind, validator: SEAT, height: 1 };
      expect([exitCode, JSON.parse(out)]).toEqual([0, { convinces: true, ...said, reason: null }]);
      const no = await verify(evidenceFileText({ domain, epoch }, words(kind, 1)), '--json');
      expect([no.exitCode, JSON.parse(no.out)]).toEqual([
        1,
        { convinces: false, ...said, reason: expect.any(String) },
      ]);
    },
  );

  test('is convinced by two ballots with their proofs, and by no changed field of them', async () => {
    const text = evidenceFileText(
      { domain, epoch },
      await twoBallots({ domain, epoch }, SEAT, secrets[SEAT]!.identitySecret, H1),
    );
    expect(await verify(text)).toMatchObject({
      exitCode: 0,
      out: `e.json convinces: validator ${SEAT} said two things at height 1 (ballot)\n`,
    });
    await expectNoChange(text);
  });

  test('is convinced by no changed field of signed words', async () => {
    await expectNoChange(evidenceFileText({ domain, epoch }, words('finish')));
  });

  test('exits 1 for one word said twice, and for a pair in the wrong order, and 2 for what is no evidence', async () => {
    const good = words('settled') as Extract<ShownEvidence, { words: unknown }>;
    const [a, b] = good.words;
    expect((await verify(evidenceFileText({ domain, epoch }, { ...good, words: [a, a] }))).exitCode).toBe(1);
    expect((await verify(evidenceFileText({ domain, epoch }, { ...good, words: [b, a] }))).exitCode).toBe(1);
    const text = evidenceFileText({ domain, epoch }, good);
    for (const other of [
      '',
      '{}',
      '[]',
      text.trim(),
      text.replace('{', '{ '),
      text.replace('"chain"', '"chains"'),
    ])
      expect([other.slice(0, 20), (await verify(other)).exitCode]).toEqual([other.slice(0, 20), 2]);
    const more = jsonText({ ...JSON.parse(text), more: 1 });
    expect((await verify(more)).exitCode).toBe(2);
    expect((await verify(' '.repeat(1 << 16) + text)).exitCode).toBe(2);
  });
});

async function expectNoChange(text: string): Promise<void> {
  let changes = 0;
  for (const { where, json } of changedLeaves(JSON.parse(text))) {
    const { exitCode } = await verify(jsonText(json));
    expect([where, exitCode === 1 || exitCode === 2]).toEqual([where, true]);
    changes++;
  }
  expect(changes).toBeGreaterThan(10);
}
