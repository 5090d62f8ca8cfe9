import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import { jsonText } from '../../formats/json-text.ts';
import type { OracleHeight } from '../../formats/run-input.ts';
import type { Verifier } from '../../groth16/verifier.ts';
import { ERASED } from '../../host/cross-border.ts';
import type { LocalInput, OutsideEffect } from '../../host/host.ts';
import { validatorOf } from '../../host/machine.ts';
import type { Safe } from '../../host/safe.ts';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import { type EpochConfig, epochDomain } from '../../ledger/epoch-config.ts';
import { type Height, height, type ItemId, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { ballotInput } from '../../proofs/ballot.ts';
import type { Prover } from '../../proofs/prover.ts';
import { ByzantineValidator, type Misdeed } from '../../sim/byzantine.ts';
import { Committee } from '../../sim/committee.ts';
import { MortalStore } from '../../sim/mortal-store.ts';
import { Prng } from '../../sim/prng.ts';
import type { PeerFault } from '../../validator/faults.ts';
import type { CertifiedHeight, OrderedHeight, SettledHeight } from '../../validator/height-results.ts';
import type { ProveRef } from '../../validator/refs.ts';
import type { Legacy } from '../../validator/snapshot.ts';
import type { Dissemination, Output, ProofQuestion, ValidatorConfig } from '../../validator/types.ts';
import { CliError } from '../errors.ts';
import { type Crash, planCrashes } from './crash-plan.ts';

/** What a committee needs of the outside. */
export interface CommitteeEffects {
  readonly prover: Prover;
  readonly verifiers: Readonly<Record<ProofQuestion['circuit'], Verifier>>;
}

/** What a correct validator said about one height, and when (ms). */
export interface HeightView {
  ordered?: { readonly result: OrderedHeight; readonly atMs: number };
  settled?: { readonly result: SettledHeight; readonly atMs: number };
  certified?: { readonly result: CertifiedHeight; readonly atMs: number };
  readonly refused: { readonly item: ItemId | undefined; readonly code: string }[];
  readonly faults: PeerFault[];
}

interface VerifyJob {
  readonly to: ValidatorIndex;
  readonly request: ProofQuestion;
}

/** Times the re-send timers fire before a height counts as stalled; stems need STEM_TRIES + 1 of them. */
const MAX_RESENDS = 16;

/** Most inputs of all validators between two commits. */
const BURST = 24;

export interface EpochCommitteeOptions {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  /** By validator index: where each keeps its log and its keys. */
  readonly safes: readonly Safe[];
  readonly seed: number;
  /** What each Byzantine validator does. */
  readonly faulty: ReadonlyMap<ValidatorIndex, readonly Misdeed[]>;
  readonly dissemination: Dissemination;
  /** Heights of the run, and how many validators are dropped and restarted in it. */
  readonly heights: number;
  readonly crashes: number;
  /** Who does the arithmetic of opening; `NOBLE` if nothing is said. */
  readonly kernels?: BatchKernels;
}

/**
 * A committee in one process: hosts on stores in folders, over a network whose delivery order the seed shuffles, with real proofs.
 * Timers fire when nothing is under way any more: the slowest clock an asynchronous network allows.
 */
export class EpochCommittee {
  readonly #effects: CommitteeEffects;
  readonly #members: Committee;
  readonly #stores: readonly MortalStore[];
  readonly #faulty: ReadonlyMap<ValidatorIndex, readonly Misdeed[]>;
  readonly #prng: Prng;
  readonly #plan: readonly Crash[][];
  /** Moments of this height that are still to come, and the inputs of all validators since it began. */
  #crashes: Crash[] = [];
  #ticks = 0;
  /** Who is to die in its next write, and who with it. */
  #dying: { readonly first: ValidatorIndex; readonly others: readonly ValidatorIndex[] } | undefined;
  #verifying: VerifyJob[] = [];
  #proving: { readonly to: ValidatorIndex; readonly ref: ProveRef; readonly proof: Promise<Uint8Array> }[] =
    [];
  #at: Height = height(0);
  /** Refusals and faults so far. */
  readonly #said = new Set<string>();
  #views: HeightView[] = [];

  constructor(options: EpochCommitteeOptions, effects: CommitteeEffects) {
    const { chain, epoch, safes, seed, dissemination, heights, crashes, kernels = NOBLE } = options;
    const n = safes.length;
    const domain = epochDomain(chain, epoch);
    this.#effects = effects;
    this.#prng = new Prng(seed + 2 ** 36);
    this.#plan = planCrashes(crashes, heights, n, seed);
    this.#stores = safes.map((safe) => new MortalStore(safe.store(epoch.epoch)));
    this.#faulty = options.faulty;
    this.#members = new Committee({
      configs: safes.map((_, i): ValidatorConfig => {
        return { chain, epoch, self: validatorIndex(i), secrets: ERASED, dissemination, kernels };
      }),
      secretsOf: (self) => safes[self]!.read('keys', epoch.epoch),
      seed,
      schedule: { kind: 'random' },
      stores: this.#stores,
      burst: BURST,
      machineOf: (config, snapshot) => {
        const validator = validatorOf(config, snapshot);
        const misdeeds = this.#faulty.get(config.self);
        return misdeeds === undefined
          ? validator
          : new ByzantineValidator(validator, misdeeds, { domain, secrets: config.secrets });
      },
      onEffect: (self, effect) => this.#start(self, effect),
      onOutput: (self, output) => this.#hear(self, output),
      onFault: (self, fault) => {
        if (this.#isNews(self, fault)) this.#views[self]?.faults.push(fault);
      },
      onDelivery: () => this.#tick(),
      onDeath: () => {
        for (const other of this.#dying?.others ?? []) this.#members.kill(other);
        this.#dying = undefined;
      },
    });
  }

  /** Times that a validator came back from its store. */
  get restarts(): number {
    return this.#members.restarts;
  }

  /** What a validator leaves to the next epoch, if this one is over for it. */
  legacyOf(seat: ValidatorIndex): Legacy | undefined {
    return this.#members.hosts[seat]?.legacy();
  }

  get correct(): ValidatorIndex[] {
    return this.#stores.map((_, i) => validatorIndex(i)).filter((i) => !this.#faulty.has(i));
  }

  /** Starts a height: every feed reports, and what is said from now on goes into new views. */
  async begin(at: Height, { values: prices, observedS, timeS: clockS }: OracleHeight): Promise<void> {
    this.#at = at;
    this.#ticks = 0;
    this.#crashes = [...(this.#plan[at - 1] ?? [])];
    this.#views = this.#stores.map(() => ({ refused: [], faults: [] }));
    const feed: LocalInput = { type: 'observe', prices, observedS, clockS };
    for (let to = 0; to < this.#stores.length; to++) await this.#tell(validatorIndex(to), [feed]);
  }

  /** Hands a validator items, as traders do, and waits until it has judged them. */
  async submit(to: ValidatorIndex, items: readonly Uint8Array[]): Promise<void> {
    await this.#tell(
      to,
      items.map((bytes) => ({ type: 'item', bytes })),
    );
  }

  /**
   * Votes, agrees, decrypts and settles.
   * @returns what each validator said, by index
   * @throws {CliError} EPOCH_STALLED if a correct validator does not get through
   */
  async settle(): Promise<readonly HeightView[]> {
    this.#members.toAll({ type: 'announceDue' });
    await this.#drain();
    this.#members.toAll({ type: 'ballotDue' });
    await this.#drain();
    for (let resends = 0; !this.#isCertified(); resends++) {
      if (resends === MAX_RESENDS) {
        throw new CliError('EPOCH_STALLED', `height ${this.#at} did not settle at every correct validator`, {
          height: this.#at,
        });
      }
      this.#members.toAll({ type: 'announceDue' });
      this.#members.toAll({ type: 'resend' });
      // The timer of a ballot fires again and again; who is through with this height is not asked to begin the next one.
      for (const i of this.correct) if (!this.#isThrough(i)) this.#members.input(i, { type: 'ballotDue' });
      await this.#drain();
    }
    await this.#crashTheRest();
    return this.#views;
  }

  #isThrough(i: number): boolean {
    return this.#views[i]!.certified !== undefined;
  }

  #isCertified(): boolean {
    return this.correct.every((i) => this.#isThrough(i));
  }

  /** Says it again to who restarts meanwhile: what was not durable is lost. */
  async #tell(to: ValidatorIndex, inputs: readonly LocalInput[]): Promise<void> {
    for (let before = -1; before !== this.#members.restarts; ) {
      before = this.#members.restarts;
      for (const input of inputs) {
        this.#tick();
        this.#members.input(to, input);
      }
      await this.#drain();
    }
  }

  /** What is said again after a restart, of this height or an earlier one, is not news. */
  #hear(by: ValidatorIndex, output: Output): void {
    const view = this.#views[by];
    if (view === undefined) return;
    const atMs = performance.now();
    if (output.type === 'refused' && this.#isNews(by, output)) view.refused.push(output);
    if (!('result' in output) || output.result.height !== this.#at) return;
    if (output.type === 'ordered') view.ordered ??= { result: output.result, atMs };
    else if (output.type === 'settled') view.settled ??= { result: output.result, atMs };
    else view.certified ??= { result: output.result, atMs };
  }

  #isNews(by: ValidatorIndex, said: object): boolean {
    const text = `${by} ${jsonText(said)}`;
    const isNews = !this.#said.has(text);
    this.#said.add(text);
    return isNews;
  }

  #start(to: ValidatorIndex, effect: OutsideEffect): void {
    if (effect.type === 'verify')
      this.#verifying.push(...effect.requests.map((request) => ({ to, request })));
    else if (effect.type === 'prove') {
      const proof = this.#effects.prover
        .prove('ballot', ballotInput(effect.statement))
        .then((proved) => proved.proof);
      proof.catch(() => {}); // Awaited in #drain; until then a failure must not count as unhandled.
      this.#proving.push({ to, ref: effect.ref, proof });
    }
  }

  /** Delivers, verifies and proves until nothing is under way. Proofs come back in the order in which they were asked for. */
  async #drain(): Promise<void> {
    for (;;) {
      const verifying = this.#verifying;
      this.#verifying = [];
      for (const job of verifying) await this.#verify(job);
      if (this.#verifying.length > 0 || this.#members.step()) continue;
      const proving = this.#proving;
      this.#proving = [];
      if (proving.length === 0 && this.#verifying.length === 0 && !this.#members.isBusy) return;
      for (const { to, ref, proof } of proving)
        this.#members.input(to, { type: 'proved', ref, proof: await proof });
    }
  }

  async #verify({ to, request }: VerifyJob): Promise<void> {
    const { ref, circuit, proofs } = request;
    const verifier = this.#effects.verifiers[circuit];
    const [first] = proofs;
    const ok =
      proofs.length === 1
        ? await verifier.verify(first!.signals, first!.proof)
        : (
            await verifier.verifyBatch(
              proofs.map(({ signals }) => signals),
              proofs.map(({ proof }) => proof),
            )
          ).length === 0;
    this.#members.input(to, { type: 'verified', verdicts: [{ ref, ok }] });
  }

  /** An input is about to be handled: is this the moment of a crash? */
  #tick(): void {
    this.#ticks += 1;
    while (
      this.#dying === undefined &&
      this.#crashes[0] !== undefined &&
      this.#crashes[0].tick <= this.#ticks
    )
      this.#crash(this.#crashes.shift()!);
  }

  #crash({ size, torn }: Crash): void {
    const living = this.correct.filter((i) => this.#members.hosts[i] !== undefined);
    const victims = living.map((i) => ({ i, key: this.#prng.uint32() })).sort((a, b) => a.key - b.key);
    const [first, ...others] = victims.slice(0, size).map(({ i }) => i);
    // Who is down already is dropped another time.
    const missing = size - Math.min(size, living.length);
    if (missing > 0) this.#crashes.push({ tick: this.#ticks + 1, size: missing, torn: undefined });
    if (first === undefined) return;
    if (torn === undefined) for (const i of [first, ...others]) this.#members.kill(i);
    else {
      this.#dying = { first, others };
      this.#stores[first]!.dieAt(torn);
    }
  }

  /** Moments that the height was too short for come now. */
  async #crashTheRest(): Promise<void> {
    while (this.#dying !== undefined || this.#crashes.length > 0) {
      if (this.#dying !== undefined) {
        const { first, others } = this.#dying;
        this.#stores[first]!.dieAt(undefined);
        this.#dying = undefined;
        for (const i of [first, ...others]) this.#members.kill(i);
      } else this.#crash({ ...this.#crashes.shift()!, torn: undefined });
      await this.#drain();
    }
  }
}
