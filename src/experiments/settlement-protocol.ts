import { concatBytes } from '../base/bytes.ts';
import type { AcsOutput, AcsProposal, CommonSubset } from '../consensus/acs/common-subset.ts';
import type { AcsMessage } from '../consensus/acs/frame.ts';
import { acsProtocol, type Protocol, type SubsetEffect, type SubsetStep } from '../consensus/protocol.ts';
import { NOTHING } from '../consensus/step.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { MAX_BALLOT_ITEMS, PROOF_BYTES } from '../params/sizes.ts';

/** What travels in a height: the ballots before the common subset, its frames, the finish messages after it. */
export type SettlementMessage =
  | { readonly part: 'ballot' }
  | { readonly part: 'frame'; readonly frame: AcsMessage }
  | { readonly part: 'finish' };

/** Bytes beside what grows: nullifier, y, height; BLS signature, beacon share and DLEQ. */
const BALLOT_BYTES = PROOF_BYTES + 68;
const FINISH_BYTES = 96 + 128 + 64;
const ITEM_ID_BYTES = 32;
const SHARE_BYTES = 64;

/**
 * The messages of a whole height around the project's common subset: everybody broadcasts a ballot; q ballots make a proposal; the
 * output makes a finish message with a decryption share a batch; 2f + 1 of them settle. Ballots and finish messages have the sizes of
 * real ones and carry nothing: their checks cost time, which is charged apart.
 * @param onOrdered called when a validator's common subset has put out
 */
export function settlementProtocol(
  batches: number,
  onOrdered: (height: number) => void,
): Protocol<SettlementMessage> {
  const acs = acsProtocol('first-hand', 'digest');
  const bytes = {
    ballot: BALLOT_BYTES + ITEM_ID_BYTES * Math.min(batches, MAX_BALLOT_ITEMS),
    finish: FINISH_BYTES + SHARE_BYTES * batches,
  };
  const bytesOf = (message: SettlementMessage): number =>
    1 + (message.part === 'frame' ? acs.bytesOf(message.frame) : bytes[message.part]);
  return {
    name: 'height',
    leastOutputs: (n) => quorumOf(n).q,
    create: (options) =>
      new SettlementSubset(acs.create(options), options.n, () => onOrdered(options.height)),
    merge: (n, steps) => {
      const frames = steps.map(
        ({ sends, ...rest }): SubsetStep<AcsMessage> => ({
          ...rest,
          sends: sends.flatMap(({ to, message }) =>
            message.part === 'frame' ? [{ to, message: message.frame }] : [],
          ),
        }),
      );
      const merged = wrapped(acs.merge(n, frames));
      return {
        ...merged,
        sends: [
          ...steps.flatMap(({ sends }) => sends.filter(({ message }) => message.part !== 'frame')),
          ...merged.sends,
        ],
      };
    },
    encode: (message) =>
      message.part === 'frame'
        ? concatBytes(Uint8Array.of(0), acs.encode(message.frame))
        : new Uint8Array(bytesOf(message)).fill(message.part === 'ballot' ? 1 : 2),
    decode: (encoded) => {
      if (encoded[0] !== 0) return { part: encoded[0] === 1 ? 'ballot' : 'finish' };
      const frame = acs.decode(encoded.subarray(1));
      return frame === undefined ? undefined : { part: 'frame', frame };
    },
    bytesOf,
    weightOf: (message) => (message.part === 'frame' ? acs.weightOf(message.frame) : bytesOf(message)),
    messagesIn: (message) => (message.part === 'frame' ? acs.messagesIn(message.frame) : 1),
  };
}

const wrapped = ({ sends, ...rest }: SubsetStep<AcsMessage>): SubsetStep<SettlementMessage> => ({
  ...rest,
  sends: sends.map(({ to, message }) => ({ to, message: { part: 'frame', frame: message } })),
});

type SettlementStep = SubsetStep<SettlementMessage>;

class SettlementSubset implements CommonSubset<SettlementMessage, SubsetEffect> {
  private readonly inner: CommonSubset<AcsMessage, SubsetEffect>;
  private readonly onOrdered: () => void;
  private readonly q: number;
  private readonly sharesRequired: number;
  private readonly ballots = new Set<ValidatorIndex>();
  private readonly finishes = new Set<ValidatorIndex>();
  private payload: Uint8Array | undefined;
  private ordered: readonly AcsProposal[] | undefined;
  private isProposed = false;
  private isSettled = false;

  constructor(inner: CommonSubset<AcsMessage, SubsetEffect>, n: number, onOrdered: () => void) {
    this.inner = inner;
    this.onOrdered = onOrdered;
    ({ q: this.q, sharesRequired: this.sharesRequired } = quorumOf(n));
  }

  propose(payload: Uint8Array): SettlementStep {
    this.payload = payload;
    return this.on([{ ...NOTHING, sends: [{ to: 'all', message: { part: 'ballot' } }] }]);
  }

  handle(from: ValidatorIndex, message: SettlementMessage): SettlementStep {
    if (message.part === 'frame') return this.on([this.through(this.inner.handle(from, message.frame))]);
    (message.part === 'ballot' ? this.ballots : this.finishes).add(from);
    return this.on([]);
  }

  validated(proposer: ValidatorIndex, ok: boolean): SettlementStep {
    return this.on([this.through(this.inner.validated(proposer, ok))]);
  }

  coin(instance: ValidatorIndex, round: number, bit: 0 | 1): SettlementStep {
    return this.on([this.through(this.inner.coin(instance, round, bit))]);
  }

  status(): { readonly done: boolean; readonly closed: boolean } {
    return { done: this.isSettled, closed: this.isSettled && this.inner.status().closed };
  }

  /** The common subset's step, its output kept back. */
  private through(step: SubsetStep<AcsMessage>): SettlementStep {
    const [output] = step.outputs;
    if (output === undefined) return wrapped(step);
    this.ordered = output.payloads;
    this.onOrdered();
    const { sends, ...rest } = wrapped(step);
    return { ...rest, outputs: [], sends: [...sends, { to: 'all', message: { part: 'finish' } }] };
  }

  /** What the steps so far make possible. */
  private on(steps: SettlementStep[]): SettlementStep {
    if (!this.isProposed && this.payload !== undefined && this.ballots.size >= this.q) {
      this.isProposed = true;
      steps.push(this.through(this.inner.propose(this.payload)));
    }
    if (!this.isSettled && this.ordered !== undefined && this.finishes.size >= this.sharesRequired) {
      this.isSettled = true;
      const output: AcsOutput = { type: 'acs', payloads: this.ordered };
      steps.push({ ...NOTHING, outputs: [output] });
    }
    return {
      sends: steps.flatMap(({ sends }) => sends),
      outputs: steps.flatMap(({ outputs }) => outputs),
      effects: steps.flatMap(({ effects }) => effects),
      faults: steps.flatMap(({ faults }) => faults),
    };
  }
}
