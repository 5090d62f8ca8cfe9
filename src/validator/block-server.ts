import type { Certification } from '../ledger/certified-block.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { Out } from './out.ts';
import type { BlockRef } from './refs.ts';

/** What was served, as plain data. */
export type BlockServerState = {
  readonly newest: Certification | undefined;
  readonly serving: ReadonlySet<ValidatorIndex>;
  readonly answered: ReadonlySet<ValidatorIndex>;
  readonly shown: ReadonlySet<ValidatorIndex>;
};

/**
 * What peers that lag get: certified blocks out of the store, and the newest certification.
 * Bounds: one block at a time for each peer; the newest certification once as an answer to each peer, and
 * once to each that has forgotten its votes.
 */
export class BlockServer {
  readonly #firstHeight: Height;
  /** The last height certified here, with both certificates; undefined before the first one of the epoch is. */
  #newest: Certification | undefined;
  /** Peers for whom a block is being read. */
  #serving = new Set<ValidatorIndex>();
  /** Peers that were answered since then, with the newest certification if they lack it. */
  #answered = new Set<ValidatorIndex>();
  /** Peers that asked for it with a nonce since they connected, and got it. */
  #shown = new Set<ValidatorIndex>();

  /** @param firstHeight of the epoch: blocks before it are in the store of the epoch before */
  constructor(firstHeight: Height) {
    this.#firstHeight = firstHeight;
  }

  /** May share memory: encode it before the next input. */
  state(): BlockServerState {
    return { newest: this.#newest, serving: this.#serving, answered: this.#answered, shown: this.#shown };
  }

  /** What goes on from there. */
  static restore(firstHeight: Height, { newest, serving, answered, shown }: BlockServerState): BlockServer {
    const server = new BlockServer(firstHeight);
    server.#newest = newest;
    server.#serving = new Set(serving);
    server.#answered = new Set(answered);
    server.#shown = new Set(shown);
    return server;
  }

  /** The last height certified here or by the epoch before; 0 is genesis. */
  get certified(): number {
    return this.#newest?.header.height ?? this.#firstHeight - 1;
  }

  /** The next height is certified here. @param tells whether the certificates go to all */
  advance(newest: Certification, tells: boolean, out: Out): void {
    this.#newest = newest;
    this.#answered.clear();
    this.#shown.clear();
    if (tells) out.send('all', { kind: 'cert', certification: newest });
  }

  /** A peer's channel is up: the newest certification goes first. @returns whether there is one */
  connected(peer: ValidatorIndex, out: Out): boolean {
    this.#shown.delete(peer);
    return this.#tell(peer, out);
  }

  #tell(peer: ValidatorIndex, out: Out): boolean {
    if (this.#newest === undefined) return false;
    this.#answered.add(peer);
    out.send(peer, { kind: 'cert', certification: this.#newest });
    return true;
  }

  /** A peer says which height it lacks. @returns whether it is the first time since the newest height was certified here */
  at(peer: ValidatorIndex, height: Height, out: Out): boolean {
    if (this.#answered.has(peer)) return false;
    this.#answered.add(peer);
    if (height <= this.certified) this.#tell(peer, out);
    return true;
  }

  /** A peer that has forgotten its votes asks what is certified: an answer each time it connects, and one a height. */
  asked(peer: ValidatorIndex, nonce: Uint8Array, out: Out): void {
    if (this.#shown.has(peer)) return;
    this.#shown.add(peer);
    out.send(peer, { kind: 'newest', nonce, certification: this.#newest });
  }

  /** A peer wants the block of a height. One that is not certified here is another signer's to send. */
  pulled(peer: ValidatorIndex, height: Height, out: Out): void {
    if (height < this.#firstHeight || height > this.certified || this.#serving.has(peer)) return;
    this.#serving.add(peer);
    out.effects.push({ type: 'serveBlock', ref: { type: 'block', to: peer, height } });
  }

  /** The store's answer. @param bytes an encoded certified block; undefined if it is not kept */
  stored({ to, height }: BlockRef, bytes: Uint8Array | undefined, out: Out): void {
    if (this.#serving.delete(to) && bytes !== undefined) out.send(to, { kind: 'block', height, bytes });
  }
}
