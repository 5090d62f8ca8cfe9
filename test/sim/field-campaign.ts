import type { AleaMessage } from '../../src/consensus/alea/messages.ts';
import type { FinMessage } from '../../src/consensus/fin/messages.ts';
import {
  aleaProtocol,
  finProtocol,
  hotStuffProtocol,
  type Protocol,
  pbftProtocol,
} from '../../src/consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import {
  badShares,
  crash,
  crashLater,
  fakeNetwork,
  invalidProposal,
  mute,
  twins,
  twisted,
} from '../../src/sim/adversaries/adversaries.ts';
import { ALEA_TWISTS, doubleReadies } from '../../src/sim/adversaries/alea-twists.ts';
import { FIN_TWISTS } from '../../src/sim/adversaries/fin-twists.ts';
import { doubleVotes, HOTSTUFF_TWISTS } from '../../src/sim/adversaries/hotstuff-twists.ts';
import { equivocatingLeader, type Twist } from '../../src/sim/adversaries/twists.ts';
import { oracleSignatures } from '../../src/sim/oracle-signatures.ts';
import { Prng } from '../../src/sim/prng.ts';
import { Simulation, type SimulationOptions } from '../../src/sim/simulation.ts';
import type { Adversary } from '../../src/sim/world.ts';
import { scheduleOf } from './campaign.ts';

/** The protocols that ours is compared with go through the schedules and adversaries of `campaign.ts`. */
export const FIELD = ['pbft', 'hotstuff', 'fin', 'alea'] as const;
export type FieldName = (typeof FIELD)[number];
export const FIELD_SIZES = [4, 7, 10] as const;

/** One run: what the protocol's options are, delivery and heights follow from the seed. */
export interface FieldCell {
  readonly protocol: FieldName;
  readonly n: number;
  readonly adversary: string;
  readonly seed: number;
}

/** A protocol of one run, and the adversaries that speak its messages. */
interface Player<M> {
  readonly protocol: Protocol<M>;
  readonly own: Readonly<Record<string, () => Adversary<M>>>;
}

const ANY: Readonly<Record<string, <M>(prng: Prng) => Adversary<M>>> = {
  crash,
  'crash-later': <M>(prng: Prng) => crashLater<M>(prng.below(60)),
  mute,
  twins,
  'fake-network': fakeNetwork,
  'invalid-proposal': invalidProposal,
};

const twistsOf = <M>(twists: Readonly<Record<string, Twist<M>>>): Record<string, () => Adversary<M>> =>
  Object.fromEntries(Object.entries(twists).map(([name, twist]) => [name, () => twisted<M>(name, twist)]));

/** Leaders in turn from anywhere on, so that faulty ones lead first as often as others. */
function leadersOf(n: number, prng: Prng): (height: number) => ValidatorIndex {
  const shift = prng.below(n);
  return (height) => validatorIndex((height + shift) % n);
}

const PLAYERS = {
  pbft: (n: number, seed: number, prng: Prng) => ({
    protocol: pbftProtocol((self) => oracleSignatures(seed, self), leadersOf(n, prng)),
    own: twistsOf({ equivocate: equivocatingLeader }),
  }),
  hotstuff: (n: number, seed: number, prng: Prng) => {
    const authenticatorOf = (self: ValidatorIndex) => oracleSignatures(seed, self);
    const firstLeaderOf = leadersOf(n, prng);
    const reign = prng.bit() ? 4 : 4 + prng.below(4);
    const proposals = prng.bit() ? 1 : 1 + prng.below(quorumOf(n).q);
    return {
      protocol: hotStuffProtocol(authenticatorOf, { firstLeaderOf, reign, proposals }),
      own: { ...twistsOf(HOTSTUFF_TWISTS), 'double-votes': () => doubleVotes(authenticatorOf) },
    };
  },
  fin: () => ({
    protocol: finProtocol(),
    own: { ...twistsOf(FIN_TWISTS), 'bad-shares': () => badShares<FinMessage>() },
  }),
  alea: (n: number, seed: number, prng: Prng) => {
    const authenticatorOf = (self: ValidatorIndex) => oracleSignatures(seed, self);
    const { q } = quorumOf(n);
    return {
      protocol: aleaProtocol(authenticatorOf, { proposals: prng.bit() ? q : 1 + prng.below(q) }),
      own: {
        ...twistsOf(ALEA_TWISTS),
        'bad-shares': () => badShares<AleaMessage>(),
        'double-readies': () => doubleReadies(authenticatorOf),
      },
    };
  },
} as const;

/** What the last f validators of a protocol's committee are; `none`: all are correct. */
export const fieldAdversaries = (protocol: FieldName): readonly string[] => [
  'none',
  ...Object.keys(ANY),
  ...Object.keys(PLAYERS[protocol](4, 1, new Prng(1)).own),
];

function optionsOf<M>({ protocol, own }: Player<M>, cell: FieldCell, prng: Prng): SimulationOptions<M> {
  const { n, adversary, seed } = cell;
  const plays = own[adversary] ?? ANY[adversary];
  return {
    n,
    seed,
    protocol,
    schedule: scheduleOf(n, prng),
    heights: 1 + prng.below(3),
    payloadBytes: 10 + prng.below(50),
    ...(plays === undefined ? {} : { faulty: quorumOf(n).f, adversary: plays<M>(prng) }),
  };
}

/** @returns what is broken; nothing if agreement, validity, total order and convergence hold and nobody correct is blamed */
export function runField(cell: FieldCell): string[] {
  const prng = new Prng(cell.seed * 64 + fieldAdversaries(cell.protocol).indexOf(cell.adversary) + 2 ** 41);
  const options = optionsOf(PLAYERS[cell.protocol](cell.n, cell.seed, prng) as Player<unknown>, cell, prng);
  const { violations } = new Simulation(options).run();
  if (violations.length === 0) return [];
  return [
    `SEED=${cell.seed} ${JSON.stringify(options.schedule)}`,
    ...violations
      .slice(0, 5)
      .map(({ property, height, node, detail }) => `${property} ${height}/${node}: ${detail}`),
    `Repeat it with: FIELD_CELL=${cell.protocol}:${cell.n}:${cell.adversary}:${cell.seed} npx vitest run test/sim/field.test.ts`,
  ];
}
