import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../../formats/errors.ts';
import { decodeCertifiedBlock } from '../../ledger/certified-block.ts';
import { withPath } from '../../node/durable-files.ts';
import { readFolder } from '../../node/file-store.ts';
import { height } from '../../params/ids.ts';
import { homeFiles } from '../node/home.ts';
import type { ReadHeight } from './read-height.ts';

/** The certified blocks that a node keeps, of all epochs in which it had a seat. Hostile. */
export interface NodeBlocks {
  /** The newest height that it keeps; 0 if none. */
  readonly last: number;
  /** @throws {FormatError} REPLAY_REFUSED if it keeps none, or what it keeps is none; {FileError} FILE_UNREADABLE */
  read(at: number): ReadHeight;
}

/** Whether a folder is the home of a node. */
export const isNodeHome = (dir: string): boolean => existsSync(homeFiles(dir).validator);

/** Reads beside a node that runs: each block is written whole. @throws {FileError} FILE_UNREADABLE */
export function nodeBlocks(home: string): NodeBlocks {
  const { validator } = homeFiles(home);
  const named = (dir: string, form: RegExp): string[] =>
    withPath('FILE_UNREADABLE', dir, () => readdirSync(dir)).filter((name) => form.test(name));
  const epochs = named(validator, /^epoch-[1-9]\d*$/).map((name) => join(validator, name));
  const heights = epochs.flatMap((dir) => named(join(dir, 'blocks'), /^[1-9]\d*$/).map(Number));
  return {
    last: Math.max(0, ...heights),
    read(at) {
      const bytes = epochs.map((dir) => readFolder(dir).block(height(at))).find((each) => each !== undefined);
      const certified = bytes && decodeCertifiedBlock(bytes);
      if (certified?.block.header.height === at) return certified;
      const why = bytes === undefined ? 'keeps no block' : 'keeps something that is not the block';
      throw new FormatError('REPLAY_REFUSED', `${home} ${why} of height ${at}`, { height: at });
    },
  };
}
