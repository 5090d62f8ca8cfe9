import type { ValidatorIndex } from '../../params/ids.ts';
import { validatorIndex } from '../../params/ids.ts';
import type { Packet } from '../packet.ts';
import type { Port, SubsetHost } from '../subset-host.ts';
import { type Actor, type Adversary, INVALID_MARK, type World } from '../world.ts';
import type { Twist } from './twists.ts';

const SILENT: Omit<Port<never>, 'send'> = { output() {}, fault() {}, coin() {}, timer() {} };

/** A port that only sends. */
const portTo = <M>(send: Port<M>['send']): Port<M> => ({ ...SILENT, send });

/** Proposes as long as correct validators do: after that a protocol with a clock would wait for a leader for ever. */
const whileOthers =
  (world: Pick<World<never>, 'heights'>, proposalOf: (height: number) => Uint8Array) =>
  (height: number): Uint8Array | undefined =>
    height <= world.heights ? proposalOf(height) : undefined;

/** Dead from the start. */
export const crash = <M>(): Adversary<M> => ({ name: 'crash', open: () => undefined });

/** Follows the protocol until it has heard so many packets, and is dead from then on. */
export const crashLater = <M>(packets: number): Adversary<M> => ({
  name: 'crash-later',
  open: (world, self) => {
    const host = world.openHost(
      self,
      portTo((to, packet, depth) => world.send(self, to, packet, depth)),
    );
    let left = packets;
    return {
      receive(from, packet, depth) {
        if (left-- > 0) host.receive(from, packet, depth);
      },
      flush() {
        if (left >= 0) host.flush();
      },
    };
  },
});

/** Follows the protocol, and says nothing. */
export const mute = <M>(): Adversary<M> => ({
  name: 'mute',
  open: (world, self) =>
    world.openHost(
      self,
      portTo((to, packet, depth) => {
        if (to === self) world.send(self, self, packet, depth);
      }),
    ),
});

/** Follows the protocol, but what it says goes through a twist. */
export const twisted = <M>(name: string, twist: Twist<M>): Adversary<M> => ({
  name,
  open: (world, self) =>
    world.openHost(
      self,
      portTo((to, packet, depth) => {
        for (let peer = 0; peer < world.n; peer++) {
          if (to !== 'all' && to !== peer) continue;
          const each = validatorIndex(peer);
          if (packet.type !== 'frame' || peer === self) world.send(self, each, packet, depth);
          else {
            for (const message of twist(packet.message, each, packet.height, world)) {
              world.send(self, each, world.frame(packet.height, message), depth);
            }
          }
        }
      }),
    ),
});

/** Follows the protocol with coin shares that do not verify. */
export const badShares = <M>(): Adversary<M> => ({
  name: 'bad-shares',
  open: (world, self) =>
    world.openHost(
      self,
      portTo((to, packet, depth) => {
        world.send(self, to, packet.type === 'share' ? { ...packet, good: false } : packet, depth);
      }),
    ),
});

/** Follows the protocol, but proposes what the predicate refuses. */
export const invalidProposal = <M>(): Adversary<M> => ({
  name: 'invalid-proposal',
  proposesInvalid: true,
  open: (world, self) =>
    world.openHost(
      self,
      portTo((to, packet, depth) => world.send(self, to, packet, depth)),
      { proposalOf: whileOthers(world, (height) => world.proposalOf(height, self).fill(INVALID_MARK, 0, 1)) },
    ),
});

/** Two validators under one key, both correct, with different proposals: everybody hears both. */
export const twins = <M>(): Adversary<M> => doubled('twins', (from, to) => from === to);

/**
 * The faulty validators run the protocol twice, in two networks: the correct validators of even index are in one, those
 * of odd index in the other, the faulty ones in both, and nothing crosses.
 */
export const fakeNetwork = <M>(): Adversary<M> => doubled('fake-network', () => true);

/** @param keepsApart whether what one faulty validator says to another, or to itself, stays on its side */
function doubled<M>(name: string, keepsApart: (from: number, to: number) => boolean): Adversary<M> {
  const sideOf = new WeakMap<Packet<M>, number>();
  const isFake = name === 'fake-network';
  return {
    name,
    open: (world, self) => {
      const portOf = (side: number): Port<M> =>
        portTo((to, packet, depth) => {
          const copy = { ...packet };
          sideOf.set(copy, side);
          for (let peer = 0; peer < world.n; peer++) {
            if (to !== 'all' && to !== peer) continue;
            if (isFake && world.isCorrect(peer) && peer % 2 !== side) continue;
            world.send(self, validatorIndex(peer), copy, depth);
          }
        });
      const hosts = openTwins(world, self, portOf(0), portOf(1));
      return both(hosts, (from, packet) => {
        if (!world.isCorrect(from)) return keepsApart(from, self) ? sideOf.get(packet)! : 'both';
        return isFake ? from % 2 : 'both';
      });
    },
  };
}

function openTwins<M>(
  world: World<M>,
  self: ValidatorIndex,
  first: Port<M>,
  second: Port<M>,
): readonly [SubsetHost<M>, SubsetHost<M>] {
  const other = whileOthers(world, (height) =>
    world.proposalOf(height, self).map((byte, i) => (i < 10 ? byte : byte ^ 1)),
  );
  return [world.openHost(self, first), world.openHost(self, second, { proposalOf: other })];
}

/** Two hosts as one actor. @param route which of them hears a packet */
const both = <M>(
  hosts: readonly [SubsetHost<M>, SubsetHost<M>],
  route: (from: ValidatorIndex, packet: Packet<M>) => number | 'both',
): Actor<M> => ({
  receive(from, packet, depth) {
    const side = route(from, packet);
    hosts.forEach((host, i) => {
      if (side === 'both' || side === i) host.receive(from, packet, depth);
    });
  },
  flush() {
    for (const host of hosts) host.flush();
  },
});
