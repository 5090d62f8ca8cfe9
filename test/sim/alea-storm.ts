import { AleaBft, type AleaStep } from '../../src/consensus/alea/alea.ts';
import type { AleaMessage } from '../../src/consensus/alea/messages.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { oracleSignatures } from '../../src/sim/oracle-signatures.ts';
import { Prng } from '../../src/sim/prng.ts';

/** How long a message is on its way: unlike the links of the simulator, this scheduler reads what it delays. */
export type Delay = (message: AleaMessage, from: number, to: number) => number;

/** What the correct validators put out, as text; how many agreements they went through; faults they found in each other. */
export interface Storm {
  readonly outputs: readonly (string | undefined)[];
  readonly agreements: readonly number[];
  readonly slanders: number;
}

/** What a liar says: every vote is for 0. */
function against(message: AleaMessage): AleaMessage {
  if (message.kind !== 'votes') return message;
  const votes = message.frame.votes.flatMap((group) =>
    group.kind === 'first'
      ? (['bval', 'aux'] as const).map((kind) => ({ ...group, kind, values: 1 as const }))
      : [{ ...group, values: 1 as const }],
  );
  return { ...message, frame: { rbc: [], votes } };
}

/** One height, of which the last f validators vote 0 whatever they know. The predicate holds for everything, coins are an oracle's. */
export function storm(n: number, seed: number, proposals: number, delay: Delay): Storm {
  const correct = n - quorumOf(n).f;
  const machines = Array.from(
    { length: n },
    (_, i) =>
      new AleaBft({ n, self: at(i), height: seed, authenticator: oracleSignatures(seed, at(i)), proposals }),
  );
  const outputs: (string | undefined)[] = new Array(correct).fill(undefined);
  const waiting = new Map<number, (() => void)[]>();
  const coins = new Map<string, Set<number>>();
  let now = 0;
  let slanders = 0;
  const later = (ticks: number, what: () => void): void => {
    const time = now + Math.max(1, ticks);
    waiting.set(time, [...(waiting.get(time) ?? []), what]);
  };
  const take = (i: number, step: AleaStep): void => {
    if (i < correct) slanders += step.faults.filter(({ by }) => by < correct).length;
    for (const { payloads } of step.outputs)
      if (i < correct)
        outputs[i] = payloads.map(({ proposer, payload }) => `${proposer}:${payload.join()}`).join(' ');
    for (const { to, message: meant } of step.sends) {
      const message = i < correct ? meant : against(meant);
      for (let peer = 0; peer < n; peer++)
        if (to === 'all' || to === peer)
          later(peer === i ? 1 : delay(message, i, peer), () =>
            take(peer, machines[peer]!.handle(at(i), message)),
          );
    }
    for (const effect of step.effects) {
      if (effect.type === 'validate') take(i, machines[i]!.validated(effect.proposer, true));
      else {
        const { instance, round } = effect;
        const key = `${instance}/${round}`;
        const released = coins.get(key) ?? new Set();
        coins.set(key, released.add(i));
        const bit = new Prng(seed * 65_537 + instance * 257 + round).bit();
        // The coin is known to all when enough have released their share.
        if (released.size === quorumOf(n).sharesRequired)
          for (let peer = 0; peer < n; peer++)
            later(1, () => take(peer, machines[peer]!.coin(instance, round, bit)));
      }
    }
  };
  for (let i = 0; i < n; i++) take(i, machines[i]!.propose(Uint8Array.of(i, 9)));
  while (waiting.size > 0) {
    now = Math.min(...waiting.keys());
    const due = waiting.get(now)!;
    waiting.delete(now);
    for (const what of due) what();
  }
  const agreements = machines.slice(0, correct).map((machine) => machine.status().agreements);
  return { outputs, agreements, slanders };
}

/** Votes are fast, and most certificates come to some late: what makes first turns fail. */
export function slowCertificates(n: number, seed: number): Delay {
  const prng = new Prng(seed + 2 ** 42);
  // Each validator hears f of the first f + 1 queues late, never its own: so first turns may deliver too little.
  const { f } = quorumOf(n);
  const slow = Array.from({ length: n }, (_, to) => {
    const first = Array.from({ length: f + 1 }, (_, k) => (seed + k) % n).filter((k) => k !== to);
    const spared = prng.below(f + 1);
    return first.length > f ? first.filter((_, i) => i !== spared) : first;
  });
  return ({ kind, proposer }, _from, to) => {
    if (kind !== 'final') return 1 + prng.below(2);
    return slow[to]!.includes(proposer) ? 60 + prng.below(40) : 1;
  };
}

/** @returns what is broken; nothing if all put out the same, enough, and nobody is blamed. And whether there was a second turn. */
export function runStorm(n: number, seed: number, proposals: number): { broken: string[]; again: boolean } {
  const { outputs, agreements, slanders } = storm(n, seed, proposals, slowCertificates(n, seed));
  const [first] = outputs;
  const broken: string[] = [];
  if (first === undefined || outputs.some((each) => each !== first))
    broken.push(`agreement: ${outputs.join(' | ')}`);
  else if (first.split(' ').length !== proposals) broken.push(`validity: ${first}`);
  if (slanders > 0) broken.push(`${slanders} faults of correct validators`);
  return {
    broken: broken.length === 0 ? [] : [`SEED=${seed} n = ${n}`, ...broken],
    again: agreements.some((position) => position > n),
  };
}
