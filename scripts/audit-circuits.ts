/**
 * Audits our circuits and each template of circuits/lib, and writes the verdicts on their outputs to circuits/verdicts.json.
 * `--check` compares instead: whatever gets better or worse is a change of that file. An output that is forged needs a waiver
 * in circuits/waivers.json with the reason. What was audited by the same program is not audited again.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { examine, type OutputsAnswer } from '../src/audit/examine.ts';
import { judge, parseWaivers, type Waiver } from '../src/audit/waivers.ts';
import { registeredCircuits } from './circuits.ts';
import { compileCircuit, root } from './compile-circuit.ts';

interface Audited {
  readonly circuit: string;
  readonly level: 'O1' | 'O2';
  readonly target?: readonly string[];
  readonly assume?: readonly string[];
}
type Verdicts = Readonly<Record<string, string>>;

/** Processor time for each circuit that is not decided at once, microseconds. */
const BUDGET_US = 10e6;

/**
 * What is asked beside outputs, and what the verifier and the callers keep: `account` has only public inputs; a verifier takes
 * no point outside of the subgroup, and a ladder's bits are bits; the randomness of a seal is the sender's to choose.
 */
const ASKED: Readonly<Record<string, Pick<Audited, 'target' | 'assume'>>> = {
  account: { target: ['account', 'commitment'] },
  dealing: { assume: ['subgroup=PK8[*]'] },
  orders: { assume: ['subgroup=Y8[*]', 'input=Encapsulation.t[*]'] },
  Encapsulation: { assume: ['subgroup=Y8[*]', 'input=t[*]'] },
  Ladder: { assume: ['subgroup=P[*]', 'bits=t[*]'] },
};
/** Templates of circuits/lib with the parameters of their use. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  encapsulation: ['Encapsulation()'],
  identity: ['IdentityCommitment()', 'BallotSlope()', 'BallotNullifier()'],
  ladder: ['AddAgain()', 'Slope()', 'Triple()', 'Ladder()'],
  merkle: ['MerkleStep()', 'MerkleMembership(10)'],
  notes: ['OwnerKey()', 'NoteCommitment()', 'NoteNullifier()', 'AccountName()', 'ChangeRho()'],
  'one-hot': ['OneHot(16)', 'OneHotSelect(16)'],
  order: ['Select(16)', 'Order(4, 32, 32)'],
  packing: ['Pack(3, [64, 71, 118])'],
  seal: ['Seal()'],
  subgroup: ['Double()', 'SubgroupPoint()'],
};

const folder = join(root, 'build/own-verdicts');
const place = join(root, 'circuits/verdicts.json');

/** Parts of the audit that verdicts are made of. */
const ENGINE = ['system', 'certificate', 'prove', 'forge', 'uniqueness.ts', 'assumptions.ts'];

/** Of the program that audits: another one may decide more. */
function hashOfEngine(): string {
  const hash = createHash('sha256');
  const enter = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) enter(join(path, name));
    else hash.update(relative(root, path)).update(readFileSync(path));
  };
  for (const name of ENGINE) enter(join(root, 'src/audit', name));
  return hash.digest('hex');
}

/** A file with the template as main. */
function mainOf(file: string, use: string): string {
  const path = join(folder, `${use.replace(/\(.*/, '')}.circom`);
  const text = `pragma circom 2.2.0;\ninclude "../../circuits/lib/${file}.circom";\ncomponent main = ${use};\n`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  return path;
}

async function answerTo(source: string, { level, target, assume }: Audited): Promise<OutputsAnswer> {
  const { r1cs, sym } = await compileCircuit(source, join(folder, level), level);
  const begun = process.cpuUsage();
  let answer: OutputsAnswer | undefined;
  const files = {
    r1cs: { name: r1cs, bytes: readFileSync(r1cs) },
    sym: { name: sym, text: readFileSync(sym, 'utf8') },
    witnesses: [],
  };
  await examine(
    { files, target: target ?? [], assume: assume ?? [] },
    {
      endingAt: () => (process.cpuUsage(begun).user > BUDGET_US ? 'out of time' : undefined),
      onStage: () => {},
      onAnswer: (one) => {
        answer = one;
      },
      onChecks: () => {},
    },
  );
  return answer!;
}

const forgedIn = (waivers: readonly Waiver[], circuit: string): Waiver[] =>
  waivers.filter((waiver) => waiver.circuit === circuit && waiver.rule === 'forged');

/** Verdicts by output; a forged one without a reason is a failure. */
function judged(answer: OutputsAnswer, { circuit, level }: Audited, waivers: readonly Waiver[]): Verdicts {
  const { open } = judge(
    answer.findings.filter(({ rule }) => rule === 'forged'),
    forgedIn(waivers, circuit),
  );
  for (const { rule, subject, message } of open) {
    console.error(`${circuit} at --${level}: ${rule} ${subject}: ${message}`);
    process.exitCode = 1;
  }
  return Object.fromEntries(answer.outputs.map(({ name, verdict }) => [name, verdict]));
}

mkdirSync(folder, { recursive: true });
const waivers = parseWaivers(
  readFileSync(join(root, 'circuits/waivers.json'), 'utf8'),
  'circuits/waivers.json',
);
const engine = hashOfEngine();
const all: (Audited & { readonly source: string })[] = [
  ...registeredCircuits().flatMap(({ name, file }) =>
    (['O1', 'O2'] as const).map((level) => ({
      circuit: name,
      level,
      source: join(root, file),
      ...ASKED[name],
    })),
  ),
  ...Object.entries(TEMPLATES).flatMap(([file, uses]) =>
    uses.map((use) => ({
      circuit: use.replace(/\(.*/, ''),
      level: 'O1' as const,
      source: mainOf(file, use),
      ...ASKED[use.replace(/\(.*/, '')],
    })),
  ),
];
const verdicts: (Audited & { readonly outputs: Verdicts })[] = [];
for (const { source, ...one } of all) {
  const { r1cs } = await compileCircuit(source, join(folder, one.level), one.level);
  const key = createHash('sha256')
    .update(JSON.stringify([engine, one, forgedIn(waivers, one.circuit)]))
    .update(readFileSync(r1cs));
  const known = join(folder, `${key.digest('hex')}.json`);
  if (!existsSync(known)) {
    const outputs = judged(await answerTo(source, one), one, waivers);
    if (process.exitCode !== 1) writeFileSync(known, JSON.stringify(outputs));
    verdicts.push({ ...one, outputs });
  } else verdicts.push({ ...one, outputs: JSON.parse(readFileSync(known, 'utf8')) });
}
if (!process.argv.includes('--check')) {
  // Lists of words in one line, as the formatter of the project has them.
  const text = JSON.stringify({ verdicts }, null, 2).replace(
    /\[\n {8}([^{]*?)\n {6}\]/g,
    (_, words: string) => `[${words.replace(/\n\s+/g, ' ')}]`,
  );
  writeFileSync(place, `${text}\n`);
} else {
  const was = existsSync(place) ? (JSON.parse(readFileSync(place, 'utf8')).verdicts as typeof verdicts) : [];
  for (const now of verdicts) {
    const before = was.find(({ circuit, level }) => circuit === now.circuit && level === now.level);
    if (JSON.stringify(before) === JSON.stringify(now)) continue;
    console.error(
      `the verdicts on ${now.circuit} at --${now.level} are not those of circuits/verdicts.json:`,
    );
    console.error(`  now ${JSON.stringify(now.outputs)}, there ${JSON.stringify(before?.outputs ?? 'none')}`);
    process.exitCode = 1;
  }
  if (was.length !== verdicts.length) process.exitCode = 1;
  if (process.exitCode === 1)
    console.error('audit: npx tsx scripts/audit-circuits.ts writes the file; look at what has changed');
}
