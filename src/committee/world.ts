import { toHex } from '../base/bytes.ts';
import { type BatchKernels, NOBLE } from '../crypto/batch-kernels.ts';
import { type BallotWitness, ballotShare, identityCommitment } from '../crypto/identity.ts';
import { verifyPath } from '../crypto/merkle.ts';
import type { LocalInput, OutsideEffect } from '../host/host.ts';
import { type Machine, validatorOf } from '../host/machine.ts';
import { readLog } from '../host/read-log.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type EpochConfig, type EpochDomain, epochDomain } from '../ledger/epoch-config.ts';
import { type Height, height, type ItemId, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { type Quorum, quorumOf } from '../params/quorum.ts';
import { COMMITTEE_TREE_DEPTH, PROOF_BYTES } from '../params/sizes.ts';
import { ByzantineValidator, type Misdeed } from '../sim/byzantine.ts';
import { Committee, type CommitteeOptions } from '../sim/committee.ts';
import { Prng } from '../sim/prng.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { CertifiedHeight, OrderedHeight, SettledHeight } from '../validator/height-results.ts';
import type { Dissemination, Input, Output, ValidatorConfig, ValidatorSecrets } from '../validator/types.ts';
import { signedFrame } from '../validator/word-message.ts';
import { type Dealt, dealGenesis } from './dealer.ts';
import { CommitteeError } from './errors.ts';
import { ProofOracle } from './proof-oracle.ts';
import { rememberSignatures } from './remembered-signatures.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from './sample-market.ts';

/** What a Byzantine validator makes of a frame that it sends to one peer: any frames. Asked once a frame and peer. */
export type FrameTwist = (bytes: Uint8Array, to: ValidatorIndex, prng: Prng) => readonly Uint8Array[];

export interface Faulty {
  readonly misdeeds?: readonly Misdeed[];
  readonly twist?: FrameTwist;
  /** Whether what it twists keeps the signature of what it was; otherwise it signs what it says anew. */
  readonly leavesUnsigned?: boolean;
}

export interface WorldOptions {
  readonly n: number;
  readonly seed: number;
  readonly dissemination?: Dissemination;
  readonly faulty?: ReadonlyMap<number, Faulty>;
  /** Commitments of the traders' genesis notes and their total value. */
  readonly notes?: readonly bigint[];
  readonly notesTotal?: bigint;
  /** Virtual milliseconds that a validator waits for a proof, made or verified; drawn anew for each; 0 by default. */
  readonly answerMs?: (self: ValidatorIndex) => number;
  /** The committee and its keys; by default those of a dealer at genesis. Whose keys they are is their owner's to say. */
  readonly dealt?: Dealt;
  /** The committee of the epoch before: what was proved to it is proved. */
  readonly before?: CommitteeWorld;
  /** L and D of the first epoch; those of the dealer by default. */
  readonly heights?: Pick<EpochConfig, 'epochHeights' | 'dealingHeights'> | undefined;
  /** A validator says that its epoch is over. */
  readonly onOver?: (self: ValidatorIndex) => void;
  /** Members of the registry, of which the first n are the committee; n by default. */
  readonly registry?: number;
  /** Who does the validators' curve arithmetic, `NOBLE` by default; what they send does not depend on it. */
  readonly kernels?: BatchKernels;
  /** Changes what a validator is configured with. */
  readonly configOf?: (config: ValidatorConfig) => ValidatorConfig;
  /** Sees what validators ask for and say, before it is answered or heard. */
  readonly onAsked?: (self: ValidatorIndex, effect: OutsideEffect) => void;
  readonly onSaid?: (self: ValidatorIndex, output: Output) => void;
  readonly more?: Partial<CommitteeOptions>;
}

/** What one validator said about one height. */
export interface ValidatorView {
  ordered?: OrderedHeight;
  settled?: SettledHeight;
  certified?: CertifiedHeight;
}

const MAX_RESENDS = 24;

/**
 * A committee of hosts over an asynchronous network whose delivery order the seed shuffles. Verification is an INPUT of a
 * validator, so the world answers it from an oracle that holds the set of valid (signals, proof) pairs: a trader's batch
 * enters it by `accept`, a ballot by its `prove` effect, whose statement the oracle checks natively. Nothing here calls a
 * validator's own rules.
 */
export class CommitteeWorld {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly secrets: readonly ValidatorSecrets[];
  readonly bridgeSecret: Uint8Array;
  /** Of the members of the registry. */
  readonly rootSecrets: readonly Uint8Array[];
  readonly quorum: Quorum;
  readonly members: Committee;
  /** What runs in them now. */
  readonly machines: Machine[] = [];
  readonly prng: Prng;
  /** Every frame that left a validator, in order. */
  readonly frames: {
    readonly from: ValidatorIndex;
    readonly to: ValidatorIndex;
    readonly bytes: Uint8Array;
  }[] = [];
  readonly faults: PeerFault[][];
  readonly admitted: ItemId[][];
  readonly refused: { readonly item: string | undefined; readonly code: string }[][];
  readonly views: Map<Height, ValidatorView>[];
  /** What validators that lagged said of it. */
  readonly behind: { readonly height: Height; readonly certified: Height }[][];
  /** Validators that said that the epoch is over. */
  readonly over = new Set<number>();
  /** Called before each delivery. */
  onDelivery: () => void = () => {};
  /** Delivers what is on its way. */
  onDrain: () => void = () => this.members.drain();
  readonly #options: WorldOptions;
  readonly #oracle: ProofOracle;
  readonly #cutOff = new Set<number>();

  constructor(options: WorldOptions) {
    const { n, seed, notes = [], notesTotal = 0n, dissemination = 'direct', faulty } = options;
    const kernels = rememberSignatures(options.kernels ?? NOBLE);
    this.#options = options;
    this.quorum = quorumOf(n);
    this.prng = new Prng(seed + 2 ** 33);
    const given = options.dealt ?? dealt(n, notes, notesTotal, options.registry ?? n);
    const { chain, secrets, bridgeSecret, rootSecrets } = given;
    const epoch = { ...given.epoch, ...options.heights };
    this.#oracle = options.before === undefined ? new ProofOracle() : options.before.#oracle;
    this.chain = chain;
    this.epoch = epoch;
    this.bridgeSecret = bridgeSecret;
    this.rootSecrets = rootSecrets;
    this.secrets = secrets;
    this.faults = secrets.map(() => []);
    this.admitted = secrets.map(() => []);
    this.refused = secrets.map(() => []);
    this.views = secrets.map(() => new Map());
    this.behind = secrets.map(() => []);
    const domain = epochDomain(chain, epoch);
    const twists = [...(faulty ?? [])].flatMap(([i, { twist, leavesUnsigned = false }]) => {
      if (twist === undefined) return [];
      // A liar signs what it says: what is not signed is not heard.
      const sign = (bytes: Uint8Array): Uint8Array =>
        leavesUnsigned ? bytes : signedFrame({ domain, secrets: secrets[i]! }, bytes);
      const twisted = (bytes: Uint8Array, to: ValidatorIndex): Uint8Array[] =>
        twist(bytes, to, this.prng).map(sign);
      return [[i, twisted] as const];
    });
    this.members = new Committee({
      configs: secrets.map((own, i) => {
        const config = { chain, epoch, self: validatorIndex(i), secrets: own, dissemination, kernels };
        return options.configOf?.(config) ?? config;
      }),
      seed,
      schedule: { kind: 'random' },
      machineOf: (config, snapshot) => {
        const validator = validatorOf(config, snapshot);
        const misdeeds = faulty?.get(config.self)?.misdeeds;
        const machine =
          misdeeds === undefined
            ? validator
            : new ByzantineValidator(validator, misdeeds, { domain, secrets: config.secrets });
        this.machines[config.self] = machine;
        return machine;
      },
      twists: new Map(twists),
      onEffect: (self, effect) => {
        options.onAsked?.(self, effect);
        this.members.answer(self, this.#answer(effect), options.answerMs?.(self));
      },
      onOutput: (self, output) => {
        options.onSaid?.(self, output);
        this.#hear(self, output);
      },
      onFault: (self, fault) => this.faults[self]!.push(fault),
      onSend: (from, to, bytes) => this.frames.push({ from, to, bytes }),
      onDelivery: () => this.onDelivery(),
      ...options.more,
    });
  }

  get domain(): EpochDomain {
    return epochDomain(this.chain, this.epoch);
  }

  get correct(): number[] {
    return this.secrets.map((_, i) => i).filter((i) => !this.#options.faulty?.has(i));
  }

  /** The oracle takes this pair for valid from now on. */
  accept(signals: readonly bigint[], proof: Uint8Array): void {
    this.#oracle.accept(signals, proof);
  }

  /** Whether the oracle takes this pair for valid. */
  holds(signals: readonly bigint[], proof: Uint8Array): boolean {
    return this.#oracle.holds(signals, proof);
  }

  input(to: number, input: LocalInput): void {
    this.members.input(to, input);
  }

  toAll(input: LocalInput): void {
    this.members.toAll(input);
  }

  /** Everybody says what it holds, and hears it. */
  announce(): void {
    this.toAll({ type: 'announceDue' });
    this.drain();
  }

  /** Delivers in random order until nothing is on its way. */
  drain(): void {
    this.onDrain();
  }

  /** The links of a validator go down. */
  cutOff(i: number): void {
    this.#cutOff.add(i);
    this.members.disconnect(i);
  }

  /** The links of a validator are slow: nothing arrives there or from there until `release`. */
  hold(i: number): void {
    this.members.hold(i);
  }

  /** What was slow goes on its way. */
  release(): void {
    this.members.release();
  }

  /** All links are up again. */
  heal(): void {
    for (const i of this.#cutOff) this.members.reconnect(i);
    this.#cutOff.clear();
  }

  /** What a validator was given, as its log has it. */
  inputsOf(i: number): Input[] {
    const segments = this.members.stores[i]!.load();
    return segments.flatMap(({ log }, at) =>
      readLog(log, at === segments.length - 1).committed.flatMap((record) =>
        record.type === 'input' ? [record.input] : [],
      ),
    );
  }

  /** Prices and time come in, timers fire, and everything is delivered until `who` have certified the height. */
  runHeight(at: number, prices: readonly bigint[], who = this.correct): void {
    const timeS = SAMPLE_TIME_S + BigInt(10 * at);
    const tick = (): void => {
      this.announce();
      this.toAll({ type: 'observe', prices, observedS: timeS, clockS: timeS });
      this.toAll({ type: 'ballotDue' });
    };
    tick();
    this.drain();
    for (let tries = 0; !who.every((i) => this.views[i]!.get(height(at))?.certified); tries++) {
      if (tries === MAX_RESENDS) this.fail(`height ${at} stalls`);
      // A feed and a timer go on: what a death took from all of them at once comes again.
      tick();
      this.toAll({ type: 'resend' });
      this.drain();
    }
  }

  view(i: number, at: number): ValidatorView {
    return this.views[i]!.get(height(at)) ?? {};
  }

  /** How a height was ordered; who lags takes its block instead of ordering it, so not everybody says so. */
  ordered(at: number): OrderedHeight {
    const ordered = this.correct.map((i) => this.view(i, at).ordered).find((each) => each !== undefined);
    return ordered ?? this.fail(`nobody ordered height ${at}`);
  }

  /** Faults that correct validators recorded, against any of these. */
  faultsOf(accused: readonly number[]): PeerFault[] {
    return this.correct.flatMap((i) => this.faults[i]!.filter(({ by }) => accused.includes(by)));
  }

  /** Throws unless all correct validators agree on the height and none was slandered. */
  check(at: number): void {
    this.agree(at);
    const slander = this.faultsOf(this.correct)[0];
    if (slander !== undefined) this.fail(`a fault of a correct validator: ${JSON.stringify(slander)}`);
  }

  /** Throws unless all correct validators say the same of the height. */
  agree(at: number): void {
    const ordered = this.ordered(at);
    const [first, ...rest] = this.correct.map((i) => show({ ordered, ...this.view(i, at) }));
    const other = rest.find((each) => each !== first);
    if (other !== undefined) this.fail(`height ${at} differs:\n${first}\n${other}`);
  }

  fail(why: string): never {
    const { n, seed, dissemination } = this.#options;
    throw new CommitteeError('COMMITTEE_FAILED', `SEED=${seed} n=${n} ${dissemination}: ${why}`, { seed });
  }

  /** What a validator says of a height may be said again after a restart, and is the same then. */
  #hear(by: ValidatorIndex, output: Output): void {
    if (output.type === 'refused') this.refused[by]!.push(output);
    else if (output.type === 'admitted') this.admitted[by]!.push(output.item);
    else if (output.type === 'behind') {
      const { height, certified } = output;
      this.behind[by]!.push({ height, certified });
    } else if (output.type === 'epochOver') {
      this.over.add(by);
      this.#options.onOver?.(by);
    } else if (SILENT.has(output.type)) {
      return;
    } else if (!('result' in output)) {
      this.fail(`validator ${by} says ${output.type}`);
    } else {
      const at = output.result.height;
      const before = this.views[by]!.get(at) ?? {};
      const again = { ...before, [output.type]: output.result };
      if (before[output.type] !== undefined && show(again) !== show(before))
        this.fail(`validator ${by} says something else of height ${at}`);
      this.views[by]!.set(at, again);
    }
  }

  #answer(effect: OutsideEffect): LocalInput {
    if (effect.type === 'verify') {
      const verdicts = effect.requests.map(({ ref, proofs }) => ({
        ref,
        ok: proofs.every(({ signals, proof }) => this.holds(signals, proof)),
      }));
      return { type: 'verified', verdicts };
    }
    if (effect.type !== 'prove') return this.fail(`a validator that has its keys asks to ${effect.type}`);
    return { type: 'proved', ref: effect.ref, proof: this.prove(effect.statement) };
  }

  /** A proof of a ballot's statement; throws if it does not hold. */
  prove({ identitySecret, path, committeeRoot, scope, x }: BallotWitness): Uint8Array {
    const leaf = identityCommitment(identitySecret);
    if (!verifyPath(leaf, path, committeeRoot, COMMITTEE_TREE_DEPTH)) this.fail('a ballot has no seat');
    const { nullifier, y } = ballotShare(identitySecret, scope, x);
    const proof = this.prng.bytes(PROOF_BYTES);
    this.accept([nullifier, y, committeeRoot, scope, x], proof);
    return proof;
  }
}

/** Said for the timers of a process. */
const SILENT: ReadonlySet<string> = new Set<Output['type']>(['began', 'votable', 'proposed', 'epochEnds']);

const deals = new Map<string, Dealt>();

/** Keys do not depend on the seed of a world, only its schedule does: dealing them anew would take longer than a height. */
function dealt(n: number, notes: readonly bigint[], notesTotal: bigint, registry: number): Dealt {
  const key = `${n}/${registry}/${notes.join()}`;
  const market = {
    params: SAMPLE_MARKET,
    notes: new Map(),
    oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }],
  };
  const deal = deals.get(key) ?? dealGenesis(n, n, market, notes, notesTotal, registry);
  deals.set(key, deal);
  return deal;
}

/** What must be equal at every correct validator; the signers of a certificate may differ. */
function show({ ordered, settled, certified }: ValidatorView): string {
  const text = (value: unknown): string => JSON.stringify(value, (_, x: unknown) => plain(x));
  const { block } = certified ?? {};
  return text([ordered, settled, block && { ...block, certificate: undefined, shares: undefined }]);
}

/** What JSON can say; the order of fields, and of the accounts in a state's map, is no difference. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
