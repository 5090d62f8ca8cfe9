import type { TradingWorld } from '../../src/committee/traders.ts';
import { epochDomain } from '../../src/ledger/epoch-config.ts';
import type { HeightRoundState } from '../../src/validator/height-round.ts';
import { openSnapshot, type ValidatorState } from '../../src/validator/snapshot.ts';
import type { ValidatorConfig } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { busyHeights, doubledWorld } from './doubled-committee.ts';

/** Changes a state before a validator is made of it. */
type Forget = (state: ValidatorState, fresh: ValidatorState) => ValidatorState;
type Fields = Readonly<Record<string, unknown>>;

/** A record in which what the path names is as in another one. */
function replaced(record: Fields, other: Fields, [field, ...rest]: readonly string[]): Fields {
  if (rest.length === 0) return { ...record, [field!]: other[field!] };
  if (record[field!] === undefined || other[field!] === undefined) return record;
  return { ...record, [field!]: replaced(record[field!] as Fields, other[field!] as Fields, rest) };
}

/** Forgets what a path names: it is as in a validator at genesis, below `round.` as in a round that has just begun. */
function forgets(path: string): Forget {
  const [head, ...rest] = path.split('.');
  if (head !== 'round') return (state, fresh) => replaced(state, fresh, path.split('.')) as ValidatorState;
  return (state, fresh) => {
    const [begun] = [...fresh.rounds.values()];
    const rounds = new Map(
      [...state.rounds].map(([at, round]) => [at, replaced(round, begun!, rest) as HeightRoundState]),
    );
    return { ...state, rounds };
  };
}

const ownerOf = ({ chain, epoch, self }: ValidatorConfig) => ({ domain: epochDomain(chain, epoch), self });

/** Restores a validator that has forgotten something. */
function forgetfully(forget: Forget): (config: ValidatorConfig, snapshot: Uint8Array) => Validator {
  let fresh: ValidatorState | undefined;
  return (config, snapshot) => {
    fresh ??= openSnapshot(ownerOf(config), new Validator(config).snapshot());
    return new Validator(config, forget(openSnapshot(ownerOf(config), snapshot), fresh));
  };
}

/** A committee of which one validator is restored now and then, each time without what the path names. */
const forgetfulWorld = (path: string, seed: number): TradingWorld =>
  doubledWorld({
    ...{ n: 4, seed, dissemination: 'stem', rate: 0.3, who: [1] },
    comparesSnapshots: false,
    restore: forgetfully(forgets(path)),
  }).world;

/** Runs that are looked at: which of them needs a field at the moment of a restore is up to the schedule. */
const SEEDS = [1, 2, 3, 4, 5, 6];

/** @returns the first seed whose run of three busy heights notices that a restored validator has forgotten what the path names; undefined if none does */
export const noticedWith = (path: string): number | undefined =>
  SEEDS.find((seed) => {
    try {
      busyHeights(forgetfulWorld(path, seed));
      return false;
    } catch {
      return true;
    }
  });

/** Fields whose loss shows within a few runs of three busy heights at n = 4. */
export const FORGOTTEN = [
  ...['rounds', 'routesDrawn', 'chain.receiptsRoot', 'chain.parent', 'chain.report'],
  ...['mempool.kept', 'mempool.proofs', 'mempool.announcements', 'server.newest'],
  ...['hasProposed', 'ordering', 'own.isCast', 'acs.acs'].map((each) => `round.${each}`),
  ...['valid', 'public', 'byNullifier', 'pending', 'verdicts'].map((each) => `round.ballots.${each}`),
];
