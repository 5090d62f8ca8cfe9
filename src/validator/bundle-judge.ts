import { oracleFeeds } from '../market/params.ts';
import { type BallotId, type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { BallotBox } from './ballot-box.ts';
import { type Bundle, decodeBundle, verifyBundle } from './bundle.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';

/** A verdict for the ACS: whether proposer j's payload satisfies the validity predicate. */
export interface Verdict {
  readonly proposer: ValidatorIndex;
  readonly ok: boolean;
}

/** The judge as plain data; the fields are those of BundleJudge. */
export type BundleJudgeState = {
  readonly open: ReadonlyMap<ValidatorIndex, Bundle>;
  readonly vouchers: readonly (readonly ValidatorIndex[])[];
  readonly malformed: ReadonlySet<ValidatorIndex>;
};

/**
 * The validity predicate of the ACS, deterministic in payload and epoch configuration: the bundle is of this height, its
 * report complete and signed by its proposer, its q to n ballots held with valid proofs and of distinct nullifiers, its
 * evidence pairs of two ballots of one nullifier each, at most one pair a nullifier. Ballots that are not public here are
 * pulled from the proposer and from the first f + 1 that said FIRST of the bundle, one of them correct if there are so many;
 * until they are there the verdict waits. A proposer may hide them from all (the ACS needs no verdict then), but not show
 * them to some only: with the FIRST of one correct validator every other has to find the bundle valid some time.
 */
export class BundleJudge {
  readonly #context: EpochContext;
  readonly #ballots: BallotBox;
  readonly #height: Height;
  /** Well-formed bundles that wait for ballots, by proposer. */
  readonly #open = new Map<ValidatorIndex, Bundle>();
  /** The first f + 1 that said FIRST, by proposer: a correct one among them holds the ballots. */
  readonly #vouchers: readonly ValidatorIndex[][];
  /** Proposers of payloads that are no well-formed bundles. */
  readonly #malformed = new Set<ValidatorIndex>();

  constructor(context: EpochContext, ballots: BallotBox, height: Height) {
    this.#context = context;
    this.#ballots = ballots;
    this.#height = height;
    this.#vouchers = Array.from({ length: context.quorum.n }, () => []);
  }

  /** May share memory with the judge: encode it before the next input. */
  state(): BundleJudgeState {
    return { open: this.#open, vouchers: this.#vouchers, malformed: this.#malformed };
  }

  /** The judge that goes on from there. */
  static restore(
    context: EpochContext,
    ballots: BallotBox,
    height: Height,
    { open, vouchers, malformed }: BundleJudgeState,
  ): BundleJudge {
    const judge = new BundleJudge(context, ballots, height);
    for (const [proposer, bundle] of open) judge.#open.set(proposer, bundle);
    for (const proposer of malformed) judge.#malformed.add(proposer);
    vouchers.forEach((each, j) => {
      judge.#vouchers[j]!.push(...each);
    });
    return judge;
  }

  /** A payload that the ACS wants judged. @returns the verdict if it can be given at once */
  judge(proposer: ValidatorIndex, payload: Uint8Array, out: Out): Verdict | undefined {
    const bundle = decodeBundle(payload);
    if (bundle === undefined || !this.#isWellFormed(proposer, bundle)) {
      this.#malformed.add(proposer);
      return { proposer, ok: false };
    }
    this.#open.set(proposer, bundle);
    this.#ballots.ask(namedBallots(bundle), [proposer, ...this.#vouchers[proposer]!], out);
    return this.#verdict(proposer, bundle);
  }

  /** Whether a payload was judged that is no well-formed bundle of its proposer's. */
  isMalformed(proposer: ValidatorIndex): boolean {
    return this.#malformed.has(proposer);
  }

  /**
   * A peer said FIRST: it found these bundles valid, if it is correct.
   * @param instances bit j mod 8 of byte ⌊j / 8⌋ is set iff proposer j's is one of them
   */
  vouched(by: ValidatorIndex, instances: Uint8Array, out: Out): void {
    this.#vouchers.forEach((vouchers, j) => {
      const isSaid = ((instances[j >> 3] ?? 0) & (1 << (j & 7))) !== 0;
      if (!isSaid || vouchers.length > this.#context.quorum.f || vouchers.includes(by)) return;
      vouchers.push(by);
      const bundle = this.#open.get(validatorIndex(j));
      if (bundle !== undefined) this.#ballots.ask(namedBallots(bundle), [by], out);
    });
  }

  /** Verdicts that ballots arrived meanwhile allow. */
  review(): Verdict[] {
    return [...this.#open].flatMap(([proposer, bundle]) => this.#verdict(proposer, bundle) ?? []);
  }

  #isWellFormed(proposer: ValidatorIndex, bundle: Bundle): boolean {
    const { chain, epoch, quorum, domain, kernels } = this.#context;
    return (
      bundle.height === this.#height &&
      bundle.ballots.length >= quorum.q &&
      bundle.ballots.length <= quorum.n &&
      bundle.evidence.length <= quorum.n &&
      bundle.report.prices.length === oracleFeeds(chain.market).length &&
      bundle.report.prices.every((price) => price > 0n) &&
      bundle.report.observedS <= bundle.report.clockS &&
      verifyBundle(domain, bundle, epoch.validators[proposer]!.signKey, kernels.verifySignature)
    );
  }

  #verdict(proposer: ValidatorIndex, bundle: Bundle): Verdict | undefined {
    const nullifiers = new Map<BallotId, bigint>();
    for (const id of namedBallots(bundle)) {
      const ballot = this.#ballots.get(id);
      if (ballot === undefined) return undefined;
      nullifiers.set(id, ballot.nullifier);
    }
    this.#open.delete(proposer);
    const isOnce = (ids: readonly BallotId[]): boolean =>
      new Set(ids.map((id) => nullifiers.get(id))).size === ids.length;
    const ok =
      isOnce(bundle.ballots) &&
      isOnce(bundle.evidence.map(([a]) => a)) &&
      bundle.evidence.every(([a, b]) => nullifiers.get(a) === nullifiers.get(b));
    return { proposer, ok };
  }
}

/** Every ballot a bundle names: those to count and those of its evidence. */
export function namedBallots(bundle: Bundle): BallotId[] {
  return [...new Set([...bundle.ballots, ...bundle.evidence.flat()])];
}
