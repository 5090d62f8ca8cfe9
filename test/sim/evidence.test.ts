import { describe, expect, test } from 'vitest';
import { twistOf } from '../../src/committee/faulty.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty, FrameTwist } from '../../src/committee/world.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../../src/consensus/acs/codec.ts';
import { evidenceFileText, parseEvidenceFile } from '../../src/formats/evidence-file.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import type { ValidatorIndex } from '../../src/params/ids.ts';
import { bundleBody, decodeBundle, encodeBundle, signBundle } from '../../src/validator/bundle.ts';
import { decodeMessage, encodeMessage, wordBody } from '../../src/validator/messages.ts';
import { judgeEvidence, type ShownEvidence, shownEvidence } from '../../src/validator/shown-evidence.ts';
import { isSignedWord, type SignedWord, type WordKind, wordDigest } from '../../src/validator/signed-word.ts';
import { kernels } from '../helpers/kernels.ts';
import { runHeights, trade } from './committee-heights.ts';

const LIAR = 3;
const other = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte));

/** Sends each frame of the twisted kind, and a second one that says something else. The world signs what a liar sends. */
const both =
  (twist: FrameTwist): FrameTwist =>
  (bytes, to, prng) => {
    const twisted = twist(bytes, to, prng);
    return twisted[0] === bytes ? [bytes] : [bytes, ...twisted];
  };

/** A second bundle whose prices are a second older, signed by the liar, beside each that it proposes. */
function secondBundle(world: () => TradingWorld): FrameTwist {
  return (bytes) => {
    const message = decodeMessage(bytes);
    if (message?.kind !== 'acs') return [bytes];
    const frame = decodeAcsMessage(message.bytes)!;
    const own = frame.rbc.find(({ kind, proposer }) => kind === 'propose' && proposer === LIAR);
    if (own === undefined) return [bytes];
    const { signature: _, ...bundle } = decodeBundle(own.bytes)!;
    const report = { ...bundle.report, observedS: bundle.report.observedS - 1n };
    const { domain, secrets } = world().committee;
    const payload = encodeBundle(signBundle(domain, { ...bundle, report }, secrets[LIAR]!.signSecret));
    const second = { rbc: [{ ...own, bytes: payload }], votes: [] };
    return [bytes, encodeMessage({ ...message, bytes: encodeAcsMessage(second) })];
  };
}

function liesOf(kind: ShownEvidence['kind']): { world: TradingWorld; shown: ShownEvidence[] } {
  const world: { current?: TradingWorld } = {};
  const faulty: Record<ShownEvidence['kind'], Faulty> = {
    ballot: { misdeeds: ['equivocating ballot'] },
    finish: { twist: both(twistOf('finish', (m) => ({ ...m, beacon: other(m.beacon) }))) },
    settled: { twist: both(twistOf('settled', (m) => ({ ...m, signature: other(m.signature) }))) },
    bundle: { twist: secondBundle(() => world.current!) },
  };
  const made = new TradingWorld({
    kernels,
    n: 4,
    seed: 5,
    dissemination: 'direct',
    faulty: new Map([[LIAR, faulty[kind]]]),
  });
  world.current = made;
  runHeights(made);
  const shown = made.committee.faultsOf([LIAR]).flatMap((fault) => shownEvidence(fault) ?? []);
  return { world: made, shown: shown.filter((each) => each.kind === kind) };
}

describe('what a liar says twice', () => {
  test.each(['ballot', 'finish', 'settled', 'bundle'] as const)(
    'as a %s convinces a stranger, and no changed field does',
    (kind) => {
      const { world, shown } = liesOf(kind);
      const { domain, epoch, correct } = world.committee;
      const rules = { domain, epoch };
      expect(shown.length).toBeGreaterThan(0);
      for (const each of shown) {
        expect(each.validator).toBe(LIAR);
        const judged = judgeEvidence(rules, each);
        expect(judged).toHaveLength(kind === 'ballot' ? 2 : 0);
        if (typeof judged !== 'string')
          for (const { signals, proof } of judged) expect(world.committee.holds(signals, proof)).toBe(true);
        const [first, second] = each.kind === 'ballot' ? each.ballots : each.words;
        const swapped = each.kind === 'ballot' ? { ballots: [second, first] } : { words: [first, first] };
        const changed: object[] = [
          { height: each.height + 1 },
          ...correct.map((validator) => ({ validator })),
          swapped,
        ];
        for (const change of changed)
          expect(
            isConvincing(rules, { ...each, ...change } as ShownEvidence),
            JSON.stringify(change, (_, x) => String(x)),
          ).toBe(false);
        const others = (['bundle', 'finish', 'settled'] as const).filter((k) => k !== kind);
        if (each.kind !== 'ballot')
          for (const k of others) expect(isConvincing(rules, { ...each, kind: k })).toBe(false);
        const text = evidenceFileText({ domain, epoch }, each);
        expect(parseEvidenceFile(text, 'e').evidence).toEqual(each);
      }
    },
  );

  test('is said of the liar by name only: a message that it did not sign is not heard', () => {
    const unsigned = twistOf('settled', (m) => ({ ...m, word: other(m.word) }));
    const world = new TradingWorld({
      kernels,
      n: 4,
      seed: 6,
      dissemination: 'direct',
      faulty: new Map([[LIAR, { twist: unsigned, leavesUnsigned: true }]]),
    });
    runHeights(world);
    expect(world.committee.faultsOf([LIAR]).map(({ fault }) => fault)).toContain('MESSAGE_UNSIGNED');
  });
});

const isConvincing = (rules: Parameters<typeof judgeEvidence>[0], evidence: ShownEvidence): boolean =>
  typeof judgeEvidence(rules, evidence) !== 'string';

/** Every word that a validator signed and sent, by kind, author and height. */
function wordsSent(world: TradingWorld): Map<string, Set<string>> {
  const { frames, domain, epoch } = world.committee;
  const sent = new Map<string, Set<string>>();
  const note = (by: ValidatorIndex, kind: WordKind, at: number, word: SignedWord): void => {
    const key = `${kind}/${by}/${at}`;
    sent.set(key, (sent.get(key) ?? new Set()).add(String(word.digest)));
    expect(isSignedWord(epoch.validators[by]!.signKey, domain, kind, at as never, word)).toBe(true);
  };
  for (const { from, bytes } of frames) {
    const message = decodeMessage(bytes)!;
    if ('word' in message)
      note(from, message.kind, message.height, {
        digest: wordDigest(wordBody(message)),
        signature: message.word,
      });
    if (message.kind !== 'acs') continue;
    for (const { kind, proposer, bytes: payload } of decodeAcsMessage(message.bytes)!.rbc) {
      if (kind !== 'propose' && kind !== 'payload') continue;
      const bundle = decodeBundle(payload)!;
      note(proposer, 'bundle', bundle.height, {
        digest: wordDigest(bundleBody(bundle)),
        signature: bundle.signature,
      });
    }
  }
  return sent;
}

test('nothing that correct validators send is evidence against one, also not what they say again after crashes', () => {
  for (const world of [honestWorld(), crashingWorld()]) {
    const sent = wordsSent(world);
    expect(sent.size).toBeGreaterThan(20);
    for (const [said, digests] of sent) expect([said, digests.size]).toEqual([said, 1]);
    expect(world.committee.faults.flat().filter((fault) => shownEvidence(fault) !== undefined)).toEqual([]);
  }
});

function honestWorld(): TradingWorld {
  const world = new TradingWorld({ kernels, n: 4, seed: 7, dissemination: 'stem' });
  runHeights(world);
  return world;
}

/** Every validator dies now and then, in turn, and says again what it said. */
function crashingWorld(): TradingWorld {
  const stores = [0, 1, 2, 3].map(
    (i) => new MemoryStore(new Map([20, 45, 70, 95].map((write) => [write + 5 * i, 'torn' as const]))),
  );
  const world = new TradingWorld({
    kernels,
    n: 4,
    seed: 8,
    dissemination: 'direct',
    more: { stores, burst: 1 },
  });
  for (const at of [1, 2, 3]) {
    if (at !== 2) trade(world, at);
    world.runHeight(at, moved(at));
  }
  expect(world.committee.members.restarts).toBeGreaterThan(8);
  return world;
}
