import { expect } from 'vitest';
import { DEALING_ATTACKS, type DealingAttack, HONEST_DEALING } from '../../src/committee/dealing-attacks.ts';
import { GenesisWorld, type GenesisWorldOptions } from '../../src/committee/genesis-world.ts';
import { decodeAcsMessage } from '../../src/consensus/acs/codec.ts';
import { multiplyBase } from '../../src/crypto/babyjub.ts';
import { epochDomain, epochHash, isCertified, requireEpoch } from '../../src/ledger/epoch-config.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { loadBatchKernels } from '../../src/proofs/wasm-batch-kernels.ts';
import { epochAgreement } from '../../src/validator/genesis/config.ts';
import { decodeGenesisMessage } from '../../src/validator/genesis/messages.ts';
import { interpolate } from '../helpers/dealings.ts';

const kernels = await loadBatchKernels();

export const attackNamed = (name: string): DealingAttack =>
  DEALING_ATTACKS.find((attack) => attack.name === name)!;

/** Generates keys; f members are Byzantine if there is an attack. */
export function generate(
  members: number,
  seed: number,
  attack?: DealingAttack,
  more: GenesisWorldOptions['more'] = {},
): GenesisWorld {
  const faulty = attack === undefined ? 0 : quorumOf(members).f;
  return new GenesisWorld({ members, faulty, attack: attack ?? HONEST_DEALING, seed, kernels, more }).run();
}

/**
 * Every correct member has the same epoch, certified by a quorum, and shares that interpolate to its keys, computed in another way than
 * the generation computes them; and no fault is recorded against a correct one.
 */
export function checkGenerated(world: GenesisWorld): void {
  const { correct, session, generated, configs } = world;
  const { q, sharesRequired } = quorumOf(session.n);
  const keys = correct.map((i) => generated[i]!);
  const { chain } = configs[0]!;
  const [first] = keys;
  for (const { epoch, certificate, dealings, excluded } of keys) {
    expect(epochHash(epoch)).toEqual(epochHash(first!.epoch));
    expect(isCertified(epoch, epochAgreement(epochDomain(chain, epoch)), certificate)).toBe(true);
    expect([...dealings.keys()]).toEqual([...first!.dealings.keys()]);
    expect(dealings.size + excluded.length).toBe(session.n);
    expect(dealings.size).toBeGreaterThanOrEqual(q);
  }
  requireEpoch(chain, first!.epoch);
  for (const [of, key] of [
    ['decryption', first!.epoch.decryptionKey],
    ['coin', first!.epoch.coinKey],
  ] as const) {
    const own = new Map(correct.map((i) => [BigInt(i + 1), generated[i]!.shares[of]]));
    for (const i of correct)
      expect(multiplyBase(own.get(BigInt(i + 1))!).equals(key.shareKeys[i]!)).toBe(true);
    for (const some of [[...own].slice(0, sharesRequired), [...own].slice(-sharesRequired)])
      expect(multiplyBase(interpolate(new Map(some), 0n)).equals(key.publicKey)).toBe(true);
  }
  const slander = correct.flatMap((i) => world.faults[i]!.filter(({ by }) => correct.includes(by)));
  expect(slander.map(({ by, fault }) => `${fault} of ${by}`)).toEqual([]);
}

/** What members must say only once and said in two ways: one PROPOSE, ECHO and READY a broadcast, one AUX, CONF and TERM, one signature. */
export function contradictions(world: GenesisWorld, who: readonly number[] = world.correct): string[] {
  const said = new Map<string, string>();
  const found: string[] = [];
  const once = (what: string, value: unknown): void => {
    const before = said.get(what) ?? String(value);
    said.set(what, before);
    if (before !== String(value)) found.push(what);
  };
  for (const { from, bytes } of world.frames) {
    if (!who.includes(from)) continue;
    const message = decodeGenesisMessage(bytes)!;
    if (message.kind !== 'acs') {
      once(`${from} ${message.kind}`, bytes);
      continue;
    }
    const { rbc, votes } = decodeAcsMessage(message.bytes)!;
    for (const part of rbc)
      if (part.kind !== 'pull' && part.kind !== 'payload')
        once(`${from} ${part.kind} ${part.proposer}`, part.bytes);
    for (const { kind, round, values, instances } of votes)
      for (let j = 0; j < 8 * instances.length; j++)
        if ((instances[j >> 3]! & (1 << (j & 7))) !== 0 && kind !== 'bval')
          once(`${from} ${kind === 'first' ? 'aux' : kind} ${j} ${kind === 'term' ? '' : round}`, values);
  }
  return found;
}
