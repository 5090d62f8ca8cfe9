import { assert } from '../../base/errors.ts';
import { decodeState, encodeState } from '../../base/state-codec.ts';
import { FORETOLD } from '../../consensus/aba/rules.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../../consensus/acs/codec.ts';
import type { AcsStep } from '../../consensus/acs/common-subset.ts';
import { FirstHandAcs, type FirstHandState } from '../../consensus/acs/first-hand.ts';
import { aggregate, blsSign, blsVerify } from '../../crypto/certificate.ts';
import { decodeDealing, type ProvedDealing } from '../../crypto/dealing/encoding.ts';
import { isMismatch } from '../../crypto/dealing/open.ts';
import type { PerKey } from '../../crypto/dealing/session.ts';
import { signDealing } from '../../crypto/dealing/signed.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { type Quorum, quorumOf } from '../../params/quorum.ts';
import { type Destination, Out, type ValidatorStep } from '../out.ts';
import type { Input } from '../types.ts';
import { epochAgreement, GENESIS_HEIGHT, type GenesisConfig, genesisCoin } from './config.ts';
import { DealingBox, type DealingBoxState, type DealingVerdict } from './dealing-box.ts';
import { type MadeEpoch, makeEpoch, openShares } from './make-epoch.ts';
import { decodeGenesisMessage, encodeGenesisMessage, type GenesisMessage } from './messages.ts';

interface Made extends MadeEpoch {
  /** All that were chosen. */
  readonly dealings: ReadonlyMap<ValidatorIndex, ProvedDealing>;
  /** What the members sign. */
  readonly statement: Uint8Array;
}

type AlarmMessage = Extract<GenesisMessage, { kind: 'alarm' }>;

/** A generation as plain data; the fields are those of KeyGeneration. No secret. */
export type KeyGenerationState = {
  readonly acs: FirstHandState;
  readonly dealings: DealingBoxState;
  readonly hasDealt: boolean;
  readonly isSilent: boolean;
  readonly chosen: readonly ValidatorIndex[] | undefined;
  readonly hasAgreed: boolean;
  readonly signatures: ReadonlyMap<ValidatorIndex, Uint8Array>;
  readonly judged: ReadonlySet<ValidatorIndex>;
  readonly good: ReadonlySet<ValidatorIndex>;
  readonly alarms: ReadonlyMap<ValidatorIndex, AlarmMessage | undefined>;
  readonly hasAlarm: boolean;
  readonly isDone: boolean;
};

/**
 * The keys of a chain's first epoch without a dealer whom all trust, as a pure machine: equal configuration and inputs give equal
 * steps. Each member deals once; the dealings go through reliable broadcasts and a common subset with the predicate "dealing valid";
 * those that come out, at least q and so at least f + 1 of correct members, are added up. No clock, no complaint, no second phase.
 *
 * A member that holds all chosen dealings opens its shares, signs the epoch that everybody can compute from the dealings, and ends with
 * q signatures of it. Nobody waits for more than q; a machine that has ended goes on answering those that have not.
 * The owner makes an input durable before anything that it led to leaves.
 */
export class KeyGeneration {
  readonly #config: GenesisConfig;
  readonly #quorum: Quorum;
  #acs: FirstHandAcs;
  #dealings: DealingBox;
  #hasDealt = false;
  /** The store was lost: what one said is forgotten, and could be contradicted. */
  #isSilent = false;
  /** Dealers that the common subset put out. */
  #chosen: readonly ValidatorIndex[] | undefined;
  /** Whether one's own shares were opened and the epoch signed. */
  #hasAgreed = false;
  /** The first signature of each sender, those that were verified, and those that hold. */
  #signatures = new Map<ValidatorIndex, Uint8Array>();
  #judged = new Set<ValidatorIndex>();
  #good = new Set<ValidatorIndex>();
  /** The first alarm of each sender, until it is judged. */
  #alarms = new Map<ValidatorIndex, AlarmMessage | undefined>();
  #hasAlarm = false;
  #isDone = false;
  /** What the chosen dealings make, once they are all here and valid; it follows from them. */
  #made: Made | undefined;

  constructor(config: GenesisConfig) {
    const { session, self } = config;
    this.#config = config;
    this.#quorum = quorumOf(session.n);
    this.#acs = new FirstHandAcs({ n: session.n, self }, FORETOLD);
    this.#dealings = new DealingBox(config);
  }

  /** The generation of which this is the snapshot: to every input it gives the step that the other would have given. */
  static restore(config: GenesisConfig, snapshot: Uint8Array): KeyGeneration {
    const state = decodeState(snapshot) as KeyGenerationState | undefined;
    assert(state !== undefined, 'the host checks a snapshot before it gives it back');
    const generation = new KeyGeneration(config);
    generation.#acs = FirstHandAcs.restore({ n: config.session.n, self: config.self }, state.acs, FORETOLD);
    generation.#dealings = DealingBox.restore(config, state.dealings);
    generation.#hasDealt = state.hasDealt;
    generation.#isSilent = state.isSilent;
    generation.#chosen = state.chosen;
    generation.#hasAgreed = state.hasAgreed;
    generation.#signatures = new Map(state.signatures);
    generation.#judged = new Set(state.judged);
    generation.#good = new Set(state.good);
    generation.#alarms = new Map(state.alarms);
    generation.#hasAlarm = state.hasAlarm;
    generation.#isDone = state.isDone;
    return generation;
  }

  /** Everything the next step depends on but the configuration, between two inputs. Holds no secret. */
  snapshot(): Uint8Array {
    const state: KeyGenerationState = {
      acs: this.#acs.state(),
      dealings: this.#dealings.state(),
      hasDealt: this.#hasDealt,
      isSilent: this.#isSilent,
      chosen: this.#chosen,
      hasAgreed: this.#hasAgreed,
      signatures: this.#signatures,
      judged: this.#judged,
      good: this.#good,
      alarms: this.#alarms,
      hasAlarm: this.#hasAlarm,
      isDone: this.#isDone,
    };
    return encodeState(state);
  }

  get height(): Height {
    return GENESIS_HEIGHT;
  }

  /** The only way in. Never throws for what a peer sends. */
  handle(input: Input): ValidatorStep {
    const out = new Out();
    switch (input.type) {
      case 'dealDue':
        this.#dealDue(out);
        break;
      case 'dealt':
        this.#dealt(input.bytes, out);
        break;
      case 'dealingsVerified':
        for (const verdict of this.#dealings.verified(input.ref, input.bad, out)) this.#answer(verdict, out);
        break;
      case 'message':
        this.#receive(input.from, input.bytes, out);
        break;
      case 'resend':
        this.#absorb(this.#acs.resend(), out);
        break;
      case 'forgotten':
        this.#isSilent = true;
        out.outputs.push({ type: 'mustBeReshared', code: 'GENESIS_FORGOTTEN' });
        break;
      default: // Of heights: there are none yet.
    }
    this.#advance(out);
    const { frames: sends, effects, outputs, faults } = out;
    return this.#isSilent ? { sends: [], effects, outputs, faults } : { sends, effects, outputs, faults };
  }

  #dealDue(out: Out): void {
    if (this.#hasDealt || this.#isSilent) return;
    out.effects.push({ type: 'deal', ref: { type: 'deal', session: this.#config.session.id } });
  }

  /** The finished dealing, logged by now: it leaves, and no other one ever. */
  #dealt(bytes: Uint8Array, out: Out): void {
    const { session, self, secrets } = this.#config;
    const dealing = decodeDealing(bytes, session.n);
    assert(dealing !== undefined, 'the owner deals to every member');
    if (this.#hasDealt || this.#isSilent) return;
    this.#hasDealt = true;
    this.#absorb(this.#acs.propose(signDealing(session, self, dealing, secrets.signSecret)), out);
  }

  #receive(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const message = decodeGenesisMessage(bytes);
    if (message === undefined) return out.fault(from, 'MESSAGE_MALFORMED', { bytes: bytes.length });
    if (message.kind === 'acs') return this.#frame(from, message.bytes, out);
    const kept: Map<ValidatorIndex, unknown> = message.kind === 'agreed' ? this.#signatures : this.#alarms;
    if (!kept.has(from)) kept.set(from, message.kind === 'agreed' ? message.signature : message);
  }

  #frame(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const message = decodeAcsMessage(bytes);
    if (message === undefined) return out.fault(from, 'ACS_MALFORMED', { height: GENESIS_HEIGHT });
    for (const { kind, proposer, bytes: payload } of message.rbc)
      if (kind === 'propose' && proposer === from) this.#dealings.seen(proposer, payload, out);
    this.#absorb(this.#acs.handle(from, message), out);
  }

  #absorb({ sends, faults, effects, outputs }: AcsStep, out: Out): void {
    for (const { to, message } of sends)
      this.#send(to, { kind: 'acs', bytes: encodeAcsMessage(message) }, out);
    for (const { by, fault, evidence } of faults)
      out.fault(by, fault, { height: GENESIS_HEIGHT, ...evidence });
    for (const effect of effects) {
      if (effect.type === 'coin') {
        const { instance, round } = effect;
        const bit = genesisCoin(this.#config.session, instance, round);
        this.#absorb(this.#acs.coin(instance, round, bit), out);
      } else {
        const verdict = this.#dealings.judge(effect.proposer, effect.payload, out);
        if (verdict !== undefined) this.#answer(verdict, out);
      }
    }
    for (const { payloads } of outputs) this.#chosen = payloads.map(({ proposer }) => proposer);
  }

  #answer({ dealer, ok }: DealingVerdict, out: Out): void {
    this.#absorb(this.#acs.validated(dealer, ok), out);
  }

  #send(to: Destination, message: GenesisMessage, out: Out): void {
    out.frames.push({ to, at: height(1), bytes: encodeGenesisMessage(message) });
  }

  /** Goes on as far as what is here allows, once the common subset has put out. */
  #advance(out: Out): void {
    const made = this.#hasAlarm ? undefined : this.#make();
    if (made === undefined) return;
    this.#hearAlarms(made, out);
    if (!this.#hasAlarm && !this.#hasAgreed) this.#agree(made, out);
    if (!this.#hasAlarm && !this.#isDone) this.#count(made, out);
  }

  /**
   * What the chosen dealings make. All of them arrive, and every one was found valid by a correct member, so it is by all: the predicate
   * depends on the bytes alone. (If more than f are Byzantine, one may not be; then nothing comes of it here.)
   */
  #make(): Made | undefined {
    if (this.#made !== undefined || this.#chosen === undefined) return this.#made;
    const dealings = new Map<ValidatorIndex, ProvedDealing>();
    for (const dealer of this.#chosen) {
      const dealing = this.#dealings.valid(dealer);
      if (dealing === undefined) return undefined;
      dealings.set(dealer, dealing);
    }
    const made = makeEpoch(this.#config, dealings);
    const statement = epochAgreement(epochDomain(this.#config.chain, made.epoch));
    this.#made = { ...made, dealings, statement };
    return this.#made;
  }

  /** Opens one's shares of the dealings that make the keys. */
  #open({ dealers, dealings }: Made): ReturnType<typeof openShares> {
    return openShares(this.#config, new Map(dealers.map((dealer) => [dealer, dealings.get(dealer)!])));
  }

  /** One's own shares are here: sign the epoch. Without them it is not signed, and everybody hears why. */
  #agree(made: Made, out: Out): void {
    const opened = this.#open(made);
    if ('dealer' in opened) {
      const { dealer, shown } = opened;
      this.#send('all', { kind: 'alarm', dealer, mismatch: shown }, out);
      return this.#alarm(dealer, this.#config.self, shown, out);
    }
    this.#hasAgreed = true;
    this.#send(
      'all',
      { kind: 'agreed', signature: blsSign(this.#config.secrets.blsSecret, made.statement) },
      out,
    );
  }

  /** Alarms of others. Every proof of these dealings was verified here, so one that convinces means that none can be trusted. */
  #hearAlarms({ dealings }: Made, out: Out): void {
    const { session } = this.#config;
    for (const [from, alarm] of this.#alarms) {
      if (alarm === undefined) continue;
      const { dealer, mismatch } = alarm;
      const dealing = dealings.get(dealer);
      if (dealing !== undefined && isMismatch(session, dealer, dealing, from, mismatch))
        return this.#alarm(dealer, from, mismatch, out);
      this.#alarms.set(from, undefined);
      out.fault(from, 'ALARM_FALSE', { height: GENESIS_HEIGHT, dealer });
    }
  }

  #alarm(dealer: ValidatorIndex, recipient: ValidatorIndex, mismatch: Uint8Array, out: Out): void {
    this.#hasAlarm = true;
    const dealing = this.#dealings.delivered(dealer)!;
    out.outputs.push({ type: 'keyAlarm', alarm: { dealer, recipient, dealing, mismatch } });
  }

  /** Ends with q signatures of the epoch. */
  #count(made: Made, out: Out): void {
    const { draft, session } = this.#config;
    const { q, n } = this.#quorum;
    for (const [from, signature] of this.#signatures) {
      if (this.#good.size >= q) break;
      if (this.#judged.has(from)) continue;
      this.#judged.add(from);
      if (blsVerify(draft.seats[from]!.blsKey, made.statement, signature)) this.#good.add(from);
      else out.fault(from, 'EPOCH_SIGNATURE_INVALID', { height: GENESIS_HEIGHT });
    }
    if (this.#good.size < q || !this.#hasAgreed) return;
    const shares = this.#open(made) as PerKey<bigint>;
    const signatures = new Map([...this.#good].map((from) => [from, this.#signatures.get(from)!] as const));
    const { epoch, dealers, repeated } = made;
    const excluded = Array.from({ length: session.n }, (_, i) => validatorIndex(i))
      .filter((dealer) => !dealers.includes(dealer))
      .map((dealer) => ({
        dealer,
        why: repeated.includes(dealer) ? ('repeated' as const) : this.#dealings.missed(dealer),
      }));
    const dealings = new Map(dealers.map((dealer) => [dealer, this.#dealings.delivered(dealer)!] as const));
    const certificate = aggregate(signatures, n)!;
    this.#isDone = true;
    out.outputs.push({ type: 'generated', keys: { epoch, certificate, dealings, excluded, shares } });
  }
}
