import type { FileField, R1cs } from '../groth16/r1cs.ts';
import type { Assumption } from './assumptions.ts';
import type { UniquenessCertificate } from './certificate/certificate.ts';
import { type ForgeMethod, type ForgeOptions, type FoundForgery, forge } from './forge/forge.ts';
import { polesOf } from './forge/poles.ts';
import { wtnsFile } from './forge/wtns-file.ts';
import { rulesOf } from './prove/assemble.ts';
import { type ProofResult, prove } from './prove/prove.ts';
import { normalForm } from './system/normal-form.ts';
import { rawSystem } from './system/raw-system.ts';
import { type UnrangedComparison, unrangedComparisons } from './unranged.ts';

/** What is asked of a compiled circuit. */
export interface UniquenessRequest {
  readonly r1cs: R1cs & { readonly field: FileField };
  readonly assumptions: readonly Assumption[];
  /** Public inputs that are asked like outputs. */
  readonly targets: readonly number[];
  /** Witnesses that are known. */
  readonly witnesses: readonly (readonly bigint[])[];
  /** Witness of inputs, by the circuit's own program; undefined where it refuses them. */
  readonly calculate?: ForgeOptions['calculate'];
}

/** Why an output is open: a constraint of the file, and of a product the factor that may be 0. */
export interface OpenReason {
  readonly constraint: number | undefined;
  /** Wires of the factor, as the file numbers them. */
  readonly factor: readonly number[];
  /** Why the search ended before it was through. */
  readonly ended: Ending | undefined;
}

/** The verdict on one wire. */
export type WireVerdict =
  | { readonly wire: number; readonly verdict: 'PROVED'; readonly by: readonly string[] }
  /** `pair` is an index of the forgeries. */
  | { readonly wire: number; readonly verdict: 'FORGED'; readonly by: ForgeMethod; readonly pair: number }
  | { readonly wire: number; readonly verdict: 'UNKNOWN'; readonly by: OpenReason };

/** What the engine says of a circuit. */
export interface UniquenessResult {
  readonly verdicts: readonly WireVerdict[];
  readonly certificate: UniquenessCertificate | undefined;
  /** Pairs of `.wtns` files. */
  readonly forgeries: readonly {
    readonly first: Uint8Array;
    readonly second: Uint8Array;
    readonly values: FoundForgery;
  }[];
  readonly comparisons: readonly UnrangedComparison[];
  /** Private inputs of the source that are no wires: nothing can be forged then. */
  readonly absentInputs: number;
  /** Whether no witness exists at all: everything is then proved, and nothing is said. */
  readonly isUnsatisfiable: boolean;
  /** A defect of this program: what `check` refused. */
  readonly refused: string | undefined;
}

/** Time for each further pair, when one was found. */
const FURTHER_MS = 3_000;

export type UniquenessStage = 'proving' | 'forging';

/** Why a search ends before it is through. */
export type Ending = 'out of time' | 'interrupted';

/**
 * Proves or forges each output.
 * @param endingAt why to stop, undefined to go on: what was found until then is the result
 * @param onStage  is told what is going on and how many outputs are decided
 * @throws {AuditError} AUDIT_FIELD
 */
export function auditUniqueness(
  request: UniquenessRequest,
  endingAt: (stage: UniquenessStage) => Ending | undefined,
  onStage: (stage: UniquenessStage, decided: number, total: number) => void,
): UniquenessResult {
  const { r1cs } = request;
  const isOver = (stage: UniquenessStage): boolean => endingAt(stage) !== undefined;
  const { modulus, bytes } = r1cs.field;
  const raw = rawSystem(r1cs, modulus, request.targets);
  const total = raw.targets.length;
  onStage('proving', 0, total);
  const system = normalForm(raw);
  const proof = prove(system, request.assumptions, () => isOver('proving'));
  const absentInputs = r1cs.declaredPrivateInputs - r1cs.privateInputCount;
  const forgeries: FoundForgery[] = [];
  let open = proof.open;
  const isForged = new Map<number, number>();
  while (absentInputs === 0 && open.length > 0 && !isOver('forging')) {
    onStage('forging', total - open.length, total);
    const end = forgeries.length === 0 ? Number.POSITIVE_INFINITY : Date.now() + FURTHER_MS;
    const found = forge(raw, proof.prover, open, {
      witnesses: request.witnesses,
      ...(request.calculate !== undefined && { calculate: request.calculate }),
      assumptions: request.assumptions.map(({ fact }) => fact),
      isOver: () => isOver('forging') || Date.now() > end,
    });
    if (found === undefined) break;
    for (const wire of open)
      if (found.first[wire] !== found.second[wire]) isForged.set(wire, forgeries.length);
    forgeries.push(found);
    open = open.filter((wire) => !isForged.has(wire));
  }
  onStage('forging', total - open.length, total);
  const rules = proof.certificate === undefined ? [] : [...rulesOf(proof.certificate.steps).keys()];
  return {
    verdicts: raw.targets.map((wire): WireVerdict => {
      const pair = isForged.get(wire);
      if (pair !== undefined) return { wire, verdict: 'FORGED', by: forgeries[pair]!.by, pair };
      if (proof.proved.includes(wire)) return { wire, verdict: 'PROVED', by: rules };
      return {
        wire,
        verdict: 'UNKNOWN',
        by: { ...reasonFor(r1cs, proof, wire), ended: endingAt('forging') },
      };
    }),
    certificate: proof.certificate,
    forgeries: forgeries.map((values) => ({
      first: wtnsFile(modulus, bytes, values.first),
      second: wtnsFile(modulus, bytes, values.second),
      values,
    })),
    comparisons: unrangedComparisons(proof.prover.store),
    absentInputs,
    isUnsatisfiable: proof.prover.store.absurd !== undefined,
    refused: proof.refused,
  };
}

/** The constraint at which the proof of a wire stops: one whose factor may be 0 if there is one, else one that reads it. */
function reasonFor(r1cs: R1cs, { prover }: ProofResult, wire: number): Omit<OpenReason, 'ended'> {
  const { system, store } = prover;
  const own = system.resolve(wire).wire;
  const seen = new Set([own]);
  const waiting = [own];
  const poles = polesOf(store);
  let first: number | undefined;
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    const pole = poles.find(({ freed }) => freed.includes(at!));
    if (pole !== undefined)
      return {
        constraint: system.constraints[pole.constraint]!.origin,
        factor: [...pole.factor.keys()].filter((one) => one > 0 && one < r1cs.wireCount),
      };
    for (const index of system.readers[at]!) {
      const { a, b, c, origin } = system.constraints[index]!;
      first ??= origin;
      for (const form of [a, b, c])
        for (const next of form.keys())
          if (next !== 0 && !store.isUniqueWire(next) && !seen.has(next) && seen.size < 5000) {
            seen.add(next);
            waiting.push(next);
          }
    }
  }
  return { constraint: first, factor: [] };
}
