import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCertifiedBlock } from '../ledger/certified-block.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { replayRules } from '../ledger/replay.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import type { Address } from '../net/transport.ts';
import type { Height } from '../params/ids.ts';
import { type Border, epochAt, type ShownBorder, takeBorder } from '../validator/border.ts';
import { putFile, readOwnFile } from './durable-files.ts';
import { decodeShownBorder, encodeShownBorder, MAX_VISIT_BYTES } from './shown-files.ts';
import type { Visitor } from './visitor.ts';

/** A border with what shows it to others. */
export interface TakenBorder {
  readonly border: Border;
  readonly shown: ShownBorder;
}

/**
 * The border at which an epoch ended, if its committee certified what is shown.
 * @param shown hostile
 * @returns undefined if it is not that border. Never throws.
 */
export function judgeBorder(
  chain: ChainGenesis,
  over: EpochConfig,
  shown: ShownBorder | undefined,
): TakenBorder | undefined {
  const last = shown === undefined ? undefined : decodeCertifiedBlock(shown.block)?.block.header.height;
  if (shown === undefined || last === undefined || last < 1) return undefined;
  const border = takeBorder(replayRules(chain, over), last, shown);
  // A height before the last one leads to no other epoch.
  if (typeof border === 'string' || epochAt(border).epoch !== over.epoch + 1) return undefined;
  return { border, shown };
}

/**
 * The borders that a member has crossed or been shown, a file each: what others need who lag, and what leads this member back to the newest
 * epoch when it starts. All of it is public and certified.
 */
export class BorderFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @param epoch that begins there @throws {FileError} FILE_UNWRITABLE */
  put(epoch: number, shown: ShownBorder): void {
    if (!existsSync(this.#path(epoch))) putFile(this.#path(epoch), encodeShownBorder(shown));
  }

  /** @throws {FileError} FILE_UNREADABLE */
  read(epoch: number): Uint8Array | undefined {
    return readOwnFile(this.#path(epoch), MAX_VISIT_BYTES)?.bytes;
  }

  /** @param over the epoch before, as it is known here */
  take(chain: ChainGenesis, over: EpochConfig): TakenBorder | undefined {
    const bytes = this.read(over.epoch + 1);
    return bytes === undefined ? undefined : judgeBorder(chain, over, decodeShownBorder(bytes));
  }

  #path(epoch: number): string {
    return join(this.#dir, `border-${epoch}`);
  }
}

export interface KnownEpochsOptions {
  readonly chain: ChainGenesis;
  readonly dir: string;
  /** Whose epochs: it is never asked itself. */
  readonly member: number;
  readonly addressOf: (seat: ValidatorKeys) => Address;
}

/** The epochs that a member knows, from the first one on, each but the first by the border at which the one before ended. */
export class KnownEpochs {
  /** Asks others; without it only what is here is known. */
  visitor: Visitor | undefined;
  readonly #options: KnownEpochsOptions;
  readonly #files: BorderFiles;
  readonly #epochs: EpochConfig[] = [];

  constructor(options: KnownEpochsOptions) {
    this.#options = options;
    this.#files = new BorderFiles(options.dir);
  }

  /** @param first the first epoch; borders that were kept lead on from it */
  begin(first: EpochConfig): void {
    this.#epochs.push(first);
    for (let taken = this.kept(first); taken !== undefined; taken = this.kept(this.newest!))
      this.#epochs.push(epochAt(taken.border));
  }

  /** Number of the newest epoch; 0 while the first one has no keys. */
  get count(): number {
    return this.#epochs.length;
  }

  get newest(): EpochConfig | undefined {
    return this.#epochs.at(-1);
  }

  at(epoch: number): EpochConfig | undefined {
    return this.#epochs[epoch - 1];
  }

  /** The epoch that orders a height, as far as it is known. */
  of(at: Height): EpochConfig | undefined {
    return this.#epochs.findLast(({ firstHeight }) => firstHeight <= at);
  }

  /** Keeps the border at which an epoch begins. @throws {FileError} FILE_UNWRITABLE */
  add({ border, shown }: TakenBorder): EpochConfig {
    const next = epochAt(border);
    this.#files.put(next.epoch, shown);
    this.#epochs[next.epoch - 1] = next;
    return next;
  }

  /** As it is shown to others. @throws {FileError} FILE_UNREADABLE */
  shown(epoch: number): Uint8Array | undefined {
    return this.#files.read(epoch);
  }

  /** The border at which an epoch ended, if it was kept. @throws {FileError} FILE_UNREADABLE */
  kept(over: EpochConfig): TakenBorder | undefined {
    return this.#files.take(this.#options.chain, over);
  }

  /** The same, from others if it is not here: each is asked until the word of one holds. */
  async find(over: EpochConfig): Promise<TakenBorder | undefined> {
    const kept = this.kept(over);
    if (kept !== undefined) return kept;
    for (const at of this.others(over)) {
      const bytes = await this.visitor?.get(at, `/borders/${over.epoch + 1}`, MAX_VISIT_BYTES);
      const shown = bytes === undefined ? undefined : decodeShownBorder(bytes);
      const taken = judgeBorder(this.#options.chain, over, shown);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  /** Where the other members of a committee are, in an order of chance. */
  others({ validators }: EpochConfig): Address[] {
    const { member, addressOf } = this.#options;
    return validators
      .filter(({ registryIndex }) => registryIndex !== member)
      .map((seat) => ({ at: addressOf(seat), order: Math.random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ at }) => at);
  }
}
