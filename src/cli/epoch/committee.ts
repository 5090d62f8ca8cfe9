import type { OracleHeight } from '../../formats/run-input.ts';
import type { Verifier } from '../../groth16/verifier.ts';
import type { Machine } from '../../host/machine.ts';
import { encodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { type Height, type ItemId, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { ballotInput } from '../../proofs/ballot.ts';
import type { Prover } from '../../proofs/prover.ts';
import { ByzantineValidator, type Misdeed } from '../../sim/byzantine.ts';
import { Network } from '../../sim/network.ts';
import type { PeerFault } from '../../validator/faults.ts';
import type { CertifiedHeight, OrderedHeight, SettledHeight } from '../../validator/height-results.ts';
import type { ValidatorStep } from '../../validator/out.ts';
import type { ProveRef } from '../../validator/refs.ts';
import type { Dissemination, Effect, Input, LogRecord } from '../../validator/types.ts';
import { Validator } from '../../validator/validator.ts';
import { CliError } from '../errors.ts';
import type { Dealt } from './dealer.ts';

/** What validators do to the outside, besides talking to each other. */
export interface CommitteeEffects {
  readonly prover: Prover;
  readonly verifiers: Readonly<Record<'ballot' | 'orders' | 'account', Verifier>>;
  /** Makes records durable; returns when they are. */
  readonly log: (validator: number, records: readonly LogRecord[]) => void;
  /** Sees every frame as it is sent. */
  readonly onFrame?: (from: ValidatorIndex, bytes: Uint8Array) => void;
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
  readonly effect: Extract<Effect, { type: 'verify' }>;
}

/** What the k-th Byzantine validator of a run does. */
const MISDEEDS: readonly (readonly Misdeed[])[] = [
  ['equivocating ballot', 'bad decryption share'],
  ['silence'],
];
/** Times the re-send timers fire before a height counts as stalled; stems need STEM_TRIES + 1 of them. */
const MAX_RESENDS = 16;

export interface EpochCommitteeOptions {
  readonly dealt: Dealt;
  readonly seed: number;
  readonly faulty: number;
  readonly dissemination: Dissemination;
}

/**
 * A committee in one process: pure validators over a network whose delivery order the seed shuffles, with real proofs. Timers
 * fire when nothing is under way any more: the slowest clock an asynchronous network allows.
 */
export class EpochCommittee {
  readonly #effects: CommitteeEffects;
  readonly #machines: readonly Machine[];
  readonly #network: Network<Uint8Array>;
  readonly #faulty: ReadonlyMap<ValidatorIndex, readonly Misdeed[]>;
  /** Certified blocks of each validator. */
  readonly #stores: readonly Map<Height, Uint8Array>[];
  #verifying: VerifyJob[] = [];
  #proving: { readonly to: ValidatorIndex; readonly ref: ProveRef; readonly proof: Promise<Uint8Array> }[] =
    [];
  #views: HeightView[] = [];

  constructor({ dealt, seed, faulty, dissemination }: EpochCommitteeOptions, effects: CommitteeEffects) {
    const { chain, epoch, secrets } = dealt;
    const n = secrets.length;
    this.#effects = effects;
    this.#network = new Network({ n, seed });
    this.#stores = secrets.map(() => new Map());
    this.#faulty = new Map(
      Array.from({ length: faulty }, (_, k) => [validatorIndex(n - 1 - k), MISDEEDS[k % MISDEEDS.length]!]),
    );
    this.#machines = secrets.map((own, i) => {
      const self = validatorIndex(i);
      const validator = new Validator({ chain, epoch, self, secrets: own, dissemination });
      const misdeeds = this.#faulty.get(self);
      return misdeeds === undefined ? validator : new ByzantineValidator(validator, misdeeds);
    });
  }

  /** The validators themselves, for tests that look inside. */
  get machines(): readonly Machine[] {
    return this.#machines;
  }

  get faulty(): ReadonlyMap<ValidatorIndex, readonly Misdeed[]> {
    return this.#faulty;
  }

  get correct(): ValidatorIndex[] {
    return this.#machines.map((_, i) => validatorIndex(i)).filter((i) => !this.#faulty.has(i));
  }

  /** Starts a height: every feed reports, and what is said from now on goes into new views. */
  begin({ values: prices, observedS, timeS: clockS }: OracleHeight): void {
    this.#views = this.#machines.map(() => ({ refused: [], faults: [] }));
    this.#toAll({ type: 'observe', prices, observedS, clockS });
  }

  /** Hands a validator items, as traders do, and waits until it has judged them. */
  async submit(to: ValidatorIndex, items: readonly Uint8Array[]): Promise<void> {
    for (const bytes of items) this.#input(to, { type: 'item', bytes });
    await this.#drain();
  }

  /**
   * Votes, agrees, decrypts and settles.
   * @returns what each validator said, by index
   * @throws {CliError} EPOCH_STALLED if a correct validator does not get through
   */
  async settle(at: Height): Promise<readonly HeightView[]> {
    this.#toAll({ type: 'ballotDue' });
    await this.#drain();
    for (let resends = 0; !this.#isCertified(at); resends++) {
      if (resends === MAX_RESENDS) {
        throw new CliError('EPOCH_STALLED', `height ${at} did not settle at every correct validator`, {
          height: at,
        });
      }
      this.#toAll({ type: 'resend' });
      await this.#drain();
    }
    return this.#views;
  }

  #isCertified(at: Height): boolean {
    return this.correct.every((i) => this.#views[i]!.certified?.result.height === at);
  }

  #toAll(input: Input): void {
    for (let i = 0; i < this.#machines.length; i++) this.#input(validatorIndex(i), input);
  }

  #input(to: ValidatorIndex, input: Input): void {
    this.#perform(to, this.#machines[to]!.handle(input));
  }

  #perform(by: ValidatorIndex, step: ValidatorStep): void {
    this.#effects.log(by, step.logs);
    for (const { to, bytes } of step.sends) {
      this.#effects.onFrame?.(by, bytes);
      this.#network.send(by, to, bytes);
    }
    for (const effect of step.effects) this.#start(by, effect);
    const view = this.#views[by]!;
    view.faults.push(...step.faults);
    for (const output of step.outputs) {
      const atMs = performance.now();
      if (output.type === 'ordered') view.ordered = { result: output.result, atMs };
      else if (output.type === 'settled') view.settled = { result: output.result, atMs };
      else if (output.type === 'certified') {
        view.certified = { result: output.result, atMs };
        this.#stores[by]!.set(output.result.height, encodeCertifiedBlock(output.result));
      } else if (output.type === 'refused') view.refused.push(output);
    }
  }

  #start(to: ValidatorIndex, effect: Effect): void {
    if (effect.type === 'verify') this.#verifying.push({ to, effect });
    else if (effect.type === 'serveBlock') {
      const bytes = this.#stores[to]!.get(effect.ref.height);
      this.#input(to, { type: 'stored', ref: effect.ref, bytes });
    } else {
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
      if (this.#verifying.length > 0) continue;
      const delivery = this.#network.next();
      if (delivery !== undefined) {
        const { from, to, message } = delivery;
        this.#input(to, { type: 'message', from, bytes: message });
        continue;
      }
      if (this.#proving.length === 0) return;
      const proving = this.#proving;
      this.#proving = [];
      for (const { to, ref, proof } of proving) this.#input(to, { type: 'proved', ref, proof: await proof });
    }
  }

  async #verify({ to, effect }: VerifyJob): Promise<void> {
    const ok = await this.#effects.verifiers[effect.circuit].verify(effect.signals, effect.proof);
    this.#input(to, { type: 'verified', ref: effect.ref, ok });
  }
}
