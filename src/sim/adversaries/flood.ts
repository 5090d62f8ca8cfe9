import type { AcsMessage } from '../../consensus/acs/frame.ts';
import { validatorIndex } from '../../params/ids.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import type { Packet } from '../packet.ts';
import type { Adversary, World } from '../world.ts';
import { ACS_TWISTS } from './twists.ts';

/** Frames of junk that a flooding validator sends in all, and at once with each one it hears. */
const JUNK_FRAMES = 3000;
const BURST = 6;

/** Follows the protocol and floods every peer: heights far ahead with the largest payloads, rounds ahead, junk, repetitions. */
export const flood = (junkFrames = JUNK_FRAMES): Adversary<AcsMessage> => ({
  name: 'flood',
  floods: true,
  open: (world, self) => {
    let left = junkFrames;
    const host = world.openHost(self, {
      send: (to, packet, depth) => world.send(self, to, packet, depth),
      output() {},
      fault() {},
      coin() {},
      timer() {},
    });
    return {
      receive(from, packet, depth) {
        host.receive(from, packet, depth);
        for (let i = 0; i < BURST && left > 0; i++, left--)
          world.send(self, 'all', junk(world, self, packet.height), depth);
      },
      flush: () => host.flush(),
    };
  },
});

function junk(world: World<AcsMessage>, self: number, height: number): Packet<AcsMessage> {
  const { prng } = world;
  switch (prng.below(4)) {
    case 0:
      return world.frame(height + 1 + prng.below(200), {
        rbc: [{ kind: 'propose', proposer: validatorIndex(self), bytes: new Uint8Array(MAX_PAYLOAD_BYTES) }],
        votes: [],
      });
    case 1:
      return { type: 'done', height: height + prng.below(100), digest: prng.bytes(32) };
    case 2:
      return {
        type: 'share',
        height,
        instance: prng.below(world.n),
        round: prng.below(40),
        good: prng.bit() === 1,
      };
    default: {
      const empty = { rbc: [], votes: [] };
      const [, noise] = ACS_TWISTS.noise(empty, validatorIndex(0), height, world);
      return world.frame(height + (prng.bit() ? 0 : prng.below(80)), noise!);
    }
  }
}
