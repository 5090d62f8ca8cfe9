import { ERASED } from '../host/cross-border.ts';
import { beginEpoch, decodeEnd, hasBegun } from '../host/epoch-start.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { tlsIdentity } from '../net/identity.ts';
import type { TlsListener } from '../net/tls-listener.ts';
import { height, validatorIndex } from '../params/ids.ts';
import { epochAt } from '../validator/border.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import type { KnownEpochs, TakenBorder } from './borders.ts';
import type { ChainEvents } from './chain-events.ts';
import type { ChainView } from './chain-view.ts';
import { NodeError } from './errors.ts';
import type { FileSafe } from './file-safe.ts';
import type { MemberNodeOptions } from './member-options.ts';
import type { ProofService } from './proof-service.ts';
import { ValidatorNode, type ValidatorNodeOptions } from './validator-node.ts';

/** The epoch in which a member validates. */
export interface Office {
  readonly epoch: EpochConfig;
  readonly node: ValidatorNode;
  /** Secret; in memory until the next border but one, on the disk no longer than `crossBorder` says. */
  readonly secrets: ValidatorSecrets;
}

/** An epoch that is over, with the border at which it ended and the items that it leaves. */
export interface Ended extends TakenBorder {
  readonly items: readonly Uint8Array[];
}

export interface OfficesOptions extends MemberNodeOptions {
  readonly safe: FileSafe;
  readonly epochs: KnownEpochs;
  readonly listener: TlsListener;
  readonly proofs: ProofService;
  readonly events: ChainEvents;
  /** The epoch in office is over here. May be said again after a restart. */
  readonly onOver: (epoch: EpochConfig) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The validators that a member is: in the epoch in office, and in the one before, where it only answers those that lag. */
export class Offices {
  readonly #options: OfficesOptions;
  #office: Office | undefined;
  #former: ValidatorNode | undefined;
  #last: ValidatorNode | undefined;
  #isStopped = false;

  constructor(options: OfficesOptions) {
    this.#options = options;
  }

  get now(): Office | undefined {
    return this.#office;
  }

  /** The validator that the member is, or was last. */
  get last(): ValidatorNode | undefined {
    return this.#last;
  }

  /**
   * Validates in an epoch of which there are keys.
   * @param items  what the epoch before left
   * @param before what was seen of it
   * @throws {HostError} {FileError} {NodeError} as the store does
   */
  async sit(epoch: EpochConfig, items: readonly Uint8Array[], before: ChainView | undefined): Promise<void> {
    const { chain, member, dissemination, kernels, safe, epochs, dir, onOver } = this.#options;
    const seat = epoch.validators.findIndex(({ registryIndex }) => registryIndex === member);
    const secrets = safe.read('keys', epoch.epoch);
    if (seat < 0 || secrets === undefined)
      throw new NodeError('NODE_KEYS_FILE', `member ${member} has no seat in epoch ${epoch.epoch}`, {
        path: dir,
      });
    const config = { chain, epoch, self: validatorIndex(seat), secrets, dissemination, kernels };
    const store = safe.store(epoch.epoch);
    if (epoch.epoch > 1 && !hasBegun(store)) {
      const border = epochs.kept(epochs.at(epoch.epoch - 1)!)?.border;
      if (border !== undefined) beginEpoch(store, config, border);
    }
    const identity = await tlsIdentity(secrets.signSecret);
    if (this.#isStopped) return;
    const node = this.#open({ ...config, store, identity, before, onOver: () => onOver(epoch) });
    this.#office = { epoch, node, secrets };
    this.#last = node;
    node.start();
    for (const item of items) node.submit(item);
    // A crash after the end was written down says so no more.
    if (node.legacy() !== undefined) onOver(epoch);
  }

  /** What the epoch in office leaves, if it is over; undefined for as long as not all of it is durable. */
  ended(): Ended | undefined {
    const { node, epoch } = this.#office!;
    const legacy = node.legacy();
    if (legacy === undefined) return undefined;
    const { border, items } = legacy;
    const store = this.#options.safe.store(epoch.epoch);
    const state = decodeEnd(store.end() ?? new Uint8Array(0));
    const block = store.block(height(epochAt(border).firstHeight - 1));
    if (state === undefined || block === undefined)
      throw new NodeError('NODE_KEYS_FILE', `the end of epoch ${epoch.epoch} is missing in the store`, {
        path: this.#options.dir,
      });
    return { border, shown: { ...state, block }, items };
  }

  /** Says nothing more in the epoch in office, and ends what answered in the one before. @returns what it was */
  leave(): Office | undefined {
    const office = this.#office;
    office?.node.stop();
    this.#former?.stop();
    this.#office = undefined;
    this.#former = undefined;
    return office;
  }

  /** Answers those that lag in an epoch that is over. Its keys are erased; the network key stays in memory for as long as this lasts. */
  async serve({ epoch, node, secrets }: Office): Promise<void> {
    const { chain, dissemination, kernels, safe } = this.#options;
    const identity = await tlsIdentity(secrets.signSecret);
    if (this.#isStopped) return;
    const config = { chain, epoch, self: node.self, secrets: ERASED, dissemination, kernels };
    const store = safe.store(epoch.epoch);
    this.#former = this.#open({ ...config, store, identity, before: undefined, onOver: () => {} });
    this.#former.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#office?.node.stop();
    this.#former?.stop();
  }

  #open(
    options: Omit<
      ValidatorNodeOptions,
      'listener' | 'proofs' | 'peers' | 'feed' | 'delayMs' | 'playedBy' | 'log' | 'events'
    >,
  ): ValidatorNode {
    const { addressOf, onFailure, ...own } = this.#options;
    const { feed, delayMs, playedBy, log, listener, proofs, events } = own;
    const peers = options.epoch.validators.map(addressOf);
    const shared = { listener, proofs, peers, feed, delayMs, playedBy, log, events };
    const node = new ValidatorNode({ ...options, ...shared });
    void node.ended.then((error) => {
      if (error !== undefined) onFailure(error);
    });
    return node;
  }
}
