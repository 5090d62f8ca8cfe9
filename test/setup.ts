import fc from 'fast-check';
import { vi } from 'vitest';

/**
 * Runs before every test file. Properties draw the same cases every time, unless PROPERTY_SEED says otherwise: a number to draw others, `random` to draw
 * anew. So a rare counter-example is found by who looks for it and not by whoever lands a change next. PROPERTY_RUNS=20 draws 20 times as many.
 */
const chosen = process.env['PROPERTY_SEED'] ?? '1';
if (chosen !== 'random') fc.configureGlobal({ seed: wholeNumber('PROPERTY_SEED', chosen) });

const times = wholeNumber('PROPERTY_RUNS', process.env['PROPERTY_RUNS'] ?? '1');
if (times > 1) {
  vi.doMock('fast-check', async (original: () => Promise<{ default: typeof fc }>) => {
    const { default: real } = await original();
    const assert: typeof fc.assert = ((property, settings) =>
      real.assert(property, {
        ...settings,
        numRuns: times * (settings?.numRuns ?? 100),
      })) as typeof fc.assert;
    return { default: { ...real, assert } };
  });
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name}=${text} is no whole number`);
  return value;
}
