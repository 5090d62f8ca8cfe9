import { equalBytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import type { AcsEffect } from '../acs/common-subset.ts';
import { ConsensusError } from '../errors.ts';
import type { ConsensusFault } from '../faults.ts';
import type { Certificates } from '../pbft/certificates.ts';
import type { Quorate, Signed } from '../pbft/messages.ts';
import { type Step, StepBuffer } from '../step.ts';
import { type AleaMessage, aleaMessage } from './messages.ts';

export type VcbcStep = Step<AleaMessage, never, AcsEffect>;

export interface VcbcOptions {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly proposer: ValidatorIndex;
  readonly certificates: Certificates;
}

/**
 * Verifiable consistent broadcast of one validator's proposal: q signatures are the certificate that it is the only one, that the predicate
 * holds for it, and that f + 1 correct validators hold it. Whoever has a certificate can hand it on.   [README.md, Alea]
 * Deviation D19: q signatures stand for a threshold one; a validator signs what the predicate holds for.
 * @see Cachin, Kursawe, Petzold, Shoup, CRYPTO '01, §4.3 (verifiable consistent broadcast)
 */
export class Vcbc {
  private readonly self: ValidatorIndex;
  private readonly proposer: ValidatorIndex;
  private readonly quorum: Quorum;
  private readonly certificates: Certificates;
  private readonly buffer = new StepBuffer<AleaMessage, never, AcsEffect>();
  /** The first SEND, and what the predicate said of it. */
  private proposal: Uint8Array | undefined;
  private digest: Uint8Array | undefined;
  private verdict: boolean | undefined;
  /** The proposer's own: what READY is of. */
  private ownDigest: Uint8Array | undefined;
  private readonly readies = new Map<ValidatorIndex, Signed>();
  private certificate: Quorate | undefined;
  private filled: Uint8Array | undefined;
  /** Whom certificate and proposal were asked of, and given to. */
  private readonly sought = new Set<ValidatorIndex>();
  private readonly told = new Set<ValidatorIndex>();
  private asked: readonly ValidatorIndex[] = [];
  private readonly served = new Set<ValidatorIndex>();

  constructor({ n, self, proposer, certificates }: VcbcOptions) {
    this.self = self;
    this.proposer = proposer;
    this.quorum = quorumOf(n);
    this.certificates = certificates;
  }

  get isCertified(): boolean {
    return this.certificate !== undefined;
  }

  /** The certified proposal, if it is here. */
  get payload(): Uint8Array | undefined {
    if (this.filled !== undefined || this.certificate === undefined) return this.filled;
    const isIt = this.digest !== undefined && equalBytes(this.digest, this.certificate.digest);
    return isIt ? this.proposal : undefined;
  }

  /** SEND(m), to all. @throws {ConsensusError} CONSENSUS_INPUT on a second call or a payload too long */
  propose(payload: Uint8Array): VcbcStep {
    if (this.ownDigest !== undefined || payload.length > MAX_PAYLOAD_BYTES) {
      throw new ConsensusError('CONSENSUS_INPUT', 'propose once, at most MAX_PAYLOAD_BYTES', {
        bytes: payload.length,
      });
    }
    this.ownDigest = hashBytes('payload', payload);
    this.buffer.send('all', this.message('send', payload));
    return this.buffer.take();
  }

  /** A peer's message about this broadcast; hostile. */
  handle(from: ValidatorIndex, message: AleaMessage): VcbcStep {
    switch (message.kind) {
      case 'send':
        this.onSend(from, message);
        break;
      case 'ready':
        this.onReady(from, message);
        break;
      case 'final':
        this.onFinal(from, message);
        break;
      case 'seek':
        this.onSeek(from);
        break;
      case 'fill-gap':
        this.onFillGap(from);
        break;
      default:
        this.onFiller(from, message);
    }
    return this.buffer.take();
  }

  /** The predicate's answer: READY(signature on m), to the proposer, or nothing. */
  validated(ok: boolean): VcbcStep {
    assert(this.digest !== undefined, 'the predicate is evaluated on a proposal');
    assert(this.verdict === undefined, 'the predicate is answered once');
    this.verdict = ok;
    if (ok) {
      const signature = this.certificates.signVote('ready', this.proposer, this.digest);
      this.buffer.send(this.proposer, this.message('ready', signature));
    } else this.blame(this.proposer, 'ACS_PROPOSAL_INVALID', { proposer: this.proposer });
    return this.buffer.take();
  }

  /** Asks a peer that says it has the certificate, or everybody; each once. */
  seek(peers: readonly ValidatorIndex[]): VcbcStep {
    if (this.certificate === undefined) {
      for (const peer of peers) {
        if (peer === this.self || this.sought.has(peer)) continue;
        this.sought.add(peer);
        this.buffer.send(peer, this.message('seek'));
      }
    }
    return this.buffer.take();
  }

  /** How many were asked for the certificate. */
  get seeks(): number {
    return this.sought.size;
  }

  /** FILL-GAP to f + 1 of those that signed: a correct one of them holds the proposal. */
  fillGap(): VcbcStep {
    if (this.certificate !== undefined && this.payload === undefined && this.asked.length === 0) {
      const signers = [...new Set(this.certificate.signatures.map(({ by }) => validatorIndex(by)))];
      this.asked = signers.filter((by) => by !== this.self).slice(0, this.quorum.f + 1);
      for (const peer of this.asked) this.buffer.send(peer, this.message('fill-gap'));
    }
    return this.buffer.take();
  }

  private onSend(from: ValidatorIndex, { kind, bytes }: AleaMessage): void {
    if (from !== this.proposer) return this.refuse(from, kind);
    if (this.proposal === undefined) {
      this.proposal = bytes;
      this.digest = hashBytes('payload', bytes);
      this.buffer.effect({ type: 'validate', proposer: this.proposer, payload: bytes });
    } else if (!equalBytes(this.proposal, bytes)) {
      this.blame(from, 'ALEA_EQUIVOCATION', { proposer: this.proposer });
    }
  }

  /** q READY make the certificate: FINAL, to all. */
  private onReady(from: ValidatorIndex, { kind, bytes }: AleaMessage): void {
    const { ownDigest, proposer } = this;
    if (ownDigest === undefined) return this.refuse(from, kind);
    if (this.certificate !== undefined || this.readies.has(from)) return;
    if (!this.certificates.isSigned(from, 'ready', proposer, ownDigest, bytes))
      return this.refuse(from, kind);
    this.readies.set(from, { by: from, signature: bytes });
    if (this.readies.size < this.quorum.q) return;
    const signatures = [...this.readies.values()];
    this.certificate = { view: proposer, digest: ownDigest, signatures };
    this.buffer.send('all', this.final(this.certificate));
  }

  /** A certificate, from whomever: there is one digest that can have one. */
  private onFinal(from: ValidatorIndex, { kind, certificate }: AleaMessage): void {
    if (this.certificate !== undefined) return;
    const isGood = certificate.view === this.proposer && this.certificates.isQuorate('ready', certificate);
    if (isGood) this.certificate = certificate;
    else this.refuse(from, kind);
  }

  /** SEEK: answered once a peer, if there is an answer. */
  private onSeek(from: ValidatorIndex): void {
    if (this.certificate === undefined || this.told.has(from)) return;
    this.told.add(from);
    this.buffer.send(from, this.final(this.certificate));
  }

  /** FILL-GAP, to one that signed: answered once a peer. */
  private onFillGap(from: ValidatorIndex): void {
    if (this.verdict !== true || this.proposal === undefined)
      return this.blame(from, 'ALEA_UNFOUNDED', { proposer: this.proposer });
    if (this.served.has(from)) return;
    this.served.add(from);
    this.buffer.send(from, this.message('filler', this.proposal));
  }

  private onFiller(from: ValidatorIndex, { kind, bytes }: AleaMessage): void {
    if (!this.asked.includes(from)) return this.blame(from, 'ALEA_UNFOUNDED', { proposer: this.proposer });
    if (this.payload !== undefined) return;
    if (equalBytes(hashBytes('payload', bytes), this.certificate!.digest)) this.filled = bytes;
    else this.refuse(from, kind);
  }

  private message(kind: AleaMessage['kind'], bytes?: Uint8Array): AleaMessage {
    const { proposer } = this;
    return aleaMessage(bytes === undefined ? { kind, proposer } : { kind, proposer, bytes });
  }

  private final(certificate: Quorate): AleaMessage {
    return aleaMessage({ kind: 'final', proposer: this.proposer, certificate });
  }

  private refuse(by: ValidatorIndex, kind: string): void {
    this.blame(by, 'ALEA_MALFORMED', { kind, proposer: this.proposer });
  }

  private blame(by: ValidatorIndex, fault: ConsensusFault, evidence: Record<string, string | number>): void {
    this.buffer.fault({ by, fault, evidence });
  }
}
