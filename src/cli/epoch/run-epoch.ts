import { assert } from '../../base/errors.ts';
import { proveAction, proveBatch } from '../../client/proving.ts';
import type { Dealt } from '../../committee/dealer.ts';
import { type AnyEvidence, evidenceFileText } from '../../formats/evidence-file.ts';
import { genesisText } from '../../formats/genesis-file.ts';
import type { OracleHeight } from '../../formats/run-input.ts';
import { epochsText } from '../../formats/state-files.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { encodeItem, type Item } from '../../ledger/items.ts';
import { Replica } from '../../ledger/replica.ts';
import { committeeRisk } from '../../ledger/rotation/committee-risk.ts';
import { shieldedNotes } from '../../ledger/transfers.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { type AccountId, type Height, height, validatorIndex } from '../../params/ids.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { Prng } from '../../sim/prng.ts';
import { rotationEvidence } from '../../validator/rotation-evidence.ts';
import { type EvidenceRules, shownEvidence } from '../../validator/shown-evidence.ts';
import { CliError } from '../errors.ts';
import type { HeightStory } from '../market/story.ts';
import type { EpochCommittee, HeightView } from './committee.ts';
import { Committees } from './committees.ts';
import { reportHeight } from './height-report.ts';
import { makeKeys } from './make-keys.ts';
import { RunFolders } from './run-folders.ts';
import {
  type NamedBatch,
  type NamedTransfer,
  type ProvedBatch,
  type ReadyTransfer,
  Traders,
} from './traders.ts';
import type {
  EpochHooks,
  EpochOptions,
  EpochResult,
  EpochStage,
  HeightMs,
  HeightResult,
  OutFile,
  RiskReport,
} from './types.ts';

/** Said with every result of this command. */
const TRUST = [
  'The bridge key is this run’s own: no money stands behind its deposits, and nobody pays withdrawals out.',
  'Proving keys were made on one machine (keys/MANIFEST.json): whoever made them could forge proofs.',
  'All validators and traders run in this one process, which drew their keys and the registry; the network between them is in memory.',
];

/**
 * Runs the main job: traders seal and prove batches, validators admit, order, decrypt and settle them, height by height; a
 * replica that sees only the blocks must come to the same state root.
 * @throws {FormatError} ORDERS_FILE, EPOCH_STALLED, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE, PROVER_FAILED
 */
export async function runEpoch(options: EpochOptions, hooks: EpochHooks): Promise<EpochResult> {
  const prover = openProverPool();
  let folders: RunFolders | undefined;
  try {
    hooks.onProgress({ height: 0, stage: 'genesis', done: 0, total: 1 });
    const { seed, validators, market } = options;
    const traders = new Traders(seed, market, validators);
    const made = await makeKeys(options, traders, prover, hooks);
    const { dealt } = made;
    folders = new RunFolders(dealt);
    const epoch = await Epoch.open(options, hooks, { prover, traders, dealt, folders });
    const heights: HeightResult[] = [];
    for (let h = 1; !epoch.isDone(h); h++) heights.push(await epoch.run(height(h)));
    const genesis = { path: 'genesis.json', text: genesisText(epoch.dealt) };
    const last = heights.at(-1);
    const evidence = epoch.evidence().map((text, i) => ({ path: `evidence/${i + 1}.json`, text }));
    if (last !== undefined)
      heights[heights.length - 1] = {
        ...last,
        files: [...last.files, genesis, ...epoch.changes(), ...made.files, ...evidence, ...folders.files()],
      };
    return {
      validators: options.validators,
      faulty: [...epoch.committees.faulty].map(([member, misdeeds]) => ({
        validator: validatorIndex(member),
        plays: misdeeds.join(', '),
      })),
      dissemination: options.dissemination,
      seed: options.seed,
      restarts: epoch.committees.restarts,
      genesis: made.report,
      registry: options.registry,
      epochs: epoch.committees.reports(made.report),
      risk: riskIn(options),
      trust: [...made.trust, ...(options.epochs > 1 ? ERASED_TRUST : []), ...TRUST],
      heights,
      stories: epoch.stories,
    };
  } finally {
    await prover.close();
    folders?.close();
  }
}

/** Said where keys are erased. */
const ERASED_TRUST = [
  'Members erase the keys of an epoch that is over. In this run that shows how it is done and protects nobody: all keys were drawn from --seed, which draws them again.',
];

/** Parts of a registry that may be faulty, for the risk of its committees. */
const FAULTY_PERCENTS = [10, 20, 30];

const riskIn = ({ registry, validators }: EpochOptions): RiskReport[] =>
  registry === validators
    ? []
    : FAULTY_PERCENTS.map((percent) => {
        const faulty = Math.ceil((percent * registry) / 100);
        return { percent, faulty, probability: committeeRisk(registry, faulty, validators) };
      });

/** Heights after which an epoch that was to begin counts as stalled, in lengths of an epoch. */
const PATIENCE = 3;

interface Sent {
  readonly trader: string;
  readonly item: Item;
}

interface EpochParts {
  readonly prover: Prover;
  readonly traders: Traders;
  readonly dealt: Dealt;
  readonly folders: RunFolders;
}

/** Prices of a height; after the last ones of the file those go on, each height as much later as the last one was. */
function oracleAt(oracle: readonly OracleHeight[], at: Height): OracleHeight {
  const known = oracle[at];
  if (known !== undefined) return known;
  const [before, last] = oracle.slice(-2) as [OracleHeight, OracleHeight];
  const laterS = (last.timeS - before.timeS) * BigInt(at - (oracle.length - 1));
  return { values: last.values, timeS: last.timeS + laterS, observedS: last.observedS + laterS };
}

class Epoch {
  readonly committees: Committees;
  readonly #options: EpochOptions;
  readonly #hooks: EpochHooks;
  readonly #prover: Prover;
  /** Of the last height that was run. */
  #epoch = 0;
  readonly dealt: Dealt;
  readonly #traders: Traders;
  readonly #replica: Replica;
  readonly #order: Prng;
  readonly #evidence = new Map<string, { readonly rules: EvidenceRules; readonly shown: AnyEvidence }>();
  readonly #owners = new Map<AccountId, { trader: string; account: string }>();
  /** What the market did at each height so far. */
  readonly stories: HeightStory[] = [];

  private constructor(
    options: EpochOptions,
    hooks: EpochHooks,
    { prover, traders, dealt }: EpochParts,
    committees: Committees,
  ) {
    this.#options = options;
    this.#hooks = hooks;
    this.#prover = prover;
    this.dealt = dealt;
    this.#traders = traders;
    this.#replica = new Replica(dealt.chain, dealt.epoch);
    this.#order = new Prng(options.seed);
    this.committees = committees;
  }

  static async open(options: EpochOptions, hooks: EpochHooks, parts: EpochParts): Promise<Epoch> {
    const { prover, dealt, folders } = parts;
    const verifiers = {
      ballot: await loadVerifier('ballot'),
      orders: await loadVerifier('orders'),
      account: await loadVerifier('account'),
      dealing: await loadVerifier('dealing'),
    };
    const kernels = await loadBatchKernels();
    const committees = new Committees(options, dealt, folders, { prover, verifiers }, kernels);
    hooks.onProgress({ height: 0, stage: 'genesis', done: 1, total: 1 });
    return new Epoch(options, hooks, parts, committees);
  }

  /** @param h the height that would be run now */
  isDone(h: number): boolean {
    const { heights, epochs } = this.#options;
    return h > heights && (epochs === 1 || this.#epoch === epochs);
  }

  /**
   * Items of members that prepare an epoch after the one in office. In the last one they do so only for the sake of heights without
   * orders, which are not held for nothing.
   */
  #duties(at: Height): Promise<readonly Uint8Array[]> {
    const { epochs, heights, batches } = this.#options;
    const { epoch, epochHeights, firstHeight } = this.#replica.epoch;
    const isTraded = batches.some((batch) => batch.height === at);
    const isWanted = epochs > 1 && (epoch < epochs || at < heights || !isTraded);
    if (epochs > 1 && epoch < epochs && at >= firstHeight + PATIENCE * epochHeights)
      throw new CliError('EPOCH_STALLED', `no epoch follows epoch ${epoch}`, { height: at });
    return isWanted ? this.committees.duties(this.#replica.claims.rotation) : Promise.resolve([]);
  }

  async run(at: Height): Promise<HeightResult> {
    const { market, batches } = this.#options;
    const before = this.#replica.settlement;
    const { epoch } = this.#replica;
    await this.#committee.begin(at, oracleAt(market.oracle, at));

    const start = performance.now();
    const wanted = batches.filter((batch) => batch.height === at);
    const { chain, bridgeSecret } = this.dealt;
    const sealed = this.#traders.seal(wanted, at, this.#replica);
    const named = this.#traders.transfers(at, at, this.#replica, bridgeSecret);
    const [{ proved, transfers }, owed] = await Promise.all([
      this.#prove(sealed, named, at),
      this.#duties(at),
    ]);
    const provedAt = performance.now();
    await this.#admit(proved, transfers, owed, at);
    const admittedAt = performance.now();
    const views = await this.#settle(at);
    this.#gather(views);
    const settlement = this.#replay(views, at);
    const settledAt = performance.now();
    const { block } = this.#view(views).certified!.result;
    this.#traders.heightClosed(this.#replica.items, { block, shielded: shieldedNotes(settlement.transfers) });

    const orderedAt = this.#lastMs(views, 'ordered');
    const openedAt = this.#lastMs(views, 'settled');
    const ms: HeightMs = {
      prove: Math.round(provedAt - start),
      admit: Math.round(admittedAt - provedAt),
      consensus: Math.round(orderedAt - admittedAt),
      decrypt: Math.round(openedAt - orderedAt),
      settle: Math.round(settledAt - openedAt),
    };
    const { correct } = this.#committee;
    const { result, story } = reportHeight({
      epoch: epoch.epoch,
      params: chain.market,
      owners: this.#owners,
      wasHalted: this.stories.at(-1)?.settlement.events.isHalted ?? false,
      validators: epoch.validators,
      proved,
      transfers,
      views,
      correct,
      before,
      settlement,
      ms,
    });
    this.stories.push(story);
    this.#epoch = epoch.epoch;
    if (this.#replica.epoch !== epoch) await this.committees.cross(this.#replica.claims.rotation);
    return result;
  }

  get #committee(): EpochCommittee {
    return this.committees.newest;
  }

  /** Proves batches and account actions; deposits are signed already. */
  async #prove(
    sealed: readonly NamedBatch[],
    named: readonly NamedTransfer[],
    at: Height,
  ): Promise<{ proved: ProvedBatch[]; transfers: ReadyTransfer[] }> {
    const total = sealed.length + named.filter(({ made }) => 'witness' in made).length;
    let done = 0;
    this.#progress(at, 'prove', 0, total);
    const counted = async <T>(proving: Promise<T>): Promise<T> => {
      const item = await proving;
      this.#progress(at, 'prove', ++done, total);
      return item;
    };
    const batches = sealed.map(async (batch) => {
      return { ...batch, item: await counted(proveBatch(this.#prover, batch.sealed)) };
    });
    const transfers = named.map(async (transfer) => {
      const { made } = transfer;
      if (!('witness' in made)) return { ...transfer, item: made };
      return { ...transfer, item: await counted(proveAction(this.#prover, made)) };
    });
    return { proved: await Promise.all(batches), transfers: await Promise.all(transfers) };
  }

  /** Everybody sends its items to every validator; each validator hears the traders in another order. */
  async #admit(
    proved: readonly ProvedBatch[],
    transfers: readonly ReadyTransfer[],
    owed: readonly Uint8Array[],
    at: Height,
  ): Promise<void> {
    const { validators } = this.#options;
    const sent: Sent[] = [
      ...proved.map(({ batch: { trader }, item }) => ({ trader, item })),
      ...transfers.map(({ transfer: { trader }, item }) => ({ trader, item })),
    ];
    for (let i = 0; i < validators; i++) {
      this.#progress(at, 'admit', i, validators);
      await this.#committee.submit(validatorIndex(i), [...owed, ...this.#interleaved(sent).map(encodeItem)]);
    }
    this.#progress(at, 'admit', validators, validators);
  }

  /** A random order in which each trader's own items stay in theirs. */
  #interleaved(sent: readonly Sent[]): Item[] {
    const traders = [...new Set(sent.map(({ trader }) => trader))];
    const queues = traders.map((trader) => sent.filter((own) => own.trader === trader));
    const out: Item[] = [];
    while (out.length < sent.length) {
      const queue = queues[this.#order.below(queues.length)]!;
      const next = queue.shift();
      if (next !== undefined) out.push(next.item);
    }
    return out;
  }

  async #settle(at: Height): Promise<readonly HeightView[]> {
    this.#progress(at, 'consensus', 0, 1);
    const views = await this.#committee.settle();
    this.#progress(at, 'consensus', 1, 1);
    return views;
  }

  /** Follows the block alone; every correct validator must have come to the same root. */
  #replay(views: readonly HeightView[], at: Height): Settlement {
    const { block, settlementCertificate } = this.#view(views).certified!.result;
    const settlement = this.#replica.apply(block, settlementCertificate);
    assert(typeof settlement !== 'string', `the block of height ${at} replays: ${settlement}`);
    const root = String(settlement.stateRoot);
    const other = this.#committee.correct.find(
      (i) => String(views[i]!.settled!.result.settlement.stateRoot) !== root,
    );
    if (other !== undefined) {
      throw new CliError('EPOCH_DIVERGED', `validator ${other} settled height ${at} to another state root`, {
        height: at,
      });
    }
    return settlement;
  }

  /** Files of what correct validators saw of the faulty ones and can show to anybody; each wrong once. */
  evidence(): string[] {
    return [...this.#evidence.values()].map(({ rules, shown }) => evidenceFileText(rules, shown));
  }

  /** What lets a stranger know the committees after the first one; nothing where there is none. */
  changes(): OutFile[] {
    const { changes } = this.#replica;
    return changes.length === 0 ? [] : [{ path: 'epochs.json', text: epochsText(changes) }];
  }

  #gather(views: readonly HeightView[]): void {
    const { epoch } = this.committees;
    const { drafted } = this.#replica.claims.rotation;
    const rules = { domain: epochDomain(this.dealt.chain, epoch), epoch };
    for (const fault of this.#committee.correct.flatMap((i) => views[i]!.faults)) {
      const shown = shownEvidence(fault) ?? rotationEvidence(fault, epoch, drafted);
      const key = shown && `${shown.kind}/${shown.validator}/${shown.height}`;
      if (shown !== undefined && !this.#evidence.has(key!)) this.#evidence.set(key!, { rules, shown });
    }
  }

  #view(views: readonly HeightView[]): HeightView {
    return views[this.#committee.correct[0]!]!;
  }

  #lastMs(views: readonly HeightView[], what: 'ordered' | 'settled'): number {
    return Math.max(...this.#committee.correct.flatMap((i) => views[i]![what]?.atMs ?? []));
  }

  #progress(at: Height, stage: EpochStage, done: number, total: number): void {
    this.#hooks.onProgress({ height: at, stage, done, total });
  }
}
