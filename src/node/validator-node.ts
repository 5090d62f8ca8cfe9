import { Host, type LocalInput, type OutsideEffect } from '../host/host.ts';
import { validatorOf } from '../host/machine.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import { type EpochConfig, epochDomain } from '../ledger/epoch-config.ts';
import type { NoteView } from '../ledger/ordering-state.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import type { TlsIdentity } from '../net/identity.ts';
import type { TlsListener } from '../net/tls-listener.ts';
import { TlsTransport } from '../net/tls-transport.ts';
import type { Address, PeerStatus, Transport, TransportOwner } from '../net/transport.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { Legacy } from '../validator/snapshot.ts';
import type { Output, ValidatorConfig } from '../validator/types.ts';
import type { Validator } from '../validator/validator.ts';
import { BackgroundStore } from './background-store.ts';
import type { ChainEvents } from './chain-events.ts';
import { ChainView } from './chain-view.ts';
import type { FileStore } from './file-store.ts';
import type { PlayedBy } from './member-options.ts';
import { healthOf, type NodeHealth } from './node-health.ts';
import type { NodeLog } from './node-log.ts';
import { NodeMetrics, type TurnWork } from './node-metrics.ts';
import { NodeTimers } from './node-timers.ts';
import type { OracleFeed } from './oracle-feed.ts';
import type { OnVerdicts, ProofService } from './proof-service.ts';

export interface ValidatorNodeOptions extends Required<Omit<ValidatorConfig, 'crypto'>> {
  /** Of this epoch. Whoever opened it closes it when the node has ended. */
  readonly store: FileStore;
  /** Where this process answers, open; and what proves and verifies for it, warm. */
  readonly listener: TlsListener;
  readonly proofs: ProofService;
  /** Of the network key of this epoch. */
  readonly identity: TlsIdentity;
  /** Where each validator listens, by index. */
  readonly peers: readonly Address[];
  readonly feed: OracleFeed;
  /** Delay of what comes from others, ms. */
  readonly delayMs: number;
  readonly playedBy?: PlayedBy | undefined;
  readonly log: NodeLog;
  /** Who listens, over all epochs. */
  readonly events: ChainEvents;
  /** What was seen of the epoch before. */
  readonly before?: ChainView | undefined;
  /** The epoch is over here. Said again after a restart. */
  readonly onOver: () => void;
}

/** What was heard and is not durable yet, at most: peers may say much while a disk stands still. */
const MAX_UNDURABLE_BYTES = 1 << 24;

/**
 * A validator of one epoch: its host on a store, streams to the others, timers, a feed, and proofs made and verified elsewhere.
 * Inputs of one turn of the event loop, or of all while the disk is busy, become durable together, and meanwhile the loop goes on; what they led
 * to leaves after that.
 */
export class ValidatorNode {
  readonly view: ChainView;
  /** The validator in the host, to be looked at between two inputs. */
  #validator!: Validator;
  readonly #options: ValidatorNodeOptions;
  readonly #store: BackgroundStore;
  readonly #host: Host;
  readonly #faults = new Map<ValidatorIndex, number>();
  readonly metrics = new NodeMetrics(this);
  #transport: Transport | undefined;
  #timers: NodeTimers | undefined;
  #isTurnDue = false;
  /** What this turn of the event loop has worked so far. */
  #turnWork: TurnWork = { ms: 0, cpuMs: 0 };
  #isStopped = false;
  /** Proofs are warm, and streams are open. */
  #isStarted = false;
  #end!: (error: unknown) => void;
  /** Resolves when the node has stopped: with what it failed of, if it did not stop because it was told to. */
  readonly ended = new Promise<unknown>((resolve) => {
    this.#end = resolve;
  });

  /**
   * Replays the log of the store. Nothing leaves before `start`.
   * @throws {HostError} {FileError} {NodeError} as the store and Host do
   */
  constructor(options: ValidatorNodeOptions) {
    this.#options = options;
    const { store, chain, epoch, self, secrets, dissemination, kernels, before } = options;
    const { playedBy = (validator) => validator } = options;
    this.#store = new BackgroundStore(store, {
      run: (work) => this.#guard(work),
      failed: (error) => this.#fail(error),
    });
    this.view = new ChainView(chain, epoch, self, store.load(), before);
    this.#host = new Host({
      config: { chain, epoch, self, secrets, dissemination, kernels },
      machineOf: (config, snapshot) => {
        this.#validator = validatorOf(config, snapshot);
        return playedBy(this.#validator, config);
      },
      store: this.#store,
      port: {
        send: (to, number, bytes) => this.#transport?.send(to, number, bytes),
        acknowledge: (to, number) => this.#transport?.acknowledge(to, number),
        effect: (effect) => this.#do(effect),
        output: (output) => this.#hear(output),
        fault: (fault) => this.#blame(fault),
      },
    });
  }

  get self(): ValidatorIndex {
    return this.#options.self;
  }

  /** 32 bytes. */
  get chainHash(): Uint8Array {
    return chainHash(this.#options.chain);
  }

  /** The height in progress. */
  get height(): Height {
    return this.#host.height;
  }

  get chain(): ChainGenesis {
    return this.#options.chain;
  }

  get epoch(): EpochConfig {
    return this.#options.epoch;
  }

  /** Notes after the last height ordered here. */
  get notes(): NoteView {
    return this.#validator.shown.notes;
  }

  /** Whether it takes part, and if not, why. */
  get health(): NodeHealth {
    return healthOf({
      isStarted: this.#isStarted,
      isStopped: this.#isStopped,
      hasDiverged: this.view.hasDiverged,
      hasForgotten: this.height <= this.forgottenUntil,
      isBehind: this.view.isBehind,
      peersUp: this.peers().filter(({ isUp }) => isUp).length,
      validators: this.epoch.validators.length,
    });
  }

  get isReady(): boolean {
    return this.health.ok;
  }

  /** Proofs that wait for a verdict: who submits more is told to wait. */
  get waitingProofs(): number {
    return this.#options.proofs.waiting;
  }

  peers(): readonly (PeerStatus & { readonly faults: number })[] {
    const status = this.#transport?.peers() ?? [];
    return status.map((peer) => ({ ...peer, faults: this.#faults.get(peer.index) ?? 0 }));
  }

  /** An encoded certified block of this validator's store. */
  block(at: Height): Uint8Array | undefined {
    return this.#store.block(at);
  }

  /** An item of a trader: hostile bytes. */
  submit(bytes: Uint8Array): void {
    this.#give({ type: 'item', bytes });
  }

  /** A certified block of anybody's store: hostile bytes. */
  takeBlock(bytes: Uint8Array): void {
    this.#give({ type: 'block', bytes });
  }

  /** The last height in which it may have said what it has forgotten; 0 if nothing is. */
  get forgottenUntil(): number {
    return this.#validator.shown.forgottenUntil;
  }

  /** How far the heights in progress and the others are. */
  readonly progressed = () => this.#validator.shown.progress();

  /** How the epoch leads to the next one, after the last height that is ordered here. */
  get rotation(): Rotation {
    return this.#validator.shown.notes.rotation;
  }

  /** What the epoch left to the next one, if it is over: all of it is durable, for keys are erased after it. */
  legacy(): Legacy | undefined {
    if (this.#isStopped) return undefined;
    this.#settle();
    const legacy = this.#host.legacy();
    this.#store.flush();
    return legacy;
  }

  /** Says what the replay led to, and meets the others. */
  start(): void {
    const { chain, epoch, self, identity, listener, peers, proofs, feed, delayMs, log } = this.#options;
    const domain = epochDomain(chain, epoch);
    const transport = new TlsTransport({
      self,
      identity,
      keys: epoch.validators.map(({ signKey }) => signKey),
      addresses: peers,
      listener,
      chain: domain.chainHash,
      epoch: domain.epochHash,
      owner: this.#owner(),
      delayMs,
    });
    this.#guard(() => this.#host.start());
    this.#timers = new NodeTimers({
      observe: () => {
        const clockS = BigInt(Math.floor(Date.now() / 1000));
        this.#give({ type: 'observe', ...feed.report(clockS) });
      },
      announce: () => this.#give({ type: 'announceDue' }),
      ballot: () => this.#give({ type: 'ballotDue' }),
      resend: () => this.#give({ type: 'resend' }),
      isVerifying: () => proofs.waiting > 0,
    });
    // What a life before it was told to vote on is not said again.
    this.#timers.votable();
    this.#transport = transport;
    transport.open();
    this.#isStarted = true;
    log.info({ validator: self, epoch: epoch.epoch, height: this.#host.height }, 'ready');
  }

  /** Makes durable what came, and ends the streams. */
  stop(): void {
    this.#close(undefined);
  }

  #owner(): TransportOwner {
    const { log } = this.#options;
    const host = this.#host;
    return {
      numbersOf: (peer) => ({ durable: host.receivedFrom(peer), received: host.takenFrom(peer) }),
      onUp: (peer, { durable, received }) => {
        log.info({ peer }, 'peer up');
        this.#guard(() => host.connected(peer, durable, received));
        this.#timers?.progressed();
      },
      onDown: (peer) => log.info({ peer }, 'peer down'),
      onFrame: (peer, number, bytes) => {
        this.#timers?.active();
        this.#guard(() => host.receive(peer, number, bytes));
      },
      onAcknowledged: (peer, number) => this.#guard(() => host.acknowledged(peer, number)),
      waiting: (peer, above) => (this.#isStopped ? [] : host.waiting(peer, above)),
    };
  }

  #give(input: LocalInput): void {
    if (input.type === 'item' || input.type === 'verified' || input.type === 'proved') this.#timers?.active();
    if (input.type === 'item' || input.type === 'proved') this.metrics.reached(input.type);
    this.#guard(() => this.#host.input(input));
  }

  /** Lets the host work, and commits at the end of this turn of the event loop. What fails ends the node: its log is what goes on. */
  #guard(work: () => void): void {
    if (this.#isStopped) return;
    this.#timed(() => this.#guardOnce(work));
    if (this.#isTurnDue || this.#isStopped) return;
    this.#isTurnDue = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    this.#timed(() =>
      this.#guardOnce(() => {
        const isLate = this.#host.undurableBytes > MAX_UNDURABLE_BYTES;
        // What comes while the disk works becomes durable together: the next turn comes when it is done.
        if (isLate || !this.#store.isBusy) this.#host.commit();
        // The disk does not keep up: as long as it takes, nobody is heard.
        if (isLate) this.#store.flush();
      }),
    );
    this.metrics.worked(this.#turnWork);
    this.#turnWork = { ms: 0, cpuMs: 0 };
  }

  #timed(work: () => void): void {
    const [begunMs, begunCpuMs] = [performance.now(), cpuMs()];
    work();
    const { ms, cpuMs: before } = this.#turnWork;
    this.#turnWork = { ms: ms + performance.now() - begunMs, cpuMs: before + cpuMs() - begunCpuMs };
  }

  /** Makes durable all that came. */
  #settle(): void {
    this.#host.commit();
    this.#store.flush();
  }

  #guardOnce(work: () => void): void {
    if (this.#isStopped) return;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #onVerdicts: OnVerdicts = (verdicts) => this.#give({ type: 'verified', verdicts });

  #do(effect: OutsideEffect): void {
    if (effect.type === 'prove') {
      const { ref } = effect;
      this.metrics.reached('cast');
      void this.#options.proofs
        .prove(effect.statement)
        .then((proof) => this.#give({ type: 'proved', ref, proof }));
      return;
    }
    // Others are of a generation of keys: this validator has its own.
    if (effect.type === 'verify') this.#options.proofs.verify(effect.requests, this.#onVerdicts);
  }

  #hear(output: Output): void {
    const { log } = this.#options;
    this.view.said(output);
    this.#options.events.said(output);
    this.metrics.said(output);
    switch (output.type) {
      case 'admitted':
        return this.#timers?.admitted();
      case 'began':
        return this.#timers?.began();
      case 'votable':
        return this.#timers?.votable();
      case 'refused':
        return log.debug({ item: output.item, code: output.code }, 'item refused');
      case 'proposed':
      case 'ordered':
        return this.#timers?.progressed();
      case 'settled': {
        this.#timers?.progressed();
        const { height, items } = output.result;
        return log.info(this.view.roots(height) ?? { height, accepted: items.length }, 'settled');
      }
      case 'certified':
        this.#timers?.progressed();
        return log.info({ height: output.result.height }, 'certified');
      case 'epochEnds':
        return log.info({ height: output.height }, output.type);
      case 'epochOver':
        log.info({ height: output.height }, output.type);
        // Not in the middle of a commit.
        setImmediate(() => this.#options.onOver());
        return;
      case 'behind':
        return log.warn({ height: output.height, certified: output.certified }, 'behind');
      case 'diverged':
        return log.error({ height: output.height }, 'diverged: a quorum signed something else');
      case 'blockRefused':
        return log.warn({ problem: output.problem }, 'block refused');
    }
  }

  #blame({ by, fault }: PeerFault): void {
    const faults = (this.#faults.get(by) ?? 0) + 1;
    this.#faults.set(by, faults);
    this.#transport?.blame(by);
    // Whoever does nothing else is not to fill the disk with lines: of many faults the 1st, 2nd, 4th, 8th … is told.
    if (Number.isInteger(Math.log2(faults)))
      this.#options.log.warn({ peer: by, fault, faults }, 'fault of a peer');
  }

  #fail(error: unknown): void {
    this.#close(error ?? new Error('unknown'));
  }

  #close(error: unknown): void {
    if (this.#isStopped) return;
    if (error === undefined) this.#guardOnce(() => this.#settle());
    // The last write may have failed.
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#timers?.close();
    this.#transport?.close();
    this.#end(error);
  }
}

/** Processor time of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
