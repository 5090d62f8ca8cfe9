import type { Machine } from '../host/machine.ts';
import { epochDomain } from '../ledger/epoch-config.ts';
import { type Height, validatorIndex } from '../params/ids.ts';
import { ByzantineValidator } from '../sim/byzantine.ts';
import { Prng } from '../sim/prng.ts';
import type { Sending, ValidatorStep } from '../validator/out.ts';
import type { Input, ValidatorConfig } from '../validator/types.ts';
import type { Validator } from '../validator/validator.ts';
import { type Signer, signedFrame } from '../validator/word-message.ts';
import { FAULTY } from './faulty.ts';

/** One of these at each height, in turn: none of them draws lots. */
const WAYS = [
  'bad beacon shares',
  'bad header signatures',
  'bad settlement signatures',
  'finish messages with too few shares',
  'false certificates',
  'bad coin shares',
  'ballots for few',
  'its ballot and its FIRST for one',
] as const;

/**
 * A validator that casts two ballots of every height, gives bad decryption shares, and lies in another way at each height. What it sends
 * follows from its inputs and the height, so a process that runs it goes on from its log like any other.
 */
export class ChangingLiar implements Machine {
  readonly #inner: Machine;
  readonly #config: ValidatorConfig;
  readonly #signer: Signer;

  constructor(validator: Validator, config: ValidatorConfig) {
    this.#config = config;
    this.#signer = { domain: epochDomain(config.chain, config.epoch), secrets: config.secrets };
    this.#inner = new ByzantineValidator(
      validator,
      ['equivocating ballot', 'bad decryption share'],
      this.#signer,
    );
  }

  get height(): Height {
    return this.#inner.height;
  }

  snapshot(): Uint8Array {
    return this.#inner.snapshot();
  }

  handle(input: Input): ValidatorStep {
    const step = this.#inner.handle(input);
    return { ...step, sends: step.sends.flatMap((sending) => this.#twisted(sending)) };
  }

  #twisted({ to, at, bytes }: Sending): Sending[] {
    if (at === undefined) return [{ to, at, bytes }];
    const { self, epoch } = this.#config;
    const twist = FAULTY[WAYS[at % WAYS.length]!]!.faulty.twist!;
    const all = epoch.validators.map((_, i) => validatorIndex(i));
    return (to === 'all' ? all : [to]).flatMap((one) => {
      if (one === self) return [{ to: one, at, bytes }];
      return twist(bytes, one, new Prng(0)).map((frame) => ({
        to: one,
        at,
        bytes: signedFrame(this.#signer, frame),
      }));
    });
  }
}
