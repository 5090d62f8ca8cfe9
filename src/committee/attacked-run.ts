import { assert } from '../base/errors.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { MemoryStore } from '../host/memory-store.ts';
import { height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { LinkOptions } from '../sim/links.ts';
import { MortalStore } from '../sim/mortal-store.ts';
import { Prng } from '../sim/prng.ts';
import { decodeMessage } from '../validator/messages.ts';
import type { Dissemination } from '../validator/types.ts';
import type { CommitteeAttack, Play } from './attack.ts';
import { HonestFlow, type Wish } from './honest-flow.ts';
import { moved, SAMPLE_TIME_S } from './sample-market.ts';
import { TradingWorld } from './traders.ts';
import type { CommitteeWorld, Faulty } from './world.ts';

/** Virtual milliseconds of a delay: links take 50 to 150, timers fire once a delay. */
export const DELAY_MS = 100;
/** A run stalls when no correct validator certifies another height for so many delays, unless its options say otherwise. */
export const STALL_DELAYS = 200;
/** Delays between two firings of the re-send timer, and of the ballot timer where ballots travel on stems. */
const RESEND_DELAYS = 4;

/** Genesis notes of each honest trader: batches that may wait at once. */
const NOTES_EACH = 32;

export interface AttackedOptions {
  /** n ≥ 1. */
  readonly validators: number;
  /** Byzantine validators, the last ones; below n. More than f of them can stall or fork the chain. */
  readonly faulty: number;
  readonly attack: CommitteeAttack;
  readonly heights: number;
  readonly seed: number;
  /** Uniform between half a delay and one and a half by default. */
  readonly links?: LinkOptions;
  readonly dissemination?: Dissemination;
  readonly answerMs?: (self: ValidatorIndex) => number;
  readonly kernels?: BatchKernels;
  /** Delays without another certified height that are a stall; links that are often down need more than `STALL_DELAYS`. */
  readonly stallDelays?: number;
}

/** What became of one height. */
export interface HeightRow {
  readonly height: number;
  /** Items in its block; 0 while no correct validator has certified it. */
  readonly accepted: number;
  /** Of these, of the honest traders. */
  readonly acceptedHonest: number;
  /** Correct validators that settled it, and that certified it. */
  readonly settledBy: number;
  readonly certifiedBy: number;
}

export interface AttackedResult {
  readonly attack: string;
  readonly heights: readonly HeightRow[];
  /** Whether the run ended before the last height was certified at every correct validator. */
  readonly stalled: boolean;
  /** Faults that correct validators recorded against correct ones. */
  readonly faultsAgainstCorrect: number;
  /** Shares of the agreement's coins that correct validators gave. */
  readonly coinShares: number;
  /** Mean over correct validators of the bytes that reached them from others, in the whole run. */
  readonly bytesPerNode: number;
}

/**
 * A committee under an attack, in virtual time. At every height one honest batch, one action and one deposit arrive, when the first
 * correct validator has certified the height before; after the last one nothing new arrives. It ends when every correct validator has
 * certified the last height, or stalls. Equal options give equal runs.
 */
export class AttackedRun {
  readonly world: TradingWorld;
  readonly flow: HonestFlow;
  readonly #options: AttackedOptions;
  readonly #committee: CommitteeWorld;
  readonly #correct: readonly number[];
  readonly #play: Play;
  readonly #prng: Prng;
  /** By height, from 1 on: items and honest ones of those that somebody certified. */
  readonly #blocks: { readonly accepted: number; readonly acceptedHonest: number }[] = [];
  /** Heights that were checked and forgotten. */
  #checked = 0;
  /** By correct validator: the last height certified there. */
  readonly #certified = new Map<number, number>();
  readonly #coins = new Set<string>();
  #bytes = 0;
  #fed = 0;
  #ticks = 0;
  #nextTickMs = 0;
  #progressMs = 0;
  #isStalled = false;

  constructor(options: AttackedOptions) {
    const {
      validators: n,
      faulty,
      attack,
      heights,
      seed,
      dissemination = 'direct',
      answerMs,
      kernels,
    } = options;
    assert(faulty < n && heights >= 1, 'somebody is correct, and there is a height');
    this.#options = options;
    this.#prng = new Prng(seed + 2 ** 35);
    const liars = Array.from({ length: faulty }, (_, k) => validatorIndex(n - faulty + k));
    const stores = Array.from({ length: n }, () => new MortalStore(new MemoryStore()));
    const links = options.links ?? { delay: { kind: 'uniform', fromMs: DELAY_MS / 2, toMs: 1.5 * DELAY_MS } };
    let play: Play | undefined;
    const { misdeeds = [] } = attack;
    const twistOf = (from: ValidatorIndex): Faulty => ({
      ...(misdeeds.length === 0 ? {} : { misdeeds }),
      twist: (bytes, to) => play?.twist?.(bytes, from, to) ?? [bytes],
    });
    this.world = new TradingWorld({
      n,
      seed,
      dissemination,
      faulty: new Map(liars.map((i) => [i, twistOf(i)])),
      notesEach: NOTES_EACH,
      attackerNotes: attack.attackerNotes ?? 0,
      ...(answerMs === undefined ? {} : { answerMs }),
      ...(kernels === undefined ? {} : { kernels }),
      more: {
        stores,
        schedule: { kind: 'links', ...links },
        onSend: (from, to, bytes) => this.#sent(from, to, bytes),
        onArrival: (_, to, bytes) => {
          if (this.#certified.has(to)) this.#bytes += bytes.length;
        },
      },
    });
    this.#committee = this.world.committee;
    this.#correct = this.#committee.correct;
    for (const i of this.#correct) this.#certified.set(i, 0);
    this.flow = new HonestFlow(this.world);
    play = attack.open({ world: this.world, liars, stores, heights, prng: new Prng(seed + 2 ** 36) });
    this.#play = play;
  }

  /** What the honest traders wanted, and what became of it. */
  get wishes(): readonly Wish[] {
    return this.flow.wishes;
  }

  /** Virtual delays since the beginning. */
  get delays(): number {
    return this.#committee.members.nowMs / DELAY_MS;
  }

  /** The height whose items have arrived. */
  get height(): number {
    return this.#fed;
  }

  /**
   * Goes on for an instant of virtual time.
   * @returns false when the run has ended
   * @throws {CommitteeError} COMMITTEE_FAILED if correct validators disagree: more than f are Byzantine, or there is a bug
   */
  advance(): boolean {
    const { members } = this.#committee;
    const { heights, stallDelays = STALL_DELAYS } = this.#options;
    if (this.#isStalled || this.#checked === heights) return false;
    if (this.#fed < heights && this.#blocks.length === this.#fed) this.#feed(this.#fed + 1);
    if (members.nextMs > this.#nextTickMs) this.#tick();
    members.step();
    this.#look();
    this.#isStalled = members.nowMs - this.#progressMs > stallDelays * DELAY_MS;
    return !this.#isStalled && this.#checked < heights;
  }

  /** Until the end. */
  run(): AttackedResult {
    while (this.advance());
    return this.result;
  }

  get result(): AttackedResult {
    const { attack, heights } = this.#options;
    const count = (at: number, what: 'settled' | 'certified'): number =>
      this.#correct.filter((i) => at <= this.#checked || this.#committee.view(i, at)[what] !== undefined)
        .length;
    return {
      attack: attack.name,
      heights: Array.from({ length: heights }, (_, h) => ({
        height: h + 1,
        ...(this.#blocks[h] ?? { accepted: 0, acceptedHonest: 0 }),
        settledBy: count(h + 1, 'settled'),
        certifiedBy: count(h + 1, 'certified'),
      })),
      stalled: this.#isStalled,
      faultsAgainstCorrect: this.#committee.faultsOf(this.#correct).length,
      coinShares: this.#coins.size,
      bytesPerNode: Math.round(this.#bytes / this.#correct.length),
    };
  }

  /** Prices and items of a height. */
  #feed(at: number): void {
    this.#fed = at;
    this.#play.onHeight?.(at);
    const timeS = SAMPLE_TIME_S + BigInt(10 * at);
    this.#committee.toAll({ type: 'observe', prices: moved(at), observedS: timeS, clockS: timeS });
    this.flow.arrive(at);
  }

  /** Timers of a delay, each validator's at another moment of it. */
  #tick(): void {
    const { members } = this.#committee;
    const { dissemination = 'direct' } = this.#options;
    const fromMs = this.#nextTickMs - members.nowMs;
    this.#nextTickMs += DELAY_MS;
    const isResend = this.#ticks % RESEND_DELAYS === RESEND_DELAYS - 1;
    for (let i = 0; i < members.n; i++) {
      const self = validatorIndex(i);
      const ms = fromMs + this.#prng.below(DELAY_MS);
      members.answer(self, { type: 'announceDue' }, ms);
      if (dissemination === 'direct' || isResend) members.answer(self, { type: 'ballotDue' }, ms);
      if (isResend) members.answer(self, { type: 'resend' }, ms);
    }
    this.#ticks += 1;
    this.#play.onDelay?.();
  }

  /** What has been certified since. */
  #look(): void {
    const { heights } = this.#options;
    for (const i of this.#correct) {
      for (let at = this.#certified.get(i)! + 1; this.#committee.view(i, at).certified !== undefined; at++) {
        this.#certified.set(i, at);
        this.#progressMs = this.#committee.members.nowMs;
        if (at === this.#blocks.length + 1) this.#close(at, i);
      }
    }
    for (; this.#checked < heights && this.#isEverywhere(this.#checked + 1); this.#checked++) {
      this.#committee.agree(this.#checked + 1);
      for (const views of this.#committee.views) views.delete(height(this.#checked));
    }
  }

  #isEverywhere(at: number): boolean {
    return this.#correct.every((i) => this.#certified.get(i)! >= at);
  }

  /** The first correct validator has certified a height. */
  #close(at: number, by: number): void {
    const { items } = this.#committee.view(by, at).settled!;
    this.world.follow(at, [by]);
    this.#blocks.push({ accepted: items.length, acceptedHonest: this.flow.settled(at, items) });
  }

  #sent(from: ValidatorIndex, to: ValidatorIndex, bytes: Uint8Array): void {
    if (from !== to || !this.#certified.has(from)) return;
    const message = decodeMessage(bytes);
    if (message?.kind === 'coin')
      this.#coins.add(`${from} ${message.height} ${message.instance} ${message.round}`);
  }
}
