import { toHex } from '../../src/base/bytes.ts';
import type { AcsMessage, VoteGroup } from '../../src/consensus/acs/frame.ts';
import type { ValidatorIndex } from '../../src/params/ids.ts';
import type { Packet } from '../../src/sim/packet.ts';
import { Simulation } from '../../src/sim/simulation.ts';

/**
 * A simulation that remembers all that correct validators say, over all their lives, and what they must say once: one PROPOSE,
 * VAL, ECHO and READY a broadcast, one AUX and one CONF a round, one TERM an agreement. Who sends to some only is heard as well.
 */
export class MonitoredSimulation extends Simulation<AcsMessage> {
  readonly equivocations: string[] = [];
  private readonly said = new Map<string, string>();

  override send(
    from: ValidatorIndex,
    to: ValidatorIndex | 'all',
    packet: Packet<AcsMessage>,
    depth: number,
  ): void {
    if (this.isCorrect(from) && packet.type === 'frame') this.hear(from, to, packet.height, packet.message);
    super.send(from, to, packet, depth);
  }

  private hear(from: number, to: ValidatorIndex | 'all', height: number, { rbc, votes }: AcsMessage): void {
    for (const { kind, proposer, bytes } of rbc) {
      if (kind === 'pull' || kind === 'payload') continue;
      this.once(`${height} ${from} ${kind} ${proposer} ${kind === 'val' ? to : ''}`, toHex(bytes));
    }
    for (const group of votes) this.hearVotes(`${height} ${from}`, group);
  }

  private hearVotes(who: string, { kind, round, values, instances }: VoteGroup): void {
    for (let j = 0; j < this.n; j++) {
      if ((instances[j >> 3]! & (1 << (j & 7))) === 0 || kind === 'bval') continue;
      if (kind === 'term') this.once(`${who} term ${j}`, `${round}:${values}`);
      else this.once(`${who} ${kind === 'first' ? 'aux' : kind} ${j} ${round}`, String(values));
    }
  }

  private once(what: string, value: string): void {
    const before = this.said.get(what) ?? value;
    this.said.set(what, before);
    if (before !== value) this.equivocations.push(what);
  }
}
