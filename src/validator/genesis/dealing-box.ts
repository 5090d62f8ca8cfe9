import { equalBytes, toHex } from '../../base/bytes.ts';
import { NOBLE } from '../../crypto/batch-kernels.ts';
import { dealingBytes, decodeDealing, type ProvedDealing } from '../../crypto/dealing/encoding.ts';
import { type DealingFlaw, readSignedDealing } from '../../crypto/dealing/signed.ts';
import { checkDealing } from '../../crypto/dealing/verify.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import type { Out } from '../out.ts';
import type { DealingsRef } from '../refs.ts';
import { GENESIS_HEIGHT, type GenesisConfig } from './config.ts';

/** How far the judgement of a delivered dealing is; a flaw is final. */
type Judgement = 'waiting' | 'asked' | 'valid' | DealingFlaw;

/** Whether the dealing that a dealer broadcast holds. */
export interface DealingVerdict {
  readonly dealer: ValidatorIndex;
  readonly ok: boolean;
}

/** The dealings of a session as plain data, by dealer; the fields are those of DealingBox. */
export type DealingBoxState = {
  readonly delivered: ReadonlyMap<ValidatorIndex, Uint8Array>;
  readonly judgements: ReadonlyMap<ValidatorIndex, Judgement>;
  readonly signed: ReadonlyMap<ValidatorIndex, Uint8Array>;
  readonly looks: ReadonlyMap<ValidatorIndex, number>;
  readonly convicted: ReadonlySet<ValidatorIndex>;
};

/** Proposals of one dealer that are looked at for a second dealing: its first one, which alone can be delivered, is always among them. */
const MAX_LOOKS = 4;

/**
 * The dealings that were broadcast: the predicate "dealing valid" of the common subset, which depends on the bytes and the session only.
 * Form, signature and degrees are judged at once; proofs go out in lists: while one list is being verified, the next one gathers.
 * Bound: two signed dealings a dealer.
 */
export class DealingBox {
  readonly #config: GenesisConfig;
  /** What the broadcast of each dealer delivered. */
  #delivered = new Map<ValidatorIndex, Uint8Array>();
  #judgements = new Map<ValidatorIndex, Judgement>();
  /** The first signed dealing of each dealer that came in any way. */
  #signed = new Map<ValidatorIndex, Uint8Array>();
  #looks = new Map<ValidatorIndex, number>();
  /** Dealers of which two were shown. */
  #convicted = new Set<ValidatorIndex>();

  constructor(config: GenesisConfig) {
    this.#config = config;
  }

  state(): DealingBoxState {
    return {
      delivered: this.#delivered,
      judgements: this.#judgements,
      signed: this.#signed,
      looks: this.#looks,
      convicted: this.#convicted,
    };
  }

  /** The box that goes on from there. */
  static restore(config: GenesisConfig, state: DealingBoxState): DealingBox {
    const box = new DealingBox(config);
    box.#delivered = new Map(state.delivered);
    box.#judgements = new Map(state.judgements);
    box.#signed = new Map(state.signed);
    box.#looks = new Map(state.looks);
    box.#convicted = new Set(state.convicted);
    return box;
  }

  /** A dealer's dealing if it was delivered and everything of it holds. */
  valid(dealer: ValidatorIndex): ProvedDealing | undefined {
    if (this.#judgements.get(dealer) !== 'valid') return undefined;
    const { n } = this.#config.session;
    return decodeDealing(this.#delivered.get(dealer)!.subarray(0, dealingBytes(n)), n);
  }

  /** What a dealer broadcast, with its signature. */
  delivered(dealer: ValidatorIndex): Uint8Array | undefined {
    return this.#delivered.get(dealer);
  }

  /** Why a dealer's dealing was not chosen, as far as one knows here: nothing came, or it came too late for the others, too. */
  missed(dealer: ValidatorIndex): DealingFlaw | 'late' | 'silent' {
    const judgement = this.#judgements.get(dealer);
    if (judgement === undefined) return this.#looks.has(dealer) ? 'late' : 'silent';
    return judgement === 'waiting' || judgement === 'asked' || judgement === 'valid' ? 'late' : judgement;
  }

  /** A dealer proposed this to us: a second signed dealing of its own is evidence. */
  seen(dealer: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const first = this.#signed.get(dealer);
    if (first !== undefined && equalBytes(first, bytes)) return;
    const looks = this.#looks.get(dealer) ?? 0;
    if (looks === MAX_LOOKS) return;
    this.#looks.set(dealer, looks + 1);
    if (typeof this.#read(dealer, bytes) !== 'string') this.#witness(dealer, bytes, out);
  }

  /** A dealing that its dealer signed. */
  #witness(dealer: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const first = this.#signed.get(dealer);
    if (this.#convicted.has(dealer) || (first !== undefined && equalBytes(first, bytes))) return;
    if (first === undefined) {
      this.#signed.set(dealer, bytes);
      return;
    }
    this.#convicted.add(dealer);
    this.#looks.set(dealer, MAX_LOOKS);
    const pair = [first, bytes].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1)) as [Uint8Array, Uint8Array];
    out.fault(dealer, 'DEALING_EQUIVOCATION', { height: GENESIS_HEIGHT, dealings: pair });
  }

  /**
   * The broadcast of a dealer delivered, once.
   * @returns the verdict if no proof is needed for it
   */
  judge(dealer: ValidatorIndex, bytes: Uint8Array, out: Out): DealingVerdict | undefined {
    this.#delivered.set(dealer, bytes);
    const { session, kernels = NOBLE } = this.#config;
    const read = this.#read(dealer, bytes);
    // Whatever else the dealer proposed, what was delivered is looked at: a flood of other proposals hides no second dealing.
    if (typeof read !== 'string') this.#witness(dealer, bytes, out);
    const problem = typeof read === 'string' ? read : checkDealing(session, dealer, read, undefined, kernels);
    if (problem !== undefined) {
      const evidence = { height: GENESIS_HEIGHT, problem, dealing: bytes };
      out.fault(dealer, 'DEALING_INVALID', evidence);
      this.#judgements.set(dealer, problem);
      return { dealer, ok: false };
    }
    this.#judgements.set(dealer, 'waiting');
    this.#ask(out);
    return undefined;
  }

  /** The proofs of these dealings were verified. @returns the verdicts; none if this was not asked */
  verified({ dealers }: DealingsRef, bad: readonly ValidatorIndex[], out: Out): DealingVerdict[] {
    const asked = dealers.filter((dealer) => this.#judgements.get(dealer) === 'asked');
    const verdicts = asked.map((dealer) => ({ dealer, ok: !bad.includes(dealer) }));
    for (const { dealer, ok } of verdicts) {
      this.#judgements.set(dealer, ok ? 'valid' : 'proof');
      const evidence = {
        height: GENESIS_HEIGHT,
        problem: 'proof',
        dealing: this.#delivered.get(dealer)!,
      } as const;
      if (!ok) out.fault(dealer, 'DEALING_INVALID', evidence);
    }
    this.#ask(out);
    return verdicts;
  }

  #read(dealer: ValidatorIndex, bytes: Uint8Array): ReturnType<typeof readSignedDealing> {
    const { session, draft } = this.#config;
    return readSignedDealing(session, dealer, draft.seats[dealer]!.signKey, bytes);
  }

  /** One list of proofs is verified at a time. */
  #ask(out: Out): void {
    const { session } = this.#config;
    const all = [...this.#judgements];
    if (all.some(([, judgement]) => judgement === 'asked')) return;
    const dealers = all
      .filter(([, judgement]) => judgement === 'waiting')
      .map(([dealer]) => dealer)
      .sort((a, b) => a - b);
    if (dealers.length === 0) return;
    for (const dealer of dealers) this.#judgements.set(dealer, 'asked');
    const dealings = dealers.map((dealer) =>
      this.#delivered.get(dealer)!.subarray(0, dealingBytes(session.n)),
    );
    const ref: DealingsRef = { type: 'dealings', session: session.id, dealers };
    out.effects.push({ type: 'verifyDealings', ref, dealings });
  }
}
