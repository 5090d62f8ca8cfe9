/** `npm run bench`: prints one JSON object. Ratios to a peer are of the same run: machines differ, and so do minutes. */
import { cpus } from 'node:os';
import { benchProofs } from '../../src/cli/bench/proofs.ts';
import { benchAudit } from './audit.ts';
import { benchCrypto } from './crypto.ts';

const started = new Date();
const crypto = await benchCrypto();
const audits = await benchAudit();
const { results: proofs, circuits, missing } = await benchProofs({ runs: 5 });
const results = [...crypto, ...audits, ...proofs];
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  node: process.version,
  at: started.toISOString(),
};
console.log(JSON.stringify({ machine, circuits, results, missing }, null, 2));
process.exit(0); // circomlibjs keeps worker threads.
