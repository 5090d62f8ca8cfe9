import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replayHeight } from '../../src/cli/heights/read-height.ts';
import { type Genesis, genesisText } from '../../src/formats/genesis-file.ts';
import { blockText, certificateText } from '../../src/formats/height-files.ts';
import { epochsText, stateText } from '../../src/formats/state-files.ts';
import { type CertifiedBlock, encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { Replica } from '../../src/ledger/replica.ts';

/** The files of a height, below the folder of a chain. */
export const fileOf = (at: number, name: string): string => join(`height-${at}`, name);
/** What a node keeps of a height that epoch 1 ordered, below the folder of a chain. */
export const keptBlock = (at: number): string => join('node/validator/epoch-1/blocks', `${at}`);

/**
 * Writes all files of a chain by which one of its heights can be verified: of each height those of a run and the state before it, changes
 * of the committee, and the home of a node.
 */
export function writeChain(dir: string, { chain, epoch }: Genesis, blocks: readonly CertifiedBlock[]): void {
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(dir, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  };
  write('genesis.json', genesisText({ chain, epoch }));
  const replica = new Replica(chain, epoch);
  for (const certified of blocks) {
    const { block, settlementCertificate } = certified;
    const at = block.header.height;
    write(fileOf(at, 'state.json'), stateText(replica.shown()));
    const replayed = replayHeight(replica, certified);
    if (typeof replayed === 'string') throw new Error(`height ${at}: ${replayed}`);
    write(fileOf(at, 'block.json'), blockText(block));
    write(fileOf(at, 'certificate.json'), certificateText(block.certificate, settlementCertificate));
    write(fileOf(at, 'settlement.json'), replayed.settlementText);
    write(keptBlock(at), encodeCertifiedBlock(certified));
  }
  write('epochs.json', epochsText(replica.changes));
}
