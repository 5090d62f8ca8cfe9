/** `npm run bench`: prints one JSON object. Ratios to a peer are of the same run: machines differ, and so do minutes. */
import { cpus } from 'node:os';
import { benchCrypto } from './crypto.ts';

const started = new Date();
const results = await benchCrypto();
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  node: process.version,
  at: started.toISOString(),
};
console.log(JSON.stringify({ machine, results }, null, 2));
process.exit(0); // circomlibjs keeps worker threads.
