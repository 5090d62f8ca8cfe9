import { randomBytes } from 'node:crypto';
import type { RandomBytes } from '../base/random.ts';
import { makeDealing, randomSecrets } from '../crypto/dealing/deal.ts';
import { decodeDealing, encodeDealing } from '../crypto/dealing/encoding.ts';
import { Host, type LocalInput, type OutsideEffect } from '../host/host.ts';
import { logOwnerOf } from '../host/machine.ts';
import type { Store } from '../host/store.ts';
import { tlsIdentity } from '../net/identity.ts';
import type { TlsListener } from '../net/tls-listener.ts';
import { TlsTransport } from '../net/tls-transport.ts';
import type { Address, TransportOwner } from '../net/transport.ts';
import type { GenesisConfig } from '../validator/genesis/config.ts';
import type { GeneratedKeys } from '../validator/genesis/generated-keys.ts';
import type { Output } from '../validator/types.ts';
import { NodeError } from './errors.ts';
import type { NodeLog } from './node-log.ts';
import type { ProofService } from './proof-service.ts';

export interface GenerationNodeOptions {
  readonly config: GenesisConfig;
  /** Of the generation alone: it is over when the chain's first height begins. */
  readonly store: Store;
  readonly listener: TlsListener;
  /** Where each member listens, by index. */
  readonly peers: readonly Address[];
  readonly proofs: ProofService;
  readonly delayMs: number;
  readonly log: NodeLog;
  /** @param keys with one's own shares, which are secret. May be called again after a restart. */
  readonly onGenerated: (keys: GeneratedKeys) => void;
  readonly onFailure: (error: unknown) => void;
}

/** What a member says again of what nobody has acknowledged, in these intervals, ms. */
const FIRST_RESEND_MS = 500;
const LAST_RESEND_MS = 8_000;

const fresh: RandomBytes = (n) => Uint8Array.from(randomBytes(n));

/**
 * A member that generates the keys of a chain's first epoch with the others, as a process: its host on a store, streams to the others,
 * dealings proved and verified elsewhere. It may be killed at any time; a member that has its keys goes on answering those that have not.
 */
export class GenerationNode {
  readonly #options: GenerationNodeOptions;
  readonly #host: Host<GenesisConfig>;
  readonly #transport: TlsTransport;
  #resend: NodeJS.Timeout | undefined;
  #resendAfterMs = FIRST_RESEND_MS;
  #isResting = false;
  #isTurnDue = false;
  #isStopped = false;

  private constructor(options: GenerationNodeOptions, identity: Awaited<ReturnType<typeof tlsIdentity>>) {
    const { config, store, listener, peers, delayMs } = options;
    this.#options = options;
    this.#host = new Host<GenesisConfig>({
      config,
      store,
      port: {
        send: (to, number, bytes) => this.#transport.send(to, number, bytes),
        acknowledge: (to, number) => this.#transport.acknowledge(to, number),
        effect: (effect) => this.#do(effect),
        output: (output) => this.#hear(output),
        fault: ({ by, fault }) => options.log.warn({ peer: by, fault }, 'fault of a peer'),
      },
    });
    const { chain, epoch } = logOwnerOf(config);
    const keys = config.draft.seats.map(({ signKey }) => signKey);
    const owner = this.#owner();
    this.#transport = new TlsTransport({
      self: config.self,
      identity,
      keys,
      addresses: peers,
      listener,
      chain,
      epoch,
      owner,
      delayMs,
    });
  }

  /**
   * Replays what the store holds. Nothing leaves before `start`.
   * @throws {HostError} as Host does
   */
  static async open(options: GenerationNodeOptions): Promise<GenerationNode> {
    return new GenerationNode(options, await tlsIdentity(options.config.secrets.signSecret));
  }

  /** Deals, if it has not dealt, and meets the others. */
  start(): void {
    this.#guard(() => this.#host.start());
    this.#give({ type: 'dealDue' });
    this.#transport.open();
    this.#later();
  }

  /** The keys are kept: from now on this only answers. */
  rest(): void {
    clearTimeout(this.#resend);
    this.#isResting = true;
  }

  /** Makes durable what came, and ends the streams. */
  stop(): void {
    if (this.#isStopped) return;
    this.#turn();
    this.#isStopped = true;
    clearTimeout(this.#resend);
    this.#transport.close();
  }

  #owner(): TransportOwner {
    const host = this.#host;
    const { log } = this.#options;
    return {
      numbersOf: (peer) => ({ durable: host.receivedFrom(peer), received: host.takenFrom(peer) }),
      onUp: (peer, { durable, received }) => {
        log.info({ peer }, 'peer up, keys are being generated');
        this.#guard(() => host.connected(peer, durable, received));
      },
      onDown: (peer) => log.info({ peer }, 'peer down'),
      onFrame: (peer, number, bytes) => {
        this.#resendAfterMs = FIRST_RESEND_MS;
        this.#guard(() => host.receive(peer, number, bytes));
      },
      onAcknowledged: (peer, number) => this.#guard(() => host.acknowledged(peer, number)),
      waiting: (peer, above) => (this.#isStopped ? [] : host.waiting(peer, above)),
    };
  }

  #later(): void {
    if (this.#isResting || this.#isStopped) return;
    this.#resend = setTimeout(() => {
      this.#resendAfterMs = Math.min(LAST_RESEND_MS, 2 * this.#resendAfterMs);
      this.#give({ type: 'resend' });
      this.#later();
    }, this.#resendAfterMs);
  }

  #give(input: LocalInput): void {
    this.#guard(() => this.#host.input(input));
  }

  /** Lets the host work, and commits at the end of this turn of the event loop. */
  #guard(work: () => void): void {
    if (this.#isStopped) return;
    try {
      work();
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    if (this.#isStopped) return;
    try {
      this.#host.commit();
    } catch (error) {
      this.#fail(error);
    }
  }

  #do(effect: OutsideEffect): void {
    const { config, proofs } = this.#options;
    const { session, self } = config;
    if (effect.type === 'deal') {
      const { ref } = effect;
      void proofs
        .proveDealing(makeDealing(session, self, randomSecrets(fresh), fresh))
        .then((dealing) => this.#give({ type: 'dealt', ref, bytes: encodeDealing(dealing) }));
    } else if (effect.type === 'verifyDealings') {
      const { ref } = effect;
      const dealings = ref.dealers.map((dealer, i) => {
        return [dealer, decodeDealing(effect.dealings[i]!, session.n)!] as const;
      });
      void proofs
        .falseDealers(session, new Map(dealings))
        .then((bad) => this.#give({ type: 'dealingsVerified', ref, bad }));
    }
  }

  #hear(output: Output): void {
    const { onGenerated, log } = this.#options;
    if (output.type === 'generated') return onGenerated(output.keys);
    if (output.type === 'mustBeReshared') {
      log.error(
        { code: output.code },
        'the store of this member was lost while keys were generated: it says nothing, and has no share',
      );
      return;
    }
    if (output.type !== 'keyAlarm') return;
    const { dealer, recipient } = output.alarm;
    const why = `the proofs of member ${dealer}'s dealing hold, but member ${recipient} gets no shares from it: the key of circuit dealing is forged or broken`;
    this.#fail(new NodeError('NODE_KEY_ALARM', why, { dealer, recipient }));
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#resend);
    this.#transport.close();
    this.#options.onFailure(error);
  }
}
