import type { Fact, UniquenessCertificate } from '../certificate/certificate.ts';
import { check } from '../certificate/check.ts';
import type { ConstraintSystem, IsOver } from '../system/system.ts';
import { assemble } from './assemble.ts';
import { useComparisons } from './compare.ts';
import { useJoint } from './joint.ts';
import { PointSearch } from './points.ts';
import { LocalProver } from './prover.ts';
import { useResidues } from './residue.ts';
import { useSpan } from './span.ts';
import { splitRound } from './split.ts';

/** What a proof came to. */
export interface ProofResult {
  /** Targets with one value for each input; the certificate says why, and was accepted by `check`. */
  readonly proved: readonly number[];
  readonly open: readonly number[];
  readonly certificate: UniquenessCertificate | undefined;
  /** The facts, for whoever looks for a second witness. */
  readonly prover: LocalProver;
  /** Whether each constraint was looked at alone for as long as that told anything: ranges are then known. */
  readonly isLocal: boolean;
  /** Why `check` refused what was found: a defect of this program. */
  readonly refused: string | undefined;
}

/** Rounds of the phases, at most: each has said something new before the next begins. */
const MAX_ROUNDS = 60;

/**
 * Looks for a proof that each target has one value for each input. The phases: constraints alone, points of curves, spans, all together, lemmas, splits
 * into two cases, and splits inside of splits; after each success the first one again.
 * @param isOver  whether the time is over: then what is proved so far counts
 * @param onKnown is told now and then how many wires have one value for each input, of how many that constraints read
 */
export function prove(
  system: ConstraintSystem,
  assumptions: readonly { readonly as: string; readonly fact: Fact }[],
  isOver: IsOver,
  onKnown: (known: () => number, total: number) => void = () => {},
): ProofResult {
  const total = system.readers.reduce(
    (sum, of, wire) => (of.length > 0 && !system.isInput[wire]! ? sum + 1 : sum),
    0,
  );
  let isReady = false;
  const prover: LocalProver = new LocalProver(
    system,
    assumptions.map(({ fact }) => fact),
    () => {
      if (isReady && !prover.isInCase) onKnown(() => prover.store.knownWires(), total);
      return isOver();
    },
  );
  isReady = true;
  const points = new PointSearch(prover);
  const phases = [
    () => points.run(),
    () => useSpan(prover),
    () => useJoint(prover),
    () => useResidues(prover),
    () => useComparisons(prover),
    () => splitRound(prover, 1),
    () => splitRound(prover, 2),
  ];
  prover.drain();
  const isLocal = !isOver();
  for (let round = 0; round < MAX_ROUNDS && prover.openTargets().length > 0 && !isOver(); round++) {
    if (!phases.some((phase) => !isOver() && phase())) break;
    prover.drain();
  }
  const open = prover.openTargets();
  const isOpen = new Set(open);
  const proved = system.targets.filter((wire) => !isOpen.has(wire));
  if (proved.length === 0)
    return { proved, open, certificate: undefined, prover, isLocal, refused: undefined };
  const certificate = assemble(prover.store, assumptions, proved);
  const result = check(system, certificate);
  if (result.accepted) return { proved, open, certificate, prover, isLocal, refused: undefined };
  return {
    proved: [],
    open: system.targets,
    certificate: undefined,
    prover,
    isLocal,
    refused: result.reason,
  };
}
