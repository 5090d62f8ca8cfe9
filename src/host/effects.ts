import type { EffectRef } from '../validator/refs.ts';
import type { Effect, Input, ProofQuestion } from '../validator/types.ts';

type Verify = Extract<Effect, { type: 'verify' }>;

/** One thing that is asked, with one answer: a list of verifications has one for each. */
export type SingleEffect =
  | Exclude<Effect, Verify>
  | { readonly type: 'verify'; readonly request: ProofQuestion };

/** An effect as things with one answer each. */
export const singleEffects = (effect: Effect): SingleEffect[] =>
  effect.type === 'verify' ? effect.requests.map((request) => ({ type: 'verify', request })) : [effect];

/** The effects again: verifications as one list before everything else. */
export function joinedEffects(effects: readonly SingleEffect[]): Effect[] {
  const requests = effects.flatMap((effect) => (effect.type === 'verify' ? [effect.request] : []));
  const others = effects.flatMap((effect) => (effect.type === 'verify' ? [] : [effect]));
  return requests.length === 0 ? others : [{ type: 'verify', requests }, ...others];
}

/** What an effect is about. */
export const refOf = (effect: SingleEffect): EffectRef =>
  effect.type === 'verify' ? effect.request.ref : effect.ref;

/** What an input answers. */
export function answeredBy(input: Input): readonly EffectRef[] {
  if (input.type === 'verified') return input.verdicts.map(({ ref }) => ref);
  return 'ref' in input ? [input.ref] : [];
}
