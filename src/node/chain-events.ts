import { toHex } from '../base/bytes.ts';
import { headerHash } from '../ledger/block.ts';
import type { Output } from '../validator/types.ts';

/** What a caller may be told as it happens. */
export const TOPICS = ['heights', 'settlements', 'phases'] as const;
export type Topic = (typeof TOPICS)[number];

export type Phase = 'ordered' | 'settled' | 'certified';

/** Something that happened to a height here. Hashes are hex. May be told again after a restart. */
export type ChainEvent =
  /** A height is certified: nothing about it can change any more. */
  | {
      readonly topic: 'heights';
      readonly event: { readonly height: number; readonly headerHash: string; readonly items: number };
    }
  /** A height is settled here. */
  | {
      readonly topic: 'settlements';
      readonly event: {
        readonly height: number;
        readonly accepted: number;
        readonly stateRoot: string;
        readonly receiptsRoot: string;
      };
    }
  /** How far a height has come here. Of a height that was taken as a block nothing is ordered first. */
  | { readonly topic: 'phases'; readonly event: { readonly height: number; readonly phase: Phase } };

/** What an output of a validator is to those who listen. */
export function chainEventsOf(output: Output): readonly ChainEvent[] {
  switch (output.type) {
    case 'ordered':
      return [phase(output.result.height, 'ordered')];
    case 'settled': {
      const { height, items, settlement } = output.result;
      const [stateRoot, receiptsRoot] = [toHex(settlement.stateRoot), toHex(settlement.receiptsRoot)];
      return [
        phase(height, 'settled'),
        { topic: 'settlements', event: { height, accepted: items.length, stateRoot, receiptsRoot } },
      ];
    }
    case 'certified': {
      const { header, items } = output.result.block;
      const { height } = header;
      return [
        phase(height, 'certified'),
        { topic: 'heights', event: { height, headerHash: toHex(headerHash(header)), items: items.length } },
      ];
    }
    default:
      return [];
  }
}

const phase = (height: number, at: Phase): ChainEvent => ({ topic: 'phases', event: { height, phase: at } });

/** Those who want to hear what happens. */
export class ChainEvents {
  readonly #listeners = new Set<(event: ChainEvent) => void>();

  /** @param listener must not throw. @returns ends it */
  listen(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  said(output: Output): void {
    if (this.#listeners.size === 0) return;
    for (const event of chainEventsOf(output)) for (const listener of this.#listeners) listener(event);
  }
}
