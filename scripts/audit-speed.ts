/**
 * Measures the proof of a compiled circuit alone: processor time, of all threads, of its normal form and of the search, and the time by the clock, without reading files and
 * writing the certificate, whose SHA-256 it prints, so that two states of the program can be compared.
 *   tsx scripts/audit-speed.ts F.r1cs [--sym F.sym --assume TEXT …]
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAssumption } from '../src/audit/assumptions.ts';
import { uniquenessText } from '../src/audit/certificate/certificate-file.ts';
import { namesFromSym } from '../src/audit/names.ts';
import { prove } from '../src/audit/prove/prove.ts';
import { normalForm } from '../src/audit/system/normal-form.ts';
import { rawSystem } from '../src/audit/system/raw-system.ts';
import { parseR1csOverAny } from '../src/groth16/r1cs.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sym: { type: 'string' }, assume: { type: 'string', multiple: true, default: [] } },
});
const [path] = positionals;
if (path === undefined || positionals.length > 1 || (values.sym === undefined && values.assume.length > 0))
  throw new Error('usage: tsx scripts/audit-speed.ts F.r1cs [--sym F.sym --assume TEXT …]');
const file = readFileSync(path);
const r1cs = parseR1csOverAny(file);
const { modulus } = r1cs.field;
const wires = values.sym === undefined ? [] : namesFromSym(r1cs, readFileSync(values.sym, 'utf8')).wires;
const signals = new Map(wires.map((name, wire) => [wire, name]));
const { outputCount, publicInputCount, privateInputCount } = r1cs;
const last = outputCount + publicInputCount + privateInputCount;
const inputs = new Map([...signals].filter(([wire]) => wire > outputCount && wire <= last));
const assumptions = values.assume.flatMap((text) => parseAssumption(text, { inputs, signals }, modulus));

const [begun, begunMs] = [process.cpuUsage(), performance.now()];
const proof = prove(normalForm(rawSystem(r1cs, modulus)), assumptions, () => false);
const { user, system } = process.cpuUsage(begun);
const seconds = (user + system) / 1e6;
const elapsed = (performance.now() - begunMs) / 1000;
const { length } = r1cs.constraints;
console.log(
  `${basename(path)}: ${length} constraints, ${proof.proved.length} proved, ${proof.open.length} open; ` +
    `${seconds.toFixed(2)} s of processor time, ${((1e4 * seconds) / length).toFixed(2)} s for each 10,000; ` +
    `by the clock ${elapsed.toFixed(2)} s, ${((1e4 * elapsed) / length).toFixed(2)} s for each 10,000`,
);
if (proof.certificate !== undefined) {
  const r1csSha256 = createHash('sha256').update(file).digest('hex');
  const text = uniquenessText({ r1csSha256, targets: [], certificate: proof.certificate });
  console.log(
    `certificate: ${proof.certificate.steps.length} steps, ${text.length} bytes, SHA-256 ${createHash('sha256').update(text).digest('hex')}`,
  );
}
