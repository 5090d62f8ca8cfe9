import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bigintToBytes, bytesToBigint, toHex } from '../../src/base/bytes.ts';
import { drawOwnKeys, runRandom } from '../../src/committee/dealer.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { parseEpochsFile } from '../../src/formats/state-files.ts';
import { chainHash } from '../../src/ledger/chain-genesis.ts';
import { epochsAlong } from '../../src/ledger/epoch-change.ts';
import { draftRegistration } from '../../src/ledger/rotation/make-registration.ts';
import { velum } from '../helpers/cli.ts';

const SEED = 1;
const scratch = mkdtempSync(join(tmpdir(), 'velum-epochs-'));
const out = join(scratch, 'run');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked at from outside
let report: any;

beforeAll(async () => {
  const what = ['--epochs', '3', '--registry', '10', '--validators', '4', '--seed', `${SEED}`];
  const { code, stdout, stderr } = await velum(
    'epoch',
    ...what,
    ...['--orders', 'examples/epochs.csv', '--out', out, '--json'],
  );
  expect([code, stderr]).toEqual([0, '']);
  report = JSON.parse(stdout);
});

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });

describe('velum epoch --epochs 3', () => {
  test('has three committees under the same public keys, each dealt to by 2f + 1 of the one before, and each settles orders', () => {
    const { epochs, heights, risk } = report;
    expect(
      epochs.map(({ epoch, firstHeight }: { epoch: number; firstHeight: number }) => [epoch, firstHeight]),
    ).toEqual([
      [1, 1],
      [2, 9],
      [3, 17],
    ]);
    for (const [i, { committee, dealers, excluded, decryptionKey, coinKey }] of epochs.entries()) {
      expect([decryptionKey, coinKey]).toEqual([epochs[0].decryptionKey, epochs[0].coinKey]);
      expect(new Set(committee).size).toBe(4);
      const before = i === 0 ? undefined : epochs[i - 1].committee;
      if (before === undefined) continue;
      expect(committee.filter((member: number) => !before.includes(member))).toHaveLength(1);
      expect(dealers).toHaveLength(3);
      const dealt = [...dealers, ...excluded.map(({ member }: { member: number }) => member)];
      expect(dealt.sort()).toEqual([...before].sort());
      const fills = heights.filter(
        (each: { epoch: number; fills: unknown[] }) => each.epoch === i + 1 && each.fills.length > 0,
      );
      expect(fills.length).toBeGreaterThan(0);
    }
    expect(risk[1]).toEqual({ percent: 20, faulty: 2, numerator: '28', denominator: '210' });
  });

  test('a stranger follows its blocks over all three committees', async () => {
    const { code, stdout } = await velum('market', 'replay', out, '--json');
    expect([code, JSON.parse(stdout).heights?.length ?? stdout]).toEqual([0, 17]);
  });

  test('its changes of the committee lead a stranger to the last one', () => {
    const { chain, epoch } = parseGenesisFile(readFileSync(join(out, 'genesis.json'), 'utf8'), 'genesis');
    const changes = parseEpochsFile(readFileSync(join(out, 'epochs.json'), 'utf8'), 'epochs');
    const known = epochsAlong(chain, epoch, changes)!.map(({ validators }) =>
      validators.map(({ registryIndex }) => registryIndex),
    );
    expect(known).toEqual(report.epochs.map(({ committee }: { committee: number[] }) => committee));
  });

  test('a validator of the last epoch replays from its border on', async () => {
    const member = report.epochs[2].committee[0];
    const { code, stdout } = await velum('node', 'replay', join(out, `logs/validator-${member}`), '--json');
    expect([code, JSON.parse(stdout).recomputed]).toEqual([0, true]);
  });

  test('of the keys of what is over nothing is in its files, and of those in office all are, in the files of keys alone', () => {
    const { chain } = parseGenesisFile(readFileSync(join(out, 'genesis.json'), 'utf8'), 'genesis');
    const name = chainHash(chain);
    const paths = filesBelow(out);
    const contents = new Map(paths.map((path) => [path, readFileSync(path)]));
    const holders = (secret: bigint | Uint8Array): string[] => {
      const bytes = typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret;
      const first = bytes.findIndex((byte) => byte > 0);
      const forms = [
        Buffer.from(bytes.subarray(first)),
        Buffer.from(bytes)
          .reverse()
          .subarray(0, bytes.length - first),
        Buffer.from(toHex(bytes)),
        Buffer.from(bytesToBigint(bytes).toString()),
      ];
      return paths.filter((path) => forms.some((form) => contents.get(path)!.includes(form)));
    };
    for (let i = 0; i < 4; i++) {
      const { secrets, encryptionSecret } = drawOwnKeys(SEED, i, name);
      for (const secret of [...Object.values(secrets), encryptionSecret]) expect(holders(secret)).toEqual([]);
    }
    const [, , last] = report.epochs;
    for (const epoch of [2, 3])
      for (let member = 0; member < 10; member++) {
        const random = runRandom(SEED, `registration ${epoch - 1} ${member}`);
        const { secrets } = draftRegistration({ chain: name, registryIndex: member, epoch }, '', random);
        const { encryptionSecret, ...keys } = secrets;
        expect(holders(encryptionSecret)).toEqual([]);
        const isInOffice = epoch === 3 && last.committee.includes(member);
        const own = isInOffice ? [join(out, `logs/validator-${member}/epoch-3.keys`)] : [];
        for (const secret of Object.values(keys)) expect(holders(secret)).toEqual(own);
      }
    expect(paths.filter((path) => /\.(keys|registrant|registration|dealing)/.test(path))).toHaveLength(4);
  });
});
