import { equalBytes, toHex } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import type { AcsEffect, AcsOutput, CommonSubset, TimerEffect } from '../acs/common-subset.ts';
import { ConsensusError } from '../errors.ts';
import type { ConsensusFault } from '../faults.ts';
import { type Authenticator, Certificates } from '../pbft/certificates.ts';
import { NO_CERTIFICATE, type Quorate } from '../pbft/messages.ts';
import { NOTHING, type Step, StepBuffer } from '../step.ts';
import { BlockTree, blockOf, type ChainBlock, committed, proposalsOf } from './block-tree.ts';
import { type HotStuffMessage, hotStuffMessage } from './messages.ts';

export type HotStuffStep = Step<HotStuffMessage, AcsOutput, AcsEffect | TimerEffect>;

export interface HotStuffOptions {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly height: number;
  readonly authenticator: Authenticator;
  /** Who leads view 1; by default the leaders take turns over the heights. */
  readonly firstLeader?: ValidatorIndex;
  /** Views that one validator leads in a row: 4 commit a block without another's help, 1 is a new leader for each block. */
  readonly reign?: number;
  /** Proposals that a height puts out, of different validators, at most n; 1 by default. */
  readonly proposals?: number;
}

/** Views ahead of the own one that are listened to, beside those that carry proposals. */
const VIEW_WINDOW = 128;

/**
 * Chained HotStuff for one height: a chain of blocks, each with a certificate of the one before; three in a row commit the first.
 * A baseline for experiments: safe always, live only while messages are faster than its time-outs.   [README.md, HotStuff]
 * Deviation D14: one height a machine, which ends with its first `proposals` committed proposals.
 * Deviation D15: certificates are q signatures; a block's parent is fetched from those who signed for it.
 * @see Yin, Malkhi, Reiter, Golan Gueta, Abraham, PODC '19, Algorithms 3 (chained) and 4 (when to commit)
 */
export class HotStuff implements CommonSubset<HotStuffMessage, AcsEffect | TimerEffect> {
  private readonly n: number;
  private readonly self: ValidatorIndex;
  private readonly firstLeader: ValidatorIndex;
  private readonly reign: number;
  private readonly wanted: number;
  private readonly quorum: Quorum;
  private readonly certificates: Certificates;
  private readonly buffer = new StepBuffer<HotStuffMessage, AcsOutput, AcsEffect | TimerEffect>();
  private readonly tree = new BlockTree();
  /** The first block of each view's leader. */
  private readonly blocks = new Map<number, ChainBlock>();
  /** Votes that came to this validator as the next leader, by view and signer. */
  private readonly votes = new Map<
    number,
    Map<ValidatorIndex, { digest: Uint8Array; signature: Uint8Array }>
  >();
  private readonly newViews = new Map<number, Set<ValidatorIndex>>();
  /** Answers of the predicate by proposal; who is asked about, and which proposal. */
  private readonly verdicts = new Map<string, boolean>();
  private readonly judged = new Map<ValidatorIndex, string>();
  /** Whom blocks were asked of, by digest; whom they were given to. */
  private readonly asked = new Map<string, Set<ValidatorIndex>>();
  private readonly served = new Set<string>();
  private readonly helped = new Set<ValidatorIndex>();
  private own: Uint8Array | undefined;
  /** 0 before anything was heard. */
  private view = 0;
  private lastVoted = 0;
  private lastLed = 0;
  /** View of lockedQC. */
  private locked = 0;
  /** genericQC: the certificate of the highest view. */
  private high: Quorate = NO_CERTIFICATE;
  /** One certificate of each view that had one, and those of them that may commit something, as soon as their branch is here. */
  private readonly certified = new Set<number>();
  private unchecked: Quorate[] = [];
  /** The certificate by which this validator committed. */
  private proof: Quorate = NO_CERTIFICATE;
  private done = false;

  constructor(options: HotStuffOptions) {
    const { n, self, height, authenticator, firstLeader, reign = 4, proposals = 1 } = options;
    assert(reign >= 1 && proposals >= 1 && proposals <= n, 'a height has 1 to n proposals, a reign a view');
    this.n = n;
    this.self = self;
    this.firstLeader = firstLeader ?? validatorIndex(height % n);
    this.reign = reign;
    this.wanted = proposals;
    this.quorum = quorumOf(n);
    this.certificates = new Certificates(n, height, authenticator);
  }

  /** @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long */
  propose(payload: Uint8Array): HotStuffStep {
    if (this.own !== undefined || payload.length > MAX_PAYLOAD_BYTES) {
      throw new ConsensusError('CONSENSUS_INPUT', 'propose once, at most MAX_PAYLOAD_BYTES', {
        bytes: payload.length,
      });
    }
    this.own = payload;
    this.start();
    this.progress();
    return this.buffer.take();
  }

  handle(from: ValidatorIndex, message: HotStuffMessage): HotStuffStep {
    if (message.view < 1 || message.view > this.view + VIEW_WINDOW + this.reign * this.wanted)
      this.refuse(from, message);
    else if (message.kind === 'ask') this.onAsk(from, message);
    else if (this.done) {
      if (message.kind === 'new-view') this.help(from);
    } else {
      this.start();
      switch (message.kind) {
        case 'generic':
          this.onGeneric(from, message);
          break;
        case 'vote':
          this.onVote(from, message);
          break;
        case 'new-view':
          this.onNewView(from, message);
          break;
        case 'block':
          this.onBlock(from, message);
          break;
        case 'decided':
          if (this.isCertificate(message.certificate)) this.learn(message.certificate);
          else this.refuse(from, message);
      }
      this.progress();
    }
    return this.buffer.take();
  }

  validated(proposer: ValidatorIndex, ok: boolean): HotStuffStep {
    const proposal = this.judged.get(proposer);
    assert(proposal !== undefined, 'the predicate is evaluated on a proposal');
    this.judged.delete(proposer);
    this.verdicts.set(proposal, ok);
    if (!ok) this.blame(proposer, 'ACS_PROPOSAL_INVALID', { proposer });
    this.progress();
    return this.buffer.take();
  }

  /** HotStuff tosses no coins. */
  coin(): HotStuffStep {
    return NOTHING;
  }

  /** nextView: the view is given up, and with it what is left of its leader's reign. */
  timeout(view: number): HotStuffStep {
    if (!this.done && view === this.view) {
      this.giveUp(this.reign * (1 + Math.floor((view - 1) / this.reign)) + 1);
      this.progress();
    }
    return this.buffer.take();
  }

  status() {
    return {
      done: this.done,
      closed: this.done,
      view: this.view,
      leader: this.leaderOf(Math.max(1, this.view)),
      locked: this.locked,
      certified: this.high.view,
    };
  }

  private leaderOf(view: number): ValidatorIndex {
    return validatorIndex((this.firstLeader + Math.floor((view - 1) / this.reign)) % this.n);
  }

  /** The clock of view 1 runs from the first sign that somebody has something to propose. */
  private start(): void {
    if (this.view === 0) this.enter(1);
  }

  /**
   * A view's time follows from its number alone, so that who is behind catches up: it doubles after as many views as a height takes
   * when nobody is late.
   */
  private enter(view: number): void {
    this.view = view;
    const doublings = Math.floor((view - 1) / Math.max(this.reign, this.wanted + 3));
    this.buffer.effect({ type: 'timer', view, doublings });
  }

  /** NEW-VIEW(v, genericQC) to the leader of v. */
  private giveUp(view: number): void {
    this.enter(view);
    this.buffer.send(
      this.leaderOf(view),
      hotStuffMessage({ kind: 'new-view', view, certificate: this.high }),
    );
  }

  /** All that has become possible. A leader speaks before it commits, so that the others hear what it knows. */
  private progress(): void {
    if (this.done) return;
    this.tryLead();
    this.tryCommit();
    this.tryVote();
  }

  /** GENERIC(v, b), b justified by a certificate of an earlier view. */
  private onGeneric(from: ValidatorIndex, message: HotStuffMessage): void {
    const { view } = message;
    const block = this.blockIn(message);
    if (block === undefined || from !== block.proposer) return this.refuse(from, message);
    const first = this.blocks.get(view);
    if (first !== undefined) {
      if (!equalBytes(first.digest, block.digest)) this.blame(from, 'HOTSTUFF_EQUIVOCATION', { view });
      return;
    }
    this.blocks.set(view, block);
    this.tree.add(block);
    this.learn(block.justify);
  }

  private blockIn({ view, payload, certificate }: HotStuffMessage): ChainBlock | undefined {
    const isGood =
      certificate.view < view &&
      (payload === undefined || payload.length <= MAX_PAYLOAD_BYTES) &&
      this.isCertificate(certificate);
    return isGood ? blockOf(view, this.leaderOf(view), payload, certificate) : undefined;
  }

  /**
   * A certificate raises genericQC, and leads into the view after its own. An older one may be what commits: blocks that follow a committed
   * one extend it, and not always the two that committed it.
   */
  private learn(certificate: Quorate): void {
    if (certificate.view > 0 && !this.certified.has(certificate.view)) {
      this.certified.add(certificate.view);
      this.unchecked.push(certificate);
    }
    if (certificate.view > this.high.view) this.high = certificate;
    if (certificate.view >= this.view) this.enter(certificate.view + 1);
  }

  /** safeNode, then VOTE(v, b), signed, to the next leader, once a view; then lockedQC is the parent's certificate. */
  private tryVote(): void {
    const block = this.done ? undefined : this.blocks.get(this.view);
    // A certificate as high as the lock is of the locked block itself: the block extends it.
    if (block === undefined || this.lastVoted >= this.view || block.justify.view < this.locked) return;
    const branch = this.branchOf(block.justify);
    if (branch === undefined || !this.isValid(block)) return;
    const { view, digest } = block;
    this.lastVoted = view;
    this.locked = Math.max(this.locked, branch[0]?.justify.view ?? 0);
    const signature = this.certificates.signVote('generic', view, digest);
    this.buffer.send(this.leaderOf(view + 1), hotStuffMessage({ kind: 'vote', view, digest, signature }));
  }

  /** What the predicate says of a block's proposal; it is asked about one proposal of a proposer at a time. */
  private isValid({ proposer, payload }: ChainBlock): boolean {
    if (payload === undefined) return true;
    const proposal = toHex(hashBytes('subset', Uint8Array.of(proposer), payload));
    const verdict = this.verdicts.get(proposal);
    if (verdict !== undefined) return verdict;
    if (!this.judged.has(proposer)) {
      this.judged.set(proposer, proposal);
      this.buffer.effect({ type: 'validate', proposer, payload });
    }
    return false;
  }

  /** q votes of one view and block are its certificate. */
  private onVote(from: ValidatorIndex, message: HotStuffMessage): void {
    const { view, digest, signature } = message;
    const isGood =
      this.leaderOf(view + 1) === this.self &&
      this.certificates.isSigned(from, 'generic', view, digest, signature);
    if (!isGood) return this.refuse(from, message);
    const votes =
      this.votes.get(view) ?? new Map<ValidatorIndex, { digest: Uint8Array; signature: Uint8Array }>();
    this.votes.set(view, votes);
    const before = votes.get(from);
    if (before !== undefined) {
      if (!equalBytes(before.digest, digest)) this.blame(from, 'HOTSTUFF_EQUIVOCATION', { view });
      return;
    }
    votes.set(from, { digest, signature });
    const same = [...votes].filter(([, vote]) => equalBytes(vote.digest, digest));
    if (same.length !== this.quorum.q) return;
    this.learn({ view, digest, signatures: same.map(([by, vote]) => ({ by, signature: vote.signature })) });
  }

  /** NEW-VIEW(v, certificate) to the leader of v. f + 1 of later views take it along. */
  private onNewView(from: ValidatorIndex, message: HotStuffMessage): void {
    const { view, certificate } = message;
    const isGood =
      this.leaderOf(view) === this.self &&
      (view - 1) % this.reign === 0 &&
      certificate.view < view &&
      this.isCertificate(certificate);
    if (!isGood) return this.refuse(from, message);
    this.newViews.set(view, (this.newViews.get(view) ?? new Set()).add(from));
    this.learn(certificate);
    const ahead = [...this.newViews].filter(([later]) => later > this.view);
    const who = new Set(ahead.flatMap(([, senders]) => [...senders]));
    if (who.size >= this.quorum.f + 1) this.giveUp(Math.min(...ahead.map(([later]) => later)));
  }

  /**
   * The leader's block: it extends the block of genericQC, which is of the view before, or the highest of q NEW-VIEW. It carries the own
   * proposal while the branch lacks some; then, nothing, so that those before get certified.
   */
  private tryLead(): void {
    const { view, high, own, wanted } = this;
    if (this.leaderOf(view) !== this.self || this.lastLed >= view) return;
    if (high.view !== view - 1 && (this.newViews.get(view)?.size ?? 0) < this.quorum.q) return;
    const branch = this.branchOf(high);
    if (branch === undefined) return;
    const proposers = proposalsOf(branch).map(({ proposer }) => proposer);
    const payload = proposers.length >= wanted || proposers.includes(this.self) ? undefined : own;
    if (payload === undefined && proposers.length === 0) return;
    this.lastLed = view;
    this.buffer.send('all', hotStuffMessage({ kind: 'generic', view, payload, certificate: high }));
  }

  /** Three blocks of consecutive views, each certified, commit the first of them and all before it. */
  private tryCommit(): void {
    for (const certificate of this.unchecked) {
      const branch = this.branchOf(certificate);
      if (branch === undefined) continue;
      this.unchecked = this.unchecked.filter((each) => each !== certificate);
      const proposals = proposalsOf(committed(branch)).slice(0, this.wanted);
      if (proposals.length < this.wanted) continue;
      this.done = true;
      this.proof = certificate;
      const payloads = [...proposals].sort((a, b) => a.proposer - b.proposer);
      this.buffer.output({ type: 'acs', payloads });
      return;
    }
  }

  /** A certificate's block and all before it; what is missing is asked of f + 1 that signed for it: a correct one of them holds it. */
  private branchOf(certificate: Quorate): readonly ChainBlock[] | undefined {
    const branch = this.tree.branch(certificate);
    if (!('missing' in branch)) return branch;
    const { view, digest, signatures } = branch.missing;
    const key = toHex(digest);
    if (this.asked.has(key)) return undefined;
    const signers = [...new Set(signatures.map(({ by }) => validatorIndex(by)))];
    const peers = signers.filter((by) => by !== this.self).slice(0, this.quorum.f + 1);
    this.asked.set(key, new Set(peers));
    for (const peer of peers) this.buffer.send(peer, hotStuffMessage({ kind: 'ask', view, digest }));
    return undefined;
  }

  /** ASK(digest) of somebody who signed for it: answered once a peer. */
  private onAsk(from: ValidatorIndex, { digest }: HotStuffMessage): void {
    const block = this.tree.get(digest);
    if (block === undefined) return this.blame(from, 'HOTSTUFF_UNFOUNDED', { digest: toHex(digest) });
    const key = `${from}/${toHex(digest)}`;
    if (this.served.has(key)) return;
    this.served.add(key);
    const { view, payload, justify } = block;
    this.buffer.send(from, hotStuffMessage({ kind: 'block', view, payload, certificate: justify }));
  }

  private onBlock(from: ValidatorIndex, message: HotStuffMessage): void {
    const block = this.blockIn(message);
    if (block === undefined) return this.refuse(from, message);
    const asked = this.asked.get(toHex(block.digest));
    if (asked?.has(from) !== true) return this.blame(from, 'HOTSTUFF_UNFOUNDED', { view: block.view });
    this.tree.add(block);
  }

  /** The certificate by which this validator committed, once a peer: from it all that is missing can be fetched. */
  private help(to: ValidatorIndex): void {
    if (this.helped.has(to)) return;
    this.helped.add(to);
    const { proof } = this;
    this.buffer.send(to, hotStuffMessage({ kind: 'decided', view: proof.view, certificate: proof }));
  }

  private isCertificate(certificate: Quorate): boolean {
    if (certificate.view === 0) return certificate.signatures.length + certificate.digest.length === 0;
    return this.certificates.isQuorate('generic', certificate);
  }

  private refuse(by: ValidatorIndex, { kind, view }: HotStuffMessage): void {
    this.blame(by, 'HOTSTUFF_MALFORMED', { kind, view });
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence });
  }
}
