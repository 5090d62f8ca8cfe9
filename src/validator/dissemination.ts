import type { RandomBytes } from '../base/random.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { Destination } from './out.ts';
import type { Dissemination } from './types.ts';

/** Where a ballot goes next and as what. */
export interface Route {
  readonly to: Destination;
  readonly kind: 'ballot' | 'stem' | 'fluff';
}

/** A validator on a stem fluffs with probability 1 in so many, so a path has four relays on average. */
const FLUFF_ONE_IN = 4;
/** Stems an author tries before it asks f + 1 validators to fluff. */
export const STEM_TRIES = 3;

/**
 * The author's way out for the try-th time (from 0). `direct` broadcasts: the network sees the author. `stem` (Dandelion++,
 * Fanti et al. 2018) sends it along a random path; after STEM_TRIES paths that led nowhere, f + 1 validators are asked to
 * fluff, of whom one is correct.
 */
export function authorRoutes(
  strategy: Dissemination,
  attempt: number,
  committee: { readonly n: number; readonly f: number; readonly self: ValidatorIndex },
  random: RandomBytes,
): Route[] {
  if (strategy === 'direct' || committee.n === 1) return [{ to: 'all', kind: 'ballot' }];
  const peers = shuffledPeers(committee.n, committee.self, random);
  if (attempt < STEM_TRIES) return [{ to: peers[0]!, kind: 'stem' }];
  return peers.slice(0, committee.f + 1).map((to) => ({ to, kind: 'fluff' as const }));
}

/** A relay's decision on a ballot that came on its stem: broadcast it, or pass it to a random other validator. */
export function relayRoute(n: number, self: ValidatorIndex, random: RandomBytes): Route {
  if (uniform(FLUFF_ONE_IN, random) === 0) return { to: 'all', kind: 'ballot' };
  return { to: shuffledPeers(n, self, random)[0]!, kind: 'stem' };
}

function shuffledPeers(n: number, self: ValidatorIndex, random: RandomBytes): ValidatorIndex[] {
  const peers = Array.from({ length: n }, (_, i) => validatorIndex(i)).filter((i) => i !== self);
  for (let i = peers.length - 1; i > 0; i--) {
    const j = uniform(i + 1, random);
    [peers[i], peers[j]] = [peers[j]!, peers[i]!];
  }
  return peers;
}

/** Uniform in 0 … below − 1 up to a bias of below/2^32. */
function uniform(below: number, random: RandomBytes): number {
  return new DataView(random(4).slice().buffer).getUint32(0) % below;
}
