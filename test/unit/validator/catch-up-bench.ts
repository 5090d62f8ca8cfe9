import { perp, TradingWorld } from '../../../src/committee/traders.ts';
import type { Certificate } from '../../../src/crypto/certificate.ts';
import {
  type Certification,
  type CertifiedBlock,
  encodeCertifiedBlock,
} from '../../../src/ledger/certified-block.ts';
import { height } from '../../../src/params/ids.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/validator/messages.ts';
import type { ValidatorStep } from '../../../src/validator/out.ts';
import type { Input } from '../../../src/validator/types.ts';
import { Validator } from '../../../src/validator/validator.ts';
import { kernels } from '../../helpers/kernels.ts';
import { MEDIANS } from '../ledger/market.ts';
import { v } from './fixtures.ts';

/** Height of the chain that four validators made. */
export const TOP = 4;
export const SELF = 3;
export const PRICES = (at: number): bigint[] => [MEDIANS[0] + BigInt(at), MEDIANS[1]];

/** Three of them made it, and the fourth was silent. */
export const world = madeChain();

function madeChain(): TradingWorld {
  const world = new TradingWorld({
    kernels,
    n: 4,
    seed: 7,
    faulty: new Map([[SELF, { misdeeds: ['silence'] }]]),
  });
  for (let at = 1; at <= TOP; at++) {
    world.submitAll(
      world.batch(0, [perp('buy', 2n)], world.terms(at)),
      world.batch(1, [perp('sell', 2n)], world.terms(at)),
    );
    world.runHeight(at, PRICES(at));
  }
  return world;
}

export const certified = (at: number): CertifiedBlock => world.committee.view(0, at).certified!;

export function certification(at: number): Certification {
  const { block, settlementCertificate } = certified(at);
  const { stateRoot, receiptsRoot } = world.committee.view(0, at).settled!.settlement;
  return {
    header: block.header,
    stateRoot,
    receiptsRoot,
    certificate: block.certificate,
    settlementCertificate,
  };
}

export const blockMessage = (at: number, block = certified(at)): Message => ({
  kind: 'block',
  height: height(at),
  bytes: encodeCertifiedBlock(block),
});

/** The validator that heard nothing, driven by hand. */
export class Bench {
  readonly validator: Validator;
  readonly steps: ValidatorStep[] = [];

  constructor() {
    const { chain, epoch, secrets } = world.committee;
    this.validator = new Validator({
      chain,
      epoch,
      self: v(SELF),
      secrets: secrets[SELF]!,
      dissemination: 'direct',
    });
  }

  input(input: Input): ValidatorStep {
    const step = this.validator.handle(input);
    this.steps.push(step);
    return step;
  }

  hear(from: number, message: Message): ValidatorStep {
    return this.input({ type: 'message', from: v(from), bytes: encodeMessage(message) });
  }

  cert(at: number, from = 0): ValidatorStep {
    return this.hear(from, { kind: 'cert', certification: certification(at) });
  }

  get said(): Said[] {
    return this.steps.flatMap(said);
  }
}

interface Said {
  readonly to: unknown;
  readonly message: Message;
}

export const said = ({ sends }: ValidatorStep): Said[] =>
  sends.map(({ to, bytes }) => ({ to, message: decodeMessage(bytes)! }));
/** Whom a step asks for which block. */
export const pulls = (step: ValidatorStep): [unknown, number][] =>
  said(step).flatMap(({ to, message }) => (message.kind === 'pullBlock' ? [[to, message.height]] : []));
export const kinds = (step: ValidatorStep): string[] => said(step).map(({ message }) => message.kind);
export const faults = (step: ValidatorStep): unknown[] => step.faults.map(({ by, fault }) => [by, fault]);

export const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
export const fewer = ({ signers, signature }: Certificate): Certificate => ({
  signers: signers.map((is, i) => is && i !== signers.indexOf(true)),
  signature,
});
