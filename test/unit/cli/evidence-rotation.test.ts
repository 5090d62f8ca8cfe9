import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProvedDealing } from '../../../src/crypto/dealing/encoding.ts';
import type { DealingSession } from '../../../src/crypto/dealing/session.ts';
import { EVIDENCE_FILE_BYTES, evidenceFileText } from '../../../src/formats/evidence-file.ts';
import { genesisText } from '../../../src/formats/genesis-file.ts';
import { jsonText } from '../../../src/formats/json-text.ts';
import { epochsText } from '../../../src/formats/state-files.ts';
import type { EpochChange } from '../../../src/ledger/epoch-change.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { type DealingItem, signDealingItem } from '../../../src/ledger/rotation/dealing-item.ts';
import type { EpochDraft } from '../../../src/ledger/rotation/draft.ts';
import {
  type EvidenceItem,
  evidenceOfOne,
  evidenceOfTwo,
  signedName,
} from '../../../src/ledger/rotation/evidence-item.ts';
import { sessionInProgress } from '../../../src/ledger/rotation/rotation.ts';
import { decodeRotation } from '../../../src/ledger/rotation/rotation-encoding.ts';
import { r } from '../../../src/params/fields.ts';
import { height, validatorIndex } from '../../../src/params/ids.ts';
import { MAX_ADDRESS_BYTES, MAX_VALIDATORS } from '../../../src/params/sizes.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { proveDealing } from '../../../src/proofs/dealing.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import type { RotationEvidence } from '../../../src/validator/rotation-evidence.ts';
import type { EvidenceRules, ShownEvidence } from '../../../src/validator/shown-evidence.ts';
import { signWord, wordDigest, wordPair } from '../../../src/validator/signed-word.ts';
import type { ValidatorSecrets } from '../../../src/validator/types.ts';
import { velumIn } from '../../helpers/cli.ts';
import { knownDealing, unproved } from '../../helpers/dealings.ts';
import { changedLeaves } from '../../helpers/json-leaves.ts';
import { twoBallots } from '../../helpers/two-ballots.ts';
import { rotatingWorld, toNext } from '../../sim/border-world.ts';

/** Evidence of a rotation and of the epoch after it, with real proofs, judged by the command along certified changes. */

const DEALER = validatorIndex(1);
let cwd: string;
let first: EvidenceRules;
let second: EvidenceRules;
let changes: readonly EpochChange[];
let draft: EpochDraft;
let session: DealingSession;
let dealers: readonly ValidatorSecrets[];
/** A member of the second committee, and its keys. */
let later: ValidatorSecrets;
let sound: ProvedDealing;

beforeAll(async () => {
  const world = rotatingWorld({ seed: 3 });
  const { chain, epoch, secrets } = world.committees[0]!;
  dealers = secrets;
  toNext(world);
  changes = world.trading.replica.changes;
  first = { domain: epochDomain(chain, epoch), epoch };
  const next = world.newest.epoch;
  second = { domain: epochDomain(chain, next), epoch: next };
  later = world.safes[next.validators[DEALER]!.registryIndex]!.read('keys', 2)!;
  const rotation = decodeRotation(changes[0]!.rotation)!;
  draft = rotation.drafted!.draft;
  session = sessionInProgress(rotation)!;
  const prove = await loadCircuitProver('dealing');
  const prover = {
    prove: (circuit: 'dealing', signals: Parameters<typeof flattenSignals>[1]) =>
      prove(flattenSignals(circuit, signals)),
  };
  sound = await proveDealing(prover as never, knownDealing(session, DEALER, { secrets: own(DEALER) }));
  cwd = await mkdtemp(join(tmpdir(), 'velum-evidence-'));
  await writeFile(join(cwd, 'genesis.json'), genesisText({ chain, epoch }));
  await writeFile(join(cwd, 'epochs.json'), epochsText(changes));
}, 120_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

const own = (i: number) => ({ decryption: dealers[i]!.decryptionShare, coin: dealers[i]!.coinShare });
const signed = (dealing: ProvedDealing, by: number = DEALER, of = session): DealingItem =>
  signDealingItem(of, DEALER, dealing, dealers[by]!.signSecret);
const another = (): ProvedDealing =>
  unproved(knownDealing(session, DEALER, { secrets: own(DEALER), seed: 3 }).dealing);
const evidenceOf = (item: EvidenceItem): RotationEvidence => ({
  kind: 'rotation',
  validator: DEALER,
  height: first.epoch.firstHeight,
  draft,
  item,
});
const textOf = (item: EvidenceItem): string => evidenceFileText(first, evidenceOf(item));
const two = (by: number = DEALER): EvidenceItem =>
  evidenceOfTwo(
    { session: session.id, dealer: DEALER },
    signedName(signed(sound, by)),
    signedName(signed(another(), by)),
  )!;
function badlyProved(): ProvedDealing {
  const [share, ...rest] = sound.shares;
  const wrong = { ...share!.ciphertexts, coin: (share!.ciphertexts.coin + 1n) % r };
  return { ...sound, shares: [{ ...share!, ciphertexts: wrong }, ...rest] };
}
/** Of shares that are not the dealer's. */
const unbound = (): ProvedDealing => unproved(knownDealing(session, DEALER).dealing);

async function verify(text: string, ...more: string[]) {
  await writeFile(join(cwd, 'e.json'), text);
  return velumIn(cwd, 'evidence', 'verify', 'e.json', '--genesis', 'genesis.json', ...more);
}
const EPOCHS = ['--epochs', 'epochs.json'];

async function expectNo(text: string, why: string, ...more: string[]): Promise<void> {
  const { exitCode, err } = await verify(text, ...more);
  expect([exitCode, err]).toEqual([1, expect.stringContaining(why)]);
}

async function expectNoChange(text: string): Promise<void> {
  let changed = 0;
  for (const { where, json } of changedLeaves(JSON.parse(text))) {
    const { exitCode } = await verify(jsonText(json), ...EPOCHS);
    expect([where, exitCode === 1 || exitCode === 2]).toEqual([where, true]);
    changed++;
  }
  expect(changed).toBeGreaterThan(10);
}

describe('a dealing of a rotation', () => {
  test.each([
    ['two of one dealer', two, 'signed two dealings of one session'],
    [
      'one that is bound to other shares',
      () => evidenceOfOne(signed(unbound()), 'flawed'),
      'signed a dealing that does not hold',
    ],
    [
      'one with a false proof',
      () => evidenceOfOne(signed(badlyProved()), 'refuted'),
      'signed a dealing that does not hold',
    ],
  ])('%s convinces whoever has the genesis, and no changed field of it does', async (_, item, said) => {
    const text = textOf(item());
    const { exitCode, out } = await verify(text);
    expect([exitCode, out]).toEqual([
      0,
      `e.json convinces: validator 1 ${said}, to the committee of epoch 2\n`,
    ]);
    expect((await verify(text, ...EPOCHS)).exitCode).toBe(0);
    await expectNoChange(text);
  });

  test('convinces nobody if it holds, whatever it is called', async () => {
    await expectNo(textOf(evidenceOfOne(signed(sound), 'refuted')), 'the dealing holds');
    await expectNo(textOf(evidenceOfOne(signed(sound), 'flawed')), 'no wrong of this form');
  });

  test('convinces nobody if another signed it, or somebody for another session, chain or epoch', async () => {
    await expectNo(textOf(two(2)), 'not signed by the validator');
    const elsewhere = { ...session, id: session.id + 1n };
    const foreign = evidenceOfOne(signed(unbound(), DEALER, elsewhere), 'flawed');
    await expectNo(textOf(foreign), 'the session is not that of the chain');
    await expectNo(textOf({ ...foreign, session: session.id }), 'not signed by the validator');
    const shuffled = { ...draft, seats: [...draft.seats].reverse() };
    const other = evidenceFileText(first, { ...evidenceOf(two()), draft: shuffled });
    await expectNo(other, 'the session is not that of the chain');
    const { epochHash, chainHash } = first.domain;
    const chain = evidenceFileText(
      { ...first, domain: { epochHash, chainHash: chainHash.map((byte) => byte ^ 1) } },
      evidenceOf(two()),
    );
    await expectNo(chain, 'of another chain');
    // As if the second committee had dealt it.
    const moved = { ...evidenceOf(two()), height: second.epoch.firstHeight };
    await expectNo(evidenceFileText(second, moved), 'the draft is not of the epoch after', ...EPOCHS);
    const redrafted = { ...moved, draft: { ...draft, epoch: 3 } };
    await expectNo(evidenceFileText(second, redrafted), 'the session is not that of the chain', ...EPOCHS);
  });

  test('fits into a file whatever the committee', () => {
    const [share] = sound.shares;
    const [seat] = draft.seats;
    const many = <T>(one: T): T[] => Array.from({ length: MAX_VALIDATORS }, () => one);
    const widest = { ...seat!, address: 'a'.repeat(MAX_ADDRESS_BYTES) };
    const dealing = { ...sound, shares: many(share!), proofs: many(sound.proofs[0]!) };
    const item = evidenceOfOne({ ...signed(sound), dealing }, 'flawed');
    const text = evidenceFileText(first, { ...evidenceOf(item), draft: { epoch: 2, seats: many(widest) } });
    expect(text.length).toBeLessThan(EVIDENCE_FILE_BYTES);
  });
});

describe('what a validator of a later epoch said twice', () => {
  const words = (rules: EvidenceRules, signer: ValidatorSecrets): ShownEvidence => {
    const at = height(second.epoch.firstHeight);
    const [a, b] = [1, 2].map((said) => {
      const body = Uint8Array.of(said);
      return {
        digest: wordDigest(body),
        signature: signWord(signer.signSecret, rules.domain, 'settled', at, body),
      };
    });
    return { kind: 'settled', validator: DEALER, height: at, words: wordPair(a!, b!)! };
  };

  test('convinces along the changes of the committee, and no changed field does', async () => {
    const text = evidenceFileText(second, words(second, later));
    const { exitCode, out } = await verify(text, ...EPOCHS, '--json');
    expect([exitCode, JSON.parse(out)]).toEqual([
      0,
      { convinces: true, kind: 'settled', validator: DEALER, height: second.epoch.firstHeight, reason: null },
    ]);
    await expectNo(text, 'of epoch 2, to which nothing leads');
    await expectNoChange(text);
  });

  test('convinces as two ballots, too, of its committee’s own tree, and of nobody else’s', async () => {
    const at = height(second.epoch.firstHeight);
    const ballots = await twoBallots(second, DEALER, later.identitySecret, at);
    const text = evidenceFileText(second, ballots);
    const { exitCode, out } = await verify(text, ...EPOCHS);
    expect([exitCode, out]).toEqual([
      0,
      `e.json convinces: validator ${DEALER} said two things at height ${at} (ballot)\n`,
    ]);
    await expectNo(text, 'of epoch 2, to which nothing leads');
    // As if they were of the first committee, or of another validator of this one.
    expect((await verify(evidenceFileText(first, ballots), ...EPOCHS)).exitCode).toBe(1);
    const other = { ...ballots, validator: validatorIndex(DEALER + 1) };
    expect((await verify(evidenceFileText(second, other), ...EPOCHS)).exitCode).toBe(1);
  });

  test('convinces nobody along changes that no committee certified, nor for another epoch', async () => {
    const text = evidenceFileText(second, words(second, later));
    await expectNo(evidenceFileText(second, words(first, later)), 'a signature is not', ...EPOCHS);
    await expectNo(evidenceFileText(first, words(second, later)), 'a signature is not', ...EPOCHS);
    const [change] = changes;
    const forged: readonly EpochChange[][] = [
      [{ ...change!, header: { ...change!.header, timeS: change!.header.timeS + 1n } }],
      [{ ...change!, rotation: change!.rotation.map((byte, i) => (i === 700 ? byte ^ 1 : byte)) }],
      [
        {
          ...change!,
          certificate: { ...change!.certificate, signers: change!.certificate.signers.map(() => true) },
        },
      ],
      [change!, change!],
    ];
    for (const each of forged) {
      await writeFile(join(cwd, 'forged.json'), epochsText(each));
      await expectNo(text, 'is not certified by the committee before it', '--epochs', 'forged.json');
    }
  });
});
