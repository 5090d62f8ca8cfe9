import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as snarkjs from 'snarkjs';
import { expect, test } from 'vitest';
import { root } from '../../scripts/compile-circuit.ts';
import { auditUniqueness } from '../../src/audit/uniqueness.ts';
import { parseR1csOverAny } from '../../src/groth16/r1cs.ts';
import { CIRCOMLIB } from '../helpers/circomlib-corpus.ts';
import { compileHere } from '../helpers/compile-many.ts';

const LEVELS = ['O0', 'O1', 'O2'] as const;
/** Processor time of one audit, in seconds: proof and forgery. */
const PROVING = 6;
const ALL = 8;
const stage = join(root, 'build/circomlib-corpus');
/** The bare templates of which some input has two witnesses that differ in an output. */
const FORGED = [
  'Num2Bits(254)',
  'BitElementMulAny()',
  'WindowMulFix()',
  'SegmentMulFix(3)',
  'Edwards2Montgomery()',
  'Montgomery2Edwards()',
  'MontgomeryAdd()',
  'MontgomeryDouble()',
  'Decoder(4)',
  'Window4()',
  'Segment(2)',
  'Pedersen(8)',
];

/** A main component with all inputs public. */
async function writeMain(entry: string): Promise<string> {
  const [file, call] = [entry.slice(0, entry.indexOf(' ')), entry.slice(entry.indexOf(' ') + 1)];
  const source = await readFile(join(root, 'node_modules/circomlib/circuits', `${file}.circom`), 'utf8');
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const body = code.split(/^template /m).find((one) => one.startsWith(call.slice(0, call.indexOf('('))))!;
  const inputs = new Set([...body.matchAll(/signal\s+input\s+(\w+)/g)].map(([, name]) => name));
  const more = /^smt\/smt[lpv]/.test(file)
    ? ['switcher', 'gates', 'comparators', 'bitify', 'smt/smthash_poseidon']
    : [];
  const path = join(stage, `${entry.replace(/\W+/g, '-').slice(0, 60)}.circom`);
  const isPublic = inputs.size === 0 ? '' : ` {public [${[...inputs].join(', ')}]}`;
  await mkdir(stage, { recursive: true });
  await writeFile(
    path,
    `pragma circom 2.0.0;\n${[...more, file].map((one) => `include "${one}.circom";\n`).join('')}component main${isPublic} = ${call};\n`,
  );
  return path;
}

interface Audited {
  readonly constraints: number;
  readonly outputs: number;
  /** Wires. */
  readonly proved: readonly number[];
  readonly forged: readonly number[];
  readonly isForged: boolean;
  readonly isDecided: boolean;
  readonly seconds: number;
}

async function auditAt(path: string, level: (typeof LEVELS)[number]): Promise<Audited> {
  expect(await compileHere(path, join(stage, level), level), `${path} compiles`).toBe(true);
  const file = join(stage, level, path.split('/').at(-1)!.replace('.circom', '.r1cs'));
  const r1cs = parseR1csOverAny(await readFile(file));
  const begun = process.cpuUsage().user;
  const seconds = (): number => (process.cpuUsage().user - begun) / 1e6;
  const request = { r1cs, assumptions: [], targets: [], witnesses: [] };
  const result = auditUniqueness(
    request,
    (of) => (seconds() > (of === 'proving' ? PROVING : ALL) ? 'out of time' : undefined),
    () => {},
  );
  const time = seconds();
  expect(result.refused).toBeUndefined();
  expect(result.isUnsatisfiable).toBe(false);
  for (const { first, second } of result.forgeries)
    for (const witness of [first, second]) {
      await writeFile(join(stage, 'w.wtns'), witness);
      expect(await snarkjs.wtns.check(file, join(stage, 'w.wtns')), `${path}: snarkjs`).toBe(true);
    }
  const proved = result.verdicts.filter(({ verdict }) => verdict === 'PROVED').map(({ wire }) => wire);
  const forged = result.verdicts.filter(({ verdict }) => verdict === 'FORGED').map(({ wire }) => wire);
  const isForged = forged.length > 0;
  return {
    constraints: r1cs.constraints.length,
    outputs: result.verdicts.length,
    proved,
    forged,
    isForged,
    isDecided: isForged || proved.length === result.verdicts.length,
    seconds: time,
  };
}

test('no verdict on a template of circomlib contradicts that at another level of optimisation, nearly all are decided', async () => {
  const open: string[] = [];
  const forged: string[] = [];
  const different: string[] = [];
  let [asked, decided] = [0, 0];
  for (const entry of CIRCOMLIB) {
    const path = await writeMain(entry);
    const [o0, o1, o2] = [await auditAt(path, 'O0'), await auditAt(path, 'O1'), await auditAt(path, 'O2')];
    const name = entry.slice(entry.indexOf(' ') + 1);
    for (const one of [o0, o1, o2])
      for (const other of [o0, o1, o2])
        expect(one.proved.filter((wire) => other.forged.includes(wire))).toEqual([]);
    for (const other of [o0, o2])
      if (other.isForged !== o1.isForged || String(other.proved) !== String(o1.proved)) different.push(name);
    if (o1.isForged) forged.push(name);
    if (!o1.isDecided) open.push(name);
    const times = [o0, o1, o2].map(({ constraints, seconds }) => `${constraints}: ${seconds.toFixed(2)} s`);
    console.log(
      `${name.slice(0, 40)} ${o1.isForged ? 'FORGED' : o1.outputs === 0 ? 'NO OUTPUT' : o1.isDecided ? 'PROVED' : 'UNKNOWN'}, ${times.join(', ')}`,
    );
    if (o1.outputs === 0 || o1.constraints > 3000) continue;
    asked++;
    if (o1.isDecided) decided++;
  }
  console.log(`${decided} of ${asked} decided; open: ${open.join(', ')}; forged: ${forged.join(', ')}`);
  console.log(`not decided alike at all levels: ${different.join(', ')}`);
  expect(forged.filter((name) => !FORGED.includes(name))).toEqual([]);
  expect(decided / asked).toBeGreaterThanOrEqual(0.9);
});
