/** What is imported from ffjavascript itself; the types of what it gives are in curve-types.ts. */
declare module 'ffjavascript' {
  /** `singleThread` builds a curve of the caller's own; otherwise one with worker threads is shared process-wide. */
  export function buildBn128(singleThread?: boolean): Promise<import('./curve-types.ts').Curve>;
}
