import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { type Assumption, parseAssumption } from '../../../src/audit/assumptions.ts';
import type { ProofStep, UniquenessCertificate } from '../../../src/audit/certificate/certificate.ts';
import { parseCertificate, uniquenessText } from '../../../src/audit/certificate/certificate-file.ts';
import { check } from '../../../src/audit/certificate/check.ts';
import { namesFromSym } from '../../../src/audit/names.ts';
import { rulesOf } from '../../../src/audit/prove/assemble.ts';
import { type ProofResult, prove } from '../../../src/audit/prove/prove.ts';
import { normalForm } from '../../../src/audit/system/normal-form.ts';
import { rawSystem } from '../../../src/audit/system/raw-system.ts';
import type { ConstraintSystem } from '../../../src/audit/system/system.ts';
import { parseR1csOverAny } from '../../../src/groth16/r1cs.ts';
import { type CompiledFiles, compileMutant } from '../../helpers/audited.ts';

interface Proved {
  readonly system: ConstraintSystem;
  readonly result: ProofResult;
}

async function proofOf(compiled: CompiledFiles, assume: readonly string[]): Promise<Proved> {
  const r1cs = parseR1csOverAny(await readFile(compiled.r1cs));
  const { wires } = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8'));
  const signals = new Map(wires.map((name, wire) => [wire, name]));
  const { modulus } = r1cs.field;
  const assumptions = assume.flatMap((text): Assumption[] =>
    parseAssumption(text, { inputs: signals, signals }, modulus),
  );
  const system = normalForm(rawSystem(r1cs, modulus));
  return { system, result: prove(system, assumptions, () => false) };
}

const built = async (name: string, level: 'O1' | 'O2' = 'O1'): Promise<CompiledFiles> =>
  compileCircuit(`${root}/test/circuits/audit/${name}.circom`, `${root}/build/test-circuits/${level}`, level);

const SUBGROUP = ['subgroup=P[*]'];
/** At --O2 as well: the smallest; test/long/audit-points.test.ts has larger ones at both. */
const CASES = [
  ['fixed-base', [], ['O1']],
  ['variable-base', SUBGROUP, ['O1']],
  ['small-ladder', SUBGROUP, ['O1', 'O2']],
] as const;
const proofs = new Map<string, Promise<Proved>>();
const known = (name: string, assume: readonly string[]): Promise<Proved> => {
  const one = proofs.get(name) ?? built(name).then((compiled) => proofOf(compiled, assume));
  proofs.set(name, one);
  return one;
};

describe('multiplications of points of BabyJubJub', () => {
  test.each(CASES)('%s is proved, with a certificate that is accepted', async (name, assume, levels) => {
    for (const level of levels) {
      const { system, result } =
        level === 'O1' ? await known(name, assume) : await proofOf(await built(name, level), assume);
      expect(result.refused).toBeUndefined();
      expect(result.proved).toEqual([1, 2]);
      const text = uniquenessText({
        r1csSha256: 'a'.repeat(64),
        targets: [],
        certificate: result.certificate!,
      });
      const { certificate } = parseCertificate(text);
      expect(certificate.assumptions.map(({ as }) => as)).toEqual(assume);
      expect(check(system, certificate)).toEqual({ accepted: true, proved: [1, 2] });
    }
  });
  test('a variable base without the assumption is not proved', async () => {
    for (const name of ['variable-base', 'small-ladder'])
      expect((await proofOf(await built(name), [])).result.proved).toEqual([]);
  });
  test('all rules about points are in these certificates', async () => {
    const used = new Set<string>();
    for (const [name, assume] of CASES)
      for (const rule of rulesOf((await known(name, assume)).result.certificate!.steps).keys())
        used.add(rule);
    expect([...used].filter((rule) => rule.startsWith('point-')).sort()).toEqual([
      'point-add',
      'point-again',
      'point-choose',
      'point-convert',
      'point-coordinates',
      'point-double',
      'point-known',
    ]);
  });
});

const BASE_Y = '16950150798460657717958625567821834550301663161624707787222815936182638968203';
const MUTANTS = [
  {
    bug: 'bits that are any number',
    name: 'fixed-base',
    assume: [],
    mutation: {
      file: 'test/circuits/audit/fixed-base.circom',
      from: 'signal bits[9] <== Num2Bits(9)(k);',
      to: 'signal bits[9];\n    for (var i = 0; i < 9; i++) { bits[i] <== k + i; }',
    },
  },
  {
    bug: 'a base that is not on the curve',
    name: 'fixed-base',
    assume: [],
    mutation: { file: 'test/circuits/audit/fixed-base.circom', from: BASE_Y, to: `${BASE_Y} + 1` },
  },
  {
    bug: 'a base outside the subgroup',
    name: 'fixed-base',
    assume: [],
    // (−x, −y) is the base plus the point of order 2.
    mutation: {
      file: 'test/circuits/audit/fixed-base.circom',
      from: `5299619240641551281634865583518297030282874472190772894086521144482721001553,\n        ${BASE_Y}`,
      to: `-5299619240641551281634865583518297030282874472190772894086521144482721001553,\n        -${BASE_Y}`,
    },
  },
  {
    bug: 'a ladder that starts at P',
    name: 'small-ladder',
    assume: SUBGROUP,
    mutation: {
      file: 'test/circuits/audit/small-ladder.circom',
      from: 'Q[4] <== Triple()(M);',
      to: 'Q[4] <== M;',
    },
  },
  {
    bug: 'a digit of any size',
    name: 'small-ladder',
    assume: SUBGROUP,
    mutation: {
      file: 'test/circuits/audit/small-ladder.circom',
      from: '(2 * t[i] - 1) * M[1]',
      to: '(3 * t[i] - 1) * M[1]',
    },
  },
] as const;

describe('what is wrong with points is not proved', () => {
  test.each(MUTANTS)('$bug', async ({ bug, name, assume, mutation }) => {
    const main = `test/circuits/audit/${name}.circom`;
    const compiled = await compileMutant(`points-${bug.replace(/\W+/g, '-')}`, main, mutation, 'O1');
    const { result } = await proofOf(compiled, assume);
    expect(result.refused).toBeUndefined();
    expect(result.proved).toEqual([]);
  });
});

type Point = ProofStep & { readonly rule: `point-${string}` };
type Json = Record<string, unknown>;

/** The certificate with one thing changed in one step. */
function changed(
  certificate: UniquenessCertificate,
  at: number,
  change: (step: Json) => void,
): UniquenessCertificate {
  const text = uniquenessText({ r1csSha256: 'a'.repeat(64), targets: [], certificate });
  const json = JSON.parse(text) as { steps: Json[] };
  change(json.steps[at]!);
  return parseCertificate(JSON.stringify(json)).certificate;
}

/** What may be changed in a step about points so that it no longer holds. */
function changesOf(step: Point): ((json: Json) => void)[] {
  const list = (key: string) => (json: Json) => json[key] as unknown[];
  const found: ((json: Json) => void)[] = [];
  const each = (key: string, count: number, change: (all: unknown[], i: number) => void): void => {
    for (let i = 0; i < count; i++) found.push((json) => change(list(key)(json), i));
  };
  if (step.rule === 'point-known') {
    each('logs', step.logs.length, (all, i) => {
      all[i] = `${BigInt(all[i] as string) + 1n}`;
    });
    each('definitions', step.definitions.length, (all, i) => all.splice(i, 1));
    each('wires', step.wires.length, (all, i) => all.splice(i, 1));
  } else {
    // What is said of the coordinates of a point holds for its opposite, too.
    each('points', step.rule === 'point-coordinates' ? 0 : step.points.length, (all, i) => {
      const [fact, sign] = all[i] as [number, number];
      all[i] = [fact, -sign];
    });
    each('constraints', step.constraints.length, (all, i) => {
      all[i] = (all[i] as number) + 1;
    });
    each('constraints', step.constraints.length, (all, i) => all.splice(i, 1));
  }
  step.facts.forEach((fact, i) => {
    if (fact.kind !== 'point') return;
    const edit = (change: (json: Json) => void) =>
      found.push((json) => change((json['facts'] as Json[])[i]!));
    edit((json) => {
      json['base'] = [json['u'], json['v']];
    });
    edit((json) => {
      json['curve'] = json['curve'] === 'edwards' ? 'montgomery' : 'edwards';
    });
    edit((json) => {
      json['u'] = json['v'];
    });
    edit((json) => {
      const [piece] = json['multiples'] as Json[];
      const { low, high, step: by } = piece as { low: string; high: string; step: string };
      if (low === high)
        (json['multiples'] as Json[])[0] = {
          low: `${BigInt(low) + 1n}`,
          high: `${BigInt(low) + 1n}`,
          step: '0',
        };
      else {
        const next = BigInt(low) + BigInt(by);
        piece!['low'] = `${next}`;
        if (`${next}` === high) piece!['step'] = '0';
      }
    });
  });
  return found;
}

describe('a certificate about points that somebody has changed', () => {
  test.each(CASES)(
    'of %s is refused, whatever number was changed in a step about points',
    async (name, assume) => {
      const { system, result } = await known(name, assume);
      const certificate = result.certificate!;
      let tried = 0;
      for (const [at, step] of certificate.steps.entries()) {
        if (!step.rule.startsWith('point-')) continue;
        for (const change of changesOf(step as Point)) {
          // Each kind of change of each rule is among every third of them.
          if (tried++ % 3 !== 0) continue;
          const { accepted } = check(system, changed(certificate, at, change));
          if (accepted) expect({ accepted, step, change: `${change}` }).toBe(false);
        }
      }
      expect(tried).toBeGreaterThan(90);
    },
  );
});
