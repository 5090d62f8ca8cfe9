import { usedHeapMiB } from '../../src/cli/heap.ts';
import { HeldAba } from '../../src/consensus/aba/held.ts';
import { MmrAba } from '../../src/consensus/aba/mmr.ts';
import { FIRST_HAND } from '../../src/consensus/aba/rules.ts';
import { VOTE_KINDS } from '../../src/consensus/aba/votes.ts';
import { aleaMessage } from '../../src/consensus/alea/messages.ts';
import { Vcbc } from '../../src/consensus/alea/vcbc.ts';
import { Certificates } from '../../src/consensus/pbft/certificates.ts';
import { AvidRbc } from '../../src/consensus/rbc/avid.ts';
import { DigestRbc } from '../../src/consensus/rbc/digest.ts';
import { ShardTree } from '../../src/consensus/rbc/shard-tree.ts';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { validatorIndex as at, type ValidatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { ABA_ROUND_WINDOW, MAX_PAYLOAD_BYTES, QUEUE_ENTRY_BYTES } from '../../src/params/sizes.ts';
import { oracleSignatures } from '../../src/sim/oracle-signatures.ts';
import { Prng } from '../../src/sim/prng.ts';
import { CoinBox } from '../../src/validator/coin-box.ts';
import { Out } from '../../src/validator/out.ts';
import { contextAt, H1 } from '../unit/validator/fixtures.ts';

const MiB = 2 ** 20;
const erasure = await openErasureCode();

/** A machine that liars fill, and the bound that src/consensus/README.md states for one of them. */
export interface Filling {
  readonly boundBytes: number;
  /** @returns what has to stay referred to, and the flood, which may be repeated */
  open(): { readonly machine: object; flood(): void };
}

/** Every vote of all kinds in every round that is kept, and beyond, from f senders. */
const agreement = (n: number): Filling => ({
  boundBytes: (ABA_ROUND_WINDOW + 1) * (n + 12 + QUEUE_ENTRY_BYTES),
  open() {
    const machine = new MmrAba({ n, rules: FIRST_HAND });
    const flood = (): void => {
      for (const from of liars(n)) {
        for (let round = 0; round <= 2 * ABA_ROUND_WINDOW; round++) {
          for (const values of [1, 2] as const) {
            for (const kind of ['bval', 'aux', 'conf'] as const)
              machine.handle(from, { kind, round, values });
          }
        }
        machine.handle(from, { kind: 'term', round: 0, values: 1 });
      }
    };
    return { machine, flood };
  },
});

/** The same before the own input, when all of it waits. */
const waitingVotes = (n: number): Filling => ({
  boundBytes: (ABA_ROUND_WINDOW + 1) * (2 * n + QUEUE_ENTRY_BYTES),
  open() {
    const machine = new HeldAba(n);
    const flood = (): void => {
      for (const from of liars(n))
        for (let round = 0; round <= 2 * ABA_ROUND_WINDOW; round++)
          for (const values of [1, 2, 3] as const)
            for (const kind of VOTE_KINDS) machine.handle(from, { kind, round, values });
    };
    return { machine, flood };
  },
});

/** The largest proposals of every liar, certificates that nobody signed, questions, and answers to none. */
const consistentBroadcast = (n: number): Filling => ({
  boundBytes: 2 * MAX_PAYLOAD_BYTES + 4 * n * QUEUE_ENTRY_BYTES,
  open() {
    const self = at(0);
    const certificates = new Certificates(n, 1, oracleSignatures(1, self));
    const machine = new Vcbc({ n, self, proposer: at(n - 1), certificates });
    const prng = new Prng(1);
    const flood = (): void => {
      for (const from of liars(n)) {
        const signatures = liars(n).map((by) => ({ by, signature: prng.bytes(32) }));
        const certificate = { view: n - 1, digest: prng.bytes(32), signatures };
        for (const kind of ['send', 'ready', 'final', 'seek', 'fill-gap', 'filler'] as const) {
          const bytes = new Uint8Array(MAX_PAYLOAD_BYTES).fill(from);
          machine.handle(from, aleaMessage({ kind, proposer: n - 1, bytes, certificate }));
        }
      }
    };
    return { machine, flood };
  },
});

/** A payload of the largest size, another one of every liar's, and digests of which no two are equal. */
const digestBroadcast = (n: number): Filling => ({
  boundBytes: 2 * MAX_PAYLOAD_BYTES + 2 * n * (32 + QUEUE_ENTRY_BYTES),
  open() {
    const machine = new DigestRbc({ n, self: at(0), proposer: at(n - 1) });
    const prng = new Prng(1);
    const flood = (): void => {
      for (const from of liars(n)) {
        const say = (kind: 'propose' | 'echo' | 'ready' | 'payload', bytes: Uint8Array): void =>
          void machine.handle(from, { kind, proposer: at(n - 1), bytes });
        for (const kind of ['propose', 'payload'] as const)
          say(kind, new Uint8Array(MAX_PAYLOAD_BYTES).fill(from));
        for (const kind of ['echo', 'ready'] as const) say(kind, prng.bytes(32));
      }
    };
    return { machine, flood };
  },
});

/** The largest shards, one of each sender with a root of its own. */
const avidBroadcast = (n: number): Filling => {
  const size = Math.ceil((4 + MAX_PAYLOAD_BYTES) / (n - 2 * quorumOf(n).f));
  const branch = 32 * (1 + Math.ceil(Math.log2(n)));
  return {
    boundBytes: n * (size + branch + QUEUE_ENTRY_BYTES) + 2 * n * (32 + QUEUE_ENTRY_BYTES),
    open() {
      const machine = new AvidRbc({ n, self: at(n - 1), proposer: at(n - 1) }, erasure);
      const flood = (): void => {
        for (const from of liars(n)) {
          const shards = Array.from({ length: n }, (_, i) =>
            new Uint8Array(i === from ? size : 1).fill(from),
          );
          const tree = new ShardTree(shards);
          const bytes = Uint8Array.of(...tree.root, ...tree.branch(from), ...shards[from]!);
          machine.handle(from, { kind: from === n - 1 ? 'val' : 'shard', proposer: at(n - 1), bytes });
          machine.handle(from, { kind: 'shard', proposer: at(n - 1), bytes: bytes.slice() });
          machine.handle(from, { kind: 'ready', proposer: at(n - 1), bytes: new Uint8Array(32).fill(from) });
        }
      };
      return { machine, flood };
    },
  };
};

/** A share of every instance and round in the window, and beyond, from f senders. */
const coins = (n: number): Filling => ({
  boundBytes: n * (ABA_ROUND_WINDOW - 1) * quorumOf(n).f * (128 + QUEUE_ENTRY_BYTES),
  open() {
    const machine = new CoinBox(contextAt(n, 0), H1);
    const flood = (): void => {
      for (const from of liars(n)) {
        for (let instance = 0; instance < n; instance++) {
          for (let round = 0; round <= ABA_ROUND_WINDOW + 9; round++) {
            machine.add(from, { instance, round, share: new Uint8Array(128).fill(from) }, 0, new Out());
          }
        }
      }
    };
    return { machine, flood };
  },
});

export const FILLINGS = {
  agreement,
  'votes that wait': waitingVotes,
  'consistent broadcast': consistentBroadcast,
  'digest broadcast': digestBroadcast,
  'AVID broadcast': avidBroadcast,
  coins,
};

const liars = (n: number): ValidatorIndex[] => Array.from({ length: quorumOf(n).f }, (_, k) => at(n - 1 - k));

/** What so many of them hold after one flood and after three, as shares of the stated bound. */
export function fill({ boundBytes, open }: Filling, machines: number): { once: number; thrice: number } {
  const before = usedHeapMiB();
  const opened = Array.from({ length: machines }, open);
  for (const { flood } of opened) flood();
  const once = usedHeapMiB() - before;
  for (const { flood } of [...opened, ...opened]) flood();
  const thrice = usedHeapMiB() - before;
  // Still referred to while it is measured.
  if (opened.some(({ machine }) => machine === undefined)) throw new Error('a machine is an object');
  const bound = (machines * boundBytes) / MiB;
  return { once: once / bound, thrice: thrice / bound };
}
