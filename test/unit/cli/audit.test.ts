import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { type CompiledFiles, compileMutant, witnessOf } from '../../helpers/audited.ts';
import { velumIn } from '../../helpers/cli.ts';
import { snarkjs } from '../../helpers/stock-snarkjs.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-audit-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const velum = (...args: readonly string[]) => velumIn(cwd, ...args);

/** A step of a Merkle path, as it is and without its check that the hash is one of the children. */
const signals = { h: 11n, children: [11n, 22n, 33n, 44n] };
let sound: CompiledFiles;
let broken: CompiledFiles;
let witnesses: Record<'sound' | 'broken', Uint8Array>;
beforeAll(async () => {
  const source = 'test/circuits/merkle.circom';
  sound = await compileCircuit(join(root, source), join(root, 'build/test-circuits'));
  const mutation = { file: 'circuits/lib/merkle.circom', from: 'low * high === 0;', to: '' };
  broken = await compileMutant('audit-command', source, mutation);
  witnesses = { sound: await witnessOf(sound, signals), broken: await witnessOf(broken, signals) };
});
async function files(which: 'sound' | 'broken'): Promise<string[]> {
  const { r1cs, sym } = which === 'sound' ? sound : broken;
  await writeFile(join(cwd, 'w.wtns'), witnesses[which]);
  return ['audit', 'step', '--budget', '30', '--r1cs', r1cs, '--wtns', 'w.wtns', '--sym', sym];
}

describe('velum audit of outputs', () => {
  const compiled = (file: string): Promise<CompiledFiles> =>
    compileCircuit(join(root, 'test/circuits/audit', `${file}.circom`), join(root, 'build/audit-o1'), 'O1');
  test('what is proved has a certificate that is accepted, for this circuit and no other', async () => {
    const { r1cs, sym } = await compiled('less-than-ranged');
    const { exitCode, out } = await velum('audit', '--r1cs', r1cs, '--sym', sym, '--out', 'o', '--json');
    expect(exitCode).toBe(0);
    const { outputs, warnings, notChecked } = JSON.parse(out);
    expect(outputs).toEqual([
      {
        name: 'isBelow',
        verdict: 'PROVED',
        by: expect.any(String),
        certificate: 'o/certificate.json',
        witnesses: [],
      },
    ]);
    expect(warnings).toEqual([]);
    expect(notChecked.at(-1)).toBe('that the statement is the one you meant');
    const checked = await velum('audit', 'check', 'o/certificate.json', '--r1cs', r1cs);
    expect([checked.exitCode, checked.out]).toEqual([0, expect.stringContaining('assuming nothing')]);
    const other = await compiled('less-than-unranged');
    const refused = await velum('audit', 'check', 'o/certificate.json', '--r1cs', other.r1cs);
    expect([refused.exitCode, refused.err]).toEqual([1, expect.stringContaining('CERTIFICATE_REFUSED')]);
  });
  test('what is forged comes with two witnesses that stock snarkjs accepts, and exit 1', async () => {
    const { r1cs, sym } = await compiled('num2bits-254');
    const { exitCode, out } = await velum('audit', 'bits', '--r1cs', r1cs, '--sym', sym, '--json');
    expect(exitCode).toBe(1);
    const forged = JSON.parse(out).outputs.filter(({ verdict }: { verdict: string }) => verdict === 'FORGED');
    expect(forged.length).toBeGreaterThan(0);
    const [first, second, inputs] = forged[0].witnesses as string[];
    for (const file of [first!, second!])
      expect(await snarkjs(cwd, 'wtns', 'check', r1cs, file)).toContain('WITNESS IS CORRECT');
    const told = JSON.parse(await readFile(join(cwd, inputs!), 'utf8'));
    expect(Object.keys(told.inputs)).toEqual(['x']);
    expect(told.differ.length).toBeGreaterThan(0);
  });
  test('a comparison without a range check is a warning with its line, and red with --strict', async () => {
    const { r1cs, sym } = await compiled('less-than-unranged');
    const source = await readFile(join(root, 'test/circuits/audit/less-than-unranged.circom'), 'utf8');
    await writeFile(join(cwd, 'below.circom'), source);
    await writeFile(join(cwd, 'below.r1cs'), await readFile(r1cs));
    const args = ['audit', '--r1cs', 'below.r1cs', '--sym', sym, '--sarif', 'out.sarif'];
    expect((await velum(...args)).exitCode).toBe(0);
    expect((await velum(...args, '--strict')).exitCode).toBe(1);
    const { results } = JSON.parse(await readFile(join(cwd, 'out.sarif'), 'utf8')).runs[0];
    expect(results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(['unranged-comparison']);
    const { artifactLocation, region } = results[0].locations[0].physicalLocation;
    const line = source.split('\n').findIndex((text) => text.includes('component lt')) + 1;
    expect([artifactLocation.uri, region.startLine]).toEqual(['below.circom', line]);
    // The same text wherever it is made.
    const elsewhere = await mkdtemp(join(tmpdir(), 'velum-elsewhere-'));
    try {
      for (const file of ['below.circom', 'below.r1cs'])
        await writeFile(join(elsewhere, file), await readFile(join(cwd, file)));
      expect((await velumIn(elsewhere, ...args)).exitCode).toBe(0);
      const sarif = await readFile(join(elsewhere, 'out.sarif'), 'utf8');
      expect(sarif).toBe(await readFile(join(cwd, 'out.sarif'), 'utf8'));
      expect(sarif).not.toContain(tmpdir());
    } finally {
      await rm(elsewhere, { recursive: true });
    }
    const ranged = ['--assume', 'range:32=x', 'range:32=limit', '--strict'];
    const assumed = await velum(...args, ...ranged);
    expect(assumed.out.replace(/\s+/g, ' ')).toContain('what was assumed: range:32=x');
    expect(assumed.exitCode).toBe(0);
    expect((await velum(...args, '--assume', 'range:32=y')).exitCode).toBe(2);
  });
});

describe('velum audit', () => {
  test('one of our circuits: what is waived is told with its reason, a proof is tried for other statements', async () => {
    const { exitCode, out } = await velum('audit', 'account', '--budget', '5');
    expect(out).toContain('100 % of 790 dropped constraints noticed');
    expect(out).toMatch(/17 altered statements, 0 accepted/);
    expect(out).toContain(
      'waived:\n  vacuous  messageSquare at circuits/account.circom:42: computed, and read by no other constraint\n      because',
    );
    expect(out).toContain('account: NO OUTPUT; no open warnings');
    expect(out).toMatch(/Not checked: .*that the statement is the one\s+you meant\.\n$/s);
    expect(exitCode).toBe(0);
  });
  test('a circuit from files: exit 0 where nothing is found', async () => {
    const { exitCode, out } = await velum(...(await files('sound')));
    expect(out).toContain('100 % of 300 dropped constraints noticed');
    expect(out).toContain('not tried: no keys');
    expect(exitCode).toBe(0);
  });
  test('a finding is told by name, with exit 1; in JSON and SARIF, too', async () => {
    const args = await files('broken');
    expect((await velum(...args)).exitCode).toBe(0);
    const { exitCode, out, err } = await velum(...args, '--strict');
    expect(out).toContain('vacuous  low: computed, and read by no other constraint');
    expect(err).toContain('AUDIT_FINDINGS');
    expect(exitCode).toBe(1);

    const json = await velum(...args, '--strict', '--json', '--sarif', 'out.sarif');
    expect(json.exitCode).toBe(1);
    // Its output is a function of the children still: what lacks is what ties h to them.
    expect(JSON.parse(json.out).outputs).toEqual([
      expect.objectContaining({ name: 'parent', verdict: 'PROVED' }),
    ]);
    expect(JSON.parse(json.out).warnings).toContainEqual(
      expect.objectContaining({ rule: 'vacuous', subject: 'low' }),
    );
    const sarif = JSON.parse(await readFile(join(cwd, 'out.sarif'), 'utf8'));
    expect(sarif.version).toBe('2.1.0');
    const { tool, results } = sarif.runs[0];
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(results.map((result: { ruleId: string }) => result.ruleId)).toContain('vacuous');
  });
  test('a waiver with a reason closes a finding and is suppressed in SARIF; one for nothing is a finding', async () => {
    const args = await files('broken');
    const waiver = (rule: string, subject: string) => ({
      circuit: 'step',
      rule,
      subject,
      reason: 'the test wants to see that a reason closes it',
    });
    const write = (...waivers: unknown[]) =>
      writeFile(join(cwd, 'waivers.json'), JSON.stringify({ waivers }));
    await write(waiver('vacuous', '*'));
    const waived = await velum(...args, '--strict', '--waivers', 'waivers.json', '--sarif', 'out.sarif');
    expect(waived.out).toContain('because the test wants to see');
    expect(waived.exitCode).toBe(0);
    const sarif = JSON.parse(await readFile(join(cwd, 'out.sarif'), 'utf8'));
    expect(sarif.runs[0].results[0].suppressions[0].justification).toContain('the test wants');
    await write(waiver('vacuous', '*'), waiver('alias', 'bits[*]'));
    const stale = await velum(...args, '--strict', '--waivers', 'waivers.json');
    expect(stale.out).toContain('stale-waiver  alias bits[*]');
    expect(stale.exitCode).toBe(1);
    await write({ ...waiver('vacuous', '*'), reason: 'fine' });
    expect((await velum(...args, '--waivers', 'waivers.json')).exitCode).toBe(2);
  });
  test('a snapshot is written once, and a circuit that has changed since fails', async () => {
    expect((await velum(...(await files('sound')), '--snapshot', 'step.json')).exitCode).toBe(0);
    expect((await velum(...(await files('sound')), '--snapshot', 'step.json')).exitCode).toBe(0);
    const { exitCode, out } = await velum(...(await files('broken')), '--snapshot', 'step.json');
    expect(out).toContain('snapshot  constraints: 299, 1 fewer than the 300 that were reviewed');
    expect(exitCode).toBe(1);
  });
  test('a pipe, counts that the file cannot hold, a wire that is not there: each file is refused by its path', async () => {
    const good = await readFile(sound.r1cs);
    // circom writes the constraints first: their section's head is 12 bytes after the file's 12.
    const header = 12 + 12 + Number(good.readBigUInt64LE(16)) + 12;
    const write = async (name: string, offset: number, value: number): Promise<string> => {
      const bytes = Buffer.from(good);
      bytes.writeUInt32LE(value, offset);
      await writeFile(join(cwd, name), bytes);
      return name;
    };
    await writeFile(join(cwd, 'w.wtns'), witnesses.sound);
    await writeFile(join(cwd, 'far.sym'), '1,4294967295,0,main.x\n');
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const outputs = await write('outputs.r1cs', header + 40, 0xffffffff);
    const wire = await write('wire.r1cs', 12 + 12 + 4, 0x00ffffff);
    for (const [r1cs, witness, sym, code, culprit] of [
      [outputs, 'w.wtns', sound.sym, 'CIRCUIT_FILE', outputs],
      [wire, 'w.wtns', sound.sym, 'CIRCUIT_FILE', wire],
      [sound.r1cs, 'w.wtns', 'far.sym', 'CIRCUIT_FILE', 'far.sym'],
      ['pipe', 'w.wtns', sound.sym, 'FILE_UNREADABLE', 'pipe'],
      [sound.r1cs, '/dev/zero', sound.sym, 'FILE_UNREADABLE', '/dev/zero'],
      [sound.r1cs, 'w.wtns', 'pipe', 'FILE_UNREADABLE', 'pipe'],
    ] as const) {
      const { exitCode, err } = await velum('audit', 'x', '--r1cs', r1cs, '--wtns', witness, '--sym', sym);
      expect([exitCode, err]).toEqual([2, expect.stringContaining(code)]);
      expect(err).toContain(culprit);
    }
  });
  test('files that are no circuit, or not of this circuit, are refused and told', async () => {
    const args = await files('sound');
    await writeFile(join(cwd, 'cut.r1cs'), (await readFile(sound.r1cs)).subarray(0, 5000));
    const cut = await velum('audit', 'x', '--r1cs', 'cut.r1cs', '--wtns', 'w.wtns');
    expect([cut.exitCode, cut.err]).toEqual([2, expect.stringContaining('CIRCUIT_FILE')]);
    await writeFile(
      join(cwd, 'w.wtns'),
      witnesses.sound.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
    );
    const wrong = await velum(...args);
    expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('breaks constraint')]);
    expect((await velum('audit', 'nothing')).exitCode).toBe(2);
  });
});
