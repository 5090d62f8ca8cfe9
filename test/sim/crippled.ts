import type { Bit } from '../../src/consensus/aba/votes.ts';
import type { CommonSubset } from '../../src/consensus/acs/common-subset.ts';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import {
  acsProtocol,
  type Protocol,
  type SubsetEffect,
  type SubsetStep,
} from '../../src/consensus/protocol.ts';
import type { ValidatorIndex } from '../../src/params/ids.ts';

type Subset = CommonSubset<AcsMessage, SubsetEffect>;
export interface Seat {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly height: number;
}
/** Changes what a machine answers. */
export type Spoil = (step: SubsetStep<AcsMessage>, seat: Seat) => SubsetStep<AcsMessage>;

const sound = acsProtocol('first-hand', 'digest');

/** The protocol with machines of which every step is spoilt: what the checks must notice. */
export const spoilt = (spoil: Spoil): Protocol<AcsMessage> => ({
  ...sound,
  name: 'spoilt',
  create: (seat) => {
    const machine = sound.create(seat);
    return {
      propose: (payload: Uint8Array) => spoil(machine.propose(payload), seat),
      handle: (from: ValidatorIndex, message: AcsMessage) => spoil(machine.handle(from, message), seat),
      validated: (proposer: ValidatorIndex, ok: boolean) => spoil(machine.validated(proposer, ok), seat),
      coin: (instance: ValidatorIndex, round: number, bit: Bit) =>
        spoil(machine.coin(instance, round, bit), seat),
      status: () => machine.status(),
    };
  },
});

/** The protocol with other machines altogether. */
export const withMachines = (name: string, create: (seat: Seat) => Subset): Protocol<AcsMessage> => ({
  ...sound,
  name,
  create,
});
