declare module 'circomlibjs' {
  interface Field {
    e(value: bigint): Uint8Array;
    toObject(element: Uint8Array): bigint;
  }
  export function buildPoseidonReference(): Promise<{
    (inputs: readonly bigint[], initialState: bigint, outputs: 1): Uint8Array;
    (inputs: readonly bigint[], initialState: bigint, outputs: number): Uint8Array[];
    readonly F: Field;
  }>;
  export function buildPoseidon(): Promise<(inputs: readonly bigint[]) => Uint8Array>;
  export function buildBabyjub(): Promise<{
    readonly F: Field;
    readonly Base8: Uint8Array[];
    addPoint(a: readonly Uint8Array[], b: readonly Uint8Array[]): Uint8Array[];
    mulPointEscalar(P: readonly Uint8Array[], k: bigint): Uint8Array[];
    inSubgroup(P: readonly Uint8Array[]): boolean;
    inCurve(P: readonly Uint8Array[]): boolean;
  }>;
}
