import { concatBytes, equalBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { encodeCertifiedBlock } from '../ledger/certified-block.ts';
import { type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { epochContext } from '../validator/context.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { ValidatorStep } from '../validator/out.ts';
import { refKey } from '../validator/refs.ts';
import { type Legacy, legacyOf } from '../validator/snapshot.ts';
import type { Effect, Input, Output, ValidatorConfig } from '../validator/types.ts';
import { commitHash, requireNext, requireOwner, requireSame } from './chained.ts';
import { answeredBy, joinedEffects, refOf, type SingleEffect, singleEffects } from './effects.ts';
import { encodeEnd, NO_COMMIT, ownHeader } from './epoch-start.ts';
import { type Group, newGroup } from './group.ts';
import { type HostState, keptEffect, newestWhole, sealHost, wholeEffect } from './host-snapshot.ts';
import { frameRecord } from './log.ts';
import { requireMember, withBlock, withinBounds, withoutBlock } from './logged-input.ts';
import {
  type HostConfig,
  type LogOwner,
  logOwnerOf,
  type Machine,
  type MachineOf,
  machineFor,
} from './machine.ts';
import { type NumberedFrame, type NumberedSending, Outbox } from './outbox.ts';
import { readLog } from './read-log.ts';
import { encodeRecord, type HostRecord, type InputRecord } from './records.ts';
import type { Store } from './store.ts';

type ServeBlock = Extract<Effect, { type: 'serveBlock' }>;
/** What a host cannot do by itself: proofs. */
export type OutsideEffect = Exclude<Effect, ServeBlock>;
/** What a host is told beside frames and links. */
export type LocalInput = Exclude<Input, { type: 'message' | 'connected' | 'stored' | 'forgotten' }>;

/** What a host lets out, when it may: every call is about something that a crash does not undo. */
export interface HostPort {
  /** A frame for a peer: a link carries its frames in order, and gives them back to `receive` at the other end. */
  send(to: ValidatorIndex, number: number, bytes: Uint8Array): void;
  /** Everything that came from this peer up to this number is here for good. */
  acknowledge(to: ValidatorIndex, number: number): void;
  /** To be done, and answered by an input; of verifications, all that one commit led to at once. May be asked again after a restart. */
  effect(effect: OutsideEffect): void;
  /** May be said again after a restart. */
  output(output: Output): void;
  fault(fault: PeerFault): void;
}

export interface HostOptions<C extends HostConfig = ValidatorConfig> {
  readonly config: C;
  /** What runs in it; what the configuration is of by default. */
  readonly machineOf?: MachineOf<C>;
  readonly store: Store;
  readonly port: HostPort;
  /** Sees every input of a replay and what it led to. */
  readonly onReplayed?: (record: InputRecord, sends: readonly NumberedSending[]) => void;
}

/** A peer for which more waits is not given a block. */
const SERVING_BYTES = 1 << 20;
/** A segment with a longer log ends before its height does: what peers say is read again after a crash, and they may say much. */
const SEGMENT_BYTES = 1 << 26;
const BROKEN = 'a validator that failed is restarted from its log';

/**
 * The only effect loop of a validator. Its inputs, in the order in which they are handled, are its log; what they lead to leaves
 * when they are durable, and not before. So whoever restarts it from its store gets the validator that the others know: a replay
 * sends byte for byte what was sent, or stops.
 */
export class Host<C extends HostConfig = ValidatorConfig> {
  readonly #options: Omit<HostOptions<C>, 'machineOf'>;
  readonly #machine: Machine;
  readonly #owner: LogOwner;
  readonly #outbox: Outbox;
  /** Highest number taken from each peer, and what of it is durable. */
  readonly #received: number[];
  readonly #durable: number[];
  /** By what they are about. */
  readonly #unanswered = new Map<string, SingleEffect>();
  /** Blocks that peers asked for and get when little waits for them. */
  #asked: ServeBlock[] = [];
  #group = newGroup();
  /** Hash of the last commit. */
  #last: Uint8Array = NO_COMMIT;
  /** Whether the segment in progress says already whose it is. */
  #hasHeader = false;
  /** What a replay found and `start` lets out. */
  #replayed: { readonly cut: number | undefined; readonly group: Group } | undefined;
  #isBroken = false;
  /** Whether the store held no input at all. */
  readonly #isEmpty: boolean;
  /** The height in progress when the segment began, and the bytes of its log. */
  #begun: Height;
  #logBytes = 0;
  /** Bytes of commits that are not durable yet. */
  #pending = 0;
  /** The snapshot of a segment that has not begun: something before it is not let out yet. */
  #sealed: Uint8Array | undefined;

  /**
   * Restarts a validator from its store, or starts it where the store is empty. Nothing leaves before `start`.
   * @throws {HostError} HOST_LOG_DAMAGED, HOST_LOG_VERSION, HOST_LOG_OTHER, HOST_DIVERGED
   */
  constructor(options: HostOptions<C>) {
    const { config, store, machineOf = machineFor } = options;
    const { state, logs } = newestWhole(store.load());
    this.#options = options;
    this.#owner = logOwnerOf(config);
    const { n } = this.#owner;
    if (state !== undefined) requireOwner(state.header, this.#owner);
    this.#last = state?.header.after ?? this.#last;
    this.#machine = machineOf(config, state?.machine);
    this.#outbox = new Outbox(n, config.self, state?.outbox);
    this.#received = [...(state?.received ?? new Array<number>(n).fill(0))];
    this.#durable = [...this.#received];
    for (const kept of state?.unanswered ?? []) this.#keepUnanswered(wholeEffect(config, kept));
    this.#begun = this.#machine.height;
    this.#replay(logs);
    this.#isEmpty = !this.#hasHeader && equalBytes(this.#last, NO_COMMIT);
  }

  get height(): Height {
    return this.#machine.height;
  }

  /** What the epoch left to the next one, if it is over. Writes its end into a snapshot first, so that a restart needs no keys. */
  legacy(): Legacy | undefined {
    if (this.#pending > 0 || this.#sealed !== undefined || this.#group.records.length > 0) return undefined;
    this.#sealIfDue();
    this.#beginSegment();
    const { config } = this.#options;
    return 'epoch' in config ? legacyOf(epochContext(config), this.#machine.snapshot()) : undefined;
  }

  /** Of inputs that are not durable yet. */
  get undurableBytes(): number {
    return this.#group.records.reduce((sum, { length }) => sum + length, this.#pending);
  }

  /** The highest number that came from a peer and is here for good: what it need not send again. */
  receivedFrom(peer: ValidatorIndex): number {
    return this.#durable[peer]!;
  }

  /** The highest number that came from a peer: what it need not send to this life of the host again. */
  takenFrom(peer: ValidatorIndex): number {
    return this.#received[peer]!;
  }

  /** Frames for a peer above a number that may leave and that it has not acknowledged, ascending. */
  waiting(peer: ValidatorIndex, above: number): readonly NumberedFrame[] {
    return this.#outbox.waiting(peer).filter(({ number }) => number > above);
  }

  /** Lets out what a replay led to. Called once, before anything else; then links come up by `connected`. */
  start(): void {
    const { cut, group } = this.#replayed!;
    const tail = this.#group.effects;
    const again = [...this.#unanswered.values()].filter((effect) => !tail.includes(effect));
    this.#replayed = undefined;
    if (cut !== undefined) this.#options.store.cut(cut);
    this.#release({ ...group, effects: again });
    // Nothing was ever logged here: either nothing was ever said, or it is forgotten.
    const { forgotten: nonce } = this.#options.store;
    if (this.#isEmpty && nonce !== undefined)
      this.#take({ type: 'input', number: 0, input: { type: 'forgotten', nonce } });
    this.commit();
  }

  /** A frame from a peer, as the link carries it. @param number hostile as well */
  receive(from: ValidatorIndex, number: number, bytes: Uint8Array): void {
    if (number > this.#received[from]! && Number.isSafeInteger(number)) {
      this.#take({ type: 'input', number, input: { type: 'message', from, bytes } });
    } else if (number <= this.#durable[from]!) {
      this.#options.port.acknowledge(from, this.#durable[from]!);
    }
  }

  /** Anything else that the validator is told: items, feeds, timers, answers to effects. */
  input(input: LocalInput): void {
    this.#take({ type: 'input', number: 0, input });
    if (input.type !== 'resend') return;
    for (let i = 0; i < this.#received.length; i++) {
      const peer = validatorIndex(i);
      if (peer !== this.#options.config.self) this.#sendAgain(peer, this.#outbox.overdue(peer));
    }
  }

  /** A peer has everything up to this number for good. */
  acknowledged(by: ValidatorIndex, number: number): void {
    this.#outbox.acknowledged(by, number);
    if (this.#serve()) this.commit();
  }

  /**
   * A link to a peer is up: it gets what it lacks.
   * @param durable  what the peer has for good, up to this number: it is kept no longer
   * @param received what has come to it at all: it is not sent again on this link
   */
  connected(peer: ValidatorIndex, durable: number, received = durable): void {
    this.#outbox.acknowledged(peer, durable);
    const forgotten = this.#outbox.isBeyond(peer, received) ? received : 0;
    this.#take({ type: 'input', number: forgotten, input: { type: 'connected', peer } });
    this.#sendAgain(peer, this.waiting(peer, received));
  }

  /** Makes the inputs since the last commit durable; then lets out what they led to. What comes while a snapshot waits is committed behind it. */
  commit(): void {
    assert(!this.#isBroken, BROKEN);
    const group = this.#group;
    if (group.records.length === 0 || this.#sealed !== undefined) return;
    this.#group = newGroup();
    this.#last = commitHash(this.#last, group.sends);
    const records = [...group.records, encodeRecord({ type: 'commit', hash: this.#last })];
    const log = concatBytes(...records.map(frameRecord));
    this.#logBytes += log.length;
    this.#pending += log.length;
    this.#isBroken = true;
    this.#forget(group.outputs);
    this.#sealIfDue();
    this.#options.store.append(log, () => {
      this.#isBroken = false;
      this.#pending -= log.length;
      this.#release(group);
      this.#beginSegment();
    });
    this.#isBroken = false;
  }

  /** When a height began or the log is long: takes the snapshot with which the next segment begins. It is of now, for inputs go on. */
  #sealIfDue(): void {
    if (this.#machine.height === this.#begun && this.#logBytes < SEGMENT_BYTES) return;
    this.#sealed = sealHost(this.#state());
    this.#begun = this.#machine.height;
    this.#hasHeader = false;
    this.#logBytes = 0;
  }

  /** Once everything before it is durable and let out, for a snapshot remembers none of it. */
  #beginSegment(): void {
    const sealed = this.#sealed;
    if (this.#pending > 0 || sealed === undefined) return;
    [this.#sealed, this.#isBroken] = [undefined, true];
    this.#options.store.begin(sealed);
    this.#isBroken = false;
    this.commit();
  }

  /** Between two commits. */
  #state(): HostState {
    return {
      header: ownHeader(this.#owner, this.#last),
      machine: this.#machine.snapshot(),
      received: this.#received,
      outbox: this.#outbox.state(),
      unanswered: [...this.#unanswered.values()].map(keptEffect),
    };
  }

  #take(given: InputRecord): readonly NumberedSending[] {
    assert(this.#replayed === undefined, 'a host is started before it is given anything');
    assert(!this.#isBroken, BROKEN);
    const record = withinBounds(given);
    const group = this.#group;
    if (!this.#hasHeader) group.records.push(encodeRecord(ownHeader(this.#owner, this.#last)));
    this.#hasHeader = true;
    group.records.push(encodeRecord(withoutBlock(record)));
    return this.#handle(record, group);
  }

  /** Hands an input to the machine, and then what it says to itself: at once, in order, and never logged, for it follows from the input. */
  #handle({ number, input }: InputRecord, group: Group): readonly NumberedSending[] {
    this.#isBroken = true;
    if (input.type === 'message') {
      this.#received[input.from] = number;
      group.received.set(input.from, number);
    } else if (input.type === 'connected') {
      this.#outbox.goOnAfter(input.peer, number);
    }
    for (const ref of answeredBy(input)) this.#unanswered.delete(refKey(ref));
    const numbered: NumberedSending[] = [];
    const { self } = this.#options.config;
    const inputs: Input[] = [input];
    for (const each of inputs) {
      const step = this.#machine.handle(each);
      for (const sending of step.sends) {
        const { to, bytes } = sending;
        if (to === 'all' || to === self) inputs.push({ type: 'message', from: self, bytes });
        if (to !== self) numbered.push(this.#outbox.add(sending, this.#machine.height));
      }
      this.#collect(step, group);
    }
    group.sends.push(...numbered);
    this.#isBroken = false;
    return numbered;
  }

  #collect({ effects, outputs, faults }: ValidatorStep, group: Group): void {
    for (const effect of effects.flatMap(singleEffects)) {
      group.effects.push(effect);
      this.#keepUnanswered(effect);
    }
    group.outputs.push(...outputs);
    group.faults.push(...faults);
    // What is asked of an epoch that is over, but for its blocks, nobody answers any more.
    if (outputs.some(({ type }) => type === 'epochOver'))
      for (const [key, { type }] of this.#unanswered) if (type !== 'serveBlock') this.#unanswered.delete(key);
  }

  #keepUnanswered(effect: SingleEffect): void {
    this.#unanswered.set(refKey(refOf(effect)), effect);
  }

  /** What led to all this is durable. */
  #release(group: Group): void {
    const { port, store } = this.#options;
    for (const output of group.outputs) {
      if (output.type === 'epochEnds') store.putEnd(encodeEnd(output.state));
      if (output.type !== 'certified') continue;
      const { height } = output.result;
      if (store.block(height) === undefined) store.putBlock(height, encodeCertifiedBlock(output.result));
    }
    this.#forget(group.outputs);
    for (const sending of group.sends) {
      for (const [to, number] of this.#outbox.release(sending)) port.send(to, number, sending.bytes);
    }
    for (const [from, number] of group.received) {
      this.#durable[from] = number;
      port.acknowledge(from, number);
    }
    for (const effect of joinedEffects(group.effects)) {
      if (effect.type === 'serveBlock') this.#asked.push(effect);
      else port.effect(effect);
    }
    for (const output of group.outputs) port.output(output);
    for (const fault of group.faults) port.fault(fault);
    if (this.#serve()) this.commit();
  }

  /** Frames of heights that are certified here nobody needs. */
  #forget(outputs: readonly Output[]): void {
    for (const output of outputs) if (output.type === 'certified') this.#outbox.forget(output.result.height);
  }

  /** Answers peers that asked for blocks. @returns whether there are answers to commit */
  #serve(): boolean {
    const ready = this.#asked.filter(({ ref }) => this.#outbox.bytesTo(ref.to) < SERVING_BYTES);
    this.#asked = this.#asked.filter((each) => !ready.includes(each));
    for (const { ref } of ready) {
      const bytes = this.#options.store.block(ref.height);
      this.#take({ type: 'input', number: 0, input: { type: 'stored', ref, bytes } });
    }
    return ready.length > 0;
  }

  #sendAgain(to: ValidatorIndex, frames: readonly NumberedFrame[]): void {
    for (const { number, bytes } of frames) this.#options.port.send(to, number, bytes);
  }

  /** Handles again what the logs hold. */
  #replay(logs: readonly Uint8Array[]): void {
    const said: Group = newGroup();
    let cut: number | undefined;
    let tail: readonly InputRecord[] = [];
    for (const [i, log] of logs.entries()) {
      const read = readLog(log, i === logs.length - 1);
      this.#hasHeader = read.committed.length > 0;
      for (const record of read.committed) this.#again(record, said);
      if (read.length < log.length) cut = read.length;
      this.#logBytes = read.length;
      tail = read.tail;
    }
    for (const record of tail) {
      requireMember(record, this.#received.length);
      const sends = this.#take(record);
      this.#options.onReplayed?.(record, sends);
    }
    this.#replayed = { cut, group: said };
  }

  #again(record: HostRecord, said: Group): void {
    if (record.type === 'input') {
      requireMember(record, this.#received.length);
      const sends = this.#handle(withBlock(record, this.#options.store), this.#group);
      this.#options.onReplayed?.(record, sends);
      return;
    }
    if (record.type === 'header') return requireNext(record, this.#owner, this.#last);
    const { sends, outputs, faults, received } = this.#group;
    this.#group = newGroup();
    this.#last = commitHash(this.#last, sends);
    requireSame(this.#last, record.hash, this.height);
    for (const sending of sends) this.#outbox.release(sending);
    for (const [from, number] of received) this.#durable[from] = number;
    said.outputs.push(...outputs);
    said.faults.push(...faults);
  }
}
