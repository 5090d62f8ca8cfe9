import type { Command } from 'commander';
import { checkInThread } from '../../audit/audit-thread.ts';
import type { Fact } from '../../audit/certificate/certificate.ts';
import { MAX_CERTIFICATE_BYTES } from '../../audit/certificate/certificate-file.ts';
import { isSameForm } from '../../audit/system/linear-form.ts';
import { MAX_R1CS_BYTES } from '../../groth16/r1cs.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { inputPath, readInputFile } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';

export function addAuditCheckCommand(audit: Command, terminal: Terminal): void {
  audit
    .command('check')
    .description('Goes through a certificate of an audit, step by step and without any search.')
    .argument('<certificate>', 'certificate.json of velum audit')
    .option('--r1cs <file>', 'the compiled circuit that it is of')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Example:
  velum audit check out/audit/mine/certificate.json --r1cs mine.r1cs

With --json prints {"accepted", "proved", "assumptions", "steps", "reason"}, accepted or not.
Exit codes: 0 accepted, 1 refused, 2 wrong options or files, 70 a bug.`,
    )
    .action((file: string, _: object, command: Command) =>
      checkCertificate(file, command.optsWithGlobals<{ r1cs?: string; json: boolean }>(), terminal),
    );
}

async function checkCertificate(
  file: string,
  flags: { readonly r1cs?: string; readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const { cwd, out } = terminal;
  if (flags.r1cs === undefined)
    throw new CliError('USAGE', 'name the compiled circuit by --r1cs\nSee velum audit check --help.');
  const text = await readTextFile(inputPath(cwd, file), MAX_CERTIFICATE_BYTES);
  const r1cs = await readInputFile(inputPath(cwd, flags.r1cs), MAX_R1CS_BYTES);
  const checked = await checkInThread(text, r1cs);
  const answer = { accepted: checked.accepted, proved: [], assumptions: [], steps: null, reason: null };
  if (!checked.accepted) {
    const { reason } = checked;
    const no = new CliError('CERTIFICATE_REFUSED', `${file} is no proof of ${flags.r1cs}: ${reason}`);
    return answerNo(terminal, flags, { ...answer, reason }, no);
  }
  const { proved, outputCount, targets, assumptions, steps } = checked;
  const assumed = assumptions.map(({ fact }) => factText(fact));
  if (flags.json) return out(`${JSON.stringify({ ...answer, proved, assumptions: assumed, steps })}\n`);
  const under = assumed.length === 0 ? 'assuming nothing' : `assuming ${assumed.join('; ')}`;
  return out(
    `accepted: wires ${listed(proved)} have one value for each input, ${under} (${steps} steps)\n` +
      `Outputs are wires 1 to ${outputCount}; wires ${targets.length === 0 ? 'of public inputs are shared' : `${listed(targets)} were asked though they are public inputs`}.\n`,
  );
}

const listed = (wires: readonly number[]): string =>
  wires.length <= 12 ? wires.join(', ') : `${wires.slice(0, 12).join(', ')} and ${wires.length - 12} more`;

/** A fact that a certificate takes for granted, by what it says and not by how it calls itself. */
function factText(fact: Fact): string {
  if (fact.kind === 'set') return `wire ${fact.wire} is one of ${fact.values.join(', ')}`;
  if (fact.kind === 'range') return `wire ${fact.wire} is from ${fact.low} to ${fact.high}`;
  if (fact.kind === 'unique' && fact.form.size === 1)
    return `wire ${[...fact.form.keys()].join('')} is taken for an input`;
  if (fact.kind === 'point' && isSubgroupPoint(fact))
    return `wires ${[...fact.u.keys(), ...fact.v.keys()].join(' and ')} are a point of the subgroup of prime order, and not O`;
  return `a fact of another kind (${fact.kind})`;
}

/** Is the point its own base, and nothing else said of it? */
function isSubgroupPoint({ curve, u, v, base, multiples }: Fact & { readonly kind: 'point' }): boolean {
  const isBase = isSameForm(u, base[0]) && isSameForm(v, base[1]);
  const isPlain = [u, v].every((form) => form.size === 1 && [...form.values()].every((c) => c === 1n));
  const [{ low, high } = { low: 0n, high: 0n }, ...more] = multiples;
  return curve === 'edwards' && isBase && isPlain && low === 1n && high === 1n && more.length === 0;
}
