import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { programOf } from '../../../src/cli/main.ts';
import { velumIn } from '../../helpers/cli.ts';
import { type OwnProject, withdrawProject } from '../../helpers/project.ts';

let project: OwnProject;
const velum = (line: string) => velumIn(project.dir, ...line.split(' '));
const at = (name: string): string => join(project.dir, name);
const change = async (from: string, to: string, edit: (json: never) => unknown): Promise<void> =>
  writeFile(at(to), JSON.stringify(edit(JSON.parse(await readFile(at(from), 'utf8')) as never)));

/** Each command with a verdict: a line that is answered with yes, and one that is answered with no. */
const PTAU = 'build/powers-of-tau/development-6.ptau';
const VERDICTS: readonly (readonly [command: string, yes: string, no: string])[] = [
  ['verify', 'withdraw', 'withdraw --public other.json'],
  ['verify --vkey', 'keys/withdraw/vkey.json', 'keys/withdraw/vkey.json --public other.json'],
  ['verify-batch', 'withdraw good', 'withdraw bad'],
  ['export calldata', 'withdraw', 'withdraw --public other.json'],
  ['keys verify', `withdraw --ptau ${PTAU}`, `withdraw --ptau ${PTAU} --keys forged`],
  ['audit', 'withdraw --snapshot same.json', 'withdraw --snapshot other-snapshot.json'],
  [
    'audit check',
    'out/audit/withdraw/certificate.json --r1cs build/withdraw/withdraw.r1cs',
    'out/audit/withdraw/certificate.json --r1cs other.r1cs',
  ],
  ['market diff', 'market.json market.json', 'market.json other-market.json'],
  ['sim replay', 'trace.json', 'other-trace.json'],
  ['test', 'withdraw', 'withdraw --budget 59'],
];

/** Their answers need more than a command line, and stand in tests of their own. */
const ELSEWHERE = [
  'evidence verify',
  'verify-height',
  'market replay',
  'node replay',
  'keys contribute',
  'sim committee',
  'devnet chaos',
  'experiment verify',
  'prove-batch',
];
/** They make something and ask nothing: what they cannot make is an error. So is a node that does not answer. */
const MAKING = [
  'epoch',
  'market simulate',
  'prove',
  'worker',
  'sim acs',
  'devnet up',
  'node status',
  ...['balance', 'notes', 'accounts', 'history', 'submit', 'shield', 'withdraw'].map(
    (name) => `wallet ${name}`,
  ),
];

beforeAll(async () => {
  vi.stubEnv('CI', '');
  project = await withdrawProject();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await project.remove();
});

test('every command that may end with 1 is looked at', async () => {
  const namesOf = (command: Command, words: readonly string[] = []): string[] => [
    ...(words.length === 0 ? [] : [words.join(' ')]),
    ...command.commands.flatMap((each) => namesOf(each, [...words, each.name()])),
  ];
  const terminal = { out: async () => {}, err: async () => {}, isErrTty: false, hasColour: false, cwd: '/' };
  const program = await programOf(
    terminal,
    () => Promise.reject(new Error('none')),
    () => {},
  );
  const found: string[] = [];
  for (const name of namesOf(program))
    if (/Exit codes: 0[\s\S]*, 1 /.test((await velum(`${name} --help`)).out)) found.push(name);
  const known = VERDICTS.map(([command]) => command.replace(/ --.*/, ''));
  expect(new Set([...known, ...ELSEWHERE, ...MAKING])).toEqual(new Set(found));
}, 300_000);

test('--json has the same top-level keys with yes and no', async () => {
  for (const line of [
    'keys setup withdraw --dev',
    'prove withdraw --input inputs/ok.json',
    'audit withdraw --snapshot same.json',
    'sim acs --heights 2 --trace trace.json',
  ])
    expect([line, await velum(line)]).toEqual([line, expect.objectContaining({ exitCode: 0 })]);
  await change('public.json', 'other.json', (signals: string[]) => signals.with(0, '7'));
  await change('same.json', 'other-snapshot.json', (all: { constraints: number }) => ({
    ...all,
    constraints: all.constraints + 1,
  }));
  await change('trace.json', 'other-trace.json', (trace: object) => ({
    ...trace,
    traceHash: '0'.repeat(16),
  }));
  await cp(at('keys'), at('forged'), { recursive: true });
  const listed = /"name": ?"development"/;
  const manifest = await readFile(at('forged/MANIFEST.json'), 'utf8');
  expect(manifest).toMatch(listed);
  await writeFile(at('forged/MANIFEST.json'), manifest.replace(listed, '"name":"Ada"'));
  for (const [dir, signals] of [
    ['good', 'public.json'],
    ['bad', 'other.json'],
  ] as const) {
    await mkdir(at(dir));
    await cp(at('proof.json'), at(`${dir}/proof.json`));
    await cp(at(signals), at(`${dir}/public.json`));
  }
  await writeFile(at('other.r1cs'), 'of another circuit');
  for (const [name, price] of [
    ['market.json', '60'],
    ['other-market.json', '61'],
  ] as const)
    await writeFile(at(name), JSON.stringify({ heights: [{ height: 1, marks: { PERP: price } }] }));

  for (const [command, yes, no] of VERDICTS) {
    const answers = [await velum(`${command} ${yes} --json`)];
    // The file of what was reviewed is there after the first run.
    if (command === 'test')
      await change('snapshots/withdraw.json', 'snapshots/withdraw.json', (all: object) => ({
        ...all,
        constraints: 1,
      }));
    answers.push(await velum(`${command} ${no} --json`));
    const [said, refused] = answers.map(({ exitCode, out, err }) => ({
      exitCode,
      keys: Object.keys(JSON.parse(out)).sort(),
      err,
    }));
    expect({ command, ...refused }).toEqual({ command, ...said, exitCode: 1 });
    expect([command, said!.exitCode, said!.err, said!.keys.includes('error')]).toEqual([
      command,
      0,
      '',
      false,
    ]);
  }
}, 300_000);
