import { type CommitteeAttack, together } from '../../src/committee/attack.ts';
import { type AttackedOptions, AttackedRun } from '../../src/committee/attacked-run.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { FAULTY } from '../../src/committee/faulty.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import type { LinkOptions } from '../../src/sim/links.ts';
import { Prng } from '../../src/sim/prng.ts';
import { kernels } from '../helpers/kernels.ts';

/** Attacks that cost more than a run of many can: they have tests of their own. */
const COSTLY = ['variants', 'variants-announced', 'variants-accounts', 'one-leaf', 'early-flood'];

/** Everything that a Byzantine validator may do here: the named attacks, and every way of breaking the protocol. */
export const DEEDS: readonly CommitteeAttack[] = [
  ...ATTACKS.filter(({ name }) => !COSTLY.includes(name)),
  ...Object.entries(FAULTY).map(([name, { faulty }]): CommitteeAttack => {
    const { misdeeds = [], twist } = faulty;
    return {
      name,
      explains: name,
      misdeeds,
      open: ({ prng }) => (twist === undefined ? {} : { twist: (bytes, _, to) => twist(bytes, to, prng) }),
    };
  }),
];

const one = <T>(list: readonly T[], prng: Prng): T => list[prng.below(list.length)]!;

/** Links in time: quick and slow ones, losses all the way, narrow pipes, and walls that fall after a while. */
function linksOf(n: number, prng: Prng): LinkOptions {
  const delay = one<LinkOptions['delay']>(
    [
      { kind: 'const', ms: 100 },
      { kind: 'uniform', fromMs: 1, toMs: 300 },
      { kind: 'exp', meanMs: 100 },
      { kind: 'wan' },
    ],
    prng,
  );
  if (prng.bit() === 0) return { delay };
  const side = Array.from({ length: n }, (_, i) => i).filter(() => prng.bit() === 1);
  return {
    delay,
    loss: prng.below(4) / 10,
    bandwidth: 100 + prng.below(1000),
    partitions: [
      { fromMs: prng.below(300), toMs: 300 + prng.below(3000), side },
      { fromMs: 3300, toMs: 3300 + prng.below(6000), side: [prng.below(n)] },
    ],
  };
}

/** Proofs take their time at some validators: verdicts on ballots, and so on bundles, come late there and at once elsewhere. */
function latenessOf(n: number, prng: Prng): (self: number) => number {
  const most = Array.from({ length: n }, () => (prng.bit() === 0 ? 0 : one([50, 400, 2000], prng)));
  return (self) => (most[self] === 0 ? 0 : prng.below(most[self]!));
}

/** Walls, losses and an attack that keeps links slow come together here: seed 598 at n = 4 certifies its first height after 230 delays. */
const PATIENCE_DELAYS = 1000;

/** What a run is: links, lateness, dissemination and two attacks at once follow from the seed. */
export function validatorsOptions(n: number, seed: number): AttackedOptions {
  const prng = new Prng(seed * 64 + n + 2 ** 41);
  const deeds = [one(DEEDS, prng), one(DEEDS, prng)];
  return {
    validators: n,
    faulty: quorumOf(n).f,
    attack: together(deeds.map(({ name }) => name).join(' + '), deeds),
    heights: 2 + (prng.below(4) === 0 ? 1 : 0),
    seed,
    links: linksOf(n, prng),
    dissemination: prng.bit() === 0 ? 'direct' : 'stem',
    answerMs: latenessOf(n, prng),
    kernels,
    stallDelays: PATIENCE_DELAYS,
  };
}

/** @returns what is wrong, with the command that runs just this again; nothing if all settle and nobody correct is blamed */
export function validatorsFlaws(n: number, seed: number): string[] {
  const options = validatorsOptions(n, seed);
  const { attack, links, dissemination } = options;
  const where = `SEED=${seed} n=${n} ${attack.name}, ${dissemination}, ${JSON.stringify(links)}; repeat it with: npm run campaign -- --suite validators --seeds ${seed}-${seed} --sizes ${n}`;
  try {
    const { stalled, faultsAgainstCorrect, heights } = new AttackedRun(options).run();
    return [
      ...(stalled ? [`stalls: ${JSON.stringify(heights)}. ${where}`] : []),
      ...(faultsAgainstCorrect > 0
        ? [`${faultsAgainstCorrect} faults against correct validators. ${where}`]
        : []),
    ];
  } catch (error) {
    return [`${String(error)} ${where}`];
  }
}
