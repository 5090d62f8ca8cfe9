import type { RandomBytes } from '../base/random.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { type MadeDealing, makeDealing, randomSecrets } from '../crypto/dealing/deal.ts';
import {
  dealingBytes,
  decodeDealing,
  encodeDealing,
  type ProvedDealing,
} from '../crypto/dealing/encoding.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { signDealing } from '../crypto/dealing/signed.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { OutsideEffect } from '../host/host.ts';
import type { ClaimedProof } from '../ledger/claims.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import { Committee, type CommitteeOptions } from '../sim/committee.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { GenesisConfig } from '../validator/genesis/config.ts';
import type { GeneratedKeys } from '../validator/genesis/generated-keys.ts';
import { decodeGenesisMessage, encodeGenesisMessage } from '../validator/genesis/messages.ts';
import type { Output } from '../validator/types.ts';
import { layFoundation, runRandom } from './dealer.ts';
import type { DealerStage, DealingAttack } from './dealing-attacks.ts';
import { CommitteeError } from './errors.ts';
import { drawMembers, type Members } from './members.ts';
import { ProofOracle } from './proof-oracle.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from './sample-market.ts';

export interface GenesisWorldOptions {
  /** n ≥ 1. */
  readonly members: number;
  /** Byzantine members, the last ones; below n. */
  readonly faulty: number;
  /** What they do. */
  readonly attack: DealingAttack;
  readonly seed: number;
  readonly kernels?: BatchKernels;
  readonly more?: Partial<CommitteeOptions<GenesisConfig>>;
}

/** Times that the timers fire before the generation counts as stalled. */
const MAX_RESENDS = 24;

/**
 * A committee that generates its keys, in a simulated network, on the product's host. Proofs are not made: an oracle holds the statements
 * that are true because the world dealt them, and answers `verifyDealings` from them.
 */
export class GenesisWorld {
  readonly session: DealingSession;
  readonly own: Members['own'];
  readonly configs: readonly GenesisConfig[];
  readonly members: Committee<GenesisConfig>;
  /** Every frame that left a member, in order. */
  readonly frames: {
    readonly from: ValidatorIndex;
    readonly to: ValidatorIndex;
    readonly bytes: Uint8Array;
  }[] = [];
  readonly faults: PeerFault[][];
  /** By member: what the generation ended with there. */
  readonly generated: (GeneratedKeys | undefined)[];
  readonly others: Exclude<Output, { type: 'generated' }>[][];
  readonly #options: GenesisWorldOptions;
  readonly #oracle = new ProofOracle();
  readonly #random: RandomBytes;
  readonly #made = new Map<string, ProvedDealing>();
  /** Byzantine members that have not dealt yet, though they were asked. */
  readonly #waiting = new Set<ValidatorIndex>();

  constructor(options: GenesisWorldOptions) {
    const { members: n, faulty, seed, kernels } = options;
    this.#options = options;
    this.#random = runRandom(seed, 'dealings');
    const oracle = { timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES };
    const foundation = layFoundation(seed, { params: SAMPLE_MARKET, oracle: [oracle] }, n);
    const { session, configs, own } = drawMembers(seed, n, { ...foundation, notes: [], notesTotal: 0n });
    this.session = session;
    this.own = own;
    this.configs = configs.map((config) => (kernels === undefined ? config : { ...config, kernels }));
    this.faults = configs.map(() => []);
    this.generated = configs.map(() => undefined);
    this.others = configs.map(() => []);
    const twists = configs.slice(n - faulty).map(({ self }) => {
      const own = (bytes: Uint8Array, to: ValidatorIndex): readonly Uint8Array[] => [
        this.#twisted(self, bytes, to),
      ];
      return [self, own] as const;
    });
    this.members = new Committee<GenesisConfig>({
      configs: this.configs,
      seed,
      schedule: { kind: 'random' },
      twists: new Map(twists),
      onEffect: (self, effect) => this.#start(self, effect),
      onOutput: (self, output) => this.#hear(self, output),
      onFault: (self, fault) => this.faults[self]!.push(fault),
      onSend: (from, to, bytes) => this.frames.push({ from, to, bytes }),
      onArrival: (_, to) => this.#dealAtLast(to),
      ...options.more,
    });
  }

  get correct(): ValidatorIndex[] {
    const { members, faulty } = this.#options;
    return Array.from({ length: members - faulty }, (_, i) => validatorIndex(i));
  }

  get isOver(): boolean {
    return this.correct.every((i) => this.generated[i] !== undefined);
  }

  /** Deals and delivers until every correct member has its keys; then those deal that waited for it. */
  run(): this {
    const { members } = this;
    for (let tries = 0; !this.isOver; tries++) {
      if (tries === MAX_RESENDS) this.fail('the generation stalls');
      if (tries > 0) members.toAll({ type: 'resend' });
      members.toAll({ type: 'dealDue' });
      members.drain();
    }
    for (const late of this.#waiting) this.#dealAtLast(late);
    members.drain();
    return this;
  }

  /** Whether the oracle takes all of these. */
  holds(claims: readonly ClaimedProof[]): boolean {
    return claims.every(({ signals, proof }) => this.#oracle.holds(signals, proof));
  }

  fail(why: string): never {
    const { members, seed } = this.#options;
    throw new CommitteeError('COMMITTEE_FAILED', `SEED=${seed} n=${members}: ${why}`, { seed });
  }

  #start(self: ValidatorIndex, effect: OutsideEffect): void {
    if (effect.type === 'verifyDealings') {
      const { dealers } = effect.ref;
      const bad = dealers.filter(
        (dealer, i) => !this.#isTrue(dealer, decodeDealing(effect.dealings[i]!, this.session.n)!),
      );
      return this.members.answer(self, { type: 'dealingsVerified', ref: effect.ref, bad });
    }
    if (effect.type !== 'deal') return this.fail(`a member that generates keys asks to ${effect.type}`);
    if (!this.correct.includes(self)) {
      this.#waiting.add(self);
      return this.#dealAtLast(self);
    }
    this.#deal(self, this.#honest(self));
  }

  #isTrue(dealer: ValidatorIndex, dealing: ProvedDealing): boolean {
    const statements = dealingStatements(this.session, dealer, dealing);
    return this.holds(statements.map((signals, i) => ({ signals, proof: dealing.proofs[i]! })));
  }

  /** A Byzantine member looks again whether it deals now. */
  #dealAtLast(self: ValidatorIndex): void {
    if (!this.#waiting.has(self)) return;
    const dealing = this.#options.attack.deal(this.#stage(self));
    if (dealing === undefined) return;
    this.#waiting.delete(self);
    this.#deal(self, dealing);
  }

  #deal(self: ValidatorIndex, dealing: ProvedDealing): void {
    const ref = { type: 'deal', session: this.session.id } as const;
    this.members.answer(self, { type: 'dealt', ref, bytes: encodeDealing(dealing) });
  }

  /** What a Byzantine member puts on a link. */
  #twisted(self: ValidatorIndex, bytes: Uint8Array, to: ValidatorIndex): Uint8Array {
    const { twist, second } = this.#options.attack;
    const stage = this.#stage(self);
    if (second === undefined || to > 0) return twist?.(stage, bytes, to) ?? bytes;
    const { signSecret } = this.configs[self]!.secrets;
    return replaceProposal(self, bytes, signDealing(this.session, self, second(stage), signSecret));
  }

  /** The dealings that members proposed so far. */
  *#proposed(self: ValidatorIndex): Generator<ProvedDealing> {
    const { n } = this.session;
    for (const { from, bytes } of this.frames) {
      if (from === self) continue;
      const message = decodeGenesisMessage(bytes);
      const parts = message?.kind === 'acs' ? (decodeAcsMessage(message.bytes)?.rbc ?? []) : [];
      for (const part of parts) {
        const body = part.bytes.subarray(0, dealingBytes(n));
        const dealing = part.kind === 'propose' ? decodeDealing(body, n) : undefined;
        if (dealing !== undefined) yield dealing;
      }
    }
  }

  #stage(self: ValidatorIndex): DealerStage {
    const { session, isOver } = this;
    return {
      session,
      self,
      random: this.#random,
      secrets: () => randomSecrets(this.#random),
      isOver,
      others: () => this.#proposed(self),
      honest: () => this.#remembered(self, 'first'),
      another: () => this.#remembered(self, 'second'),
      prove: (made, where) => this.#prove(made, where, self),
    };
  }

  #remembered(self: ValidatorIndex, which: 'first' | 'second'): ProvedDealing {
    const key = `${self} ${which}`;
    const made = this.#made.get(key) ?? this.#honest(self);
    this.#made.set(key, made);
    return made;
  }

  #honest(self: ValidatorIndex): ProvedDealing {
    const { session } = this;
    return this.#prove(makeDealing(session, self, randomSecrets(this.#random), this.#random), session, self);
  }

  /** What was dealt from polynomials is true, in the session in which it was dealt. */
  #prove({ dealing }: MadeDealing, where: DealingSession, dealer: ValidatorIndex): ProvedDealing {
    const proofs = dealing.shares.map(() => this.#random(PROOF_BYTES));
    for (const [i, signals] of dealingStatements(where, dealer, dealing).entries())
      this.#oracle.accept(signals, proofs[i]!);
    return { ...dealing, proofs };
  }

  /** What a member says may be said again after a restart, and is the same then. */
  #hear(by: ValidatorIndex, output: Output): void {
    if (output.type !== 'generated') {
      this.others[by]!.push(output);
      return;
    }
    this.generated[by] = output.keys;
  }
}

/** Another dealing of the same dealer in the place of the one that it proposes. */
function replaceProposal(self: ValidatorIndex, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const message = decodeGenesisMessage(bytes);
  const frame = message?.kind === 'acs' ? decodeAcsMessage(message.bytes) : undefined;
  if (frame === undefined) return bytes;
  const rbc = frame.rbc.map((part) =>
    part.kind === 'propose' && part.proposer === self ? { ...part, bytes: other } : part,
  );
  return encodeGenesisMessage({ kind: 'acs', bytes: encodeAcsMessage({ ...frame, rbc }) });
}
