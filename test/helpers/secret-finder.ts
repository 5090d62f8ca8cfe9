import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bigintToBytes } from '../../src/base/bytes.ts';
import { bridgeSecretOf } from '../../src/committee/dealer.ts';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { readKeyFile, secretFileName, secretOwner } from '../../src/node/secret-file.ts';
import { validatorIndex } from '../../src/params/ids.ts';

/** Bytes that are written as a list are looked for by so many of them: the rest may be left out where they are shown. */
const SHOWN = 10;

/** Finds secrets in bytes, however they are written there: the first two bytes of what is looked for say where to look. */
export class SecretFinder {
  readonly #byStart = new Map<number, { readonly name: string; readonly needle: Buffer }[]>();
  readonly #starts = new Uint8Array(1 << 16);

  constructor(secrets: ReadonlyMap<string, Uint8Array>) {
    for (const [secret, bytes] of secrets)
      for (const [form, needle] of formsOf(bytes)) {
        const start = needle.readUInt16LE(0);
        const others = this.#byStart.get(start) ?? [];
        others.push({ name: `${secret} as ${form}`, needle });
        this.#byStart.set(start, others);
        this.#starts[start] = 1;
      }
  }

  /** @returns what was found, by name, with any white space between its digits or without */
  find(bytes: Buffer): string[] {
    const found = new Set<string>();
    this.#scan(bytes, found);
    this.#scan(Buffer.from(bytes.filter((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d)), found);
    return [...found];
  }

  #scan(bytes: Buffer, found: Set<string>): void {
    for (let at = 0; at + 1 < bytes.length; at++) {
      const start = bytes[at]! | (bytes[at + 1]! << 8);
      if (this.#starts[start] === 0) continue;
      for (const { name, needle } of this.#byStart.get(start)!)
        if (bytes.compare(needle, 0, needle.length, at, Math.min(bytes.length, at + needle.length)) === 0)
          found.add(name);
    }
  }
}

/** A secret of 32 bytes, big-endian where it is a number, in every way in which a program comes to write it. */
export function* formsOf(bytes: Uint8Array): Generator<readonly [string, Buffer]> {
  // As the state codec writes a number.
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first > 0) yield ['fewest bytes', Buffer.from(bytes.subarray(first))];
  const backwards = Uint8Array.from(bytes).reverse();
  for (const [order, each] of [
    ['', Buffer.from(bytes)],
    ['reversed ', Buffer.from(backwards)],
  ] as const) {
    yield [`${order}bytes`, each];
    yield [`${order}hex`, Buffer.from(each.toString('hex'))];
    yield [`${order}HEX`, Buffer.from(each.toString('hex').toUpperCase())];
    yield [`${order}decimal`, Buffer.from(BigInt(`0x${each.toString('hex')}`).toString())];
    yield [`${order}list`, Buffer.from(each.subarray(0, SHOWN).join(','))];
    // In base64 it depends on how many bytes stand before: what does not depend on its neighbours is left.
    for (const before of [0, 1, 2])
      for (const alphabet of ['base64', 'base64url'] as const) {
        const text = Buffer.concat([Buffer.alloc(before), each])
          .toString(alphabet)
          .replace(/=+$/, '');
        yield [`${order}${alphabet}`, Buffer.from(text.slice(before === 0 ? 0 : before + 1, -1))];
      }
  }
}

/** Every secret of a devnet: of its validators in the epoch 1, and of its bridge. Their files must be their user's alone. */
export function devnetSecrets(home: string): ReadonlyMap<string, Uint8Array> {
  const { seed, nodes } = JSON.parse(readFileSync(join(home, 'devnet.json'), 'utf8'));
  const secrets = new Map<string, Uint8Array>([['the bridge', bridgeSecretOf(seed)]]);
  for (const { index } of nodes) {
    const dir = join(home, `node-${index}`);
    const { chain, epoch } = parseGenesisFile(readFileSync(join(dir, 'genesis.json'), 'utf8'), 'genesis');
    const path = join(dir, 'validator', secretFileName('keys', 1));
    if ((statSync(path).mode & 0o777) !== 0o600) throw new Error(`others can read ${path}`);
    const own = readKeyFile(path, secretOwner(chain, epoch, validatorIndex(index)));
    for (const [name, secret] of Object.entries(own))
      secrets.set(`${name} of ${index}`, typeof secret === 'bigint' ? bigintToBytes(secret, 32) : secret);
  }
  return secrets;
}

/** @returns undefined for what is there no more: a running node removes logs of heights that it has settled */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
}

/** Files of a devnet that are no place for secrets, by path: all but key files and what its keys were made from. */
export function openFiles(home: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  const walk = (folder: string): void => {
    for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile() || path.endsWith('.keys') || path === join(home, 'devnet.json')) continue;
      const bytes = unlessGone(() => readFileSync(path));
      if (bytes !== undefined) files.set(path, bytes);
    }
  };
  walk(home);
  return files;
}
