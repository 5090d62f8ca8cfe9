import { toHex } from '../base/bytes.ts';
import { VelumError } from '../base/errors.ts';
import { type CrossingStep, crossBorder } from '../host/cross-border.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { NoteView } from '../ledger/ordering-state.ts';
import { tlsIdentity } from '../net/identity.ts';
import { streamName, TlsListener } from '../net/tls-listener.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type Border, dealingsIn, readBorder } from '../validator/border.ts';
import { KnownEpochs } from './borders.ts';
import { ChainEvents } from './chain-events.ts';
import type { ChainView } from './chain-view.ts';
import { ownDuty } from './duties.ts';
import { epochFolder, FileSafe } from './file-safe.ts';
import { readFolder } from './file-store.ts';
import { FirstKeys } from './first-keys-node.ts';
import { Follower } from './follower.ts';
import type { MemberNodeOptions } from './member-options.ts';
import { followingHealth, type NodeHealth } from './node-health.ts';
import { NodeMetrics } from './node-metrics.ts';
import { type Ended, Offices } from './offices.ts';
import { ProofService } from './proof-service.ts';
import type { ValidatorNode } from './validator-node.ts';
import { Visitor } from './visitor.ts';
import { Visits } from './visits.ts';

/** How often a member looks whether it owes something, and whether the others are further, ms. */
const LOOK_MS = 500;
/** A validator asks the others only in case it lags by an epoch. */
const SEATED_LOOKS = 10;
/** What is owed is handed in again after so many looks. */
const AGAIN_LOOKS = 10;

/**
 * A member of a chain's registry as a process, over all epochs: it generates the first keys with the others, validates while it has a
 * seat, follows while it has none, registers and deals for the next epoch, and crosses each border in the order that `crossBorder` keeps.
 * It may be killed at any time. After a border it answers under the keys of the epoch that is over until the next one.
 */
export class MemberNode {
  /** Who listens, over all epochs. */
  readonly events = new ChainEvents();
  readonly #options: MemberNodeOptions;
  readonly #safe: FileSafe;
  readonly #epochs: KnownEpochs;
  readonly #listener: TlsListener;
  readonly #proofs: ProofService;
  #visits: Visits | undefined;
  #firstKeys: FirstKeys | undefined;
  readonly #offices: Offices;
  #follower: Follower | undefined;
  #look: NodeJS.Timeout | undefined;
  #looks = 0;
  #handedInAt = Number.NEGATIVE_INFINITY;
  #isStopped = false;
  #end!: (error: unknown) => void;
  /** Resolves when the member has stopped: with what it failed of, if it did not stop because it was told to. */
  readonly ended = new Promise<unknown>((resolve) => {
    this.#end = resolve;
  });
  #metrics: NodeMetrics | undefined;

  /** @throws {FileError} {NodeError} as FileSafe does */
  constructor(options: MemberNodeOptions) {
    this.#options = options;
    const { dir, chain, member, listen } = options;
    this.#epochs = new KnownEpochs(options);
    this.#safe = new FileSafe(dir, { chainHash: chainHash(chain), member });
    this.#listener = new TlsListener(listen);
    this.#proofs = new ProofService((error) => this.#fail(error));
    this.#offices = new Offices({
      ...options,
      safe: this.#safe,
      epochs: this.#epochs,
      listener: this.#listener,
      proofs: this.#proofs,
      events: this.events,
      onOver: (epoch) => this.#over(epoch),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** Number of the epoch in office as far as this member knows; 0 while the first keys are generated. */
  get #count(): number {
    return this.#epochs.count;
  }

  /** What requests are answered from, once `start` has resolved. */
  get view(): ChainView {
    return this.#view!;
  }

  get #view(): ChainView | undefined {
    return this.#offices.now?.node.view ?? this.#follower?.view ?? this.#offices.last?.view;
  }

  /** Its index in the registry. */
  get self(): ValidatorIndex {
    return validatorIndex(this.#options.member);
  }

  get chain(): ChainGenesis {
    return this.#options.chain;
  }

  /** In office, once `start` has resolved. */
  get epoch(): EpochConfig {
    return this.#epochs.newest!;
  }

  get notes(): NoteView {
    return (this.#offices.now?.node ?? this.#follower ?? this.#offices.last!).notes;
  }

  /** 32 bytes. */
  get chainHash(): Uint8Array {
    return chainHash(this.#options.chain);
  }

  /** The height in progress, or the one that comes next where it follows. */
  get height(): Height {
    return this.#offices.now?.node.height ?? height(this.#certified + 1);
  }

  /** How it is, and why. */
  get health(): NodeHealth {
    const node = this.#offices.now?.node ?? (this.#follower === undefined ? this.#offices.last : undefined);
    return node?.health ?? followingHealth();
  }

  get isReady(): boolean {
    return !this.#isStopped && this.health.ok;
  }

  /** Proofs that wait for a verdict. */
  get waitingProofs(): number {
    return this.#proofs.waiting;
  }

  /** Counts of the validator that it is, or was last. */
  get metrics(): NodeMetrics {
    this.#metrics ??= new NodeMetrics(this);
    return this.#offices.last?.metrics ?? this.#metrics;
  }

  peers(): ReturnType<ValidatorNode['peers']> {
    return this.#offices.now?.node.peers() ?? [];
  }

  /** How far the heights in progress are; of a member without a seat nothing is known. */
  readonly progressed = () => this.#offices.now?.node.progressed();

  /** An item of a trader: hostile bytes. Who has no seat hands it on. */
  submit(bytes: Uint8Array): void {
    const office = this.#offices.now;
    if (office !== undefined) return office.node.submit(bytes);
    const epoch = this.#epochs.newest;
    if (epoch !== undefined) void this.#handIn(epoch, bytes);
  }

  /** An encoded certified block of any epoch that this member has kept. */
  block(at: Height): Uint8Array | undefined {
    const known = this.#epochs.of(at);
    return known && readFolder(epochFolder(this.#options.dir, known.epoch)).block(at);
  }

  /** Blocks of heights before this one are not kept here. */
  get keptFrom(): Height {
    return this.#epochs.at(this.#oldestKept)?.firstHeight ?? height(1);
  }

  get #oldestKept(): number {
    const { keepEpochs = Number.POSITIVE_INFINITY } = this.#options;
    return Math.max(1, (this.#offices.now?.epoch.epoch ?? this.#count) - keepEpochs);
  }

  /**
   * Warms the proofs, meets the others, and goes on where it was. Resolves when the member validates or follows; while the first keys
   * are generated that takes as long as it takes.
   * @throws {NetError} NET_LISTEN; {HostError} {FileError} {NodeError} as the stores do
   */
  async start(): Promise<void> {
    const { rootSecret, chain, log } = this.#options;
    await this.#proofs.warm().catch((error) => {
      if (!this.#isStopped) throw error;
    });
    if (this.#isStopped) return;
    await this.#listener.open();
    if (rootSecret !== undefined) {
      const identity = await tlsIdentity(rootSecret);
      const name = chainHash(chain);
      this.#epochs.visitor = new Visitor(identity, name);
      this.#visits = new Visits(identity, chain.registry, {
        status: () => ({ epoch: this.#count, certified: this.#certified }),
        block: (at) => this.block(at),
        border: (epoch) => this.#epochs.shown(epoch),
        generation: () => this.#firstKeys?.shown(),
        submit: (bytes) => this.#offices.now?.node.submit(bytes),
      });
      this.#listener.add(streamName(name), this.#visits);
    }
    const first = await this.#firstEpoch();
    if (first === undefined || this.#isStopped) return;
    this.#epochs.begin(first);
    const seatedIn = this.#safe.newestKeys();
    while (seatedIn !== undefined && this.#count < seatedIn) {
      const taken = await this.#epochs.find(this.#epochs.newest!);
      if (this.#isStopped) return;
      if (taken !== undefined) this.#epochs.add(taken);
      else {
        log.warn({ epoch: this.#count + 1 }, 'nobody shows the border of this epoch yet');
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
    if (seatedIn === undefined) await this.#arrive();
    else {
      this.#eraseOlder(seatedIn);
      await this.#offices.sit(this.#epochs.at(seatedIn)!, [], undefined);
    }
    this.#safe.prune(this.#oldestKept);
    this.#later();
  }

  /** Makes durable what came, ends the streams and gives the folder back. */
  stop(): Promise<void> {
    return this.#close(undefined);
  }

  get #certified(): number {
    return Math.max(this.#follower?.height ?? 0, this.#offices.last?.view.certified ?? 0);
  }

  async #firstEpoch(): Promise<EpochConfig | undefined> {
    const { first } = this.#options;
    if ('decryptionKey' in first) return first;
    this.#firstKeys = new FirstKeys({
      ...this.#options,
      genesis: first,
      safe: this.#safe,
      listener: this.#listener,
      proofs: this.#proofs,
      visitor: this.#epochs.visitor,
      onFailure: (error) => this.#fail(error),
    });
    return this.#firstKeys.make();
  }

  /** The epoch in office is over here. */
  #over(epoch: EpochConfig): void {
    if (this.#isStopped || this.#offices.now?.epoch !== epoch) return;
    try {
      const ended = this.#offices.ended();
      if (ended === undefined) setImmediate(() => this.#over(epoch));
      else this.#cross(epoch, ended).catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Without keys a member begins behind the newest border: a crash may have come before it crossed that, and it may have a seat there. */
  async #arrive(): Promise<void> {
    const over = this.#epochs.at(this.#count - 1);
    const taken = over && this.#epochs.kept(over);
    if (over === undefined || taken === undefined) this.#follow(undefined, undefined);
    else await this.#cross(over, { ...taken, items: [] });
  }

  async #cross(over: EpochConfig, { border, shown, items }: Ended): Promise<void> {
    const { chain, member, dissemination, log } = this.#options;
    const before = this.#view;
    const next = this.#epochs.add({ border, shown });
    const former = this.#offices.leave();
    this.#firstKeys?.stop();
    const dealt = dealingsIn(shown);
    const crossing = { chain, over: over.epoch, next, dealt, border, member, dissemination };
    const onStep = (step: CrossingStep): void => log.info({ epoch: next.epoch, step }, 'border');
    const crossed = crossBorder(this.#safe, crossing, onStep);
    if (crossed.type === 'unshared') {
      const { code, alarm } = crossed;
      const shown = alarm && { ...alarm, shown: toHex(alarm.shown) };
      log.error({ epoch: next.epoch, code, ...shown }, 'no share');
    }
    this.#follower = undefined;
    if (crossed.type === 'seated') await this.#offices.sit(next, items, before);
    else this.#follow(border, before);
    if (former !== undefined) await this.#offices.serve(former);
    if (this.#isStopped) return;
    this.#safe.closeBefore(over.epoch);
    this.#safe.prune(this.#oldestKept);
  }

  /** What a crash at a border left: secrets of epochs before the newest one, and what opened the dealings to that one. */
  #eraseOlder(newest: number): void {
    for (let epoch = 1; epoch <= newest; epoch++) {
      if (epoch < newest) for (const kind of ['keys', 'dealing'] as const) this.#safe.erase(kind, epoch);
      for (const kind of ['registrant', 'registration'] as const) this.#safe.erase(kind, epoch);
    }
  }

  /** @param border at which the epoch begins; none at genesis */
  #follow(border: Border | undefined, before: ChainView | undefined): void {
    const { chain, log } = this.#options;
    const epoch = this.#epochs.newest!;
    log.info({ epoch: epoch.epoch }, 'no seat in this epoch: following it');
    const { visitor } = this.#epochs;
    if (visitor === undefined) return;
    const state = border && readBorder(chain, height(epoch.firstHeight - 1), border);
    this.#follower = new Follower(chain, epoch, state, visitor, before, this.events);
  }

  #later(): void {
    this.#look = setTimeout(async () => {
      try {
        await this.#lookAround();
      } catch (error) {
        this.#fail(error);
      }
      if (!this.#isStopped) this.#later();
    }, LOOK_MS);
  }

  /** Whether the others are in a later epoch, how far they are, and what this member owes. */
  async #lookAround(): Promise<void> {
    this.#looks += 1;
    const [office, follower] = [this.#offices.now, this.#follower];
    const { visitor } = this.#epochs;
    if (visitor === undefined) return;
    const epoch = office?.epoch ?? this.#epochs.newest!;
    if (office === undefined || this.#looks % SEATED_LOOKS === 0) {
      const [at] = this.#epochs.others(epoch);
      const status = at && (await visitor.status(at));
      if (at !== undefined && status !== undefined && !this.#isStopped) {
        if (status.epoch > epoch.epoch) await this.#catchUp(epoch);
        else await follower?.follow(at, status.certified, () => this.#isStopped);
      }
    }
    if (!this.#isStopped && this.#epochs.newest === epoch) await this.#doDuty(epoch);
  }

  async #catchUp(epoch: EpochConfig): Promise<void> {
    const taken = await this.#epochs.find(epoch);
    const isStill = (this.#offices.now?.epoch ?? this.#epochs.newest) === epoch;
    if (taken !== undefined && isStill && !this.#isStopped) await this.#cross(epoch, { ...taken, items: [] });
  }

  async #doDuty(epoch: EpochConfig): Promise<void> {
    const { chain, member, rootSecret, address } = this.#options;
    const [office, follower] = [this.#offices.now, this.#follower];
    const rotation = office?.node.rotation ?? follower?.rotation;
    if (rootSecret === undefined || rotation?.epoch.epoch !== epoch.epoch) return;
    if (this.#looks - this.#handedInAt < AGAIN_LOOKS) return;
    const item = await ownDuty(rotation, {
      chain,
      member,
      height: this.height,
      rootSecret,
      address,
      safe: this.#safe,
      forgottenUntil: office?.node.forgottenUntil ?? 0,
      proofs: this.#proofs,
      isCurrent: (number) => !this.#isStopped && this.#count === number,
    });
    if (item === undefined || this.#isStopped) return;
    this.#handedInAt = this.#looks;
    office?.node.submit(item);
    if (office === undefined) await this.#handIn(epoch, item);
  }

  async #handIn(epoch: EpochConfig, item: Uint8Array): Promise<void> {
    const { visitor } = this.#epochs;
    await Promise.all(this.#epochs.others(epoch).map((at) => visitor?.submit(at, item)));
  }

  #fail(error: unknown): void {
    void this.#close(error ?? new Error('unknown'));
  }

  async #close(error: unknown): Promise<void> {
    if (this.#isStopped) return void (await this.ended);
    this.#isStopped = true;
    const { log } = this.#options;
    if (error !== undefined) log.error(logged(error), 'stopped by a failure');
    clearTimeout(this.#look);
    this.#firstKeys?.stop();
    this.#offices.stop();
    this.#visits?.close();
    await this.#listener.close();
    await this.#proofs.close();
    this.#safe.close();
    if (error === undefined) log.info({ height: this.#certified }, 'stopped');
    this.#end(error);
  }
}

/** What of an error may stand in a log: our own errors say in their text what is wrong, and hold no secret. */
const logged = (error: unknown): object =>
  error instanceof VelumError
    ? { code: error.code, reason: error.message }
    : { code: 'ASSERTION', reason: error instanceof Error ? error.message : 'unknown' };
