import { concatBytes, equalBytes, toHex } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { HASH_BYTES, MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import { ConsensusError } from '../errors.ts';
import type { ConsensusFault } from '../faults.ts';
import { NOTHING, StepBuffer } from '../step.ts';
import type { Broadcast, BroadcastFactory, BroadcastOptions, RbcOutput, RbcStep } from './broadcast.ts';
import type { ErasureCode } from './erasure.ts';
import type { RbcMessage } from './messages.ts';
import { ShardTree, shardTreeDepth, verifyShard } from './shard-tree.ts';
import { DigestTally, type DigestTallyState } from './tally.ts';

const LENGTH_BYTES = 4;

/** A broadcast as plain data; the fields are those of AvidRbc. */
export type AvidRbcState = {
  readonly echoes: DigestTallyState;
  readonly readies: DigestTallyState;
  readonly shards: readonly (Uint8Array | undefined)[];
  readonly val: Uint8Array | undefined;
  readonly certified: Uint8Array | undefined;
  readonly started: boolean;
  readonly sentReady: boolean;
  readonly finished: boolean;
};

interface Leaf {
  readonly root: Uint8Array;
  readonly shard: Uint8Array;
}

/**
 * Reliable broadcast with dispersed shards (AVID): a payload is cut into k = n − 2f data shards, coded to n, and each
 * validator passes on its own one, so nobody sends more than about L·n/k bytes.   [README.md, AVID]
 * Shards that are no codeword make the proposer invalid at every correct validator alike.
 * @see Cachin and Tessaro, SRDS '05; Miller et al., HoneyBadgerBFT, CCS '16, Fig. 2
 */
export class AvidRbc implements Broadcast {
  private readonly quorum: Quorum;
  private readonly self: ValidatorIndex;
  private readonly proposer: ValidatorIndex;
  private readonly erasure: ErasureCode;
  private readonly dataShards: number;
  private readonly branchBytes: number;
  private readonly buffer = new StepBuffer<RbcMessage, RbcOutput, never>();
  /** Roots of the ECHOs; the shards that came with them, by sender. */
  private echoes: DigestTally;
  private readies: DigestTally;
  private shards: (Uint8Array | undefined)[];
  private val: Uint8Array | undefined;
  /** The root with 2f + 1 READY. */
  private certified: Uint8Array | undefined;
  private started = false;
  private sentReady = false;
  private finished = false;

  constructor({ n, self, proposer }: BroadcastOptions, erasure: ErasureCode) {
    this.quorum = quorumOf(n);
    this.self = self;
    this.proposer = proposer;
    this.erasure = erasure;
    this.dataShards = n - 2 * this.quorum.f;
    this.branchBytes = HASH_BYTES * shardTreeDepth(n);
    this.echoes = new DigestTally(n);
    this.readies = new DigestTally(n);
    this.shards = new Array(n).fill(undefined);
  }

  state(): AvidRbcState {
    const { shards, val, certified, started, sentReady, finished } = this;
    const tallies = { echoes: this.echoes.state(), readies: this.readies.state() };
    return { ...tallies, shards, val, certified, started, sentReady, finished };
  }

  /** The broadcast that gives for every input the step which the one of the state would have given. */
  static restore(options: BroadcastOptions, erasure: ErasureCode, state: AvidRbcState): AvidRbc {
    const { echoes, readies, shards, ...rest } = state;
    const broadcast = new AvidRbc(options, erasure);
    broadcast.echoes = DigestTally.restore(echoes);
    broadcast.readies = DigestTally.restore(readies);
    broadcast.shards = [...shards];
    Object.assign(broadcast, rest);
    return broadcast;
  }

  /**
   * (1) VAL(root, branch_j, shard_j) to every j.
   * @throws {ConsensusError} CONSENSUS_INPUT for another's broadcast, a second call or a payload too long
   */
  propose(payload: Uint8Array): RbcStep {
    if (this.self !== this.proposer || this.started || payload.length > MAX_PAYLOAD_BYTES) {
      throw new ConsensusError(
        'CONSENSUS_INPUT',
        'propose once, in the own broadcast, at most MAX_PAYLOAD_BYTES',
        { proposer: this.proposer, bytes: payload.length },
      );
    }
    this.started = true;
    const shards = this.encode(payload);
    assert(shards !== undefined, 'data shards have a parity');
    const tree = new ShardTree(shards);
    shards.forEach((shard, j) => {
      const bytes = concatBytes(tree.root, tree.branch(j), shard);
      this.buffer.send(validatorIndex(j), { kind: 'val', proposer: this.proposer, bytes });
    });
    return this.buffer.take();
  }

  handle(from: ValidatorIndex, { kind, bytes }: RbcMessage): RbcStep {
    if (this.finished) return NOTHING;
    if (kind === 'val') this.onVal(from, bytes);
    else if (kind === 'shard') this.onEcho(from, bytes);
    else if (kind === 'ready') this.onReady(from, bytes);
    else this.blame(from, 'RBC_MALFORMED', { kind });
    return this.buffer.take();
  }

  /** Nothing is asked for in this broadcast: every shard is sent. */
  resend(): RbcStep {
    return NOTHING;
  }

  close(): void {
    this.finished = true;
    this.shards = [];
    this.val = undefined;
  }

  status() {
    return {
      waitsFor: this.waitsFor(),
      echoes: this.echoes.size,
      readies: this.readies.size,
      holdsPayload: this.finished,
    };
  }

  private waitsFor(): 'nothing' | 'shards' | 'readies' | 'val or echoes' {
    if (this.finished) return 'nothing';
    if (this.certified !== undefined) return 'shards';
    return this.sentReady ? 'readies' : 'val or echoes';
  }

  /** (2) The first VAL from the designated proposer, at the own index ⇒ ECHO, the same bytes to all. */
  private onVal(from: ValidatorIndex, bytes: Uint8Array): void {
    if (from !== this.proposer) return this.blame(from, 'RBC_WRONG_SENDER', {});
    if (this.val !== undefined) {
      if (!equalBytes(this.val, bytes)) this.blame(from, 'RBC_PROPOSE_EQUIVOCATION', {});
      return;
    }
    if (this.open(this.self, bytes) === undefined) return this.blame(from, 'RBC_BAD_SHARD', { kind: 'val' });
    this.val = bytes;
    this.buffer.send('all', { kind: 'shard', proposer: this.proposer, bytes });
  }

  /** (3) ECHO counts only with the sender's own leaf. (4) q ECHO(root) ⇒ READY(root), once. */
  private onEcho(from: ValidatorIndex, bytes: Uint8Array): void {
    const leaf = this.open(from, bytes);
    if (leaf === undefined) return this.blame(from, 'RBC_BAD_SHARD', { kind: 'shard' });
    if (!this.count('echo', this.echoes, from, leaf.root)) return;
    this.shards[from] = leaf.shard;
    if (this.echoes.supportOf(from) >= this.quorum.q) this.ready(leaf.root);
    this.tryDecode();
  }

  /** (4) f + 1 READY(root) ⇒ READY(root), once. (5) 2f + 1 READY and n − 2f ECHO ⇒ decode. */
  private onReady(from: ValidatorIndex, root: Uint8Array): void {
    if (root.length !== HASH_BYTES) return this.blame(from, 'RBC_MALFORMED', { kind: 'ready' });
    if (!this.count('ready', this.readies, from, root)) return;
    const support = this.readies.supportOf(from);
    if (support >= this.quorum.f + 1) this.ready(this.readies.of(from)!);
    if (support >= 2 * this.quorum.f + 1) {
      this.certified = this.readies.of(from)!;
      this.tryDecode();
    }
  }

  /** Decodes, codes again and compares the root: n − 2f shards of a codeword give the same everywhere, and of no codeword none. */
  private tryDecode(): void {
    const root = this.certified;
    if (root === undefined || this.finished) return;
    const known = this.shards.map((shard, i) => (this.echoes.has(i, root) ? shard : undefined));
    if (known.filter((shard) => shard !== undefined).length < this.dataShards) return;
    const payload = this.decode(known, root);
    this.close();
    if (payload !== undefined) return this.buffer.output({ type: 'deliver', payload });
    this.buffer.output({ type: 'invalid' });
    this.blame(this.proposer, 'RBC_NO_CODEWORD', { root: toHex(root) });
  }

  /** Length ‖ payload ‖ zeros in k data shards of equal length, then the parity. */
  private encode(payload: Uint8Array): Uint8Array[] | undefined {
    const size = Math.ceil((LENGTH_BYTES + payload.length) / this.dataShards);
    const all = new Uint8Array(size * this.quorum.n);
    new DataView(all.buffer).setUint32(0, payload.length);
    all.set(payload, LENGTH_BYTES);
    return this.complete(all, size);
  }

  /** @returns undefined if the code cannot: of shards that came from outside that is the proposer's fault */
  private complete(all: Uint8Array, size: number): Uint8Array[] | undefined {
    const parity = this.quorum.n - this.dataShards;
    if (parity > 0 && !this.erasure.encode(all, this.dataShards, parity)) return undefined;
    return Array.from({ length: this.quorum.n }, (_, i) => all.slice(i * size, (i + 1) * size));
  }

  private decode(known: readonly (Uint8Array | undefined)[], root: Uint8Array): Uint8Array | undefined {
    const { n } = this.quorum;
    const size = known.find((shard) => shard !== undefined)!.length;
    if (known.some((shard) => shard !== undefined && shard.length !== size)) return undefined;
    if (size * this.dataShards < LENGTH_BYTES) return undefined;
    const all = new Uint8Array(size * n);
    known.forEach((shard, i) => {
      if (shard !== undefined) all.set(shard, i * size);
    });
    const available = known.map((shard) => shard !== undefined);
    const parity = n - this.dataShards;
    const whole = available.slice(0, this.dataShards).every((is) => is);
    if (!whole && !this.erasure.reconstruct(all, this.dataShards, parity, available)) return undefined;
    const shards = this.complete(all, size);
    if (shards === undefined || !equalBytes(new ShardTree(shards).root, root)) return undefined;
    const length = new DataView(all.buffer).getUint32(0);
    const end = LENGTH_BYTES + length;
    const padded = all.subarray(0, size * this.dataShards);
    // One payload has one codeword: the right number of shards bytes, and zeros behind.
    if (length > MAX_PAYLOAD_BYTES || size !== Math.ceil(end / this.dataShards)) return undefined;
    return padded.subarray(end).some((byte) => byte !== 0) ? undefined : padded.slice(LENGTH_BYTES, end);
  }

  /** Root and shard of VAL or ECHO bytes, if the branch leads from this index to the root. */
  private open(index: ValidatorIndex, bytes: Uint8Array): Leaf | undefined {
    const head = HASH_BYTES + this.branchBytes;
    const size = bytes.length - head;
    if (size < 1 || size > Math.ceil((LENGTH_BYTES + MAX_PAYLOAD_BYTES) / this.dataShards)) return undefined;
    const root = bytes.subarray(0, HASH_BYTES);
    const shard = bytes.subarray(head);
    return verifyShard(root, bytes.subarray(HASH_BYTES, head), index, shard) ? { root, shard } : undefined;
  }

  private ready(root: Uint8Array): void {
    if (this.sentReady) return;
    this.sentReady = true;
    this.buffer.send('all', { kind: 'ready', proposer: this.proposer, bytes: root });
  }

  private count(kind: 'echo' | 'ready', tally: DigestTally, from: ValidatorIndex, root: Uint8Array): boolean {
    const result = tally.add(from, root);
    if (result === 'different') {
      const fault = kind === 'echo' ? 'RBC_ECHO_EQUIVOCATION' : 'RBC_READY_EQUIVOCATION';
      this.blame(from, fault, { first: toHex(tally.of(from)!), second: toHex(root) });
    }
    return result === 'counted';
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence: { proposer: this.proposer, ...evidence } });
  }
}

/** @param erasure codes the shards */
export const avidBroadcast =
  (erasure: ErasureCode): BroadcastFactory =>
  (options, state) =>
    state === undefined
      ? new AvidRbc(options, erasure)
      : AvidRbc.restore(options, erasure, state as AvidRbcState);
