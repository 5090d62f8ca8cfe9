import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProvedDealing } from '../../../src/crypto/dealing/encoding.ts';
import { signDealing } from '../../../src/crypto/dealing/signed.ts';
import { evidenceFileText, parseEvidenceFile } from '../../../src/formats/evidence-file.ts';
import { genesisText } from '../../../src/formats/genesis-file.ts';
import { epochDomain } from '../../../src/ledger/epoch-config.ts';
import { r } from '../../../src/params/fields.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { proveDealing } from '../../../src/proofs/dealing.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { GENESIS_HEIGHT } from '../../../src/validator/genesis/config.ts';
import type { DealingEvidence } from '../../../src/validator/genesis/dealing-evidence.ts';
import { genesisSession } from '../../../src/validator/genesis/judge-generation.ts';
import { velumIn } from '../../helpers/cli.ts';
import { knownDealing, unproved } from '../../helpers/dealings.ts';
import { dealt } from '../validator/fixtures.ts';

/** Evidence against a dealer of first keys, with real proofs, judged by the command. */

const { chain, epoch, secrets } = dealt(4);
const domain = epochDomain(chain, epoch);
const session = genesisSession(domain.chainHash, epoch)!;
const DEALER = validatorIndex(1);
const signed = (dealing: ProvedDealing, by = 1): Uint8Array =>
  signDealing(session, DEALER, dealing, secrets[by]!.signSecret);

let cwd: string;
let sound: ProvedDealing;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-evidence-'));
  await writeFile(join(cwd, 'genesis.json'), genesisText({ chain, epoch }));
  const prove = await loadCircuitProver('dealing');
  const prover = {
    prove: (circuit: 'dealing', signals: Parameters<typeof flattenSignals>[1]) =>
      prove(flattenSignals(circuit, signals)),
    close: async () => {},
  };
  sound = await proveDealing(prover as never, knownDealing(session, DEALER));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function verify(dealings: readonly Uint8Array[]) {
  const evidence: DealingEvidence = { kind: 'dealing', validator: DEALER, height: GENESIS_HEIGHT, dealings };
  const text = evidenceFileText({ domain, epoch }, evidence);
  expect(parseEvidenceFile(text, 'e.json').evidence).toEqual(evidence);
  await writeFile(join(cwd, 'e.json'), text);
  return velumIn(cwd, 'evidence', 'verify', 'e.json', '--genesis', 'genesis.json');
}

test('a signed dealing that holds convinces nobody', async () => {
  const { exitCode, err } = await verify([signed(sound)]);
  expect([exitCode, err]).toEqual([1, expect.stringContaining('the dealing holds')]);
});

test('one with a wrong pad convinces: a proof of it is false', async () => {
  const [first, ...rest] = sound.shares;
  const wrong = { ...first!.ciphertexts, coin: (first!.ciphertexts.coin + 1n) % r };
  const { exitCode, out } = await verify([
    signed({ ...sound, shares: [{ ...first!, ciphertexts: wrong }, ...rest] }),
  ]);
  expect([exitCode, out]).toEqual([0, 'e.json convinces: validator 1 signed a dealing that does not hold\n']);
});

test('two different ones convince, whatever their proofs say; the same one twice does not', async () => {
  const other = unproved(knownDealing(session, DEALER, { seed: 3 }).dealing);
  const { exitCode, out } = await verify([signed(sound), signed(other)]);
  expect([exitCode, out]).toEqual([
    0,
    'e.json convinces: validator 1 signed two dealings of one generation\n',
  ]);
  expect((await verify([signed(sound), signed(sound)])).exitCode).toBe(1);
});

test('one that another signed convinces nobody', async () => {
  const { exitCode, err } = await verify([signed(unproved(knownDealing(session, DEALER).dealing), 2)]);
  expect([exitCode, err]).toEqual([1, expect.stringContaining('not signed by the validator')]);
});
