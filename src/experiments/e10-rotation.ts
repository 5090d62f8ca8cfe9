import { bigintToBytes } from '../base/bytes.ts';
import { DEALING_ATTACKS, HONEST_DEALING } from '../committee/dealing-attacks.ts';
import { GenesisWorld } from '../committee/genesis-world.ts';
import { RotatingWorld } from '../committee/rotating-world.ts';
import { moved } from '../committee/sample-market.ts';
import { hashBytes } from '../crypto/hash.ts';
import { nextSeats } from '../ledger/rotation/next-seats.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import { quorumOf } from '../params/quorum.ts';
import { Prng } from '../sim/prng.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';

interface Point {
  readonly what: 'draw' | 'genesis' | 'rotation';
  readonly n: number;
  readonly dealers: 'correct' | 'f silent';
  readonly delay: 'equal' | 'wan';
  readonly registry: number;
  readonly faultyPercent: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly broken: number | null;
  readonly formula: number | null;
  readonly samples: number | null;
  readonly delays: number | null;
  readonly heights: number | null;
  readonly kib: number | null;
  readonly [column: string]: number | null;
}

const REGISTRY = 40;
const NOTHING: Found = {
  broken: null,
  formula: null,
  samples: null,
  delays: null,
  heights: null,
  kib: null,
};

/** n over k. */
function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 0; i < k; i++) product = (product * (n - i)) / (i + 1);
  return product;
}

/** P(more than f of n drawn without repetition are among `bad` of `all`): the hypergeometric tail. */
function tail(all: number, bad: number, n: number): number {
  const { f } = quorumOf(n);
  let sum = 0;
  for (let k = f + 1; k <= Math.min(n, bad); k++)
    sum += (choose(bad, k) * choose(all - bad, n - k)) / choose(all, n);
  return sum;
}

/** Epochs between two looks: of a committee of n at most (2/3)^SPACING of the seats are the same by then for no reason. */
const SPACING = 12;
const LOOKS = 100;

/** The protocol's own seating, epoch after epoch, all members registered; which of them are faulty has no part in it. */
function draw({ n, registry, faultyPercent }: Point, seed: number): Found {
  const all = Array.from({ length: registry }, (_, i) => i);
  const registrations = all.map((registryIndex) => ({ registryIndex }) as ValidatorKeys);
  const bad = Math.round((registry * faultyPercent) / 100);
  const isBad = (index: number): boolean => index < bad;
  const { f } = quorumOf(n);
  let members = all.slice(0, n);
  let broken = 0;
  for (let epoch = 1; epoch <= SPACING * (LOOKS + 1); epoch++) {
    const beacon = hashBytes('copy', bigintToBytes(BigInt(seed), 8), bigintToBytes(BigInt(epoch), 8));
    members = nextSeats({ members, registrations, excluded: [] }, beacon)!.map((keys) => keys.registryIndex);
    if (epoch > SPACING && epoch % SPACING === 0 && members.filter(isBad).length > f) broken += 1;
  }
  return { ...NOTHING, broken: broken / LOOKS, formula: tail(registry, bad, n), samples: LOOKS };
}

const kibOf = (frames: readonly { readonly bytes: Uint8Array }[], n: number): number =>
  frames.reduce((sum, { bytes }) => sum + bytes.length, 0) / n / 1024;

const DELAY_MS = 100;

/** Members generate keys in virtual time; proofs take none. */
function genesis({ n, dealers, delay }: Point, seed: number): Found {
  const silent = DEALING_ATTACKS.find(({ name }) => name === 'silent-dealer')!;
  const world = new GenesisWorld({
    members: n,
    faulty: dealers === 'correct' ? 0 : quorumOf(n).f,
    attack: dealers === 'correct' ? HONEST_DEALING : silent,
    seed,
    more: {
      schedule: {
        kind: 'links',
        delay: delay === 'wan' ? { kind: 'wan' } : { kind: 'const', ms: DELAY_MS },
      },
    },
  }).run();
  return { ...NOTHING, delays: world.members.nowMs / DELAY_MS, kib: kibOf(world.frames, n) };
}

/** Heights from the one that seats the next committee to its first, and what the old committee sends meanwhile. */
function rotation({ n, dealers }: Point, seed: number): Found {
  const silent = DEALING_ATTACKS.find(({ name }) => name === 'silent-dealer')!;
  const { f } = quorumOf(n);
  const liars = dealers === 'correct' ? [] : Array.from({ length: f }, (_, i) => n - 1 - i);
  const world = new RotatingWorld({
    n,
    registry: n + Math.max(1, f),
    seed: seed + new Prng(seed).below(1000),
    epochHeights: 3,
    dealingHeights: 2,
    dealers: new Map(liars.map((liar) => [liar, silent] as const)),
  });
  const { trading } = world;
  const [first] = world.committees;
  let seated: number | undefined;
  let frames = 0;
  while (world.epoch === 1) {
    world.enter();
    world.doDuties();
    const at = trading.replica.settlement.height + 1;
    trading.runHeight(at, moved(at));
    if (trading.replica.claims.rotation.drafted === undefined || seated !== undefined) continue;
    seated = at;
    frames = first!.frames.length;
  }
  const heights = world.newest.epoch.firstHeight - seated!;
  return { ...NOTHING, heights, kib: kibOf(first!.frames.slice(frames), n) };
}

const point = (what: Point['what'], n: number, change: Partial<Point> = {}): Point => ({
  what,
  n,
  dealers: 'correct',
  delay: 'equal',
  registry: 0,
  faultyPercent: 0,
  ...change,
});
const draws = (sizes: readonly number[], percents: readonly number[]): Point[] =>
  sizes.flatMap((n) =>
    percents.map((faultyPercent) => point('draw', n, { registry: REGISTRY, faultyPercent })),
  );
const costs = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((n) => [
    point('genesis', n),
    point('genesis', n, { dealers: 'f silent' }),
    point('genesis', n, { delay: 'wan' }),
    point('rotation', n),
    point('rotation', n, { dealers: 'f silent' }),
  ]);

type All = Point & Found & { readonly seed: number };
const of = (rows: readonly All[], what: Point['what']): All[] => rows.filter((row) => row.what === what);
/** Draws of one committee and share of faulty members together. */
function groups(
  rows: readonly All[],
): { readonly at: All; readonly broken: number; readonly samples: number }[] {
  const by = new Map<string, All[]>();
  for (const row of of(rows, 'draw'))
    by.set(`${row.n} ${row.faultyPercent}`, [...(by.get(`${row.n} ${row.faultyPercent}`) ?? []), row]);
  return [...by.values()].map((each) => ({
    at: each[0]!,
    broken: each.reduce((sum, row) => sum + row.broken!, 0) / each.length,
    samples: each.reduce((sum, row) => sum + row.samples!, 0),
  }));
}

export const rotationCost = defineExperiment<Point, Found>({
  id: 'e10-rotation',
  title: 'Keys without a dealer: what they cost, and whom they trust',
  question:
    'What do generating keys and handing them on cost over the size of a committee, and how often does a committee drawn from a registry have more than f faulty members?',
  method:
    'The project’s own generation of keys and rotation (src/committee/genesis-world.ts, src/committee/rotating-world.ts) in virtual time with an oracle for proofs, which take no time; and the ' +
    'protocol’s own seating (src/ledger/rotation/next-seats.ts) over 1,200 epochs a seed, of which every twelfth is counted, beside the hypergeometric tail.',
  hypotheses: [
    {
      text: 'The share of drawn committees with more than f faulty members is that of the hypergeometric formula (within four standard deviations of the samples).',
      held: (rows) =>
        groups(rows).every(({ at, broken, samples }) => {
          const p = at.formula!;
          return Math.abs(broken - p) <= 4 * Math.sqrt((p * (1 - p)) / samples) + 1 / samples;
        }),
    },
    {
      text: 'With a quarter of the registry faulty, committees of 16 are broken less often than committees of 4.',
      held: (rows) => {
        const at = (n: number): number | undefined =>
          groups(rows).find((group) => group.at.n === n && group.at.faultyPercent === 25)?.broken;
        const [few, many] = [at(4), at(16)];
        return few === undefined || many === undefined || many < few;
      },
    },
    {
      text: 'Genesis takes at most 8 message delays over equal links, whatever the size, also with f silent dealers.',
      held: (rows) =>
        of(rows, 'genesis')
          .filter(({ delay }) => delay === 'equal')
          .every(({ delays }) => delays! <= 8),
    },
    {
      text: 'A rotation takes two heights of notice after the dealings and no more, also with f silent dealers.',
      held: (rows) => of(rows, 'rotation').every(({ heights }) => heights! <= 3),
    },
    {
      text: 'Where nobody in the registry is faulty no committee is broken.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.faultyPercent === 0,
          () => ({ broken: 0.01 }),
        ),
      held: (rows) =>
        of(rows, 'draw').every(({ faultyPercent, broken }) => faultyPercent > 0 || broken === 0),
    },
  ],
  grid: [...draws([4, 7, 16], [0, 10, 25, 40]), ...costs([4, 7])],
  quickGrid: [...draws([4], [0, 25]), point('genesis', 4)],
  seeds: 3,
  quickSeeds: 1,
  columns: {
    what: {
      unit: 'category',
      meaning:
        'draw (the seats of a next committee), genesis (keys are generated), rotation (keys are handed on)',
    },
    n: { unit: 'count', meaning: 'validators' },
    dealers: { unit: 'category', meaning: 'whether f of them deal nothing' },
    delay: { unit: 'category', meaning: 'links: equal, 100 ms each, or those of a wide-area network' },
    registry: { unit: 'count', meaning: 'members of the registry; 0 where costs are counted' },
    faultyPercent: { unit: '%', meaning: 'faulty members of it' },
    broken: {
      unit: 'share',
      meaning: 'share of committees with more than f faulty members; nothing where costs are counted',
    },
    formula: { unit: 'share', meaning: 'the hypergeometric tail for it' },
    samples: { unit: 'count', meaning: 'committees that were looked at' },
    delays: {
      unit: 'count',
      meaning: 'until the last frame of a generation has arrived, in units of 100 ms; nothing elsewhere',
    },
    heights: {
      unit: 'heights',
      meaning: 'from the height that seats the committee to its first one; nothing elsewhere',
    },
    kib: { unit: 'KiB', meaning: 'KiB that a validator sends, mean; nothing for a draw' },
  },
  run: (at, seed) => [
    at.what === 'draw' ? draw(at, seed) : at.what === 'genesis' ? genesis(at, seed) : rotation(at, seed),
  ],
  charts: (rows) => {
    const lines = groups(rows).flatMap(({ at, broken }) => [
      { what: `n = ${at.n}, drawn`, percent: at.faultyPercent, share: broken },
      { what: `n = ${at.n}, formula`, percent: at.faultyPercent, share: at.formula! },
    ]);
    const sent = [...of(rows, 'genesis'), ...of(rows, 'rotation')].map(
      ({ what, n, dealers, delay, kib }) => ({
        what: `${what}, ${dealers}, ${delay}`,
        n,
        kib,
      }),
    );
    return [
      {
        title: 'Committees with more than f faulty members',
        caption: `Drawn by the protocol from a registry of ${REGISTRY}, beside the hypergeometric formula: the risk that anybody who trusts a committee takes.`,
        spec: lineSpec({
          rows: lines,
          x: { field: 'percent', title: 'faulty members of the registry, %' },
          y: { field: 'share', title: 'share of committees', format: '%' },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'What a validator sends',
        caption:
          'KiB a validator for a generation of keys, and from the seating of a committee to its first height.',
        spec: lineSpec({
          rows: sent,
          x: { field: 'n', title: 'validators' },
          y: { field: 'kib', title: 'KiB sent by a validator' },
          series: { field: 'what', title: '' },
        }),
      },
    ];
  },
});
