import type { Dealt } from '../../committee/dealer.ts';
import { encodePoint } from '../../crypto/babyjub.ts';
import type { BatchKernels } from '../../crypto/batch-kernels.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import type { Rotation } from '../../ledger/rotation/rotation.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import type { Misdeed } from '../../sim/byzantine.ts';
import { type CommitteeEffects, EpochCommittee } from './committee.ts';
import type { RunFolders } from './run-folders.ts';
import { RunMembers } from './run-members.ts';
import type { EpochOptions, EpochReport, GenesisReport } from './types.ts';

/** What the k-th Byzantine member of a run does. */
const MISDEEDS: readonly (readonly Misdeed[])[] = [
  ['equivocating ballot', 'bad decryption share'],
  ['silence'],
];

/** How an epoch's key shares came about. */
interface Made {
  readonly by: EpochConfig;
  /** Seats of that committee whose dealings count. */
  readonly dealers: readonly ValidatorIndex[];
  /** Members with evidence against them. */
  readonly excluded: readonly number[];
}

/** The committees of a run, one after the other, and the members of the registry of whom they are made. */
export class Committees {
  /** By registry index: members that are Byzantine, and what they do wherever they sit. */
  readonly faulty: ReadonlyMap<number, readonly Misdeed[]>;
  readonly #options: EpochOptions;
  readonly #dealt: Dealt;
  readonly #folders: RunFolders;
  readonly #effects: CommitteeEffects;
  readonly #kernels: BatchKernels;
  readonly #members: RunMembers;
  readonly #begun: { readonly config: EpochConfig; readonly made: Made | undefined }[];
  #newest: EpochCommittee;
  /** Of the committees that are over. */
  #restarts = 0;

  constructor(
    options: EpochOptions,
    dealt: Dealt,
    folders: RunFolders,
    effects: CommitteeEffects,
    kernels: BatchKernels,
  ) {
    const { seed, validators, faulty, dissemination } = options;
    this.#options = options;
    this.#dealt = dealt;
    this.#folders = folders;
    this.#effects = effects;
    this.#kernels = kernels;
    this.faulty = new Map(
      Array.from({ length: faulty }, (_, k) => [validators - 1 - k, MISDEEDS[k % MISDEEDS.length]!]),
    );
    const silent = new Set(
      [...this.faulty].flatMap(([member, misdeeds]) => (misdeeds.includes('silence') ? [member] : [])),
    );
    const { safes } = folders;
    this.#members = new RunMembers({ dealt, seed, dissemination, safes, silent, prover: effects.prover });
    this.#begun = [{ config: dealt.epoch, made: undefined }];
    this.#newest = this.#committeeOf(dealt.epoch);
  }

  /** The committee that orders now. */
  get newest(): EpochCommittee {
    return this.#newest;
  }

  get epoch(): EpochConfig {
    return this.#begun.at(-1)!.config;
  }

  /** Times that a validator came back from its store. */
  get restarts(): number {
    return this.#restarts + this.#newest.restarts;
  }

  /** Items that members owe the next epoch now. */
  duties(rotation: Rotation): Promise<readonly Uint8Array[]> {
    return this.#members.duties(rotation);
  }

  /**
   * The epoch is over: its members hand its keys on and erase them, and the next committee goes on.
   * @param rotation after its last height
   * @throws {CliError} EPOCH_STALLED
   */
  async cross({ made, excluded }: Rotation): Promise<void> {
    const over = this.epoch;
    const legacies = over.validators.map((_, seat) => this.#newest.legacyOf(validatorIndex(seat)));
    const { epoch, items } = this.#members.cross(over, legacies);
    const dealers = made.map(({ dealer }) => dealer);
    this.#begun.push({ config: epoch, made: { by: over, dealers, excluded } });
    this.#restarts += this.#newest.restarts;
    this.#newest = this.#committeeOf(epoch);
    for (const [seat, own] of items.entries())
      if (own.length > 0) await this.#newest.submit(validatorIndex(seat), own);
  }

  /** The epochs so far. @param genesis how the first one's keys were made */
  reports({ dealers, excluded }: GenesisReport): EpochReport[] {
    return this.#begun.map(({ config, made }) => ({
      epoch: config.epoch,
      firstHeight: config.firstHeight,
      committee: config.validators.map(({ registryIndex }) => registryIndex),
      decryptionKey: encodePoint(config.decryptionKey.publicKey),
      coinKey: encodePoint(config.coinKey.publicKey),
      ...(made === undefined
        ? { dealers, excluded: excluded.map(({ validator, why }) => ({ member: validator, why })) }
        : dealingsOf(made)),
    }));
  }

  #committeeOf(epoch: EpochConfig): EpochCommittee {
    const { seed, dissemination, crashes } = this.#options;
    const safes = epoch.validators.map(({ registryIndex }) => this.#folders.safes[registryIndex]!);
    const faulty = new Map(
      epoch.validators.flatMap(({ registryIndex }, seat) => {
        const misdeeds = this.faulty.get(registryIndex);
        return misdeeds === undefined ? [] : [[validatorIndex(seat), misdeeds] as const];
      }),
    );
    const own = { chain: this.#dealt.chain, epoch, safes, faulty, kernels: this.#kernels };
    const heights = leastHeights(this.#options);
    return new EpochCommittee({ ...own, seed, dissemination, heights, crashes }, this.#effects);
  }
}

/** Heights of a run in which every epoch begins as soon as it can. */
const leastHeights = ({ heights, epochs, epochHeights }: EpochOptions): number =>
  Math.max(heights, (epochs - 1) * epochHeights + 1);

function dealingsOf({ by, dealers, excluded }: Made): Pick<EpochReport, 'dealers' | 'excluded'> {
  const memberAt = (seat: number): number => by.validators[seat]!.registryIndex;
  const others = [...by.validators.keys()].filter((seat) => !dealers.includes(validatorIndex(seat)));
  const why = (member: number): string => (excluded.includes(member) ? 'evidence' : 'late');
  return {
    dealers: dealers.map(memberAt),
    excluded: others.map((seat) => ({ member: memberAt(seat), why: why(memberAt(seat)) })),
  };
}
