/** Quorum sizes of a committee of n ≥ 1 validators; n = 1, 2, 3 tolerate no fault. @see src/consensus/README.md */
export interface Quorum {
  readonly n: number;
  /** Byzantine validators tolerated: ⌊(n − 1)/3⌋. */
  readonly f: number;
  /** Validators one may wait for: n − f. */
  readonly q: number;
  /** Key shares that open the coin or a sealed batch: 2f + 1 (degree 2f). */
  readonly sharesRequired: number;
}

export function quorumOf(n: number): Quorum {
  const f = Math.floor((n - 1) / 3);
  return { n, f, q: n - f, sharesRequired: 2 * f + 1 };
}
