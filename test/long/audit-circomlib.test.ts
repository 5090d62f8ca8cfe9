import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as snarkjs from 'snarkjs';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/compile-circuit.ts';
import { auditUniqueness } from '../../src/audit/uniqueness.ts';
import { parseR1csOverAny } from '../../src/groth16/r1cs.ts';
import { CIRCOMLIB } from '../helpers/circomlib-corpus.ts';
import { compileHere } from '../helpers/compile-many.ts';

const LEVELS = ['O0', 'O1', 'O2'] as const;
/** Processor time of one audit, in seconds: proof, and all. */
const PROVING = 15;
const ALL = 60;
/** Constraints at --O1 up to which nearly every template is decided. */
const DECIDED_TO = 3000;
const stage = join(root, 'build/circomlib-corpus');
/** The bare templates of which some input has two witnesses that differ in an output. */
const FORGED = [
  'bitify Num2Bits(254)',
  'escalarmulany BitElementMulAny()',
  'escalarmulany SegmentMulAny(4)',
  'escalarmulany EscalarMulAny(4)',
  'escalarmulfix WindowMulFix()',
  'escalarmulfix SegmentMulFix(3)',
  'escalarmulfix EscalarMulFix(9)',
  'montgomery Edwards2Montgomery()',
  'montgomery Montgomery2Edwards()',
  'montgomery MontgomeryAdd()',
  'montgomery MontgomeryDouble()',
  'multiplexer Decoder(4)',
  'pedersen Window4()',
  'pedersen Segment(2)',
  'pedersen Pedersen(8)',
  'pedersen Pedersen(253)',
];

/** A main component with all inputs public. */
async function writeMain(entry: string): Promise<string> {
  const [file, call] = [entry.slice(0, entry.indexOf(' ')), entry.slice(entry.indexOf(' ') + 1)];
  const source = await readFile(join(root, 'node_modules/circomlib/circuits', `${file}.circom`), 'utf8');
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const body = code.split(/^template /m).find((one) => one.startsWith(call.slice(0, call.indexOf('(') + 1)))!;
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

type Verdict = 'PROVED' | 'FORGED' | 'UNKNOWN' | 'NO OUTPUT';
interface Audited {
  readonly constraints: number;
  readonly verdict: Verdict;
  /** Wires. */
  readonly proved: readonly number[];
  readonly forged: readonly number[];
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
  const wires = (of: Verdict): number[] =>
    result.verdicts.filter(({ verdict }) => verdict === of).map(({ wire }) => wire);
  const [proved, forged] = [wires('PROVED'), wires('FORGED')];
  const isProved = proved.length === result.verdicts.length;
  const decided = forged.length > 0 ? 'FORGED' : isProved ? 'PROVED' : 'UNKNOWN';
  const verdict = result.verdicts.length === 0 ? 'NO OUTPUT' : decided;
  return { constraints: r1cs.constraints.length, verdict, proved, forged, seconds: time };
}

/** File and template; a base point as argument is left out. */
const nameOf = (entry: string): string => entry.replace(/, \[\d{20}.*\)$/, ')');

describe('circomlib, all inputs public and nothing assumed', () => {
  const told = new Map<string, Audited>();

  // One test for each, so that a part of them can be run (-t 'SMT') and one that fails does not end the others.
  test.each(CIRCOMLIB.map((entry) => [nameOf(entry), entry] as const))(
    '%s has one verdict at --O0, --O1 and --O2, and is forged only if it should be',
    async (name, entry) => {
      const path = await writeMain(entry);
      const [o0, o1, o2] = [await auditAt(path, 'O0'), await auditAt(path, 'O1'), await auditAt(path, 'O2')];
      const times = [o0, o1, o2].map(({ constraints, seconds }) => `${constraints}: ${seconds.toFixed(2)} s`);
      console.log(`${name} ${o1.verdict}, ${times.join(', ')}`);
      told.set(entry, o1);
      const all = [o0, o1, o2];
      for (const one of all)
        for (const other of all) expect(one.proved.filter((wire) => other.forged.includes(wire))).toEqual([]);
      // Of a larger one the time may be over at a level at which more constraints are left.
      const decided = all.filter(
        ({ verdict, constraints }) => verdict !== 'UNKNOWN' || constraints <= DECIDED_TO,
      );
      for (const one of decided) {
        expect([one.verdict, one.proved]).toEqual([decided[0]!.verdict, decided[0]!.proved]);
        expect(one.verdict === 'FORGED').toBe(FORGED.includes(name));
      }
    },
    1_800_000,
  );

  afterAll(() => {
    const asked = [...told].filter(
      ([, { verdict, constraints }]) => verdict !== 'NO OUTPUT' && constraints <= DECIDED_TO,
    );
    const open = asked.filter(([, { verdict }]) => verdict === 'UNKNOWN').map(([entry]) => nameOf(entry));
    console.log(`${asked.length - open.length} of ${asked.length} decided; open: ${open.join(', ')}`);
    // Of a part that was chosen by name, no share is asked.
    if (told.size === CIRCOMLIB.length)
      expect((asked.length - open.length) / asked.length).toBeGreaterThanOrEqual(59 / 60);
  });
});
