import { toHex } from '../../src/base/bytes.ts';
import { type Dealt, dealGenesis } from '../../src/cli/epoch/dealer.ts';
import { hashBytes } from '../../src/crypto/hash.ts';
import { ballotShare, identityCommitment } from '../../src/crypto/identity.ts';
import { verifyPath } from '../../src/crypto/merkle.ts';
import type { Machine } from '../../src/host/machine.ts';
import { encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import type { ChainGenesis } from '../../src/ledger/chain-genesis.ts';
import type { EpochConfig } from '../../src/ledger/epoch-config.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { type Quorum, quorumOf } from '../../src/params/quorum.ts';
import { COMMITTEE_TREE_DEPTH, PROOF_BYTES } from '../../src/params/sizes.ts';
import { ByzantineValidator, type Misdeed } from '../../src/sim/byzantine.ts';
import { Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';
import type { PeerFault } from '../../src/validator/faults.ts';
import type { CertifiedHeight, OrderedHeight, SettledHeight } from '../../src/validator/height-results.ts';
import type { ValidatorStep } from '../../src/validator/out.ts';
import type {
  BallotStatement,
  Dissemination,
  Effect,
  Input,
  LogRecord,
  ValidatorSecrets,
} from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../unit/ledger/market.ts';

/** What a Byzantine validator makes of a frame it sends to one peer: any frames. Asked once a frame and peer. */
export type Twist = (bytes: Uint8Array, to: ValidatorIndex, prng: Prng) => readonly Uint8Array[];

export interface Faulty {
  readonly misdeeds?: readonly Misdeed[];
  readonly twist?: Twist;
}

export interface WorldOptions {
  readonly n: number;
  readonly seed: number;
  readonly dissemination?: Dissemination;
  readonly faulty?: ReadonlyMap<number, Faulty>;
  /** Commitments of the traders' genesis notes and their total value. */
  readonly notes?: readonly bigint[];
  readonly notesTotal?: bigint;
}

/** A frame on its way, or an answer of the oracle, which takes its time as well. */
type Wire = { readonly type: 'frame'; readonly bytes: Uint8Array } | Answer;

type Answer = Extract<Input, { type: 'verified' | 'proved' | 'stored' }>;

/** What one validator said about one height. */
export interface View {
  ordered?: OrderedHeight;
  settled?: SettledHeight;
  certified?: CertifiedHeight;
}

const MAX_RESENDS = 24;

/**
 * A committee of pure validators over an asynchronous network whose delivery order the seed shuffles. Verification is an
 * INPUT of a validator, so the world answers it from an oracle that holds the set of valid (signals, proof) pairs: a
 * trader's batch enters it by `accept`, a ballot by its `prove` effect, whose statement the oracle checks natively.
 * Nothing here calls a validator's own rules.
 */
export class CommitteeWorld {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly secrets: readonly ValidatorSecrets[];
  readonly bridgeSecret: Uint8Array;
  readonly quorum: Quorum;
  readonly machines: readonly Machine[];
  readonly prng: Prng;
  readonly frames: {
    readonly from: ValidatorIndex;
    readonly to: number | 'all';
    readonly bytes: Uint8Array;
  }[] = [];
  readonly logs: LogRecord[][];
  readonly faults: PeerFault[][];
  readonly refused: { readonly item: string | undefined; readonly code: string }[][];
  readonly views: Map<Height, View>[];
  /** Certified blocks of each validator. */
  readonly stores: Map<Height, Uint8Array>[];
  /** Every input of every validator, in order. */
  readonly inputs: Input[][];
  /** Frames to and from these stay on their way. */
  readonly cutOff = new Set<number>();
  /** Called before each delivery. */
  onDelivery: () => void = () => {};
  readonly #options: WorldOptions;
  readonly #network: Network<Wire>;
  readonly #valid = new Set<string>();
  #withheld: { from: ValidatorIndex; to: ValidatorIndex; message: Wire }[] = [];

  constructor(options: WorldOptions) {
    const { n, seed, notes = [], notesTotal = 0n, dissemination = 'direct', faulty } = options;
    this.#options = options;
    this.quorum = quorumOf(n);
    this.prng = new Prng(seed + 2 ** 33);
    this.#network = new Network({ n, seed });
    const { chain, epoch, secrets, bridgeSecret } = dealt(n, notes, notesTotal);
    this.chain = chain;
    this.epoch = epoch;
    this.bridgeSecret = bridgeSecret;
    this.secrets = secrets;
    this.machines = secrets.map((own, i) => {
      const self = validatorIndex(i);
      const validator = new Validator({ chain, epoch, self, secrets: own, dissemination });
      return faulty?.has(i) ? new ByzantineValidator(validator, faulty.get(i)?.misdeeds ?? []) : validator;
    });
    this.logs = secrets.map(() => []);
    this.faults = secrets.map(() => []);
    this.refused = secrets.map(() => []);
    this.views = secrets.map(() => new Map());
    this.stores = secrets.map(() => new Map());
    this.inputs = secrets.map(() => []);
  }

  get correct(): number[] {
    return this.machines.map((_, i) => i).filter((i) => !this.#options.faulty?.has(i));
  }

  /** The oracle takes this pair for valid from now on. */
  accept(signals: readonly bigint[], proof: Uint8Array): void {
    this.#valid.add(pairKey(signals, proof));
  }

  input(to: number, input: Input): void {
    this.inputs[to]!.push(input);
    this.#perform(to, this.machines[to]!.handle(input));
  }

  toAll(input: Input): void {
    for (let i = 0; i < this.machines.length; i++) this.input(i, input);
  }

  /** Delivers in random order until nothing is on its way. */
  drain(): void {
    for (let next = this.#network.next(); next !== undefined; next = this.#network.next()) {
      const { from, to, message } = next;
      this.onDelivery();
      const isCut = message.type === 'frame' && from !== to && (this.cutOff.has(from) || this.cutOff.has(to));
      if (isCut) this.#withheld.push(next);
      else if (message.type !== 'frame') this.input(to, message);
      else this.input(to, { type: 'message', from, bytes: message.bytes });
    }
  }

  /** The network is whole again: what was withheld goes on its way. */
  heal(): void {
    this.cutOff.clear();
    for (const { from, to, message } of this.#withheld) this.#network.send(from, to, message);
    this.#withheld = [];
  }

  /** Prices and time come in, timers fire, and everything is delivered until `who` have certified the height. */
  runHeight(at: number, prices: readonly bigint[], who = this.correct): void {
    const timeS = GENESIS_TIME + BigInt(10 * at);
    this.toAll({ type: 'observe', prices, observedS: timeS, clockS: timeS });
    this.toAll({ type: 'ballotDue' });
    this.drain();
    for (let tries = 0; !who.every((i) => this.views[i]!.get(height(at))?.certified); tries++) {
      if (tries === MAX_RESENDS) this.fail(`height ${at} stalls`);
      this.toAll({ type: 'resend' });
      this.drain();
    }
  }

  view(i: number, at: number): View {
    return this.views[i]!.get(height(at)) ?? {};
  }

  /** Faults that correct validators recorded, against any of these. */
  faultsOf(accused: readonly number[]): PeerFault[] {
    return this.correct.flatMap((i) => this.faults[i]!.filter(({ by }) => accused.includes(by)));
  }

  /** Throws unless all correct validators agree on the height and none was slandered. */
  check(at: number): void {
    const [first, ...rest] = this.correct.map((i) => this.view(i, at));
    for (const other of rest) {
      if (show(other) !== show(first!)) this.fail(`height ${at} differs:\n${show(first!)}\n${show(other)}`);
    }
    const slander = this.faultsOf(this.correct)[0];
    if (slander !== undefined) this.fail(`a fault of a correct validator: ${JSON.stringify(slander)}`);
  }

  fail(why: string): never {
    const { n, seed, dissemination } = this.#options;
    throw new Error(`SEED=${seed} n=${n} ${dissemination}: ${why}`);
  }

  #perform(by: number, step: ValidatorStep): void {
    const self = validatorIndex(by);
    const twist = this.#options.faulty?.get(by)?.twist;
    this.logs[by]!.push(...step.logs);
    this.faults[by]!.push(...step.faults);
    for (const { to, bytes } of step.sends) {
      this.frames.push({ from: self, to, bytes });
      for (let peer = 0; peer < this.machines.length; peer++) {
        if (to !== 'all' && to !== peer) continue;
        const twisted = peer === by ? undefined : twist?.(bytes, validatorIndex(peer), this.prng);
        for (const frame of twisted ?? [bytes]) {
          this.#network.send(self, validatorIndex(peer), { type: 'frame', bytes: frame });
        }
      }
    }
    for (const effect of step.effects) this.#network.send(self, self, this.#answer(by, effect));
    for (const output of step.outputs) {
      if (output.type === 'refused') this.refused[by]!.push(output);
      else if ('result' in output) {
        if (output.type === 'certified')
          this.stores[by]!.set(output.result.height, encodeCertifiedBlock(output.result));
        const view = this.views[by]!.get(output.result.height) ?? {};
        if (view[output.type] !== undefined) this.fail(`validator ${by} says ${output.type} twice`);
        this.views[by]!.set(output.result.height, Object.assign(view, { [output.type]: output.result }));
      }
    }
  }

  #answer(by: number, effect: Effect): Answer {
    if (effect.type === 'serveBlock') {
      const { ref } = effect;
      return { type: 'stored', ref, bytes: this.stores[by]!.get(ref.height) };
    }
    if (effect.type === 'verify') {
      const ok = this.#valid.has(pairKey(effect.signals, effect.proof));
      return { type: 'verified', ref: effect.ref, ok };
    }
    return { type: 'proved', ref: effect.ref, proof: this.prove(effect.statement) };
  }

  /** A proof of a ballot's statement; throws if it does not hold. */
  prove({ identitySecret, path, committeeRoot, scope, x }: BallotStatement): Uint8Array {
    const leaf = identityCommitment(identitySecret);
    if (!verifyPath(leaf, path, committeeRoot, COMMITTEE_TREE_DEPTH)) this.fail('a ballot has no seat');
    const { nullifier, y } = ballotShare(identitySecret, scope, x);
    const proof = this.prng.bytes(PROOF_BYTES);
    this.accept([nullifier, y, committeeRoot, scope, x], proof);
    return proof;
  }
}

const deals = new Map<string, Dealt>();

/** Keys do not depend on the seed of a world, only its schedule does: dealing them anew would take longer than a height. */
function dealt(n: number, notes: readonly bigint[], notesTotal: bigint): Dealt {
  const key = `${n}/${notes.join()}`;
  const market = { params: PARAMS, notes: new Map(), oracle: [{ timeS: GENESIS_TIME, values: MEDIANS }] };
  const deal = deals.get(key) ?? dealGenesis(n, n, market, notes, notesTotal);
  deals.set(key, deal);
  return deal;
}

const pairKey = (signals: readonly bigint[], proof: Uint8Array): string =>
  toHex(hashBytes('run', new TextEncoder().encode(`${signals.join()}/${toHex(proof)}`)));

/** What must be equal at every correct validator; the signers of a certificate may differ. */
function show({ ordered, settled, certified }: View): string {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, x) =>
      typeof x === 'bigint' ? `${x}` : x instanceof Uint8Array ? toHex(x) : x instanceof Map ? [...x] : x,
    );
  const { block } = certified ?? {};
  return text([ordered, settled, block && { ...block, certificate: undefined }]);
}
