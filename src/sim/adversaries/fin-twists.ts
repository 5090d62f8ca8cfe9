import { type AcsMessage, NO_FRAME } from '../../consensus/acs/frame.ts';
import type { FinMessage } from '../../consensus/fin/messages.ts';
import { ACS_TWISTS, type Twist } from './twists.ts';

/** A lie of the common subset, told about proposals and votes and about index sets. */
const lifted =
  (twist: Twist<AcsMessage>): Twist<FinMessage> =>
  ({ proposals, sets }, to, height, world) => {
    const lies = (frame: AcsMessage): readonly AcsMessage[] =>
      frame.rbc.length + frame.votes.length === 0 ? [] : twist(frame, to, height, world);
    return [
      ...lies(proposals).map((frame) => ({ proposals: frame, sets: NO_FRAME })),
      ...lies(sets).map((frame) => ({ proposals: NO_FRAME, sets: { ...frame, votes: [] } })),
    ];
  };

/** What a faulty validator may say in FIN: the lies of a common subset. */
export const FIN_TWISTS = Object.fromEntries(
  Object.entries(ACS_TWISTS).map(([name, twist]) => [name, lifted(twist)]),
) as Readonly<Record<keyof typeof ACS_TWISTS, Twist<FinMessage>>>;
