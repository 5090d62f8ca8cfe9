import { equalBytes } from '../base/bytes.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import { bundleBody, decodeBundle } from './bundle.ts';
import type { EpochContext } from './context.ts';
import { type WordMessage, wordBody } from './messages.ts';
import type { Out } from './out.ts';
import { isSignedWord, type SignedWord, type WordKind, wordDigest, wordPair } from './signed-word.ts';

/** The words of a height as plain data; the fields are those of WordBox. */
export type WordBoxState = {
  readonly first: ReadonlyMap<string, SignedWord>;
  readonly muted: ReadonlySet<string>;
  readonly tried: ReadonlyMap<ValidatorIndex, number>;
};

/** Bundles of one proposer whose signature is verified in a height, at most. */
const MAX_TRIES = 4;

const EQUIVOCATIONS = {
  bundle: 'BUNDLE_EQUIVOCATION',
  finish: 'FINISH_EQUIVOCATION',
  settled: 'SETTLED_EQUIVOCATION',
} as const satisfies Readonly<Record<WordKind, string>>;

/**
 * What each validator signed in one height: its bundle, its finish and its settlement message. The first word of each counts; a second,
 * different one is a fault with evidence for strangers. Bounds: a word and two verifications for each validator and message kind,
 * four verifications for bundles.
 */
export class WordBox {
  readonly #context: EpochContext;
  readonly #height: Height;
  /** By `kind/author`. */
  #first = new Map<string, SignedWord>();
  /** Of whom nothing of this kind is heard any more: it was unsigned, or it equivocated. */
  #muted = new Set<string>();
  #tried = new Map<ValidatorIndex, number>();

  constructor(context: EpochContext, height: Height) {
    this.#context = context;
    this.#height = height;
  }

  /** May share memory with the box: encode it before the next input. */
  state(): WordBoxState {
    return { first: this.#first, muted: this.#muted, tried: this.#tried };
  }

  /** The box that goes on from there. */
  static restore(context: EpochContext, height: Height, state: WordBoxState): WordBox {
    const box = new WordBox(context, height);
    box.#first = new Map(state.first);
    box.#muted = new Set(state.muted);
    box.#tried = new Map(state.tried);
    return box;
  }

  /** A peer's finish or settlement message. @returns whether it is its first one, and signed: no other is to be handled */
  hear(from: ValidatorIndex, message: WordMessage, out: Out): boolean {
    const word = { digest: wordDigest(wordBody(message)), signature: message.word };
    if (this.#muted.has(`${message.kind}/${from}`) || this.#isKnown(from, message.kind, word)) return false;
    if (this.#isSigned(from, message.kind, word)) return this.#take(from, message.kind, word, out);
    this.#muted.add(`${message.kind}/${from}`);
    out.fault(from, 'MESSAGE_UNSIGNED', { height: this.#height, kind: message.kind });
    return false;
  }

  /** A bundle that its proposer sent, or that was delivered as its; whoever sent it may have made it up. */
  bundle(proposer: ValidatorIndex, payload: Uint8Array, out: Out): void {
    if (this.#muted.has(`bundle/${proposer}`)) return;
    const bundle = decodeBundle(payload);
    if (bundle === undefined || bundle.height !== this.#height) return;
    const word = { digest: wordDigest(bundleBody(bundle)), signature: bundle.signature };
    const tries = this.#tried.get(proposer) ?? 0;
    if (tries >= MAX_TRIES || this.#isKnown(proposer, 'bundle', word)) return;
    this.#tried.set(proposer, tries + 1);
    if (this.#isSigned(proposer, 'bundle', word)) this.#take(proposer, 'bundle', word, out);
  }

  #isKnown(by: ValidatorIndex, kind: WordKind, { digest }: SignedWord): boolean {
    const first = this.#first.get(`${kind}/${by}`);
    return first !== undefined && equalBytes(first.digest, digest);
  }

  #isSigned(by: ValidatorIndex, kind: WordKind, word: SignedWord): boolean {
    const { domain, epoch, kernels } = this.#context;
    const { signKey } = epoch.validators[by]!;
    return isSignedWord(signKey, domain, kind, this.#height, word, kernels.verifySignature);
  }

  #take(by: ValidatorIndex, kind: WordKind, word: SignedWord, out: Out): boolean {
    const first = this.#first.get(`${kind}/${by}`);
    const words = first === undefined ? undefined : wordPair(first, word);
    if (words === undefined) {
      this.#first.set(`${kind}/${by}`, word);
      return true;
    }
    this.#muted.add(`${kind}/${by}`);
    out.fault(by, EQUIVOCATIONS[kind], { height: this.#height, words });
    return false;
  }
}
