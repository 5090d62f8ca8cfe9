import type { SmallCircuit } from './small-circuits.ts';

/** The parts of the audit that a campaign asks, loaded together, so that a mutant of one is used by all. */
export async function loadEngine() {
  const [file, { check }, { forgeries }, { isForgery }, { prove }, { rulesOf }, { normalForm }] =
    await Promise.all([
      import('../../src/audit/certificate/certificate-file.ts'),
      import('../../src/audit/certificate/check.ts'),
      import('../../src/audit/forge/forge.ts'),
      import('../../src/audit/forge/evaluate.ts'),
      import('../../src/audit/prove/prove.ts'),
      import('../../src/audit/prove/assemble.ts'),
      import('../../src/audit/system/normal-form.ts'),
    ]);
  return { ...file, check, forgeries, isForgery, prove, rulesOf, normalForm };
}
export type Engine = Awaited<ReturnType<typeof loadEngine>>;

/** What the audit says of a circuit, beside what is so. */
export interface Judgement {
  readonly isSafe: boolean;
  readonly isUnsafe: boolean;
  readonly isProved: boolean;
  readonly isForged: boolean;
  /** What the audit says that is not so, or takes back itself. */
  readonly wrong: readonly string[];
  readonly rules: readonly string[];
}

const r1csSha256 = 'a'.repeat(64);
/** How often a search for a forgery asks whether it is over, at most: counted, so that it ends at the same place on every machine. */
const MAX_ASKED = 20_000;

export function judge(engine: Engine, { raw, truth }: SmallCircuit): Judgement {
  const { check, forgeries, isForgery, parseCertificate, prove, rulesOf, normalForm, uniquenessText } =
    engine;
  const system = normalForm(raw);
  const { proved, open, certificate, prover, refused } = prove(system, [], () => false);
  const wrong = proved.filter((wire) => truth.unsafe.has(wire)).map((wire) => `output ${wire} is not unique`);
  if (refused !== undefined) wrong.push(`check refuses what prove says: ${refused}`);
  if (prover.store.absurd !== undefined && truth.witnesses.length > 0) wrong.push('there are witnesses');
  if (certificate !== undefined) {
    const text = uniquenessText({ r1csSha256, targets: [], certificate });
    const read = parseCertificate(text);
    if (uniquenessText(read) !== text) wrong.push('the file is another certificate');
    const again = check(normalForm(raw), read.certificate);
    if (!again.accepted) wrong.push(`check refuses the file: ${again.reason}`);
  }
  let asked = 0;
  const options = { witnesses: [], assumptions: [], isOver: () => ++asked > MAX_ASKED };
  const forgery = open.length === 0 ? undefined : forgeries(raw, prover, open, options).next().value;
  if (forgery !== undefined) {
    if (!truth.unsafe.has(forgery.target)) wrong.push(`output ${forgery.target} is unique`);
    if (!isForgery(raw, forgery, [])) wrong.push('a forgery is none');
  }
  return {
    isSafe: truth.witnesses.length > 0 && truth.unsafe.size === 0,
    isUnsafe: truth.unsafe.size > 0,
    isProved: open.length === 0,
    isForged: forgery !== undefined,
    wrong,
    rules: certificate === undefined ? [] : [...rulesOf(certificate.steps).keys()],
  };
}

/** Counts of a campaign. */
export class Tally {
  circuits = 0;
  safe = 0;
  proved = 0;
  unsafe = 0;
  forged = 0;
  readonly wrong: string[] = [];
  /** Certificates in which a rule is used. */
  readonly rules = new Map<string, number>();

  add(name: string, { isSafe, isUnsafe, isProved, isForged, wrong, rules }: Judgement): void {
    this.circuits++;
    if (isSafe) this.safe++;
    if (isSafe && isProved) this.proved++;
    if (isUnsafe) this.unsafe++;
    if (isUnsafe && isForged) this.forged++;
    this.wrong.push(...wrong.map((what) => `${name}: ${what}`));
    for (const rule of rules) this.rules.set(rule, (this.rules.get(rule) ?? 0) + 1);
  }
  toString(): string {
    const share = (n: number, of: number): string => `${n} of ${of} (${((100 * n) / of).toFixed(2)} %)`;
    const rules = [...this.rules].sort(([, x], [, y]) => y - x).map(([rule, n]) => `${rule} ${n}`);
    return `${this.circuits} circuits, ${this.wrong.length} wrong verdicts; safe: ${share(this.proved, this.safe)} proved; \
unsafe: ${share(this.forged, this.unsafe)} forged; certificates with ${rules.join(', ')}`;
  }
}
