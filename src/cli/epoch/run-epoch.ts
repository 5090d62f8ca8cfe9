import { assert } from '../../base/errors.ts';
import { proveAction, proveBatch } from '../../client/proving.ts';
import type { Dealt } from '../../committee/dealer.ts';
import { evidenceFileText } from '../../formats/evidence-file.ts';
import { genesisText } from '../../formats/genesis-file.ts';
import { epochDomain } from '../../ledger/epoch-config.ts';
import { encodeItem, type Item } from '../../ledger/items.ts';
import { Replica } from '../../ledger/replica.ts';
import { shieldedNotes } from '../../ledger/transfers.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { type AccountId, type Height, height, validatorIndex } from '../../params/ids.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { loadBatchKernels } from '../../proofs/wasm-batch-kernels.ts';
import { Prng } from '../../sim/prng.ts';
import { type ShownEvidence, shownEvidence } from '../../validator/shown-evidence.ts';
import { CliError } from '../errors.ts';
import type { HeightStory } from '../market/story.ts';
import { EpochCommittee, type HeightView } from './committee.ts';
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
import type { EpochHooks, EpochOptions, EpochResult, EpochStage, HeightMs, HeightResult } from './types.ts';

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
    for (let h = 1; h <= options.heights; h++) heights.push(await epoch.run(height(h)));
    const genesis = { path: 'genesis.json', text: genesisText(epoch.dealt) };
    const last = heights.at(-1);
    const evidence = epoch.evidence().map((text, i) => ({ path: `evidence/${i + 1}.json`, text }));
    if (last !== undefined)
      heights[heights.length - 1] = {
        ...last,
        files: [...last.files, genesis, ...made.files, ...evidence, ...folders.files()],
      };
    return {
      validators: options.validators,
      faulty: [...epoch.committee.faulty].map(([validator, misdeeds]) => ({
        validator,
        plays: misdeeds.join(', '),
      })),
      dissemination: options.dissemination,
      seed: options.seed,
      restarts: epoch.committee.restarts,
      genesis: made.report,
      trust: [...made.trust, ...TRUST],
      heights,
      stories: epoch.stories,
    };
  } finally {
    await prover.close();
    folders?.close();
  }
}

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

class Epoch {
  readonly committee: EpochCommittee;
  readonly #options: EpochOptions;
  readonly #hooks: EpochHooks;
  readonly #prover: Prover;
  readonly dealt: Dealt;
  readonly #traders: Traders;
  readonly #replica: Replica;
  readonly #order: Prng;
  readonly #evidence = new Map<string, ShownEvidence>();
  readonly #owners = new Map<AccountId, { trader: string; account: string }>();
  /** What the market did at each height so far. */
  readonly stories: HeightStory[] = [];

  private constructor(
    options: EpochOptions,
    hooks: EpochHooks,
    prover: Prover,
    traders: Traders,
    dealt: Dealt,
    committee: EpochCommittee,
  ) {
    this.#options = options;
    this.#hooks = hooks;
    this.#prover = prover;
    this.dealt = dealt;
    this.#traders = traders;
    this.#replica = new Replica(dealt.chain, dealt.epoch);
    this.#order = new Prng(options.seed);
    this.committee = committee;
  }

  static async open(
    options: EpochOptions,
    hooks: EpochHooks,
    { prover, traders, dealt, folders }: EpochParts,
  ): Promise<Epoch> {
    const verifiers = {
      ballot: await loadVerifier('ballot'),
      orders: await loadVerifier('orders'),
      account: await loadVerifier('account'),
      dealing: await loadVerifier('dealing'),
    };
    const kernels = await loadBatchKernels();
    const committee = new EpochCommittee({ ...options, dealt, kernels }, { prover, verifiers, folders });
    hooks.onProgress({ height: 0, stage: 'genesis', done: 1, total: 1 });
    return new Epoch(options, hooks, prover, traders, dealt, committee);
  }

  async run(at: Height): Promise<HeightResult> {
    const { market, batches } = this.#options;
    const before = this.#replica.settlement;
    await this.committee.begin(at, market.oracle[at]!);

    const start = performance.now();
    const wanted = batches.filter((batch) => batch.height === at);
    const { chain, epoch, bridgeSecret } = this.dealt;
    const sealed = this.#traders.seal(wanted, at, this.#replica);
    const named = this.#traders.transfers(at, at, this.#replica, bridgeSecret);
    const { proved, transfers } = await this.#prove(sealed, named, at);
    const provedAt = performance.now();
    await this.#admit(proved, transfers, at);
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
    const { correct } = this.committee;
    const { result, story } = reportHeight({
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
    return result;
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
    at: Height,
  ): Promise<void> {
    const { validators } = this.#options;
    const sent: Sent[] = [
      ...proved.map(({ batch: { trader }, item }) => ({ trader, item })),
      ...transfers.map(({ transfer: { trader }, item }) => ({ trader, item })),
    ];
    for (let i = 0; i < validators; i++) {
      this.#progress(at, 'admit', i, validators);
      await this.committee.submit(validatorIndex(i), this.#interleaved(sent).map(encodeItem));
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
    const views = await this.committee.settle();
    this.#progress(at, 'consensus', 1, 1);
    return views;
  }

  /** Follows the block alone; every correct validator must have come to the same root. */
  #replay(views: readonly HeightView[], at: Height): Settlement {
    const { block, settlementCertificate } = this.#view(views).certified!.result;
    const settlement = this.#replica.apply(block, settlementCertificate);
    assert(typeof settlement !== 'string', `the block of height ${at} replays: ${settlement}`);
    const root = String(settlement.stateRoot);
    const other = this.committee.correct.find(
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
    const domain = epochDomain(this.dealt.chain, this.dealt.epoch);
    return [...this.#evidence.values()].map((shown) => evidenceFileText(domain, shown));
  }

  #gather(views: readonly HeightView[]): void {
    for (const fault of this.committee.correct.flatMap((i) => views[i]!.faults)) {
      const shown = shownEvidence(fault);
      const key = shown && `${shown.kind}/${shown.validator}/${shown.height}`;
      if (shown !== undefined && !this.#evidence.has(key!)) this.#evidence.set(key!, shown);
    }
  }

  #view(views: readonly HeightView[]): HeightView {
    return views[this.committee.correct[0]!]!;
  }

  #lastMs(views: readonly HeightView[], what: 'ordered' | 'settled'): number {
    return Math.max(...this.committee.correct.flatMap((i) => views[i]![what]?.atMs ?? []));
  }

  #progress(at: Height, stage: EpochStage, done: number, total: number): void {
    this.#hooks.onProgress({ height: at, stage, done, total });
  }
}
