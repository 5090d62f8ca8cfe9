import { quorumOf } from '../params/quorum.ts';
import { type CensorshipPoint, HOLDS, LIST_RULES, TIMEOUT_DELAYS, TRADERS } from './censorship-runs.ts';

const BASE = {
  lists: 'none',
  requestDelays: null,
  censor: 'leaves out',
  hold: 'none',
  trader: 'none',
} as const;
const ACS = { ...BASE, part: 'in time', protocol: 'acs', lists: 'held by 2f + 1' } as const;
const WEAK = { ...ACS, lists: 'held' } as const;
const IN_TURN = { ...BASE, part: 'in time', protocol: 'pbft, leaders in turn' } as const;
const STABLE = { ...BASE, part: 'in time', protocol: 'pbft, stable leader' } as const;
const TIMED = { ...STABLE, requestDelays: TIMEOUT_DELAYS } as const;

export const heightGrid = (sizes: readonly number[]): CensorshipPoint[] =>
  sizes.flatMap((n) => {
    const { f } = quorumOf(n);
    return Array.from(
      { length: n - 2 * f },
      (_, i): CensorshipPoint => ({
        ...BASE,
        part: 'one height',
        protocol: 'acs',
        lists: 'given',
        n,
        censors: f,
        holders: f + 1 + i,
      }),
    ).filter(({ holders }) => holders <= n - f);
  });
export const traderGrid = (sizes: readonly number[]): CensorshipPoint[] =>
  sizes.flatMap((n) =>
    LIST_RULES.flatMap((lists) =>
      (lists === 'held' ? [0, quorumOf(n).f] : [quorumOf(n).f]).flatMap((censors) =>
        TRADERS.map(
          (trader): CensorshipPoint => ({
            ...BASE,
            part: 'variants',
            protocol: 'acs',
            n,
            censors,
            holders: n - censors,
            lists,
            trader,
          }),
        ),
      ),
    ),
  );
export const timeGrid = (sizes: readonly number[]): CensorshipPoint[] =>
  sizes.flatMap((n) => {
    const { f } = quorumOf(n);
    const [few, all] = [
      { n, censors: f, holders: f + 1 },
      { n, censors: f, holders: n - f },
    ];
    const calm = { n, censors: 0, holders: n };
    return [
      ...HOLDS.flatMap((hold): CensorshipPoint[] => [
        { ...ACS, ...few, hold },
        { ...WEAK, ...few, hold },
        { ...IN_TURN, ...few, hold },
        { ...TIMED, ...few, hold },
      ]),
      ...(['none', '2 s', '8 s'] as const).map((hold): CensorshipPoint => ({ ...ACS, ...all, hold })),
      ...(['none', '2 s'] as const).map(
        (hold): CensorshipPoint => ({ ...TIMED, ...few, hold, requestDelays: 10 }),
      ),
      { ...TIMED, ...all },
      { ...TIMED, ...few, censor: 'is slow' },
      ...(n === 4 ? [{ ...STABLE, ...all }] : []),
      { ...ACS, ...calm },
      { ...IN_TURN, ...calm },
      { ...TIMED, ...calm },
    ];
  });
