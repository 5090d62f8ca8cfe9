import { requireGenesis } from '../ledger/genesis.ts';
import { OrderingState } from '../ledger/ordering-state.ts';
import { receiptsRoot } from '../ledger/receipts.ts';
import { genesisSettlement, stateRoot } from '../ledger/settlement-state.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import { height } from '../params/ids.ts';
import { MAX_MESSAGE_BYTES } from '../params/sizes.ts';
import { decodeBallot } from './ballot.ts';
import type { Chain } from './chain.ts';
import { type EpochContext, epochContext } from './context.ts';
import { HeightRound } from './height-round.ts';
import { Mempool } from './mempool.ts';
import { decodeMessage, type Message } from './messages.ts';
import { Out, type ValidatorStep } from './out.ts';
import { itemStatement } from './statements.ts';
import type { Input, ValidatorConfig } from './types.ts';

/** Heights that stay to answer pulls and finish their agreement after they settled here. */
const KEPT_HEIGHTS = 8;
/** Messages for later heights kept per sender: what a correct validator sends in FUTURE_HEIGHTS heights fits. */
const FUTURE_HEIGHTS = 2;
const FUTURE_BYTES = 4 * MAX_MESSAGE_BYTES;

interface Early {
  readonly from: ValidatorIndex;
  readonly message: Message;
  readonly at: Height;
}

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
  readonly #early: Early[] = [];
  readonly #earlyBytes = new Map<ValidatorIndex, number>();
  #height: Height = height(1);

  constructor(config: ValidatorConfig) {
    const { genesis } = config;
    requireGenesis(genesis);
    const context = epochContext(config);
    const settlement = genesisSettlement(genesis);
    this.#context = context;
    this.#chain = {
      ordering: new OrderingState(genesis.notes, genesis.market.batchFee),
      settlement,
      stateRoot: stateRoot(settlement),
      receiptsRoot: receiptsRoot({ height: settlement.height, receipts: [], auctions: [], fills: [] }),
      parent: context.domain.genesisHash,
      revealed: new Set(),
      report: { prices: genesis.medians, timeS: genesis.timeS },
    };
    this.#mempool = new Mempool({
      statement: (item) => itemStatement(context, this.#chain.settlement, item),
      check: (item, at) => this.#chain.ordering.check(item, at),
    });
    this.#begin();
  }

  /** The height being agreed on. */
  get height(): Height {
    return this.#height;
  }

  /** The only way in. Never throws for what a peer or trader sends. */
  handle(input: Input): ValidatorStep {
    const out = new Out();
    this.#dispatch(input, out);
    this.#advance(out);
    return out;
  }

  #dispatch(input: Input, out: Out): void {
    switch (input.type) {
      case 'item':
        return this.#mempool.offer(input.bytes, this.#height, undefined, out);
      case 'message':
        return this.#receive(input.from, input.bytes, out);
      case 'observe':
        this.#chain.report = { prices: input.prices, timeS: input.timeS };
        return;
      case 'ballotDue':
        return this.#current.ballotDue(out);
      case 'resend':
        return this.#current.resend(out);
      case 'verified':
        return this.#verified(input.ref, input.ok, out);
      case 'proved':
        return this.#rounds.get(this.#refHeight(input.ref))?.proved(input.proof, out);
    }
  }

  get #current(): HeightRound {
    return this.#rounds.get(this.#height)!;
  }

  #begin(): void {
    this.#rounds.set(this.#height, new HeightRound(this.#context, this.#chain, this.#mempool, this.#height));
  }

  #receive(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const message = decodeMessage(bytes);
    const at = message === undefined ? undefined : heightOf(message);
    if (message === undefined || at === undefined)
      return out.fault(from, 'MESSAGE_MALFORMED', { bytes: bytes.length });
    if (at > this.#height) return this.#keepEarly({ from, message, at }, bytes.length, out);
    this.#deliver(from, message, at, out);
  }

  #keepEarly(early: Early, bytes: number, out: Out): void {
    const kept = (this.#earlyBytes.get(early.from) ?? 0) + bytes;
    if (early.at > this.#height + FUTURE_HEIGHTS || kept > FUTURE_BYTES) {
      return out.fault(early.from, 'MESSAGE_TOO_EARLY', { height: early.at, at: this.#height });
    }
    this.#earlyBytes.set(early.from, kept);
    this.#early.push(early);
  }

  #deliver(from: ValidatorIndex, message: Message, at: Height, out: Out): void {
    if (message.kind === 'item') return this.#mempool.offer(message.bytes, this.#height, from, out);
    const round = this.#rounds.get(at);
    if (round === undefined) return;
    if (message.kind === 'ballot' || message.kind === 'stem' || message.kind === 'fluff') {
      round.ballot(from, message.kind, message.bytes, out);
    } else round.handle(from, message, out);
  }

  #verified(ref: string, ok: boolean, out: Out): void {
    const [what, ...rest] = ref.split(':');
    if (what === 'ballot') return this.#rounds.get(this.#refHeight(ref))?.ballotVerified(rest[1]!, ok, out);
    this.#mempool.verified(rest[0]!, ok, this.#height, out);
    this.#current.progress(out);
  }

  /** `ballot:<height>…` → height. */
  #refHeight(ref: string): Height {
    return height(Number(ref.split(':')[1]));
  }

  /** While the current height is settled: begin the next one with what came early for it. */
  #advance(out: Out): void {
    while (this.#current.isSettled) {
      this.#height = height(this.#height + 1);
      this.#rounds.delete(height(this.#height - KEPT_HEIGHTS));
      this.#begin();
      const due = this.#early.filter(({ at }) => at <= this.#height);
      const later = this.#early.filter(({ at }) => at > this.#height);
      this.#early.length = 0;
      this.#early.push(...later);
      this.#earlyBytes.clear();
      for (const { from, message, at } of due) this.#deliver(from, message, at, out);
    }
  }
}

/** The height a message is about; 0 for an item, which says it inside; undefined for an unreadable ballot. */
function heightOf(message: Message): Height | undefined {
  if (message.kind === 'item') return height(0);
  if ('height' in message) return message.height;
  return decodeBallot(message.bytes)?.height;
}
