import { assert } from '../../base/errors.ts';
import { type Dealt, runRandom } from '../../committee/dealer.ts';
import { type Crossing, crossBorder, eraseOver, UNSHARED } from '../../host/cross-border.ts';
import { type Duty, dutyIn } from '../../host/duties.ts';
import { decodeEnd } from '../../host/epoch-start.ts';
import type { Safe } from '../../host/safe.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import { type ReplayRules, replayRules } from '../../ledger/replay.ts';
import type { Rotation } from '../../ledger/rotation/rotation.ts';
import { type Height, height, validatorIndex } from '../../params/ids.ts';
import { ballotInput } from '../../proofs/ballot.ts';
import { proveDealing } from '../../proofs/dealing.ts';
import type { Prover } from '../../proofs/prover.ts';
import { type Border, type Dealings, dealingsIn, epochAt, takeBorder } from '../../validator/border.ts';
import type { Legacy } from '../../validator/snapshot.ts';
import type { Dissemination } from '../../validator/types.ts';
import { CliError } from '../errors.ts';

export interface RunMembersOptions {
  readonly dealt: Pick<Dealt, 'chain' | 'rootSecrets'>;
  readonly seed: number;
  readonly dissemination: Dissemination;
  /** By registry index. */
  readonly safes: readonly Safe[];
  /** Members that say nothing. */
  readonly silent: ReadonlySet<number>;
  readonly prover: Prover;
}

/** The next epoch of a run, and for each of its seats the items that wait for it. */
export interface NextEpoch {
  readonly epoch: EpochConfig;
  readonly items: readonly (readonly Uint8Array[])[];
}

/** The members of a run's registry: what they owe the next epoch, with real proofs, and how they cross the border to it. */
export class RunMembers {
  readonly #options: RunMembersOptions;

  constructor(options: RunMembersOptions) {
    this.#options = options;
  }

  /** Items that members owe the next epoch now, proved and durable. */
  async duties(rotation: Rotation): Promise<readonly Uint8Array[]> {
    const { dealt, seed, safes, silent } = this.#options;
    const { chain, rootSecrets } = dealt;
    const { epoch } = rotation.epoch;
    const what = rotation.drafted === undefined ? 'registration' : 'dealing';
    const owed = safes.flatMap((safe, member) => {
      if (silent.has(member)) return [];
      const random = runRandom(seed, `${what} ${epoch} ${member}`);
      const rootSecret = rootSecrets[member]!;
      const means = { chain, member, rootSecret, address: '', safe, forgottenUntil: 0, random };
      return dutyIn(rotation, means) ?? [];
    });
    return Promise.all(owed.map((duty) => this.#finish(duty)));
  }

  async #finish(duty: Duty): Promise<Uint8Array> {
    const { prover } = this.#options;
    if (duty.type === 'again') return duty.item;
    if (duty.type === 'register') {
      const { proof } = await prover.prove('ballot', ballotInput(duty.witness));
      return duty.finish(proof);
    }
    const { proofs } = await proveDealing(prover, duty.made);
    return duty.finish(proofs);
  }

  /**
   * Takes every member over the border after an epoch. Who validated it goes on from its own state; who joins takes the border that another
   * one shows, checked by the epoch's certificates; who has no seat in the next one erases and is done.
   * @param over     the epoch that is over
   * @param legacies by validator index: what each validator of it leaves; undefined where one lags
   * @throws {CliError} EPOCH_STALLED if a member gets no share
   */
  cross(over: EpochConfig, legacies: readonly (Legacy | undefined)[]): NextEpoch {
    const { safes } = this.#options;
    const seat = legacies.findIndex((legacy) => legacy !== undefined);
    assert(seat >= 0, 'somebody has settled the last height of an epoch that is over');
    const next = epochAt(legacies[seat]!.border);
    const last = height(next.firstHeight - 1);
    const dealt = dealingsIn(decodeEnd(this.#storeOf(over, seat).end()!)!);
    const rules = replayRules(this.#options.dealt.chain, over);
    const items = new Map<number, readonly Uint8Array[]>();
    for (const [member, safe] of safes.entries()) {
      const before = over.validators.findIndex(({ registryIndex }) => registryIndex === member);
      const isSeated = next.validators.some(({ registryIndex }) => registryIndex === member);
      const legacy = legacies[before];
      items.set(member, legacy?.items ?? []);
      if (isSeated) this.#take(member, over, next, dealt, legacy?.border ?? this.#shown(rules, last));
      else eraseOver(safe, over.epoch);
    }
    return { epoch: next, items: next.validators.map(({ registryIndex }) => items.get(registryIndex)!) };
  }

  #take(member: number, over: EpochConfig, next: EpochConfig, dealt: Dealings, border: Border): void {
    const { dealt: run, safes, dissemination } = this.#options;
    const crossing: Crossing = {
      chain: run.chain,
      over: over.epoch,
      next,
      dealt,
      border,
      member,
      dissemination,
    };
    const crossed = crossBorder(safes[member]!, crossing, () => {});
    if (crossed.type !== 'unshared') return;
    const why = `member ${member} has no key share in epoch ${next.epoch}: ${UNSHARED[crossed.code]}`;
    throw new CliError('EPOCH_STALLED', why, { height: next.firstHeight });
  }

  /** What a joiner takes: the first border that holds. */
  #shown(rules: ReplayRules, last: Height): Border {
    for (const seat of rules.epoch.validators.keys()) {
      const store = this.#storeOf(rules.epoch, seat);
      const [end, block] = [store.end(), store.block(last)];
      const state = end && decodeEnd(end);
      if (state === undefined || block === undefined) continue;
      const taken = takeBorder(rules, last, { ...state, block });
      if (typeof taken !== 'string') return taken;
    }
    throw new CliError('EPOCH_STALLED', `nobody shows the border after height ${last}`, { height: last });
  }

  #storeOf(epoch: EpochConfig, seat: number) {
    const { registryIndex } = epoch.validators[validatorIndex(seat)]!;
    return this.#options.safes[registryIndex]!.store(epoch.epoch);
  }
}
