/** `npx tsx test/bench/snapshot.ts [n…]`: sizes of a validator's snapshots, what writing and restoring one costs, and the ordering root's cost. */
import { batchTerms } from '../../src/client/terms.ts';
import { Wallet } from '../../src/client/wallet.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { perp } from '../../src/committee/traders.ts';
import { CommitteeWorld } from '../../src/committee/world.ts';
import { hash } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Machine } from '../../src/host/machine.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { decodeOrdering, encodeOrdering } from '../../src/ledger/ordering-encoding.ts';
import { OrderingState } from '../../src/ledger/ordering-state.ts';
import { Replica } from '../../src/ledger/replica.ts';
import { height } from '../../src/params/ids.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';
import type { Input, ValidatorConfig } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { orderingOf } from '../unit/ledger/ordering.ts';

/** Milliseconds of processor time a call. */
function cpuMs(calls: number, run: () => void): number {
  const before = process.cpuUsage().user;
  for (let i = 0; i < calls; i++) run();
  return (process.cpuUsage().user - before) / 1000 / calls;
}

/** Looks at a validator's snapshots: the one at the begin of each height, and the largest of every 25th input. */
class Watched implements Machine {
  readonly validator: Validator;
  begun = new Uint8Array();
  largest = new Uint8Array();
  #inputs = 0;
  constructor(config: ValidatorConfig) {
    this.validator = new Validator(config);
  }
  get height() {
    return this.validator.height;
  }
  snapshot() {
    return this.validator.snapshot();
  }
  handle(input: Input) {
    const before = this.height;
    const step = this.validator.handle(input);
    if (this.height > before) this.begun = Uint8Array.from(this.validator.snapshot());
    if (++this.#inputs % 25 === 0) {
      const snapshot = this.validator.snapshot();
      if (snapshot.length > this.largest.length) this.largest = Uint8Array.from(snapshot);
    }
    return step;
  }
}

function committee(n: number, items: number) {
  const wallet = new Wallet(new Uint8Array(32).fill(1), new Uint8Array(32));
  const value = 20_000_000_000n;
  const notes = Array.from({ length: items }, () => wallet.genesisNote(value));
  let watched: Watched | undefined;
  let own: ValidatorConfig | undefined;
  const world = new CommitteeWorld({
    n,
    seed: 1,
    notes,
    notesTotal: value * BigInt(items),
    more: {
      machineOf: (config) => {
        if (config.self !== 0) return new Validator(config);
        own = config;
        watched = new Watched(config);
        return watched;
      },
    },
  });
  const terms = batchTerms(new Replica(world.chain, world.epoch), height(1));
  for (let i = 0; i < items; i++) {
    const sealed = wallet.seal(
      { account: undefined, orders: [perp(i % 2 === 0 ? 'buy' : 'sell', 1n)] },
      terms,
      seededRandom(new Uint8Array(32).fill(i)),
    )!;
    const proof = new Uint8Array(PROOF_BYTES).fill(i);
    world.accept(sealed.signals, proof);
    world.toAll({ type: 'item', bytes: encodeItem({ ...sealed.statement, proof }) });
    world.drain();
  }
  world.runHeight(1, moved(1));
  const { begun, largest } = watched!;
  for (const [when, snapshot] of Object.entries({ 'at begin(2)': begun, largest })) {
    const validator = Validator.restore(own!, snapshot);
    const name = `validator::snapshot/n=${n}/items=${items}/${when}`;
    const writeMs = cpuMs(20, () => validator.snapshot());
    const restoreMs = cpuMs(20, () => Validator.restore(own!, snapshot));
    console.log(JSON.stringify({ name, bytes: snapshot.length, writeMs, restoreMs }));
  }
}

function orderingRoot(count: number): void {
  const leaves = Array.from({ length: count }, (_, i) => hash('note', BigInt(i), 1n, 2n));
  const empty = orderingOf(leaves, 1n).snapshot();
  const bytes = encodeOrdering({ ...empty, nullifiers: leaves });
  const state = OrderingState.restore(decodeOrdering(bytes)!, 1n)!;
  const nodes = state.treeNodes();
  console.log(
    JSON.stringify({
      name: `ledger::ordering/nullifiers=${count}/notes=${count}`,
      rootMs: cpuMs(2000, () => state.root),
      bytes: bytes.length,
      writeMs: cpuMs(3, () => encodeOrdering(state.snapshot())),
      readMs: cpuMs(3, () => decodeOrdering(bytes)),
      restoreMs: cpuMs(1, () => OrderingState.restore(decodeOrdering(bytes)!, 1n)),
      restoreWithTreeMs: cpuMs(1, () => OrderingState.restore(decodeOrdering(bytes)!, 1n, nodes)),
    }),
  );
}

const sizes = process.argv.slice(2).map(Number);
for (const count of [1_000, 10_000, 100_000]) orderingRoot(count);
for (const n of sizes.length > 0 ? sizes : [4, 7, 31]) for (const items of [0, 64]) committee(n, items);
