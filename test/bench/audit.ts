import { readFileSync } from 'node:fs';
import { examine } from '../../src/audit/examine.ts';
import { type CpuTiming, measureCpu } from '../../src/cli/bench/measure.ts';
import { compileCircuit, root } from '../../src/proofs/compile.ts';

/** Our circuits with what scripts/audit-circuits.ts assumes and asks of them. */
const CIRCUITS: Readonly<
  Record<string, { readonly assume?: readonly string[]; readonly target?: readonly string[] }>
> = {
  ballot: {},
  account: { target: ['account', 'commitment'] },
  orders: { assume: ['subgroup=Y8[*]', 'input=Encapsulation.t[*]'] },
  dealing: { assume: ['subgroup=PK8[*]'] },
};

/** The audit of each of our circuits as compiled for the keys, from its files to the certificate, beside how many constraints it has. */
export async function benchAudit(): Promise<(CpuTiming & { readonly constraints: number })[]> {
  const results = [];
  for (const [name, { assume = [], target = [] }] of Object.entries(CIRCUITS)) {
    const { r1cs, sym } = await compileCircuit(`${root}/circuits/${name}.circom`);
    const files = {
      r1cs: { name: r1cs, bytes: readFileSync(r1cs) },
      sym: { name: sym, text: readFileSync(sym, 'utf8') },
      witnesses: [],
    };
    let constraints = 0;
    const run = (): Promise<void> =>
      examine(
        { files, assume, target },
        {
          endingAt: () => undefined,
          onStage: () => {},
          onAnswer: ({ outputs, snapshot }) => {
            constraints = snapshot.constraints;
            if (outputs.some(({ verdict }) => verdict !== 'PROVED')) throw new Error(`${name} is not proved`);
          },
          onChecks: () => {},
        },
      );
    results.push({ ...(await measureCpu(`audit::${name}`, run, { runs: 3 })), constraints });
  }
  return results;
}
