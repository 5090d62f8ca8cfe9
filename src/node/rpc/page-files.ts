import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CIRCUITS } from '../../proofs/circuits.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import { NodeError } from '../errors.ts';

/** Files of a built page, and bytes of one of them: a folder with more is none. */
const MAX_FILES = 64;
const MAX_FILE_BYTES = 1 << 22;
/** What the build names after a hash of what is in it. */
const HASHED = '/assets/';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  json: 'application/json',
  md: 'text/plain; charset=utf-8',
  zkey: 'application/octet-stream',
};

/** A file that a page may load. */
export interface PageFile {
  /** Where it is served: the whole path of a URL. */
  readonly url: string;
  readonly type: string;
  /** Whether its name changes with its content. */
  readonly isHashed: boolean;
  /** In memory, or the path of a file that is read when it is asked for. */
  readonly content: Buffer | string;
}

/**
 * The fixed list of what a node serves to its page: the files that the build made, the circuits' keys and witness programs, and the genesis of
 * the chain. Nothing that is asked for is ever made into the name of a file.
 * @param built   folder of the built page
 * @param genesis file of chain and first epoch; it is there when the first keys are
 * @param keys    folder of the circuits' keys
 * @throws {NodeError} NODE_PAGE if the page was not built, a file of it is too large, or keys are missing
 */
export function listPageFiles(built: string, genesis: string, keys: string = KEYS_DIR): readonly PageFile[] {
  const names = namesBelow(built);
  if (!names.includes('index.html')) throw unusable(built, 'there is no index.html');
  const code = names.map((name): PageFile => {
    const content = readFileSync(join(built, name));
    if (content.length > MAX_FILE_BYTES) throw unusable(join(built, name), 'it is too large');
    const url = name === 'index.html' ? '/' : `/${name}`;
    return { url, type: typeOf(name), isHashed: url.startsWith(HASHED), content };
  });
  const shown = { url: '/genesis.json', type: TYPES['json']!, isHashed: false, content: genesis };
  const list = { url: '/keys/MANIFEST.json', type: TYPES['json']!, isHashed: false };
  const hashes = { ...list, content: join(keys, 'MANIFEST.json') };
  return [...code, shown, hashes, ...Object.keys(CIRCUITS).flatMap((circuit) => keyFiles(keys, circuit))];
}

const KEY_FILES = ['proving.zkey', 'vkey.json', 'witness.wasm'];

/** They are large and seldom asked for, so they stay on the disk. */
function keyFiles(keys: string, circuit: string): PageFile[] {
  return KEY_FILES.map((name) => {
    const content = join(keys, circuit, name);
    if (!existsSync(content)) throw unusable(content, 'it is missing');
    return { url: `/keys/${circuit}/${name}`, type: typeOf(name), isHashed: false, content };
  });
}

function namesBelow(dir: string): string[] {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(dir);
  } catch {
    throw unusable(dir, 'it cannot be read');
  }
  const names = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  if (names.length > MAX_FILES) throw unusable(dir, `it holds more than ${MAX_FILES} files`);
  return names.map((path) => path.slice(dir.length).replace(/^\/+/, ''));
}

const entriesOf = (dir: string) => readdirSync(dir, { recursive: true, withFileTypes: true });
const typeOf = (name: string): string =>
  TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

const unusable = (path: string, why: string) =>
  new NodeError('NODE_PAGE', `${path} is no built page: ${why}; npm run build makes it`, { path });
