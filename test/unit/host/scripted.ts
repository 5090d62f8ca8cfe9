import { Host, type HostPort } from '../../../src/host/host.ts';
import type { Machine } from '../../../src/host/machine.ts';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import type { Store } from '../../../src/host/store.ts';
import { height } from '../../../src/params/ids.ts';
import type { CertifiedHeight } from '../../../src/validator/height-results.ts';
import type { Sending } from '../../../src/validator/out.ts';
import { refKey } from '../../../src/validator/refs.ts';
import type { Effect, Input } from '../../../src/validator/types.ts';
import { dealt, v } from '../validator/fixtures.ts';

/** Validator 0 of four that echoes to all the first frame it ever hears, asks about every item, tells validator 2 of its ballot timer and asks validator 3 again, and refuses what is found bad. */
export function echoMachine(change = 0): Machine {
  let hasEchoed = false;
  let timers = 0;
  return {
    height: height(1),
    snapshot: () => Uint8Array.of(hasEchoed ? 1 : 0),
    handle(input: Input) {
      const sends: Sending[] = [];
      const effects: Effect[] = [];
      if (input.type === 'message' && !hasEchoed) {
        hasEchoed = true;
        sends.push({ to: 'all', at: height(1), bytes: Uint8Array.of(change, ...input.bytes) });
      }
      if (input.type === 'item')
        effects.push({
          type: 'verify',
          requests: [
            {
              ref: { type: 'item', copy: String(input.bytes) },
              circuit: 'orders',
              proofs: [{ signals: [], proof: input.bytes }],
            },
          ],
        });
      if (input.type === 'ballotDue')
        sends.push({ to: v(2), at: height(1), bytes: Uint8Array.of(9, ++timers) });
      if (input.type === 'resend') sends.push({ to: v(3), at: height(1), bytes: Uint8Array.of(7) });
      const outputs =
        input.type === 'verified'
          ? [{ type: 'refused' as const, item: undefined, code: refKey(input.verdicts[0]!.ref) }]
          : [];
      return { sends, effects, outputs, faults: [] };
    },
  };
}

/** Certifies the next height whenever its timer fires, and tells everybody. @param store is given a block for each */
export function certifyingMachine(store: Store): Machine {
  let current = height(1);
  return {
    get height() {
      return current;
    },
    snapshot: () => Uint8Array.of(current),
    handle({ type }: Input) {
      if (type !== 'ballotDue') return { sends: [], effects: [], outputs: [], faults: [] };
      const certified = current;
      current = height(current + 1);
      store.putBlock(certified, Uint8Array.of(certified));
      const result = { height: certified } as CertifiedHeight;
      const sends: Sending[] = [{ to: v(2), at: undefined, bytes: Uint8Array.of(certified) }];
      return { sends, effects: [], outputs: [{ type: 'certified', result }], faults: [] };
    },
  };
}

/** A host and what it let out, as text. */
export function openHost(store: Store = new MemoryStore(), machine = echoMachine(), self = 0) {
  const said: string[] = [];
  const port: HostPort = {
    send: (to, number, bytes) => void said.push(`send ${to} #${number}: ${bytes}`),
    acknowledge: (to, number) => void said.push(`acknowledge ${to} #${number}`),
    effect: (effect) => void said.push(`effect ${effect.type}`),
    output: (output) => void said.push(`output ${output.type}`),
    fault: ({ fault }) => void said.push(`fault ${fault}`),
  };
  const { chain, epoch, secrets } = dealt(4);
  const config = { chain, epoch, self: v(self), secrets: secrets[self]!, dissemination: 'direct' as const };
  const host = new Host({ config, machineOf: () => machine, store, port });
  return { host, said, port };
}

/** The same, started. */
export function startHost(store?: Store, machine?: Machine) {
  const opened = openHost(store, machine);
  opened.host.start();
  return opened;
}
