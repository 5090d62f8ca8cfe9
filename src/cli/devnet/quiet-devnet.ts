import { atExit } from '../../groth16/at-exit.ts';
import { readBenchMarket } from '../bench/node-traders.ts';
import type { DevnetHome } from './devnet-home.ts';
import { makeDevnet, type NewDevnet } from './up.ts';

/** No epoch ends meanwhile. */
const ONE_EPOCH = { epochHeights: 60_000, dealingHeights: 4 };

/** Makes a devnet of one epoch with a dealer's keys. @param marketPath what `writeQuietMarket` wrote: nothing happens but what is handed in */
export function makeQuietDevnet(
  dir: string,
  marketPath: string,
  more: Pick<NewDevnet, 'validators' | 'delayMs' | 'peersOf'>,
): Promise<DevnetHome> {
  const files = { market: readBenchMarket(marketPath), batches: [], marketName: marketPath, ordersName: '' };
  const { validators } = more;
  return makeDevnet(dir, files, {
    ...more,
    registry: validators,
    keys: 'dealer',
    times: ONE_EPOCH,
    page: false,
    marketPath,
  });
}

/** Kills a devnet's nodes when this program is ended. By number: their files may be gone before them. */
export class KilledAtExit {
  readonly #devnet: DevnetHome;
  #pids: readonly (number | undefined)[] = [];
  /** They were stopped. */
  readonly forget: () => void = atExit(() => {
    for (const pid of this.#pids) killNow(pid);
  });

  constructor(devnet: DevnetHome) {
    this.#devnet = devnet;
  }

  /** Some of them were started. */
  refresh(): void {
    this.#pids = this.#devnet.nodes.map((node) => this.#devnet.pidOf(node));
  }
}

function killNow(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
