import fc from 'fast-check';

/**
 * Runs before every test file. Properties draw the same cases every time, unless PROPERTY_SEED says otherwise: a number to draw others, `random` to draw
 * anew. A rare counter-example is found by `npm run test:long` and not by whoever lands a change next.
 */
const chosen = process.env['PROPERTY_SEED'] ?? '1';
if (chosen !== 'random') {
  const seed = Number(chosen);
  if (!Number.isSafeInteger(seed))
    throw new Error(`PROPERTY_SEED is a whole number or "random", not "${chosen}"`);
  fc.configureGlobal({ seed });
}
