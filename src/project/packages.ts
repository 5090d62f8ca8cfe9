import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ProjectError } from './errors.ts';

/** The `node_modules` folders that Node looks through from a folder upwards, those that are there. */
export const packageFolders = (from: string): string[] =>
  (createRequire(join(from, 'x.js')).resolve.paths('x') ?? []).filter((folder) => existsSync(folder));

/** Where this package looks for its own dependencies. */
const OWN = packageFolders(import.meta.dirname);

/**
 * The folder of an installed package, as Node finds it from a folder or, if it is not there, from this package.
 * @returns undefined if it is not installed
 */
export const packageFolder = (name: string, from: string): string | undefined =>
  [...packageFolders(from), ...OWN].map((folder) => join(folder, name)).find((folder) => existsSync(folder));

/** @throws {ProjectError} TOOL_MISSING */
export function toolFolder(name: string): string {
  const folder = packageFolder(name, import.meta.dirname);
  if (folder !== undefined) return folder;
  const message = `${name} is not installed beside this program: run \`npm install\` where this program is installed`;
  throw new ProjectError('TOOL_MISSING', message, { name });
}

/** Name and version of an installed tool. @throws {ProjectError} TOOL_MISSING */
export const toolVersion = (name: string): string =>
  `${name} ${JSON.parse(readFileSync(join(toolFolder(name), 'package.json'), 'utf8')).version}`;

/** Folders in which `include "…"` looks after the including file's own: circom's `-l`, in this order. */
export function libraryFolders(root: string, given: readonly string[]): string[] {
  const circomlib = packageFolder('circomlib', root);
  const packages = [...packageFolders(root), ...OWN];
  return [
    ...given,
    // For `include "node_modules/circomlib/…"`, from whatever folder.
    root,
    ...packages.map((folder) => dirname(folder)),
    // For `include "circomlib/circuits/…"`.
    ...packages,
    // For `include "poseidon.circom"`.
    ...(circomlib === undefined ? [] : [join(circomlib, 'circuits')]),
  ];
}
