import type { LocalProver } from './prover.ts';

export function useComparisons(_prover: LocalProver): boolean {
  return false;
}
