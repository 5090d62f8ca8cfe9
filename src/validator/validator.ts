import { headerHash } from '../ledger/block.ts';
import type { Certification } from '../ledger/certified-block.ts';
import { epochDomain } from '../ledger/epoch-config.ts';
import { applyReplayed } from '../ledger/replay.ts';
import { showState } from '../ledger/shown-state.ts';
import { type Height, height, type ItemId, type ValidatorIndex } from '../params/ids.ts';
import { Abstention } from './abstention.ts';
import { BlockServer } from './block-server.ts';
import type { Border } from './border.ts';
import { type Carried, lastHeightOf } from './carried.ts';
import { CatchUp } from './catch-up.ts';
import { type CheckedBlock, checkBlock, contradicts } from './check-block.ts';
import { type EpochContext, epochContext } from './context.ts';
import { EarlyBox } from './early-box.ts';
import type { BlockProblem } from './faults.ts';
import type { CertifiedHeight, HeightOutcome } from './height-results.ts';
import { HeightRound } from './height-round.ts';
import type { HeldItem } from './item-proofs.ts';
import { itemRules } from './item-rules.ts';
import { Mempool, type MempoolOwner } from './mempool.ts';
import { decodeMessage, type Message, type RoundMessage, reachedBy, roundOf } from './messages.ts';
import { requireReport } from './oracle.ts';
import { gone } from './ordering.ts';
import { Out, type Sending, SILENCE, type ValidatorStep } from './out.ts';
import { type ChainProgress, progressOf } from './progress.ts';
import { SendWindow } from './send-window.ts';
import { carriedFrom, openSnapshot, sealSnapshot, type ValidatorState, writeCarried } from './snapshot.ts';
import type { Input, ProofVerdict, Shown, ValidatorConfig } from './types.ts';

/**
 * A validator as a pure machine: equal configuration and inputs give equal steps. It holds no clock, no entropy and no socket;
 * proofs are made and verified outside and come back as inputs.
 * Height h + 1 begins here when h is settled and h − 1 is certified here, so two heights are live at most: of a certified one
 * nothing is kept, for its certificates and its block stand for it. It serves one epoch: when the last height of that is certified
 * here, it only answers those that lag.
 * The owner makes an input durable before anything that it led to leaves.
 */
export class Validator {
  readonly #context: EpochContext;
  readonly #carried: Carried;
  readonly #mempool: Mempool;
  readonly #rounds = new Map<Height, HeightRound>();
  readonly #early: EarlyBox;
  readonly #window: SendWindow;
  readonly #catchUp: CatchUp;
  readonly #server: BlockServer;
  readonly #abstention: Abstention;
  /** Whether a quorum signed something else than this validator came to. It is silent then. */
  #hasDiverged = false;
  #height: Height;

  /**
   * A validator at genesis, at the beginning of a later epoch, or one that goes on from a state: that of a validator whose beginning
   * was checked when it began.
   * @throws {LedgerError} LEDGER_INPUT if chain or epoch are not valid; {ValidatorError} VALIDATOR_BORDER
   */
  constructor(config: ValidatorConfig, from?: Border | ValidatorState) {
    const { epoch } = config;
    const state = from !== undefined && 'rounds' in from ? from : undefined;
    const context = epochContext(config, state?.routesDrawn);
    this.#context = context;
    this.#carried = carriedFrom(context, from);
    const rules = itemRules(context, this.#carried);
    const { n, f } = context.quorum;
    const owner: MempoolOwner = { self: context.self, n, f, distrusted: this.#carried.distrusted };
    if (state === undefined) {
      this.#mempool = new Mempool(owner, rules);
      this.#early = new EarlyBox();
      this.#window = new SendWindow(n, context.self, epoch.firstHeight);
      this.#catchUp = new CatchUp(context);
      this.#server = new BlockServer(epoch.firstHeight);
      this.#abstention = new Abstention(context);
      this.#height = epoch.firstHeight;
      this.#begin();
      return;
    }
    this.#mempool = Mempool.restore(owner, rules, state.mempool);
    this.#early = EarlyBox.restore(state.early);
    this.#window = SendWindow.restore(state.window, context.self);
    this.#catchUp = CatchUp.restore(context, state.catchUp);
    this.#server = BlockServer.restore(epoch.firstHeight, state.server);
    this.#abstention = Abstention.restore(context, state.abstention);
    this.#hasDiverged = state.hasDiverged;
    this.#height = state.height;
    for (const [at, round] of state.rounds)
      this.#rounds.set(at, HeightRound.restore(context, this.#carried, this.#mempool, at, round));
  }

  /**
   * The validator of which this is the snapshot: to every input it gives the step that the other would have given.
   * @param snapshot what `snapshot` gave under the same configuration
   * @throws {ValidatorError} VALIDATOR_SNAPSHOT_VERSION, VALIDATOR_SNAPSHOT_DAMAGED, VALIDATOR_SNAPSHOT_OTHER
   */
  static restore(config: ValidatorConfig, snapshot: Uint8Array): Validator {
    const owner = { domain: epochDomain(config.chain, config.epoch), self: config.self };
    return new Validator(config, openSnapshot(owner, snapshot));
  }

  /** Everything the next step depends on but the configuration, between two inputs. Holds no secret. */
  snapshot(): Uint8Array {
    return sealSnapshot(this.#context, {
      height: this.#height,
      chain: writeCarried(this.#carried),
      mempool: this.#mempool.state(),
      rounds: new Map([...this.#rounds].map(([at, round]) => [at, round.state()])),
      early: this.#early.state(),
      window: this.#window.state(),
      catchUp: this.#catchUp.state(),
      server: this.#server.state(),
      abstention: this.#abstention.state(),
      hasDiverged: this.#hasDiverged,
      routesDrawn: this.#context.routesDrawn(),
    });
  }

  /** The height being agreed on; the first one of the next epoch when this one is over. */
  get height(): Height {
    return this.#height;
  }

  get shown(): Shown {
    const progress = (): ChainProgress => progressOf(this.#height, this.#window, this.#mempool, this.#rounds);
    return { notes: this.#carried.ordering, forgottenUntil: this.#abstention.until, progress };
  }

  /**
   * The only way in. Never throws for what a peer or trader sends.
   * @throws {ValidatorError} VALIDATOR_INPUT if one's own feed reports what no market takes
   */
  handle(input: Input): ValidatorStep {
    const out = new Out();
    if (this.#hasDiverged) return SILENCE;
    const released = input.type === 'message' ? this.#receive(input.from, input.bytes, out) : [];
    if (input.type !== 'message') this.#local(input, out);
    this.#advance(out);
    const { outputs, faults } = out;
    if (this.#hasDiverged) return { sends: [], effects: [], outputs, faults };
    const sends = [...released, ...out.frames.flatMap((frame) => this.#window.pass(frame))];
    return { sends, effects: out.asked(), outputs, faults };
  }

  /** The last height of the epoch, once the next one is made. */
  get #last(): Height | undefined {
    return lastHeightOf(this.#context.epoch, this.#carried);
  }

  /** Whether it is certified here. */
  get #isOver(): boolean {
    return this.#height > (this.#last ?? this.#height);
  }

  #local(input: Exclude<Input, { type: 'message' }>, out: Out): void {
    if (this.#isOver && input.type !== 'connected' && input.type !== 'stored') return;
    switch (input.type) {
      case 'item':
        return this.#mempool.offer(input.bytes, out);
      case 'observe':
        this.#carried.report = requireReport(this.#context.chain.market, input);
        return;
      case 'ballotDue':
        return this.#isSilent ? undefined : this.#rounds.get(this.#height)?.ballotDue(out);
      case 'announceDue':
        return this.#mempool.tick(out);
      case 'resend':
        return this.#resend(out);
      case 'verified':
        return this.#verified(input.verdicts, out);
      case 'proved':
        return this.#rounds.get(input.ref.height)?.proved(input.ref.items, input.proof, out);
      case 'connected':
        if (this.#server.connected(input.peer, out) || this.#isSilent)
          this.#mempool.tellWhole(input.peer, out);
        return this.#abstention.ask(input.peer, out);
      case 'forgotten':
        return this.#abstention.begin(input.nonce);
      case 'stored':
        return this.#server.stored(input.ref, input.bytes, out);
      case 'block': {
        const problem = this.#takeBlock(input.bytes, out);
        if (problem !== undefined) out.outputs.push({ type: 'blockRefused', problem });
        return;
      }
    }
  }

  /** Whether nothing is said in the height in progress. */
  get #isSilent(): boolean {
    return this.#abstention.covers(this.#height);
  }

  #progress(out: Out): void {
    if (!this.#isSilent) this.#rounds.get(this.#height)?.progress(out);
  }

  #begin(): void {
    const round = new HeightRound(this.#context, this.#carried, this.#mempool, this.#height);
    this.#rounds.set(this.#height, round);
  }

  /** A frame from a peer. @returns frames that were kept back for it */
  #receive(from: ValidatorIndex, bytes: Uint8Array, out: Out): Sending[] {
    const message = decodeMessage(bytes);
    if (message === undefined) {
      out.fault(from, 'MESSAGE_MALFORMED', { bytes: bytes.length });
      return [];
    }
    this.#dispatch(from, message, bytes, out);
    const reached = reachedBy(message);
    return reached === undefined ? [] : this.#window.reached(from, reached);
  }

  #dispatch(from: ValidatorIndex, message: Message, frame: Uint8Array, out: Out): void {
    switch (message.kind) {
      case 'pullBlock':
        return this.#server.pulled(from, message.height, out);
      case 'askNewest':
        return this.#server.asked(from, message.nonce, out);
      case 'at':
        if (this.#server.at(from, message.height, out)) this.#mempool.tellWhole(from, out);
        return;
    }
    if (this.#isOver) return;
    switch (message.kind) {
      case 'item':
        this.#mempool.answered(from, message.bytes, out);
        return this.#progress(out);
      case 'pullItems':
        return this.#mempool.serve(from, message.ids, (id) => this.#ordered(id), out);
      case 'announce':
        this.#mempool.heard(from, message, out);
        return this.#progress(out);
      case 'cert':
        return this.#heard(from, message.certification, out);
      case 'block':
        return this.#answered(from, message.height, message.bytes, out);
      case 'newest':
        return this.#shown(from, message, out);
    }
    const at = roundOf(message)!;
    if (this.#abstention.covers(at)) return;
    if (at > this.#height) this.#early.keep({ from, at, frame }, this.#abstention.reach(this.#height), out);
    else this.#rounds.get(at)?.handle(from, message, out);
  }

  /** An item of a live height. */
  #ordered(id: ItemId): HeldItem | undefined {
    return [...this.#rounds.values()].map((round) => round.item(id)).find((held) => held !== undefined);
  }

  #verified(verdicts: readonly ProofVerdict[], out: Out): void {
    for (const { ref, ok } of verdicts) {
      if (ref.type === 'ballot') this.#rounds.get(ref.height)?.ballotVerified(ref.copy, ok, out);
      else this.#mempool.verified(ref.copy, ok, out);
    }
    this.#progress(out);
  }

  /** The first height that is not certified here. */
  get #next(): Height {
    return height(this.#server.certified + 1);
  }

  #resend(out: Out): void {
    for (const round of this.#rounds.values()) if (!this.#abstention.covers(round.height)) round.resend(out);
    this.#mempool.resend(out);
    this.#abstention.resend(out);
    this.#catchUp.resend(out);
    if (this.#next < this.#height) out.send('all', { kind: 'at', height: this.#next });
  }

  #heard(from: ValidatorIndex, certification: Certification, out: Out): void {
    const before = this.#catchUp.newest;
    this.#catchUp.heard(from, certification, out);
    const certified = this.#catchUp.newest;
    if (certified > before && certified >= this.#height + 2)
      out.outputs.push({ type: 'behind', height: this.#height, certified });
  }

  /** A peer shows its highest certificate to one that has forgotten its votes. */
  #shown(
    from: ValidatorIndex,
    { nonce, certification }: Extract<Message, { kind: 'newest' }>,
    out: Out,
  ): void {
    if (!this.#abstention.isAnswer(from, nonce)) return;
    if (certification !== undefined) this.#heard(from, certification, out);
    const { newest } = this.#catchUp;
    if ((certification?.header.height ?? 0) <= newest) this.#abstention.answered(from, newest);
  }

  /** A peer's answer to a pull of the next block; one that comes when the block is here already is not looked at. */
  #answered(from: ValidatorIndex, of: Height, bytes: Uint8Array, out: Out): void {
    if (of !== this.#next || !this.#catchUp.isAsked(from)) return;
    const at = this.#next;
    const problem = this.#takeBlock(bytes, out);
    if (problem === undefined) return;
    out.fault(from, 'BLOCK_INVALID', { height: at, problem });
    this.#catchUp.refused(from, out);
  }

  /** Bytes that should be the block of the next height. @returns why they are not */
  #takeBlock(bytes: Uint8Array, out: Out): BlockProblem | undefined {
    const at = this.#next;
    const checked = checkBlock(this.#context, this.#carried, at, this.#rounds.get(at)?.own, bytes);
    switch (checked.type) {
      case 'refused':
        return checked.problem;
      case 'diverged':
        this.#diverge(at, checked.certified, out);
        return undefined;
      case 'adopted':
        this.#catchUp.learn(checked.certification);
        return undefined;
      case 'replayed':
        this.#take(checked, out);
        return undefined;
    }
  }

  /** Takes the block of the height in progress instead of settling it: what was signed by a quorum needs no signature more. */
  #take({ certified, replayed }: Extract<CheckedBlock, { type: 'replayed' }>, out: Out): void {
    const { block, settlementCertificate } = certified;
    const { header, named, evidence, settlement } = replayed;
    const items = named.map(({ id }) => id);
    const isOrdered = this.#carried.ordering.height === header.height;
    applyReplayed(this.#carried, replayed);
    for (const { identitySecret } of evidence) this.#carried.revealed.add(identitySecret);
    if (!isOrdered) this.#mempool.advance(header.height, gone(items, block.refused), out);
    out.outputs.push({ type: 'settled', result: { height: header.height, items, settlement } });
    const { stateRoot, receiptsRoot } = settlement;
    const { certificate } = block;
    const certification = { header, stateRoot, receiptsRoot, certificate, settlementCertificate };
    const { newest } = this.#catchUp;
    // The correct signers of a height have certified the one two before it, and serve it to all who lack it.
    const tells = newest < header.height + 2;
    this.#certified(certification, { height: header.height, ...certified }, tells, out);
    if (newest <= header.height) out.send('all', { kind: 'at', height: this.#next });
  }

  /** Certifies and begins heights as far as one can. */
  #advance(out: Out): void {
    while (this.#certifyNext(out) || this.#beginNext(out));
    if (!this.#isSilent) this.#rounds.get(this.#height)?.sayVotable(out);
    // Who is silent settles no height by itself: the block of the one in progress is not on its way.
    if (!this.#hasDiverged) this.#catchUp.pull(this.#isSilent ? height(this.#height - 1) : this.#height, out);
  }

  /** Certifies the next height if it is settled here and its certificates are here, put together by oneself or by others. */
  #certifyNext(out: Out): boolean {
    const round = this.#rounds.get(this.#next);
    const certification = round?.certification ?? this.#catchUp.known(this.#next);
    if (round?.own === undefined || certification === undefined || this.#hasDiverged) return false;
    if (contradicts(round.own, certification)) {
      const { header, stateRoot, receiptsRoot } = certification;
      const roots = { stateRoot, receiptsRoot };
      this.#diverge(round.height, { headerHash: headerHash(header), roots }, out);
      return false;
    }
    if (round.own.roots === undefined) return false;
    this.#certified(certification, round.certified(certification), true, out);
    return true;
  }

  /** @param tells whether the certificates go to all */
  #certified(certification: Certification, result: CertifiedHeight, tells: boolean, out: Out): void {
    const at = result.height;
    this.#rounds.delete(at);
    this.#window.certified(at);
    this.#catchUp.certified(at);
    this.#server.advance(certification, tells, out);
    out.outputs.push({ type: 'certified', result });
  }

  /** Begins the height after the one in progress, with what came early for it; after the last one the epoch is over. */
  #beginNext(out: Out): boolean {
    const isLast = this.#height === this.#last;
    if (this.#isOver || this.#carried.settlement.height < this.#height) return false;
    if (this.#next < this.#height + (isLast ? 1 : 0)) return false;
    this.#height = height(this.#height + 1);
    if (isLast) {
      out.outputs.push({ type: 'epochOver', height: height(this.#height - 1) });
      return false;
    }
    this.#begin();
    out.outputs.push({ type: 'began', height: this.#height });
    if (this.#height === this.#last)
      out.outputs.push({ type: 'epochEnds', height: this.#height, state: showState(this.#carried) });
    this.#mempool.begin(out);
    for (const { from, at, frame } of this.#early.due(this.#height))
      this.#rounds.get(at)?.handle(from, decodeMessage(frame) as RoundMessage, out);
    return true;
  }

  #diverge(at: Height, certified: HeightOutcome, out: Out): void {
    this.#hasDiverged = true;
    const own = this.#rounds.get(at)!.own!;
    out.outputs.push({ type: 'diverged', height: at, own, certified });
  }
}
