import type { Height, ItemId, ValidatorIndex } from '../params/ids.ts';

/** Which copy is being verified: a statement with one proof. */
export type VerifyRef =
  | { readonly type: 'item'; readonly copy: string }
  | { readonly type: 'ballot'; readonly height: Height; readonly copy: string };

/** Which ballot a `prove` effect is about: one's own of a height, over these items (ascending). */
export interface ProveRef {
  readonly type: 'own';
  readonly height: Height;
  readonly items: readonly ItemId[];
}

/** Which block a `serveBlock` effect is about, and for whom. */
export interface BlockRef {
  readonly type: 'block';
  readonly to: ValidatorIndex;
  readonly height: Height;
}

/** For which session a `deal` effect wants a dealing. */
export interface DealRef {
  readonly type: 'deal';
  /** `DealingSession.id`. */
  readonly session: bigint;
}

/** Whose dealings of a session a `verifyDealings` effect is about; ascending. */
export interface DealingsRef {
  readonly type: 'dealings';
  readonly session: bigint;
  readonly dealers: readonly ValidatorIndex[];
}

/** What an effect is about; its answer names it. Plain data. */
export type EffectRef = VerifyRef | ProveRef | BlockRef | DealRef | DealingsRef;

/** A name for maps: equal refs have equal names, different ones different names. */
export function refKey(ref: EffectRef): string {
  switch (ref.type) {
    case 'item':
      return `item/${ref.copy}`;
    case 'ballot':
      return `ballot/${ref.height}/${ref.copy}`;
    case 'own':
      return `own/${ref.height}/${ref.items}`;
    case 'block':
      return `block/${ref.to}/${ref.height}`;
    case 'deal':
      return `deal/${ref.session}`;
    case 'dealings':
      return `dealings/${ref.session}/${ref.dealers}`;
  }
}
