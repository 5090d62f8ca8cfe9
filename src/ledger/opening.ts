import { concatBytes, fromHex } from '../base/bytes.ts';
import { decodePoint, type Point } from '../crypto/babyjub.ts';
import { type BatchKernels, NOBLE } from '../crypto/batch-kernels.ts';
import { verifyDleq } from '../crypto/dleq.ts';
import { combineDecryptions, type ThresholdKey } from '../crypto/threshold-key.ts';
import type { ItemId, ValidatorIndex } from '../params/ids.ts';

/** One validator's decryption shares of a height's batches, with the proof that they are right. */
export interface OpeningShares {
  readonly validator: ValidatorIndex;
  /** D = [s]U of each batch, 64 bytes x ‖ y, in re-check order. */
  readonly shares: readonly Uint8Array[];
  /** 64 bytes. */
  readonly dleq: Uint8Array;
}

/** In place of the K of a batch that the right K does not open: no point of the curve. */
export const NO_KEY: Uint8Array = new Uint8Array(64);

export const isNoKey = (key: Uint8Array): boolean => key.every((byte) => byte === 0);

/** What the proof of a height's decryption shares binds. @param ids of its batches, in re-check order */
export const openingContext = (headerHash: Uint8Array, ids: readonly ItemId[]): Uint8Array =>
  concatBytes(headerHash, ...ids.map((id) => fromHex(id)!));

/** What shares are about. */
export interface OpeningTask {
  readonly headerHash: Uint8Array;
  /** In re-check order. */
  readonly batches: readonly { readonly id: ItemId; readonly U: Point }[];
}

/**
 * K of each batch from shares that nobody vouches for: any sharesRequired right ones give the same.
 * @param opening hostile: of ascending validators
 * @returns undefined unless they are exactly sharesRequired and each proof holds. Never throws.
 */
export function provenKeys(
  key: ThresholdKey,
  { headerHash, batches }: OpeningTask,
  opening: readonly OpeningShares[],
  kernels: BatchKernels = NOBLE,
): Point[] | undefined {
  const { sharesRequired, shareKeys, n } = key;
  if (batches.length === 0 || opening.length !== sharesRequired) return undefined;
  const context = openingContext(
    headerHash,
    batches.map(({ id }) => id),
  );
  const points = new Map<ValidatorIndex, readonly Point[]>();
  let last = -1;
  for (const { validator, shares, dleq } of opening) {
    const A = shareKeys[validator];
    if (A === undefined || validator <= last || shares.length !== batches.length) return undefined;
    const D = shares.map(decodePoint);
    if (!areAll(D)) return undefined;
    const pairs = batches.map(({ U }, i) => ({ H: U, D: D[i]! }));
    if (!verifyDleq({ A, pairs }, context, dleq, kernels)) return undefined;
    points.set(validator, D);
    last = validator;
  }
  return combineDecryptions(points, n, kernels);
}

const areAll = (points: readonly (Point | undefined)[]): points is readonly Point[] =>
  !points.includes(undefined);
