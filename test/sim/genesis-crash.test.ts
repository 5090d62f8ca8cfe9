import { expect, test } from 'vitest';
import { generationOf } from '../../src/host/machine.ts';
import type { GenesisConfig } from '../../src/validator/genesis/config.ts';
import { diesGenerating, generate } from './genesis-checks.ts';

/** A sample; test/long/genesis.test.ts has every write. */
test.each([1, 2, 4])(
  '%i of four members die in a write and restart from their stores: nobody contradicts itself, and all have their shares',
  (company) => {
    for (const write of [2, 25]) diesGenerating(4, write + company, company);
  },
);

test('a member that is written down and read again before every input sends the same', () => {
  const machineOf = (config: GenesisConfig, snapshot: Uint8Array | undefined) => {
    let machine = generationOf(config, snapshot);
    return {
      height: machine.height,
      snapshot: () => machine.snapshot(),
      handle: (input: Parameters<typeof machine.handle>[0]) => {
        machine = generationOf(config, machine.snapshot());
        return machine.handle(input);
      },
    };
  };
  const [plain, doubled] = [generate(4, 12), generate(4, 12, undefined, { machineOf })];
  expect(doubled.frames.length).toBe(plain.frames.length);
  expect(doubled.frames).toEqual(plain.frames);
  expect(doubled.generated[2]!.shares).toEqual(plain.generated[2]!.shares);
});
