import type { AcsProposal, CommonSubset } from '../consensus/acs/common-subset.ts';
import type { Protocol, SubsetEffect, SubsetStep } from '../consensus/protocol.ts';

type Machine<M> = CommonSubset<M, SubsetEffect>;

/** A protocol with an eye on its machines: what an adversary of the network sees, and an experiment counts. */
export interface Watched<M> {
  readonly protocol: Protocol<M>;
  /** Each validator's newest machine, by validator. */
  readonly newest: Map<number, { readonly height: number; readonly machine: Machine<M> }>;
  /** Machines of the heights that nobody had put out when they were made, by height and validator. */
  readonly open: Map<number, Map<number, Machine<M>>>;
  /** What came out first anywhere, by height: all correct validators put out the same. */
  readonly outputs: Map<number, readonly AcsProposal[]>;
}

/** Changes nothing of what the machines do. */
export function watched<M>(inner: Protocol<M>): Watched<M> {
  const newest: Watched<M>['newest'] = new Map();
  const open: Watched<M>['open'] = new Map();
  const outputs: Watched<M>['outputs'] = new Map();
  const protocol: Protocol<M> = {
    ...inner,
    create: (options) => {
      const machine = inner.create(options);
      const noted = (step: SubsetStep<M>): SubsetStep<M> => {
        for (const { payloads } of step.outputs) {
          if (!outputs.has(options.height)) outputs.set(options.height, payloads);
          open.delete(options.height);
        }
        return step;
      };
      newest.set(options.self, { height: options.height, machine });
      if (!outputs.has(options.height)) {
        const known = open.get(options.height);
        if (known === undefined) open.set(options.height, new Map([[options.self, machine]]));
        else known.set(options.self, machine);
      }
      const watching: Machine<M> = {
        propose: (payload) => noted(machine.propose(payload)),
        handle: (from, message) => noted(machine.handle(from, message)),
        validated: (proposer, ok) => noted(machine.validated(proposer, ok)),
        coin: (instance, round, bit) => noted(machine.coin(instance, round, bit)),
        timeout: (view) => noted(machine.timeout!(view)),
        // Whoever has no `elected` is not given a lot.
        ...(machine.elected === undefined
          ? {}
          : { elected: (round: number, pick: number) => noted(machine.elected!(round, pick)) }),
        status: () => machine.status(),
      };
      return watching;
    },
  };
  return { protocol, newest, open, outputs };
}
