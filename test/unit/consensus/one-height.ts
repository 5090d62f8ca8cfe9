import { expect } from 'vitest';
import type { CommonSubset } from '../../../src/consensus/acs/common-subset.ts';
import type { Protocol, SubsetEffect, SubsetStep } from '../../../src/consensus/protocol.ts';
import { validatorIndex as at } from '../../../src/params/ids.ts';

/** One height over links of one delay, every message through the encoding; who has nothing proposes nothing. */
export function height<M>(
  protocol: Protocol<M>,
  n: number,
  proposals: readonly (Uint8Array | undefined)[],
  dead = 0,
) {
  const outputs: (string | undefined)[] = new Array(n).fill(undefined);
  const delays: number[] = new Array(n).fill(0);
  let pending: { from: number; to: number; bytes: Uint8Array }[] = [];
  let frames = 0;
  let now = 0;
  const machines: CommonSubset<M, SubsetEffect>[] = Array.from({ length: n }, (_, i) =>
    protocol.create({ n, self: at(i), height: 0 }),
  );
  const settle = (i: number, step: SubsetStep<M>): SubsetStep<M>[] => {
    for (const { payloads } of step.outputs) {
      outputs[i] = payloads.map(({ proposer, payload }) => `${proposer}:${payload.join()}`).join(' ');
      delays[i] = now;
    }
    return [
      step,
      ...step.effects.flatMap((effect) =>
        effect.type === 'validate' ? settle(i, machines[i]!.validated(effect.proposer, true)) : [],
      ),
    ];
  };
  const send = (i: number, steps: readonly SubsetStep<M>[]): void => {
    for (const { to, message } of protocol.merge(n, steps).sends) {
      const bytes = protocol.encode(message);
      expect(bytes.length).toBe(protocol.bytesOf(message));
      expect(protocol.messagesIn(message)).toBeGreaterThan(0);
      for (let peer = 0; peer < n - dead; peer++) {
        if (to !== 'all' && to !== peer) continue;
        if (peer !== i) frames += 1;
        pending.push({ from: i, to: peer, bytes });
      }
    }
  };
  proposals.forEach((payload, i) => {
    if (payload !== undefined && i < n - dead) send(i, settle(i, machines[i]!.propose(payload)));
  });
  while (pending.length > 0) {
    now += 1;
    const arrived = pending;
    pending = [];
    const steps = machines.map((): SubsetStep<M>[] => []);
    for (const { from, to, bytes } of arrived) {
      steps[to]!.push(...settle(to, machines[to]!.handle(at(from), protocol.decode(bytes)!)));
    }
    for (const [i, mine] of steps.entries()) if (mine.length > 0) send(i, mine);
  }
  return { outputs: outputs.slice(0, n - dead), delays: delays.slice(0, n - dead), frames };
}

/** One proposal a validator. */
export const payloads = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => Uint8Array.of(i, 9));
