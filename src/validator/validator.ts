import { isUint64 } from '../base/codec.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { genesisState } from '../ledger/chain-state.ts';
import { claimOf } from '../ledger/claims.ts';
import { isSignedDeposit } from '../ledger/deposits.ts';
import { requireGenesis } from '../ledger/epoch-config.ts';
import type { Item } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import { isAffordable } from '../ledger/transfers.ts';
import { oracleFeeds } from '../market/params.ts';
import { type Height, height, type ValidatorIndex } from '../params/ids.ts';
import type { OracleReport } from './bundle.ts';
import type { Chain } from './chain.ts';
import { type EpochContext, epochContext } from './context.ts';
import { EarlyBox } from './early-box.ts';
import { ValidatorError } from './errors.ts';
import { HeightRound } from './height-round.ts';
import { Mempool } from './mempool.ts';
import { decodeMessage, type Message, type RoundMessage, reachedBy, roundOf } from './messages.ts';
import { Out, type Sending, type ValidatorStep } from './out.ts';
import type { VerifyRef } from './refs.ts';
import { SendWindow } from './send-window.ts';
import type { Input, ValidatorConfig } from './types.ts';

/** Heights that stay to answer pulls and finish their agreement after they settled here. */
const KEPT_HEIGHTS = 8;

/**
 * A validator as a pure machine: equal configuration and inputs give equal steps. It holds no clock, no entropy and no socket;
 * proofs are made and verified outside and come back as inputs. Height h + 1 begins here when h is settled here.
 * The owner makes a step's logs durable before it performs the step's sends.
 */
export class Validator {
  readonly #context: EpochContext;
  readonly #chain: Chain;
  readonly #mempool: Mempool;
  readonly #rounds = new Map<Height, HeightRound>();
  readonly #early = new EarlyBox();
  readonly #window: SendWindow;
  #height: Height = height(1);

  /** @throws {LedgerError} LEDGER_INPUT if chain or epoch are not valid */
  constructor(config: ValidatorConfig) {
    const { chain } = config;
    requireGenesis(chain, config.epoch);
    const context = epochContext(config);
    this.#context = context;
    this.#chain = {
      ...genesisState(chain, context.domain),
      revealed: new Set(),
      report: { prices: chain.medians, observedS: chain.timeS, clockS: chain.timeS },
    };
    this.#mempool = new Mempool({
      claim: (item) => claimOf(context.items, this.#chain.settlement.tables, item),
      check: (item) =>
        this.#chain.ordering.check(item, height(this.#chain.ordering.height + 1)) ??
        unaffordable(chain, this.#chain, item),
      isSigned: (item) => isSignedDeposit(chain.bridgeKey, context.domain.chainHash, item),
    });
    this.#window = new SendWindow(context.quorum.n, context.self);
    this.#begin();
  }

  /** The height being agreed on. */
  get height(): Height {
    return this.#height;
  }

  /**
   * The only way in. Never throws for what a peer or trader sends.
   * @throws {ValidatorError} VALIDATOR_INPUT if one's own feed reports what no market takes
   */
  handle(input: Input): ValidatorStep {
    const out = new Out();
    const released = input.type === 'message' ? this.#receive(input.from, input.bytes, out) : [];
    if (input.type !== 'message') this.#local(input, out);
    this.#advance(out);
    const { logs, effects, outputs, faults } = out;
    const sends = [...released, ...out.frames.flatMap((frame) => this.#window.pass(frame))];
    return { logs, sends, effects, outputs, faults };
  }

  #local(input: Exclude<Input, { type: 'message' }>, out: Out): void {
    switch (input.type) {
      case 'item':
        return this.#mempool.offer(input.bytes, out);
      case 'observe':
        return this.#observe({ prices: input.prices, observedS: input.observedS, clockS: input.clockS });
      case 'ballotDue':
        return this.#current.ballotDue(out);
      case 'resend':
        return this.#current.resend(out);
      case 'verified':
        return this.#verified(input.ref, input.ok, out);
      case 'proved':
        return this.#rounds.get(input.ref.height)?.proved(input.ref.items, input.proof, out);
      case 'connected':
      case 'stored':
      case 'block':
        return;
    }
  }

  #observe(report: OracleReport): void {
    if (
      report.prices.length !== oracleFeeds(this.#context.chain.market).length ||
      report.prices.some((price) => price === 0n || !isUint64(price)) ||
      !isUint64(report.clockS) ||
      report.observedS < 0n ||
      report.observedS > report.clockS
    ) {
      throw new ValidatorError(
        'VALIDATOR_INPUT',
        'a report has a price of 1 to 2^64 − 1 for each oracle feed, observed no later than its clock',
      );
    }
    this.#chain.report = report;
  }

  get #current(): HeightRound {
    return this.#rounds.get(this.#height)!;
  }

  #begin(): void {
    this.#rounds.set(this.#height, new HeightRound(this.#context, this.#chain, this.#mempool, this.#height));
  }

  /** A frame from a peer. @returns frames that were kept back for it */
  #receive(from: ValidatorIndex, bytes: Uint8Array, out: Out): Sending[] {
    const message = decodeMessage(bytes);
    if (message === undefined) {
      out.fault(from, 'MESSAGE_MALFORMED', { bytes: bytes.length });
      return [];
    }
    this.#take(from, message, bytes.length, out);
    const reached = reachedBy(message);
    return reached === undefined ? [] : this.#window.reached(from, reached);
  }

  #take(from: ValidatorIndex, message: Message, bytes: number, out: Out): void {
    switch (message.kind) {
      case 'item':
        return this.#mempool.answered(from, message.bytes, out);
      case 'cert':
      case 'pullBlock':
      case 'block':
      case 'at':
        return;
    }
    const at = roundOf(message)!;
    if (at > this.#height) this.#early.keep({ from, message, at, bytes }, this.#height, out);
    else this.#deliver(from, message, out);
  }

  /** A message of a height that has begun. Of heights long over nothing is left to say. */
  #deliver(from: ValidatorIndex, message: RoundMessage, out: Out): void {
    this.#rounds.get(roundOf(message)!)?.handle(from, message, out);
  }

  #verified(ref: VerifyRef, ok: boolean, out: Out): void {
    if (ref.type === 'ballot') return this.#rounds.get(ref.height)?.ballotVerified(ref.copy, ok, out);
    this.#mempool.verified(ref.copy, ok, out);
    this.#current.progress(out);
  }

  /** While the current height is settled: begin the next one with what came early for it. */
  #advance(out: Out): void {
    while (this.#current.isSettled) {
      this.#height = height(this.#height + 1);
      this.#rounds.delete(height(this.#height - KEPT_HEIGHTS - 1));
      this.#begin();
      for (const { from, message } of this.#early.due(this.#height)) this.#deliver(from, message, out);
    }
  }
}

/**
 * A rule of admission alone: without it actions that can only fail, of accounts that nobody ever paid into, would cost their
 * sender nothing and fill blocks and state. f + 1 endorsed what is ordered, so a correct validator found it affordable.
 */
function unaffordable({ market }: ChainGenesis, { settlement }: Chain, item: Item): RefusalCode | undefined {
  if (item.kind !== 'action' || isAffordable(market, settlement, item)) return undefined;
  return 'ITEM_AMOUNT_EXCEEDED';
}
