import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const root = join(import.meta.dirname, '../../..');
const written: string[] = [];
const terminal = {
  out: async (text: string) => void written.push(text),
  err: async (text: string) => void written.push(text),
  isErrTty: false,
  hasColour: false,
  cwd: root,
};
const nothing = async (): Promise<never> => {
  throw new Error('nothing is run here');
};

async function epoch(...flags: readonly string[]): Promise<[number, string]> {
  written.length = 0;
  const out = join(tmpdir(), 'velum-no-output');
  const code = await main(['epoch', '--check', '--out', out, ...flags], terminal, nothing);
  return [code, written.join('')];
}

test('epochs, registry and heights that make no sense together are refused with what to do', async () => {
  for (const [flags, help] of [
    ['--registry 3 --epochs 2', 'use --registry 4 or more'],
    ['--registry 10', 'use --epochs 2 or more'],
    ['--epoch-heights 6', 'use --epochs 2 or more'],
    ['--validators 3 --registry 10 --epochs 2', 'use --validators 4 or more, or leave --registry out'],
    ['--epochs 2 --epoch-heights 4', '5 to'],
    [
      '--epochs 2 --orders examples/epochs.csv',
      'use --epoch-heights 9 or --epochs 3, or fewer heights with --heights',
    ],
  ] as const) {
    const [code, text] = await epoch(...flags.split(' '));
    expect([flags, code, text]).toEqual([flags, 2, expect.stringContaining(help)]);
  }
});

test('the example of three epochs is in order', async () => {
  const [code, text] = await epoch(...'--epochs 3 --registry 10 --orders examples/epochs.csv'.split(' '));
  expect([code, text]).toEqual([0, expect.stringContaining('17 heights')]);
  // Every epoch orders something: heights 1, 9 and 17.
  expect((await epoch('--orders', 'examples/epochs.csv'))[0]).toBe(2);
});
