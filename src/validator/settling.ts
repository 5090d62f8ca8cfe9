import { equalBytes } from '../base/bytes.ts';
import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import { blsSign, type Certificate } from '../crypto/certificate.ts';
import { unpackBatch } from '../ledger/batch-words.ts';
import { type Block, headerHash, settlementHash } from '../ledger/block.ts';
import type { Certification } from '../ledger/certified-block.ts';
import { advanceState } from '../ledger/chain-state.ts';
import { batchContext } from '../ledger/claims.ts';
import type { NamedItem } from '../ledger/ordering-state.ts';
import { type OpenedItem, type Settlement, settle } from '../ledger/transition.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { Chain } from './chain.ts';
import type { EpochContext } from './context.ts';
import { encodeEvidence } from './evidence.ts';
import { certify, type DecryptedBatch, FinishBox, type FinishMessage } from './finish-box.ts';
import type { CertifiedHeight, HeightOutcome } from './height-results.ts';
import type { Ordering } from './ordering.ts';
import type { Out } from './out.ts';

/** The last part of a height: finish round, decryption, settlement, and the two certificates. */
export class Settling {
  readonly #context: EpochContext;
  readonly #chain: Chain;
  readonly #height: Height;
  readonly #finish: FinishBox;
  readonly #heard = new Map<ValidatorIndex, Uint8Array>();
  /** Of those heard, the ones not found bad. */
  readonly #signatures = new Map<ValidatorIndex, Uint8Array>();
  #ordering: Ordering | undefined;
  #settlement: Settlement | undefined;
  #certification: Certification | undefined;

  constructor(context: EpochContext, chain: Chain, height: Height) {
    this.#context = context;
    this.#chain = chain;
    this.#height = height;
    this.#finish = new FinishBox(context, height);
  }

  /** What one came to, as far as one has come; undefined before the height is ordered. */
  get own(): HeightOutcome | undefined {
    if (this.#ordering === undefined) return undefined;
    const { stateRoot, receiptsRoot } = this.#settlement ?? {};
    const roots = stateRoot && receiptsRoot && { stateRoot, receiptsRoot };
    return { headerHash: headerHash(this.#ordering.header), roots };
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
    const batches = ordering.ordered.accepted.flatMap(({ id, item }) => {
      if (item.kind !== 'batch') return [];
      // The screening decoded U, and the proof showed that it lies in the subgroup.
      const U = decodePoint(item.U) as Point;
      return [{ item: { id, item }, context: batchContext(this.#context.items, item), U }];
    });
    this.#finish.begin({ headerHash: headerHash(ordering.header), batches }, out);
  }

  addFinish(from: ValidatorIndex, message: FinishMessage, out: Out): void {
    this.#finish.add(from, message, out);
  }

  /** A validator's signature of the settlement; its first one counts, also when it turns out to be bad. */
  addSettled(from: ValidatorIndex, signature: Uint8Array, out: Out): void {
    const first = this.#heard.get(from);
    if (first === undefined) {
      this.#heard.set(from, signature);
      this.#signatures.set(from, signature);
    } else if (!equalBytes(first, signature)) {
      out.fault(from, 'SETTLED_EQUIVOCATION', { height: this.#height });
    }
  }

  /** Makes whatever the messages so far allow: opens and settles, then certifies. */
  progress(out: Out): void {
    if (this.#ordering === undefined) return;
    this.#finish.progress(out);
    if (this.#settlement === undefined) this.#settle(this.#ordering, out);
    if (this.#settlement !== undefined && this.#certification === undefined)
      this.#certify(this.#ordering, this.#settlement, out);
  }

  #settle({ header, ordered }: Ordering, out: Out): void {
    const { opened, beacon } = this.#finish;
    if (opened === undefined || beacon === undefined) return;
    const { chain, secrets } = this.#context;
    const settlement = settle(chain.market, this.#chain.settlement, {
      height: this.#height,
      timeS: header.timeS,
      oracleTimeS: header.oracleTimeS,
      medians: header.medians,
      beacon,
      refused: ordered.refused,
      items: [...opened.map(openedBatch), ...ordered.accepted.flatMap(openItem)],
    });
    this.#settlement = settlement;
    advanceState(this.#chain, header, settlement);
    out.send('all', {
      kind: 'settled',
      height: this.#height,
      signature: blsSign(secrets.blsSecret, this.#statement(settlement)),
    });
    const items = ordered.accepted.map(({ id }) => id);
    out.outputs.push({ type: 'settled', result: { height: this.#height, items, settlement } });
  }

  #statement({ stateRoot, receiptsRoot }: Settlement): Uint8Array {
    return settlementHash({ ...this.#context.domain, height: this.#height, stateRoot, receiptsRoot });
  }

  #certify({ header }: Ordering, settlement: Settlement, out: Out): void {
    const { certificate } = this.#finish;
    if (certificate === undefined) return;
    const settlementCertificate = certify(
      this.#context,
      this.#statement(settlement),
      this.#signatures,
      (from) => out.fault(from, 'SETTLEMENT_SIGNATURE_INVALID', { height: this.#height }),
    );
    if (settlementCertificate === undefined) return;
    const { stateRoot, receiptsRoot } = settlement;
    this.#certification = { header, stateRoot, receiptsRoot, certificate, settlementCertificate };
  }

  #block({ header, ordered }: Ordering, certificate: Certificate): Block {
    return {
      header,
      items: ordered.accepted.map(({ item }) => item),
      keys: this.#finish.opened!.map(({ K }) => encodePoint(K)),
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

/** Items that were never sealed. */
const openItem = ({ id, item }: NamedItem): OpenedItem[] => (item.kind === 'batch' ? [] : [{ ...item, id }]);
