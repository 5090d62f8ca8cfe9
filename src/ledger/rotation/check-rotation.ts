import { concatBytes, toHex } from '../../base/bytes.ts';
import { encodePoint, type Point } from '../../crypto/babyjub.ts';
import type { Height } from '../../params/ids.ts';
import type { RefusalCode } from '../refusals.ts';
import type { DealingStatement } from './dealing-item.ts';
import type { EvidenceItem } from './evidence-item.ts';
import type { RegistrationStatement } from './registration.ts';
import type { Rotation } from './rotation.ts';

/**
 * Whether a registration, a dealing or evidence could be ordered at a height, by what the state says of it.
 * @returns the code of the first rule broken, undefined if none is
 */
export function checkRotation(
  rotation: Rotation,
  item: RegistrationStatement | DealingStatement | EvidenceItem,
  at: Height,
): RefusalCode | undefined {
  if (item.kind === 'registration') return checkRegistrable(rotation, item, at);
  return item.kind === 'dealing' ? checkDealt(rotation, item) : checkGuilty(rotation, item, at);
}

function checkRegistrable(
  { epoch, registerUntil, registrations, excluded, drafted }: Rotation,
  { epoch: registered, registryIndex }: RegistrationStatement,
  at: Height,
): RefusalCode | undefined {
  if (registered !== epoch.epoch + 1) return 'ITEM_REGISTRATION_EPOCH';
  if (drafted !== undefined || at > registerUntil) return 'ITEM_REGISTRATION_CLOSED';
  if (excluded.includes(registryIndex)) return 'ITEM_EXCLUDED';
  return registrations.some((each) => each.registryIndex === registryIndex) ? 'ITEM_REGISTERED' : undefined;
}

/**
 * Of the session in progress, and against somebody against whom there is none yet. Not in an epoch's last height: its header, which shows
 * the next committee by the state before it, would not show whose vote is taken.
 */
function checkGuilty(
  { epoch, drafted, next, excluded }: Rotation,
  { session, dealer }: EvidenceItem,
  at: Height,
): RefusalCode | undefined {
  const author = epoch.validators[dealer];
  if (drafted?.session !== session || author === undefined) return 'ITEM_DEALING_SESSION';
  if (next !== undefined && at + 1 >= next.firstHeight) return 'ITEM_DEALING_CLOSED';
  return excluded.includes(author.registryIndex) ? 'ITEM_EXCLUDED' : undefined;
}

function checkDealt(
  rotation: Rotation,
  { session, dealer, dealing }: DealingStatement,
): RefusalCode | undefined {
  const { epoch, drafted, next, excluded, dealings } = rotation;
  const author = epoch.validators[dealer];
  if (drafted?.session !== session || author === undefined) return 'ITEM_DEALING_SESSION';
  if (next !== undefined) return 'ITEM_DEALING_CLOSED';
  if (dealing.shares.length !== drafted.draft.seats.length) return 'ITEM_DEALING_RECIPIENTS';
  if (excluded.includes(author.registryIndex)) return 'ITEM_EXCLUDED';
  if (dealings.some((each) => each.dealer === dealer)) return 'ITEM_DEALT';
  const seen = new Set(dealings.flatMap((each) => dealingMarks(each.dealing)));
  const own = dealingMarks(dealing);
  const isRepeated = new Set(own).size < own.length || own.some((mark) => seen.has(mark));
  return isRepeated ? 'ITEM_DEALING_REPEATED' : undefined;
}

/** What no two dealings have in common: R', and the commitments for a key, whichever. Of one that repeats itself two are equal. */
export function dealingMarks({ ephemeral, shares }: DealingStatement['dealing']): readonly string[] {
  const mark = (...points: readonly Point[]): string =>
    `dealt ${toHex(concatBytes(...points.map(encodePoint)))}`;
  return [
    mark(ephemeral),
    mark(...shares.map(({ commitments }) => commitments.decryption)),
    mark(...shares.map(({ commitments }) => commitments.coin)),
  ];
}
