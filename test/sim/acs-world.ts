import type { Bit } from '../../src/consensus/aba/votes.ts';
import { BkrAcs } from '../../src/consensus/acs/bkr.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../../src/consensus/acs/codec.ts';
import { type AcsProposal, type AcsStep, mergeSteps } from '../../src/consensus/acs/common-subset.ts';
import { type AcsMessage, messagesIn } from '../../src/consensus/acs/frame.ts';
import type { SubsetMachine, SubsetOptions } from '../../src/consensus/acs/subset-machine.ts';
import type { Fault } from '../../src/consensus/faults.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { type Quorum, quorumOf } from '../../src/params/quorum.ts';
import type { Twist } from '../../src/sim/adversaries/twists.ts';
import { type Delivery, Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';
import { INVALID_MARK } from '../../src/sim/world.ts';

/** What travels: frames, coin shares of the oracle, and a validator's own verdicts, which take their time as well. */
type Wire =
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  | { readonly type: 'share'; readonly instance: ValidatorIndex; readonly round: number }
  | { readonly type: 'verdict'; readonly proposer: ValidatorIndex; readonly ok: boolean };

export interface WorldOptions {
  readonly n: number;
  readonly seed: number;
  /** Byzantine validators and what they do. */
  readonly faulty?: ReadonlyMap<number, Twist<AcsMessage>>;
  /** Validators that stop after so many deliveries, in the middle of a multicast. */
  readonly crashes?: ReadonlyMap<number, number>;
  /** Proposers whose payload does not satisfy the predicate. */
  readonly invalid?: ReadonlySet<number>;
  readonly payloadBytes?: number;
  /** The common subset; bkr if it is not given. */
  readonly machine?: (options: SubsetOptions) => SubsetMachine;
  /** Frames that wait, most of the time, while there is anything else on its way; in `run`. */
  readonly holds?: (frame: AcsMessage, to: number) => boolean;
  /** What a Byzantine validator sends of its own accord at the start. */
  readonly opening?: (to: ValidatorIndex, prng: Prng) => readonly AcsMessage[];
}

/** The only one. */
const HEIGHT = 1;

/**
 * n common subsets of one height, bare: an oracle for coins and predicate, and a scheduler that reads what it holds back.
 *
 * Not `Simulation` of src/sim, whose hosts go through heights with a log, windows and catching up: here nothing stands between the
 * machines and the scheduler, every message on its way is equally likely to be next, and a subset that does not close counts as stuck.
 * Storms (first-hand-storm.ts) over `Simulation` find fewer of the crippled subsets for twice the time: of 1,500 at n = 4, 20 instead
 * of 36 stuck without re-proposals, 9 instead of 33 that refuse what is sure without AUX at once.
 */
export class AcsWorld {
  readonly machines: SubsetMachine[] = [];
  readonly outputs: (readonly AcsProposal[] | undefined)[];
  readonly faults: Fault[] = [];
  readonly proposals: Uint8Array[];
  readonly network: Network<Wire>;
  private readonly held: Network<Wire>;
  readonly n: number;
  readonly quorum: Quorum;
  readonly prng: Prng;
  /** Frames, protocol messages and bytes delivered over a link (not to oneself), and coins wanted. */
  readonly counts = { frames: 0, messages: 0, bytes: 0, pulls: 0, coins: new Set<string>() };
  /** Bytes of pulled payloads that each validator received, true or not. */
  readonly pulledBytes: number[];
  /** Message delays until each validator's output; filled by `runSynchronously`. */
  readonly delays: number[] = [];
  private readonly options: WorldOptions;
  private readonly shares = new Map<string, Set<number>>();
  private readonly left: number[];
  private sharedFrame: AcsMessage | undefined;
  private sharedBytes = new Uint8Array(0);

  constructor(options: WorldOptions) {
    const { n, seed, invalid, crashes, payloadBytes = 40 } = options;
    this.options = options;
    this.n = n;
    this.quorum = quorumOf(n);
    this.prng = new Prng(seed + 0.5 * 2 ** 32);
    this.network = new Network({ n, seed });
    this.held = new Network({ n, seed: seed + 1 });
    this.outputs = new Array(n).fill(undefined);
    this.pulledBytes = new Array(n).fill(0);
    this.left = Array.from({ length: n }, (_, i) => crashes?.get(i) ?? Number.POSITIVE_INFINITY);
    this.proposals = Array.from({ length: n }, (_, i) => {
      const payload = this.prng.bytes(payloadBytes);
      payload[0] = invalid?.has(i) ? INVALID_MARK : 0;
      return payload;
    });
    const { machine = (each) => new BkrAcs(each) } = options;
    for (let i = 0; i < n; i++) this.machines.push(machine({ n, self: validatorIndex(i) }));
  }

  isCorrect(i: number): boolean {
    return !this.options.faulty?.has(i) && !this.options.crashes?.has(i);
  }

  start(): void {
    const { n, faulty, opening } = this.options;
    for (const i of faulty?.keys() ?? []) {
      for (let to = 0; to < n; to++) {
        for (const frame of opening?.(validatorIndex(to), this.prng) ?? []) this.sendFrame(i, to, frame);
      }
    }
    for (let i = 0; i < n; i++) {
      this.perform(validatorIndex(i), this.machines[i]!.propose(this.proposals[i]!));
    }
  }

  /** Delivers in random order until nothing is on its way. */
  run(): void {
    this.start();
    for (let next = this.next(); next !== undefined; next = this.next()) {
      if (this.spend(next.to)) this.perform(next.to, this.deliver(next));
    }
  }

  /** Held frames seldom come before all others. */
  private next(): Delivery<Wire> | undefined {
    const { network, held } = this;
    if (held.size > 0 && (network.size === 0 || this.prng.chance(0.01))) return held.next();
    return network.next();
  }

  /** One message delay a turn; what arrives together is answered together; verdicts take no time. */
  runSynchronously(): void {
    this.start();
    for (let delay = 1; this.network.size > 0; delay++) {
      const steps = this.machines.map(() => [] as AcsStep[]);
      for (const delivery of this.network.nextRound()) {
        const step = this.deliver(delivery);
        if (step !== undefined) steps[delivery.to]!.push(step, ...this.verdictsOn(delivery.to, step));
      }
      steps.forEach((mine, i) => {
        if (mine.length === 0) return;
        const { sends, outputs, effects, faults } = mergeSteps(this.machines.length, mine);
        const coins = effects.filter(({ type }) => type === 'coin');
        this.perform(validatorIndex(i), { sends, outputs, effects: coins, faults });
        if (outputs.length > 0) this.delays[i] = delay;
      });
    }
  }

  private verdictsOn(self: ValidatorIndex, { effects }: AcsStep): AcsStep[] {
    return effects.flatMap((effect) => {
      if (effect.type !== 'validate') return [];
      const step = this.machines[self]!.validated(effect.proposer, effect.payload[0] !== INVALID_MARK);
      return [step, ...this.verdictsOn(self, step)];
    });
  }

  /** Throws unless agreement, validity, totality, enough outputs, and no fault of a correct validator. */
  check(): void {
    const correct = this.machines.map((_, i) => i).filter((i) => this.isCorrect(i));
    const reference = this.outputs[correct[0]!];
    if (reference === undefined) this.fail(`no output at ${correct[0]}`);
    for (const i of correct) {
      if (show(this.outputs[i]) !== show(reference)) this.fail(`outputs of ${correct[0]} and ${i} differ`);
      if (!this.machines[i]!.status().closed) this.fail(`validator ${i} did not close`);
    }
    if (reference.length < this.quorum.q) this.fail(`${reference.length} proposals are fewer than q`);
    reference.forEach(({ proposer, payload }, at) => {
      if (at > 0 && reference[at - 1]!.proposer >= proposer) this.fail('the output is not ascending');
      if (payload[0] === INVALID_MARK) this.fail(`an invalid proposal of ${proposer} came out`);
      const own = Buffer.from(this.proposals[proposer]!).equals(Buffer.from(payload));
      if (this.isCorrect(proposer) && !own) this.fail(`the proposal of ${proposer} was changed`);
    });
    const slandered = this.faults.find(({ by }) => this.isCorrect(by) && !this.options.invalid?.has(by));
    if (slandered !== undefined) this.fail(`a fault of a correct validator: ${JSON.stringify(slandered)}`);
  }

  /** The common coin: unpredictable to the machines, the same for all. */
  coinOf(_height: number, instance: number, round: number): Bit {
    return new Prng((this.options.seed * 1009 + instance) * 65_537 + round).bit();
  }

  private deliver(delivery: Delivery<Wire>): AcsStep | undefined {
    const { from, to, message } = delivery;
    const machine = this.machines[to]!;
    if (message.type === 'verdict') return machine.validated(message.proposer, message.ok);
    if (message.type === 'share') {
      const { instance, round } = message;
      const key = `${to}/${instance}/${round}`;
      const senders = this.shares.get(key) ?? new Set();
      this.shares.set(key, senders.add(from));
      if (senders.size !== this.quorum.sharesRequired) return undefined;
      return machine.coin(instance, round, this.coinOf(HEIGHT, instance, round));
    }
    const frame = this.open(delivery, message.bytes);
    return frame === undefined ? undefined : machine.handle(from, frame);
  }

  private open({ from, to }: Delivery<Wire>, bytes: Uint8Array): AcsMessage | undefined {
    const frame = decodeAcsMessage(bytes);
    if (frame !== undefined && from !== to) {
      this.counts.frames += 1;
      this.counts.messages += messagesIn(frame);
      this.counts.bytes += bytes.length;
      this.counts.pulls += frame.rbc.filter(({ kind }) => kind === 'pull').length;
      for (const { kind, bytes: payload } of frame.rbc) {
        if (kind === 'payload') this.pulledBytes[to]! += payload.length;
      }
    }
    return frame;
  }

  /** Sends what a step wants; a crashing validator is cut off at its last delivery, between two peers. */
  private perform(self: ValidatorIndex, step: AcsStep | undefined): void {
    if (step === undefined) return;
    const { n, faulty } = this.options;
    const twist = faulty?.get(self);
    const cut = this.left[self] === 0 ? this.prng.below(n) : n;
    for (const { to, message } of step.sends) {
      for (let peer = 0; peer < n; peer++) {
        if ((to !== 'all' && to !== peer) || peer >= cut) continue;
        const frames =
          peer === self ? [message] : (twist?.(message, validatorIndex(peer), HEIGHT, this) ?? [message]);
        for (const frame of frames) this.sendFrame(self, peer, frame);
      }
    }
    if (twist === undefined) for (const fault of step.faults) this.faults.push(fault);
    for (const effect of step.effects) {
      if (effect.type === 'validate') {
        const ok = effect.payload[0] !== INVALID_MARK;
        this.network.send(self, self, { type: 'verdict', proposer: effect.proposer, ok });
      } else {
        this.counts.coins.add(`${effect.instance}/${effect.round}`);
        if (twist === undefined || this.prng.bit()) {
          this.network.send(self, 'all', { type: 'share', instance: effect.instance, round: effect.round });
        }
      }
    }
    for (const { payloads } of step.outputs) {
      if (this.outputs[self] !== undefined) this.fail(`validator ${self} has two outputs`);
      this.outputs[self] = payloads;
    }
  }

  private sendFrame(from: number, to: number, frame: AcsMessage): void {
    const network = this.options.holds?.(frame, to) ? this.held : this.network;
    network.send(validatorIndex(from), validatorIndex(to), { type: 'frame', bytes: this.encode(frame) });
  }

  private encode(frame: AcsMessage): Uint8Array {
    if (frame !== this.sharedFrame) {
      this.sharedFrame = frame;
      this.sharedBytes = Uint8Array.from(encodeAcsMessage(frame));
    }
    return this.sharedBytes;
  }

  /** @returns whether the validator is still alive; its last delivery makes it crash. */
  private spend(i: number): boolean {
    if (this.left[i] === 0) return false;
    this.left[i]! -= 1;
    return true;
  }

  private fail(why: string): never {
    const { n, seed } = this.options;
    throw new Error(`SEED=${seed} n=${n}: ${why}`);
  }
}

const show = (output: readonly AcsProposal[] | undefined): string =>
  JSON.stringify(output?.map(({ proposer, payload }) => [proposer, Buffer.from(payload).toString('hex')]));
