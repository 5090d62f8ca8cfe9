import { quotedWord } from '../base/quoted-word.ts';
import type { AcsMessage } from '../consensus/acs/frame.ts';
import type { AleaMessage } from '../consensus/alea/messages.ts';
import type { FinMessage } from '../consensus/fin/messages.ts';
import {
  ACS_NAMES,
  acsProtocol,
  aleaProtocol,
  finProtocol,
  hotStuffProtocol,
  type Protocol,
  pbftProtocol,
  RBC_NAMES,
  type RbcName,
} from '../consensus/protocol.ts';
import type { ErasureCode } from '../consensus/rbc/erasure.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { crash, fakeNetwork, mute, twins, twisted } from './adversaries/adversaries.ts';
import { ALEA_TWISTS } from './adversaries/alea-twists.ts';
import { FIN_TWISTS } from './adversaries/fin-twists.ts';
import { flood } from './adversaries/flood.ts';
import { HOTSTUFF_TWISTS } from './adversaries/hotstuff-twists.ts';
import { ACS_TWISTS, equivocatingLeader } from './adversaries/twists.ts';
import { SimError } from './errors.ts';
import type { LatencyTable } from './latencies.ts';
import type { Delay } from './links.ts';
import { oracleSignatures } from './oracle-signatures.ts';
import { Simulation, type SimulationReport } from './simulation.ts';
import type { Adversary } from './world.ts';

/** What others propose, to compare with. */
export const FIELD_NAMES = ['pbft', 'hotstuff', 'fin', 'alea'] as const;
export const PROTOCOLS = [...ACS_NAMES, ...FIELD_NAMES] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];
export const BROADCASTS = RBC_NAMES;
export const FAULTS = [
  'crash',
  'mute',
  'equivocate',
  'flood',
  'split',
  'fake-network',
  'twins',
  'mmr-coin',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** Latencies of a file, by the name that a command line has for it. */
export interface FileDelay {
  readonly kind: 'matrix';
  readonly ms: LatencyTable['ms'];
  readonly file: string;
}

/** A simulation in names: what a command line or a trace says. */
export interface Scenario {
  readonly validators: number;
  readonly payloadBytes: number;
  readonly faulty: number;
  readonly fault: FaultName;
  /** In place of `fault`: the file that says what faulty validators do. What it says is the caller's to load and to give to `openScenario`. */
  readonly adversary?: string;
  readonly delay: Delay | FileDelay;
  readonly rbc: RbcName;
  readonly acs: ProtocolName;
  readonly heights: number;
  readonly seed: number;
}

/** Faults that need no knowledge of the protocol's messages. */
const anyFault = <M>(fault: FaultName): Adversary<M> | undefined => {
  switch (fault) {
    case 'crash':
      return crash();
    case 'mute':
      return mute();
    case 'twins':
      return twins();
    case 'fake-network':
      return fakeNetwork();
    default:
      return undefined;
  }
};

function acsFault(fault: FaultName): Adversary<AcsMessage> {
  const any = anyFault<AcsMessage>(fault);
  if (any !== undefined) return any;
  if (fault === 'flood') return flood();
  const name = fault as keyof typeof ACS_TWISTS;
  return twisted(name, ACS_TWISTS[name]);
}

function finFault(fault: FaultName): Adversary<FinMessage> {
  const name = fault as keyof typeof FIN_TWISTS;
  return twisted(name, FIN_TWISTS[name]);
}

function aleaFault(fault: FaultName): Adversary<AleaMessage> {
  const name = fault as keyof typeof ALEA_TWISTS;
  return twisted(name, ALEA_TWISTS[name]);
}

/** What can be done with a scenario, whatever its messages. */
export type ScenarioRun = Pick<Simulation<unknown>, 'start' | 'step' | 'run' | 'report'>;

/**
 * A scenario, ready to run.
 * @param erasure codes an AVID broadcast's shards
 * @param own     what faulty validators do, in place of the scenario's fault
 * @throws {SimError} SIM_SCENARIO for a fault that the protocol's messages do not allow
 */
export function openScenario(
  scenario: Scenario,
  erasure?: ErasureCode,
  own?: Adversary<unknown>,
): ScenarioRun {
  const { validators: n, payloadBytes, faulty, fault, delay, rbc, acs, heights, seed } = scenario;
  const common = { n, seed, heights, payloadBytes, faulty, schedule: { kind: 'links', delay } as const };
  const open = <M>(protocol: Protocol<M>, named = anyFault<M>(fault)): ScenarioRun => {
    const adversary = own ?? named;
    if (adversary !== undefined) return new Simulation({ ...common, protocol, adversary });
    throw new SimError(
      'SIM_SCENARIO',
      `--fault ${fault} speaks messages that ${acs} has not: with ${acs} use crash, mute, equivocate, twins or fake-network`,
    );
  };
  const authenticatorOf = (self: ValidatorIndex) => oracleSignatures(seed, self);
  const isLying = fault === 'equivocate';
  switch (acs) {
    case 'pbft':
      return open(pbftProtocol(authenticatorOf), isLying ? twisted(fault, equivocatingLeader) : undefined);
    case 'hotstuff':
      return open(
        hotStuffProtocol(authenticatorOf),
        isLying ? twisted(fault, HOTSTUFF_TWISTS.equivocate) : undefined,
      );
    case 'fin':
      return open(finProtocol(), fault in FIN_TWISTS ? finFault(fault) : undefined);
    case 'alea':
      return open(aleaProtocol(authenticatorOf), fault in ALEA_TWISTS ? aleaFault(fault) : undefined);
    default:
      return open(acsProtocol(acs, rbc, erasure), acsFault(fault));
  }
}

/** Runs a scenario; parameters and errors as there. */
export const runScenario = (scenario: Scenario, erasure?: ErasureCode): SimulationReport =>
  openScenario(scenario, erasure).run();

/** The scenario as the command that runs it. */
export function commandOf(scenario: Scenario): string {
  const { validators, payloadBytes, faulty, fault, adversary, delay, rbc, acs, heights, seed } = scenario;
  const what = adversary === undefined ? `--fault ${fault} ` : `--adversary ${quotedWord(adversary)} `;
  return (
    `velum sim acs --validators ${validators} --payload-bytes ${payloadBytes} --faulty ${faulty} ${faulty > 0 ? what : ''}` +
    `--delay ${delayText(delay)} --rbc ${rbc} --acs ${acs} --heights ${heights} --seed ${seed}`
  );
}

/** A delay as a command line has it: const:100, uniform:50:150, exp:100, wan, or a file. */
export function delayText(delay: Delay | FileDelay): string {
  switch (delay.kind) {
    case 'const':
      return `const:${delay.ms}`;
    case 'uniform':
      return `uniform:${delay.fromMs}:${delay.toMs}`;
    case 'exp':
      return `exp:${delay.meanMs}`;
    case 'wan':
      return 'wan';
    case 'matrix':
      return quotedWord(delay.file);
  }
}

/** @returns undefined for what is not a delay of at most a minute */
export function parseDelay(text: string): Delay | undefined {
  if (text === 'wan') return { kind: 'wan' };
  const [kind, ...numbers] = text.split(':');
  if (numbers.some((number) => !/^\d{1,5}(\.\d{1,3})?$/.test(number))) return undefined;
  const [a, b] = numbers.map(Number);
  if (a === undefined || a > 60_000) return undefined;
  if (kind === 'const' && b === undefined) return { kind, ms: a };
  if (kind === 'exp' && b === undefined && a > 0) return { kind, meanMs: a };
  if (kind === 'uniform' && numbers.length === 2 && b! >= a && b! <= 60_000)
    return { kind, fromMs: a, toMs: b! };
  return undefined;
}
