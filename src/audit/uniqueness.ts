import type { FileField, R1cs } from '../groth16/r1cs.ts';
import type { Assumption } from './assumptions.ts';
import type { UniquenessCertificate } from './certificate/certificate.ts';
import { type ForgeMethod, type ForgeOptions, type FoundForgery, forgeries } from './forge/forge.ts';
import { type Pole, polesOf } from './forge/poles.ts';
import { wtnsFile } from './forge/wtns-file.ts';
import { rulesOf } from './prove/assemble.ts';
import { type ProofResult, prove } from './prove/prove.ts';
import { normalFormWithin } from './system/normal-form.ts';
import { rawSystem } from './system/raw-system.ts';
import { type SignalNames, type UnrangedComparison, unrangedComparisons } from './unranged.ts';

/** What is asked of a compiled circuit. */
export interface UniquenessRequest {
  readonly r1cs: R1cs & { readonly field: FileField };
  readonly assumptions: readonly Assumption[];
  /** Public inputs that are asked like outputs. */
  readonly targets: readonly number[];
  /** Witnesses that are known. */
  readonly witnesses: readonly (readonly bigint[])[];
  /** Without names, comparisons whose answer is demanded to be no are not told from range checks. */
  readonly names?: SignalNames;
  /** Witness of inputs, by the circuit's own program; undefined where it refuses them. */
  readonly calculate?: ForgeOptions['calculate'];
}

/** Why an output is open: a constraint of the file, and of a product the factor that may be 0. */
export interface OpenReason {
  readonly constraint: number | 'no constraint reads it' | 'no constraint was looked at';
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
  /** Undefined if the time was over before ranges were known. */
  readonly comparisons: readonly UnrangedComparison[] | undefined;
  /** Private inputs of the source that are no wires: nothing can be forged then. */
  readonly absentInputs: number;
  /** Whether no witness exists at all: everything is then proved, and nothing is said. */
  readonly isUnsatisfiable: boolean;
  /** A defect of this program: what `check` refused. */
  readonly refused: string | undefined;
}

/** Processor time for each further pair, after the last that was found: on a busy machine the clock would end the search sooner. */
const FURTHER_MICROSECONDS = 15e6;

export type UniquenessStage = 'proving' | 'forging';

/** Why a search ends before it is through. */
export type Ending = 'out of time' | 'interrupted';

/**
 * Proves or forges each output.
 * @param endingAt why to stop, undefined to go on: what was found until then is the result
 * @param onStage  is told what is going on: of a proof, how many wires have one value; then, how many outputs are decided
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
  onStage('proving', 0, 1);
  const absentInputs = r1cs.declaredPrivateInputs - r1cs.privateInputCount;
  const system = normalFormWithin(raw, () => isOver('proving'));
  if (system === undefined) return undecided(raw.targets, absentInputs, endingAt('proving'));
  const proof = prove(system, request.assumptions, () => isOver('proving'), onKnown(onStage));
  const pairs: FoundForgery[] = [];
  let { open } = proof;
  const isForged = new Map<number, number>();
  let last: NodeJS.CpuUsage | undefined;
  if (absentInputs === 0 && open.length > 0 && !isOver('forging')) {
    onStage('forging', total - open.length, total);
    const found = forgeries(raw, proof.prover, open, {
      witnesses: request.witnesses,
      ...(request.calculate !== undefined && { calculate: request.calculate }),
      assumptions: request.assumptions.map(({ fact }) => fact),
      isOver: () => isOver('forging') || (last !== undefined && usedSince(last) > FURTHER_MICROSECONDS),
    });
    for (const pair of found) {
      for (const wire of open) if (pair.first[wire] !== pair.second[wire]) isForged.set(wire, pairs.length);
      pairs.push(pair);
      open = open.filter((wire) => !isForged.has(wire));
      onStage('forging', total - open.length, total);
      last = process.cpuUsage();
    }
  }
  onStage('forging', total - open.length, total);
  const rules = proof.certificate === undefined ? [] : [...rulesOf(proof.certificate.steps).keys()];
  const proved = new Set(proof.proved);
  const reasons = new OpenReasons(r1cs, proof);
  return {
    verdicts: raw.targets.map((wire): WireVerdict => {
      const pair = isForged.get(wire);
      if (pair !== undefined) return { wire, verdict: 'FORGED', by: pairs[pair]!.by, pair };
      if (proved.has(wire)) return { wire, verdict: 'PROVED', by: rules };
      return {
        wire,
        verdict: 'UNKNOWN',
        by: { ...reasons.of(wire), ended: endingAt('forging') },
      };
    }),
    certificate: proof.certificate,
    forgeries: pairs.map((values) => ({
      first: wtnsFile(modulus, bytes, values.first),
      second: wtnsFile(modulus, bytes, values.second),
      values,
    })),
    comparisons: proof.isLocal ? unrangedComparisons(proof.prover.store, request.names) : undefined,
    absentInputs,
    isUnsatisfiable: proof.prover.store.absurd !== undefined,
    refused: proof.refused,
  };
}

/** Processor time of this process since then, all its threads together: a witness program runs in another one. */
function usedSince(then: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(then);
  return user + system;
}

/** What is said if the time was over before the constraints were ready to be looked at. */
const undecided = (
  targets: readonly number[],
  absentInputs: number,
  ended: Ending | undefined,
): UniquenessResult => ({
  verdicts: targets.map((wire) => ({
    wire,
    verdict: 'UNKNOWN',
    by: { constraint: 'no constraint was looked at', factor: [], ended },
  })),
  certificate: undefined,
  forgeries: [],
  comparisons: undefined,
  absentInputs,
  isUnsatisfiable: false,
  refused: undefined,
});

/** Milliseconds between two words about the progress of a proof. */
const TOLD_MS = 200;

function onKnown(onStage: (stage: UniquenessStage, done: number, total: number) => void) {
  let last = 0;
  return (known: () => number, total: number): void => {
    const now = Date.now();
    if (now - last < TOLD_MS) return;
    last = now;
    onStage('proving', known(), total);
  };
}

/** Wires looked at on the way from an open output to what stops its proof, and for all outputs together. */
const MAX_TRACED = 5_000;
const MAX_TRACED_ALL = 200_000;

/** Finds the constraint at which the proof of a wire stops: one whose factor may be 0 if there is one, else one that reads it. */
class OpenReasons {
  private readonly r1cs: R1cs;
  private readonly proof: ProofResult;
  /** By wire, the first pole that frees it. */
  private poles: ReadonlyMap<number, Pole> | undefined;
  private left = MAX_TRACED_ALL;

  constructor(r1cs: R1cs, proof: ProofResult) {
    this.r1cs = r1cs;
    this.proof = proof;
  }
  of(wire: number): Omit<OpenReason, 'ended'> {
    const { system, store } = this.proof.prover;
    const own = system.resolve(wire).wire;
    const seen = new Set([own]);
    const poles = this.polesByWire();
    let first: number | undefined;
    // A set is gone through in the order in which it grows.
    for (const at of seen) {
      const pole = poles.get(at);
      if (pole !== undefined)
        return {
          constraint: system.constraints[pole.constraint]!.origin,
          factor: [...pole.factor.keys()].filter((one) => one > 0 && one < this.r1cs.wireCount),
        };
      if (this.left-- <= 0 && first !== undefined) break;
      for (const index of system.readers[at]!) {
        const { a, b, c, origin } = system.constraints[index]!;
        first ??= origin;
        for (const form of [a, b, c])
          for (const next of form.keys())
            if (next !== 0 && seen.size < MAX_TRACED && !store.isUniqueWire(next)) seen.add(next);
      }
    }
    return { constraint: first ?? 'no constraint reads it', factor: [] };
  }
  private polesByWire(): ReadonlyMap<number, Pole> {
    if (this.poles !== undefined) return this.poles;
    const found = new Map<number, Pole>();
    for (const pole of polesOf(this.proof.prover.store))
      for (const wire of pole.freed) if (!found.has(wire)) found.set(wire, pole);
    this.poles = found;
    return found;
  }
}
