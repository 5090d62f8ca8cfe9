import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { unpackBatch } from '../ledger/batch-words.ts';
import { type Block, headerHash, settlementHash } from '../ledger/block.ts';
import type { Certification } from '../ledger/certified-block.ts';
import { advanceState } from '../ledger/chain-state.ts';
import { batchContext } from '../ledger/claims.ts';
import { encodeEvidence } from '../ledger/evidence.ts';
import { NO_KEY } from '../ledger/opening.ts';
import type { NamedItem } from '../ledger/ordering-state.ts';
import type { OpenedItem } from '../ledger/transition.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { Carried } from './carried.ts';
import type { EpochContext } from './context.ts';
import {
  certify,
  type DecryptedBatch,
  FinishBox,
  type FinishBoxState,
  type FinishMessage,
  type FinishTask,
} from './finish-box.ts';
import type { CertifiedHeight, HeightOutcome } from './height-results.ts';
import type { Ordering } from './ordering.ts';
import type { Out } from './out.ts';
import type { HeightProgress } from './progress.ts';
import { cryptoOf } from './validator-crypto.ts';
import { signedMessage } from './word-message.ts';

type Roots = NonNullable<HeightOutcome['roots']>;

/** The last part of a height as plain data. */
export type SettlingState = {
  readonly finish: FinishBoxState;
  readonly heard: ReadonlyMap<ValidatorIndex, Uint8Array>;
  /** Of those heard, whose signature is not found bad. */
  readonly signers: ReadonlySet<ValidatorIndex>;
  readonly roots: HeightOutcome['roots'];
  readonly certification: Certification | undefined;
};

/** The last part of a height: finish round, decryption, settlement, and the two certificates. */
export class Settling {
  readonly #context: EpochContext;
  readonly #carried: Carried;
  readonly #height: Height;
  #finish: FinishBox;
  readonly #heard = new Map<ValidatorIndex, Uint8Array>();
  /** Of those heard, the ones not found bad. */
  readonly #signatures = new Map<ValidatorIndex, Uint8Array>();
  #ordering: Ordering | undefined;
  /** Once the height is settled here. */
  #roots: HeightOutcome['roots'];
  #certification: Certification | undefined;

  constructor(context: EpochContext, carried: Carried, height: Height) {
    this.#context = context;
    this.#carried = carried;
    this.#height = height;
    this.#finish = new FinishBox(context, height);
  }

  /** Without the ordering, which its owner keeps. May share memory with this: encode it before the next input. */
  state(): SettlingState {
    return {
      finish: this.#finish.state(),
      heard: this.#heard,
      signers: new Set(this.#signatures.keys()),
      roots: this.#roots,
      certification: this.#certification,
    };
  }

  /** What goes on from there. @param ordering what it was begun with, if it was */
  static restore(
    context: EpochContext,
    carried: Carried,
    height: Height,
    ordering: Ordering | undefined,
    state: SettlingState,
  ): Settling {
    const settling = new Settling(context, carried, height);
    settling.#ordering = ordering;
    const task = ordering === undefined ? undefined : settling.#taskOf(ordering);
    settling.#finish = FinishBox.restore(context, height, task, state.finish);
    for (const [from, signature] of state.heard) settling.#heard.set(from, signature);
    for (const from of state.signers) settling.#signatures.set(from, state.heard.get(from)!);
    settling.#roots = state.roots;
    settling.#certification = state.certification;
    return settling;
  }

  /** What one came to, as far as one has come; undefined before the height is ordered. */
  get own(): HeightOutcome | undefined {
    if (this.#ordering === undefined) return undefined;
    return { headerHash: headerHash(this.#ordering.header), roots: this.#roots };
  }

  /** Changes nothing. */
  progressed(): Pick<HeightProgress, 'opening' | 'isSettled' | 'signed'> {
    return {
      opening: this.#finish.heard,
      isSettled: this.#roots !== undefined,
      signed: [...this.#heard.keys()].sort((a, b) => a - b),
    };
  }

  /** Both certificates, once they are put together here. */
  get certification(): Certification | undefined {
    return this.#certification;
  }

  /** The block of the height, which is settled here. @param certification of one's own header and roots */
  certified({ certificate, settlementCertificate }: Certification): CertifiedHeight {
    return {
      height: this.#height,
      block: this.#block(this.#ordering!, certificate),
      settlementCertificate,
    };
  }

  /** The height is ordered; only now may a decryption share leave this validator. */
  begin(ordering: Ordering, out: Out): void {
    this.#ordering = ordering;
    this.#finish.begin(this.#taskOf(ordering), out);
  }

  #taskOf({ header, ordered }: Ordering): FinishTask {
    const batches = ordered.accepted.flatMap(({ id, item }) => {
      if (item.kind !== 'batch') return [];
      // The screening decoded U, and the proof showed that it lies in the subgroup.
      const U = decodePoint(item.U) as Point;
      return [{ item: { id, item }, context: batchContext(this.#context.items, item), U }];
    });
    return { headerHash: headerHash(header), batches };
  }

  /** A validator's first finish message, signed. */
  addFinish(from: ValidatorIndex, message: FinishMessage): void {
    this.#finish.add(from, message);
  }

  /** A validator's signature of the settlement, of its first message; it may turn out to be bad. */
  addSettled(from: ValidatorIndex, signature: Uint8Array): void {
    this.#heard.set(from, signature);
    this.#signatures.set(from, signature);
  }

  /** Makes whatever the messages so far allow: opens and settles, then certifies. */
  progress(out: Out): void {
    if (this.#ordering === undefined) return;
    this.#finish.progress(out);
    if (this.#roots === undefined) this.#settle(this.#ordering, out);
    if (this.#roots !== undefined && this.#certification === undefined)
      this.#certify(this.#ordering, this.#roots, out);
  }

  #settle({ header, ordered }: Ordering, out: Out): void {
    const { opened, beacon } = this.#finish;
    if (opened === undefined || beacon === undefined) return;
    const { chain, secrets } = this.#context;
    const crypto = cryptoOf(this.#context);
    const settlement = crypto.settle(chain.market, this.#carried.settlement, {
      height: this.#height,
      timeS: header.timeS,
      oracleTimeS: header.oracleTimeS,
      medians: header.medians,
      beacon,
      refused: ordered.refused,
      items: [...opened.map(openedBatch), ...ordered.accepted.flatMap(openItem)],
    });
    const { stateRoot, receiptsRoot } = settlement;
    this.#roots = { stateRoot, receiptsRoot };
    advanceState(this.#carried, header, settlement);
    const signature = crypto.blsSign(secrets.blsSecret, this.#statement(this.#roots));
    out.send('all', signedMessage(this.#context, { kind: 'settled', height: this.#height, signature }));
    const items = ordered.accepted.map(({ id }) => id);
    out.outputs.push({ type: 'settled', result: { height: this.#height, items, settlement } });
  }

  #statement({ stateRoot, receiptsRoot }: Roots): Uint8Array {
    return settlementHash({ ...this.#context.domain, height: this.#height, stateRoot, receiptsRoot });
  }

  #certify({ header }: Ordering, roots: Roots, out: Out): void {
    const { certificate } = this.#finish;
    if (certificate === undefined) return;
    const settlementCertificate = certify(this.#context, this.#statement(roots), this.#signatures, (from) =>
      out.fault(from, 'SETTLEMENT_SIGNATURE_INVALID', { height: this.#height }),
    );
    if (settlementCertificate === undefined) return;
    this.#certification = { header, ...roots, certificate, settlementCertificate };
  }

  #block({ header, ordered }: Ordering, certificate: Certificate): Block {
    return {
      header,
      items: ordered.accepted.map(({ item }) => item),
      keys: this.#finish.opened!.map(({ K, words }) => (words === undefined ? NO_KEY : encodePoint(K))),
      shares: this.#finish.shares,
      refused: ordered.refused,
      evidence: ordered.evidence.map(encodeEvidence),
      beacon: this.#finish.beacon!,
      certificate,
    };
  }
}

const openedBatch = ({ item: { id, item }, words }: DecryptedBatch): OpenedItem => ({
  kind: 'batch',
  id,
  fee: item.fee,
  content: words === undefined ? undefined : unpackBatch(words),
});

/** Items that move money and were never sealed. */
const openItem = ({ id, item }: NamedItem): OpenedItem[] =>
  item.kind === 'action' || item.kind === 'deposit' ? [{ ...item, id }] : [];
