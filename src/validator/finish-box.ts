import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import type { Certificate } from '../crypto/certificate.ts';
import type { BatchItem } from '../ledger/items.ts';
import { type OpeningShares, openingContext } from '../ledger/opening.ts';
import type { NamedItem } from '../ledger/ordering-state.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import { beaconId } from './coin-box.ts';
import type { EpochContext } from './context.ts';
import type { Message } from './messages.ts';
import type { Out } from './out.ts';
import { cryptoOf } from './validator-crypto.ts';
import { signedMessage } from './word-message.ts';
import { readPoint, readPoints, writePoints } from './written.ts';

export type FinishMessage = Extract<Message, { kind: 'finish' }>;

/** One accepted batch, opened: K (anyone can check it by the tag) and the three words; no words if the seal lies. */
export interface DecryptedBatch {
  readonly item: NamedItem<BatchItem>;
  readonly context: bigint;
  readonly K: Point;
  readonly words: readonly [bigint, bigint, bigint] | undefined;
}

/** What is being finished: a header hash to certify and the batches to open. */
export interface FinishTask {
  readonly headerHash: Uint8Array;
  readonly batches: readonly {
    readonly item: NamedItem<BatchItem>;
    readonly context: bigint;
    readonly U: Point;
  }[];
}

/** A finish round as plain data; what it finishes is its owner's to keep. */
export type FinishBoxState = {
  readonly messages: ReadonlyMap<ValidatorIndex, FinishMessage>;
  readonly read: ReadonlySet<ValidatorIndex>;
  /** Whose signature is not found bad. */
  readonly signers: ReadonlySet<ValidatorIndex>;
  readonly beaconShares: ReadonlyMap<ValidatorIndex, Uint8Array>;
  /** Whose shares are not found bad, and whether they were judged. */
  readonly candidates: ReadonlyMap<ValidatorIndex, boolean>;
  readonly certificate: Certificate | undefined;
  readonly beacon: Uint8Array | undefined;
  /** In the order of the batches. */
  readonly opened: readonly { readonly K: Uint8Array; readonly words: DecryptedBatch['words'] }[] | undefined;
};

interface Candidate {
  readonly points: readonly Point[];
  readonly dleq: Uint8Array;
  judged: boolean;
}

/**
 * The finish round of one height: collects one message a validator and makes of them the header's certificate, the beacon and
 * the opened batches. Bad shares are found only when a combination fails, and then blamed by their DLEQ proof.
 */
export class FinishBox {
  readonly #context: EpochContext;
  readonly #height: Height;
  readonly #messages = new Map<ValidatorIndex, FinishMessage>();
  readonly #read = new Set<ValidatorIndex>();
  readonly #signatures = new Map<ValidatorIndex, Uint8Array>();
  readonly #beaconShares = new Map<ValidatorIndex, Point>();
  readonly #candidates = new Map<ValidatorIndex, Candidate>();
  #task: FinishTask | undefined;
  #certificate: Certificate | undefined;
  #beacon: Uint8Array | undefined;
  #opened: readonly DecryptedBatch[] | undefined;

  constructor(context: EpochContext, height: Height) {
    this.#context = context;
    this.#height = height;
  }

  /** Whose message is here. */
  get heard(): ValidatorIndex[] {
    return [...this.#messages.keys()].sort((a, b) => a - b);
  }

  /** May share memory with the box: encode it before the next input. */
  state(): FinishBoxState {
    return {
      messages: this.#messages,
      read: this.#read,
      signers: new Set(this.#signatures.keys()),
      beaconShares: writePoints(this.#beaconShares),
      candidates: new Map([...this.#candidates].map(([from, { judged }]) => [from, judged])),
      certificate: this.#certificate,
      beacon: this.#beacon,
      opened: this.#opened?.map(({ K, words }) => ({ K: encodePoint(K), words })),
    };
  }

  /** The box that goes on from there. @param task what it was begun with, if it was */
  static restore(
    context: EpochContext,
    height: Height,
    task: FinishTask | undefined,
    state: FinishBoxState,
  ): FinishBox {
    const box = new FinishBox(context, height);
    const message = (from: ValidatorIndex): FinishMessage => state.messages.get(from)!;
    box.#task = task;
    for (const [from, each] of state.messages) box.#messages.set(from, each);
    for (const from of state.read) box.#read.add(from);
    for (const from of state.signers) box.#signatures.set(from, message(from).signature);
    for (const [from, sigma] of readPoints(state.beaconShares)) box.#beaconShares.set(from, sigma);
    for (const [from, judged] of state.candidates) {
      const { shares, dleq } = message(from);
      box.#candidates.set(from, { points: shares.map(readPoint), dleq, judged });
    }
    box.#certificate = state.certificate;
    box.#beacon = state.beacon;
    box.#opened = state.opened?.map(({ K, words }, i) => {
      const { item, context } = task!.batches[i]!;
      return { item, context, K: readPoint(K), words };
    });
    return box;
  }

  get certificate(): Certificate | undefined {
    return this.#certificate;
  }

  get beacon(): Uint8Array | undefined {
    return this.#beacon;
  }

  get opened(): readonly DecryptedBatch[] | undefined {
    return this.#opened;
  }

  /** If a batch was not opened, the right shares that show it, ascending by validator; else none. */
  get shares(): readonly OpeningShares[] {
    if (this.#opened?.every(({ words }) => words !== undefined) !== false) return [];
    const { sharesRequired } = this.#context.epoch.decryptionKey;
    const used = [...this.#candidates.keys()].slice(0, sharesRequired).sort((a, b) => a - b);
    return used.map((validator) => {
      const { shares, dleq } = this.#messages.get(validator)!;
      return { validator, shares, dleq };
    });
  }

  /** The height is ordered: send one's own finish message. Called once, after the ACS output. */
  begin(task: FinishTask, out: Out): void {
    this.#task = task;
    const { secrets, self, epoch, derive, kernels } = this.#context;
    const crypto = cryptoOf(this.#context);
    const id = beaconId(this.#context.domain, this.#height);
    const points = crypto.decryptionShares(
      task.batches.map(({ U }) => U),
      secrets.decryptionShare,
      kernels,
    );
    const dleqContext = this.#dleqContext(task);
    const statement = { A: epoch.decryptionKey.shareKeys[self]!, pairs: pairsOf(task, points) };
    const message = {
      kind: 'finish' as const,
      height: this.#height,
      signature: crypto.blsSign(secrets.blsSecret, task.headerHash),
      beacon: crypto.coinShare(
        secrets.coinShare,
        epoch.coinKey.shareKeys[self]!,
        id,
        derive('beacon', id),
        kernels,
      ),
      shares: points.map(encodePoint),
      dleq:
        points.length === 0
          ? new Uint8Array(64)
          : crypto.proveDleq(
              secrets.decryptionShare,
              statement,
              dleqContext,
              derive('dleq', dleqContext),
              kernels,
            ),
    };
    out.send('all', signedMessage(this.#context, message));
  }

  /** A validator's finish message, signed; its first one counts. It may come before this node has ordered the height. */
  add(from: ValidatorIndex, message: FinishMessage): void {
    if (!this.#messages.has(from)) this.#messages.set(from, message);
  }

  /** Makes whatever the messages so far allow. */
  progress(out: Out): void {
    const task = this.#task;
    if (task === undefined) return;
    for (const [from, message] of this.#messages) {
      if (this.#read.has(from)) continue;
      this.#read.add(from);
      this.#readMessage(task, from, message, out);
    }
    this.#certify(task, out);
    this.#openBeacon();
    this.#openBatches(task, out);
  }

  #readMessage(task: FinishTask, from: ValidatorIndex, message: FinishMessage, out: Out): void {
    const { epoch, domain, kernels } = this.#context;
    const crypto = cryptoOf(this.#context);
    this.#signatures.set(from, message.signature);
    if (this.#beaconShares.size < epoch.coinKey.sharesRequired) {
      const sigma = crypto.verifyCoinShare(
        epoch.coinKey.shareKeys[from]!,
        beaconId(domain, this.#height),
        message.beacon,
        kernels,
      );
      if (sigma === undefined) out.fault(from, 'BEACON_SHARE_INVALID', { height: this.#height });
      else this.#beaconShares.set(from, sigma);
    }
    const points = message.shares.map(decodePoint);
    if (points.length !== task.batches.length || points.includes(undefined)) {
      out.fault(from, 'FINISH_MALFORMED', { height: this.#height, shares: points.length });
    } else this.#candidates.set(from, { points: points as Point[], dleq: message.dleq, judged: false });
  }

  #certify(task: FinishTask, out: Out): void {
    this.#certificate ??= certify(this.#context, task.headerHash, this.#signatures, (from) =>
      out.fault(from, 'HEADER_SIGNATURE_INVALID', { height: this.#height }),
    );
  }

  #openBeacon(): void {
    const { sharesRequired } = this.#context.epoch.coinKey;
    if (this.#beacon !== undefined || this.#beaconShares.size < sharesRequired) return;
    this.#beacon = cryptoOf(this.#context).combineCoin(this.#beaconShares, this.#context.kernels);
  }

  #openBatches(task: FinishTask, out: Out): void {
    const { kernels, epoch } = this.#context;
    const crypto = cryptoOf(this.#context);
    const { sharesRequired, n } = epoch.decryptionKey;
    while (this.#opened === undefined && this.#candidates.size >= sharesRequired) {
      const used = [...this.#candidates].slice(0, sharesRequired);
      const shares = new Map(used.map(([from, { points }]) => [from, points]));
      const keys = crypto.combineDecryptions(shares, n, kernels);
      const sealed = task.batches.map(({ item, context }, i) => ({
        K: keys[i]!,
        ciphertext: item.item,
        context,
      }));
      const words = crypto.openAll(sealed, kernels);
      const opened = task.batches.map(
        ({ item, context }, i): DecryptedBatch => ({ item, context, K: keys[i]!, words: words[i] }),
      );
      const unjudged = used.filter(([, candidate]) => !candidate.judged);
      if (unjudged.length === 0 || opened.every(({ words }) => words !== undefined)) this.#opened = opened;
      else for (const [from, candidate] of unjudged) this.#judge(task, from, candidate, out);
    }
  }

  #judge(task: FinishTask, from: ValidatorIndex, candidate: Candidate, out: Out): void {
    const { epoch, kernels } = this.#context;
    const crypto = cryptoOf(this.#context);
    const A = epoch.decryptionKey.shareKeys[from]!;
    candidate.judged = true;
    const statement = { A, pairs: pairsOf(task, candidate.points) };
    if (crypto.verifyDleq(statement, this.#dleqContext(task), candidate.dleq, kernels)) return;
    this.#candidates.delete(from);
    out.fault(from, 'DECRYPTION_SHARE_INVALID', { height: this.#height, batches: task.batches.length });
  }

  #dleqContext(task: FinishTask): Uint8Array {
    return openingContext(
      task.headerHash,
      task.batches.map(({ item }) => item.id),
    );
  }
}

const pairsOf = (task: FinishTask, points: readonly Point[]): { H: Point; D: Point }[] =>
  task.batches.map(({ U }, i) => ({ H: U, D: points[i]! }));

/**
 * An aggregate of ≥ q BLS signatures over one message; verified as a whole, and one by one only if that fails.
 * Bad signatures leave the map and are reported.
 */
export function certify(
  context: EpochContext,
  message: Uint8Array,
  signatures: Map<ValidatorIndex, Uint8Array>,
  bad: (from: ValidatorIndex) => void,
): Certificate | undefined {
  const { epoch, quorum } = context;
  const crypto = cryptoOf(context);
  if (signatures.size < quorum.q) return undefined;
  const keys = epoch.validators.map(({ blsKey }) => blsKey);
  const whole = crypto.aggregate(signatures, quorum.n);
  if (whole !== undefined && crypto.verifyCertificate(keys, message, whole, quorum.q)) return whole;
  for (const [from, signature] of [...signatures]) {
    if (crypto.blsVerify(keys[from]!, message, signature)) continue;
    signatures.delete(from);
    bad(from);
  }
  return signatures.size < quorum.q ? undefined : crypto.aggregate(signatures, quorum.n);
}
