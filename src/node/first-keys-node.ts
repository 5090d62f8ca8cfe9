import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { isRegistrant } from '../ledger/rotation/make-registration.ts';
import { firstDraft, type RegisteredGenesis } from '../ledger/rotation/registered-genesis.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import type { TlsListener } from '../net/tls-listener.ts';
import type { Address } from '../net/transport.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import { putFile, readOwnFile } from './durable-files.ts';
import { NodeError } from './errors.ts';
import { epochFolder, type FileSafe } from './file-safe.ts';
import { FileStore } from './file-store.ts';
import { firstKeys, generationConfig, judgeShown, sharesIn } from './first-keys.ts';
import { GenerationNode } from './generation-node.ts';
import type { NodeLog } from './node-log.ts';
import type { ProofService } from './proof-service.ts';
import { decodeGeneration, encodeGeneration, MAX_VISIT_BYTES, type ShownKeys } from './shown-files.ts';
import type { Visitor } from './visitor.ts';

/** The generation of keys has a store as epochs have, under this number. */
export const GENERATION = 0;

export interface FirstKeysOptions {
  readonly genesis: RegisteredGenesis;
  readonly member: number;
  readonly dir: string;
  readonly safe: FileSafe;
  readonly listener: TlsListener;
  readonly proofs: ProofService;
  readonly visitor: Visitor | undefined;
  readonly addressOf: (seat: ValidatorKeys) => Address;
  readonly kernels: BatchKernels;
  readonly delayMs: number;
  readonly log: NodeLog;
  readonly onFirstKeys: (keys: ShownKeys) => void;
  readonly onFailure: (error: unknown) => void;
}

/** How often the others are asked whether they have the keys already, ms. */
const ASK_MS = 3_000;

/**
 * A member's part in the generation of a chain's first keys, until it has its own or, without a seat, knows those of all. Public things
 * become durable first, then the epoch's store, then the keys; only then is erased what opens the dealings.
 */
export class FirstKeys {
  readonly #options: FirstKeysOptions;
  readonly #path: string;
  #node: GenerationNode | undefined;
  #store: FileStore | undefined;
  #asking: NodeJS.Timeout | undefined;
  #isStopped = false;
  #done!: (epoch: EpochConfig | undefined) => void;
  readonly #epoch = new Promise<EpochConfig | undefined>((resolve) => {
    this.#done = resolve;
  });

  constructor(options: FirstKeysOptions) {
    this.#options = options;
    this.#path = join(options.dir, 'generation');
  }

  /** What is shown to others, once it is there. */
  shown(): Uint8Array | undefined {
    return readOwnFile(this.#path, MAX_VISIT_BYTES)?.bytes;
  }

  /**
   * @returns the first epoch; undefined if this was stopped before
   * @throws {HostError} {FileError} {NodeError} as the store does; NODE_KEYS_MISSING if a member with a seat has lost what it registered with,
   *   NODE_KEYS_FILE if it is of another registration
   */
  async make(): Promise<EpochConfig | undefined> {
    const { genesis, member, dir, safe, kernels, log } = this.#options;
    const known = this.shown();
    const shown = known === undefined ? undefined : decodeGeneration(known);
    const registrant = safe.read('registrant', 1);
    const hasKeys = safe.read('keys', 1) !== undefined;
    // Either the keys are there, or there never was anything to open: a crash may have come before the erasure.
    if (shown !== undefined && (hasKeys || registrant === undefined)) {
      this.#erase();
      return shown.epoch;
    }
    const seat = firstDraft(genesis).seats.some(({ registryIndex }) => registryIndex === member);
    // Keys without the rest are what is left of a lost disk: the others show how they came about.
    if (seat && registrant === undefined && !hasKeys)
      throw new NodeError(
        'NODE_KEYS_MISSING',
        `${join(dir, 'epoch-1.registrant')} is missing: without what this member registered with it gets no keys`,
        { path: dir },
      );
    const config = registrant && generationConfig(genesis, member, registrant, kernels);
    if (config !== undefined && !isRegistrant(registrant!, config.draft.seats[config.self]!))
      throw new NodeError(
        'NODE_KEYS_FILE',
        `${join(dir, 'epoch-1.registrant')} is of another registration than the one in the genesis: with it this member gets no keys`,
        { path: dir },
      );
    log.info({ members: genesis.registrations.length }, 'the first keys are being generated');
    if (config !== undefined && registrant !== undefined) {
      this.#store = new FileStore(epochFolder(dir, GENERATION));
      this.#node = await GenerationNode.open({
        ...this.#options,
        config,
        store: this.#store,
        peers: config.draft.seats.map(this.#options.addressOf),
        onGenerated: (keys) => this.#keep(keys, firstKeys(registrant, keys.shares)),
      });
      if (this.#isStopped) return undefined;
      this.#node.start();
    }
    this.#askLater();
    return this.#epoch;
  }

  /** Ends the part that answers others, or the whole. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#asking);
    this.#node?.stop();
    this.#store?.close();
    this.#done(undefined);
  }

  #keep(shown: ShownKeys, secrets: ValidatorSecrets | undefined): void {
    const { safe, log, onFirstKeys, onFailure } = this.#options;
    if (this.#isStopped || existsSync(this.#path)) return;
    try {
      onFirstKeys(shown);
      if (secrets !== undefined) {
        const isForgotten = this.#store?.forgotten !== undefined;
        // Keys without a store say that the store was lost: so it is where this member may have said more than it knows.
        if (!isForgotten) safe.store(1);
        if (safe.read('keys', 1) === undefined) safe.put('keys', 1, secrets);
      }
      putFile(this.#path, encodeGeneration(shown));
      this.#erase();
      clearTimeout(this.#asking);
      log.info({ dealers: [...shown.dealings.keys()] }, 'the first keys are generated');
      this.#node?.rest();
      this.#done(shown.epoch);
    } catch (error) {
      onFailure(error);
    }
  }

  #erase(): void {
    this.#options.safe.erase('registrant', 1);
    this.#options.safe.erase('registration', 1);
  }

  #askLater(): void {
    this.#asking = setTimeout(async () => {
      try {
        await this.#ask();
      } catch (error) {
        this.#options.onFailure(error);
      }
      if (!this.#isStopped && !existsSync(this.#path)) this.#askLater();
    }, ASK_MS);
  }

  /** Somebody may have the keys already, and show how they were made. */
  async #ask(): Promise<void> {
    const { genesis, member, visitor, addressOf, log } = this.#options;
    const { seats } = firstDraft(genesis);
    for (const seat of seats) {
      if (visitor === undefined || seat.registryIndex === member) continue;
      const bytes = await visitor.get(addressOf(seat), '/generation', MAX_VISIT_BYTES);
      const shown = bytes === undefined ? undefined : decodeGeneration(bytes);
      if (this.#isStopped || existsSync(this.#path)) return;
      if (shown === undefined) continue;
      const held = await this.#sharesOf(shown);
      if (this.#isStopped || existsSync(this.#path)) return;
      if (typeof held !== 'string') return this.#keep(shown, held);
      log.warn(
        { member: seat.registryIndex, problem: held },
        'the first keys that a member shows do not hold',
      );
    }
  }

  /** @returns one's own keys, secret, of those that somebody shows; undefined without a seat; or why they do not hold */
  async #sharesOf(shown: ShownKeys): Promise<ValidatorSecrets | undefined | string> {
    const { genesis, member, proofs, safe, kernels } = this.#options;
    const dealings = await judgeShown(genesis, shown, proofs, kernels);
    if (typeof dealings === 'string') return dealings;
    const registrant = safe.read('registrant', 1);
    const config = registrant && generationConfig(genesis, member, registrant, kernels);
    if (registrant === undefined || config === undefined) return undefined;
    const shares = sharesIn(config, dealings);
    return typeof shares === 'string' ? shares : firstKeys(registrant, shares);
  }
}
