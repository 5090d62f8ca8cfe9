import type { ValidatorIndex } from '../params/ids.ts';
import { type Packet, packetBytes } from './packet.ts';
import { PACKET_WINDOW } from './peer-windows.ts';

/** Bytes kept for one sender; a correct one says less in PACKET_WINDOW heights of 64 KiB. */
export const EARLY_PACKET_BYTES = 8 << 20;
/** What a kept packet costs beside its contents, at least. */
const OVERHEAD_BYTES = 200;

interface EarlyPacket<M> {
  readonly from: ValidatorIndex;
  readonly packet: Packet<M>;
  readonly depth: number;
}

/**
 * Packets for heights that have no machine yet: no machine is made for them, and every sender has a budget, in bytes of
 * memory rather than of the link: 500 votes of four bytes each are 500 objects.
 */
export class EarlyPackets<M> {
  private readonly byHeight = new Map<number, EarlyPacket<M>[]>();
  private readonly bytes = new Map<ValidatorIndex, number>();
  private readonly window: number;

  /** @param window heights ahead of the one in progress that packets are kept of */
  constructor(window: number = PACKET_WINDOW) {
    this.window = window;
  }

  /** @returns whether it was kept: it lies in the window and within the sender's budget */
  keep(from: ValidatorIndex, packet: Packet<M>, depth: number, current: number): boolean {
    const total = (this.bytes.get(from) ?? 0) + weightOf(packet);
    if (packet.height > current + this.window || total > EARLY_PACKET_BYTES) return false;
    this.bytes.set(from, total);
    const kept = this.byHeight.get(packet.height);
    if (kept === undefined) this.byHeight.set(packet.height, [{ from, packet, depth }]);
    else kept.push({ from, packet, depth });
    return true;
  }

  /** Takes out a height's packets, in the order in which they came. */
  take(height: number): readonly EarlyPacket<M>[] {
    const kept = this.byHeight.get(height) ?? [];
    this.byHeight.delete(height);
    for (const { from, packet } of kept) {
      this.bytes.set(from, this.bytes.get(from)! - weightOf(packet));
    }
    return kept;
  }

  /** Bytes held, by sender. */
  bytesBy(n: number): number[] {
    return Array.from({ length: n }, (_, i) => this.bytes.get(i as ValidatorIndex) ?? 0);
  }
}

const weightOf = <M>(packet: Packet<M>): number =>
  OVERHEAD_BYTES + (packet.type === 'frame' ? packet.weight : packetBytes(packet));
