import { expect } from 'vitest';
import { DEALING_ATTACKS, type DealingAttack, HONEST_DEALING } from '../../src/committee/dealing-attacks.ts';
import { GenesisWorld, type GenesisWorldOptions } from '../../src/committee/genesis-world.ts';
import { decodeAcsMessage } from '../../src/consensus/acs/codec.ts';
import { multiplyBase } from '../../src/crypto/babyjub.ts';
import { MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';
import { epochDomain, epochHash, isCertified, requireEpoch } from '../../src/ledger/epoch-config.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { epochAgreement } from '../../src/validator/genesis/config.ts';
import { dealingEvidence, judgeDealings } from '../../src/validator/genesis/dealing-evidence.ts';
import { decodeGenesisMessage } from '../../src/validator/genesis/messages.ts';
import { interpolate } from '../helpers/dealings.ts';
import { kernels } from '../helpers/kernels.ts';

export const attackNamed = (name: string): DealingAttack =>
  DEALING_ATTACKS.find((attack) => attack.name === name)!;

/** A world in which nothing has happened yet; f members are Byzantine if there is an attack. */
function open(
  members: number,
  seed: number,
  attack?: DealingAttack,
  more: GenesisWorldOptions['more'] = {},
): GenesisWorld {
  const faulty = attack === undefined ? 0 : quorumOf(members).f;
  return new GenesisWorld({ members, faulty, attack: attack ?? HONEST_DEALING, seed, kernels, more });
}

/** Generates keys in such a world. */
export const generate = Object.assign(
  (...options: Parameters<typeof open>): GenesisWorld => open(...options).run(),
  {
    open,
  },
);

/** What a correct member knows of a dealer that did this, and whether it can show it to others. */
const FATES: Readonly<Record<string, { readonly why: readonly string[]; readonly isShown: boolean }>> = {
  'bad-dealing': { why: ['proof'], isShown: true },
  'wrong-degree': { why: ['degree'], isShown: true },
  'small-order-dealing': { why: ['subgroup'], isShown: true },
  // It deals once it has seen another's dealing: a member may have its keys before it has judged the copy.
  'copied-dealing': { why: ['proof', 'late'], isShown: true },
  'foreign-dealing': { why: ['proof'], isShown: true },
  'silent-dealer': { why: ['silent'], isShown: false },
  'late-dealer': { why: ['silent'], isShown: false },
};

/**
 * f Byzantine dealers of one kind: every correct member has its shares, a bad dealing has no part in the keys, and what a correct member
 * has against its dealer convinces a stranger who asks the oracle about the proofs.
 */
export function withstandsDealers(name: string, n: number, seed: number): void {
  const world = generate(n, seed, attackNamed(name));
  checkGenerated(world);
  expect(contradictions(world)).toEqual([]);
  const { correct, generated, configs } = world;
  const { epoch } = generated[0]!;
  const rules = { domain: epochDomain(configs[0]!.chain, epoch), epoch };
  const liars = configs.map(({ self }) => self).filter((self) => !correct.includes(self));
  const shown = correct.flatMap((i) => world.faults[i]!.flatMap((fault) => dealingEvidence(fault) ?? []));
  const convicted = new Set(
    shown.flatMap((evidence) => {
      const judged = judgeDealings(rules, evidence);
      const convinces = typeof judged !== 'string' && (judged.length === 0 || !world.holds(judged));
      return convinces ? [evidence.validator] : [];
    }),
  );
  const fate = FATES[name];
  for (const liar of liars) {
    // Of two sound dealings one may be in the keys, once: then somebody holds both. Who holds one alone can convict nobody.
    if (fate === undefined) {
      const isOut = correct.every((i) => !generated[i]!.dealings.has(liar));
      expect(convicted.has(liar) || isOut, `${name}: evidence against ${liar}, or no part in the keys`).toBe(
        true,
      );
      continue;
    }
    for (const i of correct)
      expect(fate.why, name).toContain(generated[i]!.excluded.find(({ dealer }) => dealer === liar)?.why);
    expect(convicted.has(liar), `${name}: evidence against ${liar}`).toBe(fate.isShown);
  }
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

const LEFT: readonly WriteFate[] = ['nothing', 'torn', 'whole'];

/** One death in a member's store at its `write`th write, of it and of those after it, `company` in all. */
export function diesGenerating(n: number, write: number, company: number, turn = 0): void {
  const victim = write % n;
  const fate = LEFT[(Math.floor(write / n) + turn) % LEFT.length]!;
  const stores = Array.from(
    { length: n },
    (_, i) => new MemoryStore(i === victim ? new Map([[write, fate]]) : undefined),
  );
  const world = generate(n, 11, undefined, {
    stores,
    onDeath: (members) => {
      for (let i = 0; i < company; i++) members.kill((victim + i) % n);
    },
  });
  const what = `write ${write} of ${victim}: ${fate}, ${company} die`;
  expect(world.members.restarts, what).toBeGreaterThanOrEqual(company);
  expect(contradictions(world), what).toEqual([]);
  checkGenerated(world);
}

/** Writes of a generation in which nobody dies, at the member that has the fewest. */
export function writesOf(n: number): number {
  const stores = Array.from({ length: n }, () => new MemoryStore());
  generate(n, 11, undefined, { stores });
  return Math.min(...stores.map(({ writes }) => writes));
}
