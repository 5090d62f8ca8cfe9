import { assert } from '../../base/errors.ts';
import { bridgeSecretOf, type Dealt, rootSecretsOf, runRandom } from '../../committee/dealer.ts';
import { drawMembers } from '../../committee/members.ts';
import type { BatchKernels } from '../../crypto/batch-kernels.ts';
import { makeDealing, randomSecrets } from '../../crypto/dealing/deal.ts';
import { decodeDealing, encodeDealing } from '../../crypto/dealing/encoding.ts';
import type { Verifier } from '../../groth16/verifier.ts';
import type { LocalInput, OutsideEffect } from '../../host/host.ts';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { falseDealers, proveDealing } from '../../proofs/dealing.ts';
import type { Prover } from '../../proofs/prover.ts';
import { Committee } from '../../sim/committee.ts';
import type { GenesisConfig } from '../../validator/genesis/config.ts';
import type { GeneratedKeys } from '../../validator/genesis/generated-keys.ts';
import { CliError } from '../errors.ts';

/** What members that generate keys need of the outside. */
export interface GenerationEffects {
  readonly prover: Prover;
  /** Of the circuit `dealing`. */
  readonly verifier: Pick<Verifier, 'verifyBatch'>;
  readonly kernels: BatchKernels;
  /** Dealings that are made, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Keys that nobody dealt alone, and what strangers need to check them. */
export interface Generation {
  readonly dealt: Dealt;
  /** As the first member ended with them. */
  readonly keys: GeneratedKeys;
}

/** Times that the timers fire before the generation counts as stalled. */
const MAX_RESENDS = 16;
/** Most inputs of all members between two commits. */
const BURST = 24;

type Job = { readonly to: ValidatorIndex; readonly effect: OutsideEffect };

/**
 * Lets the members of a run generate the keys of its first epoch, each in a host of its own, over a network whose delivery order the
 * seed shuffles, with real proofs. Each member draws its keys and its dealing from a stream of its own.
 * @throws {CliError} EPOCH_STALLED if a member does not get its keys, or if one shows that a dealing was proved falsely
 */
export async function generateKeys(
  seed: number,
  n: number,
  chain: ChainGenesis,
  epochHeights: number,
  effects: GenerationEffects,
): Promise<Generation> {
  const { session, configs, own } = drawMembers(seed, n, chain, epochHeights);
  const generated = configs.map((): GeneratedKeys | undefined => undefined);
  let jobs: Job[] = [];
  const members = new Committee<GenesisConfig>({
    configs: configs.map((config) => ({ ...config, kernels: effects.kernels })),
    seed,
    schedule: { kind: 'random' },
    burst: BURST,
    onEffect: (to, effect) => jobs.push({ to, effect }),
    onOutput: (by, output) => {
      if (output.type === 'generated') generated[by] = output.keys;
      if (output.type === 'keyAlarm') {
        const { dealer, recipient } = output.alarm;
        const why = `the proofs of validator ${dealer}'s dealing hold, but validator ${recipient} gets no shares from it: the keys of circuit dealing are forged or broken`;
        throw new CliError('EPOCH_STALLED', why, { height: 0 });
      }
    },
    onFault: () => {},
  });
  const randoms = configs.map((_, i) => runRandom(seed, `dealing ${i}`));
  let done = 0;
  const deal = async (to: ValidatorIndex): Promise<Uint8Array> => {
    const random = randoms[to]!;
    const proved = await proveDealing(
      effects.prover,
      makeDealing(session, to, randomSecrets(random), random),
    );
    effects.onProgress(++done, n);
    return encodeDealing(proved);
  };
  const answer = async ({ to, effect }: Job): Promise<LocalInput> => {
    if (effect.type === 'deal') return { type: 'dealt', ref: effect.ref, bytes: await deal(to) };
    assert(effect.type === 'verifyDealings', 'a member that generates keys deals and has dealings verified');
    const dealings = effect.ref.dealers.map((dealer, i) => {
      return [dealer, decodeDealing(effect.dealings[i]!, n)!] as const;
    });
    const bad = await falseDealers(effects.verifier, session, new Map(dealings));
    return { type: 'dealingsVerified', ref: effect.ref, bad };
  };
  /** Delivers, proves and verifies until nothing is under way. Answers come in the order in which they were asked for. */
  const drain = async (): Promise<void> => {
    for (;;) {
      members.drain();
      const wanted = jobs;
      jobs = [];
      if (wanted.length === 0 && !members.isBusy) return;
      const answers = await Promise.all(wanted.map(answer));
      for (const [i, { to }] of wanted.entries()) members.input(to, answers[i]!);
    }
  };
  members.toAll({ type: 'dealDue' });
  await drain();
  for (let resends = 0; generated.includes(undefined); resends++) {
    if (resends === MAX_RESENDS)
      throw new CliError('EPOCH_STALLED', 'not every member got its keys', { height: 0 });
    members.toAll({ type: 'resend' });
    await drain();
  }
  const keys = generated as GeneratedKeys[];
  const [first] = keys;
  const secrets = own.map(({ secrets }, i) => {
    const { decryption, coin } = keys[i]!.shares;
    return { ...secrets, decryptionShare: decryption, coinShare: coin };
  });
  const bridgeSecret = bridgeSecretOf(seed);
  const dealt = {
    chain,
    epoch: first!.epoch,
    secrets,
    bridgeSecret,
    rootSecrets: rootSecretsOf(seed, chain),
  };
  return { dealt, keys: first! };
}
