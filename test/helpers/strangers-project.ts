import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { velumIn } from './cli.ts';
import { tameSnarkjs } from './toy-keys.ts';

/** A project of a stranger in a folder of its own. */
export interface StrangersProject {
  readonly root: string;
  readonly at: (path: string) => string;
  write(path: string, content: string | Uint8Array | object): Promise<void>;
  remove(): Promise<void>;
}

export async function strangersProject(): Promise<StrangersProject> {
  const root = await mkdtemp(join(tmpdir(), 'velum-stranger-'));
  const at = (path: string): string => join(root, path);
  return {
    root,
    at,
    async write(path, content) {
      await mkdir(dirname(at(path)), { recursive: true });
      const isText = typeof content === 'string' || content instanceof Uint8Array;
      await writeFile(at(path), isText ? content : JSON.stringify(content));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Multiplies two numbers of which the first is small: the circuit that the tests of projects share. */
export const MULTIPLIER = `pragma circom 2.1.0;
include "circomlib/circuits/comparators.circom";
template Multiplier(n) {
  signal input a;
  signal input b[n];
  signal output c;
  component small = LessThan(8);
  small.in[0] <== a;
  small.in[1] <== 10;
  small.out === 1;
  c <== a * b[0] + b[n - 1];
}
`;

export const ENTRY = { file: 'multiplier', template: 'Multiplier', params: [2], pubs: ['a'] };
export const OTHER =
  'pragma circom 2.0.0;\ntemplate Other() { signal input x; signal output y; y <== x * x; }\n';
export const INPUT = { a: '3', b: [4, '5'] };

/** A project of two circuits with keys for development and a proof of each: proof.json and other-proof.json. */
export async function projectWithKeys(): Promise<StrangersProject> {
  await tameSnarkjs();
  const project = await strangersProject();
  await project.write('circuits/multiplier.circom', MULTIPLIER);
  await project.write('circuits/other.circom', OTHER);
  await project.write('circuits.json', { multiplier: ENTRY, other: { file: 'other', template: 'Other' } });
  await project.write('in.json', INPUT);
  await project.write('other.json', { x: 3 });
  for (const line of [
    'keys setup multiplier --dev',
    'keys setup other --dev',
    'prove multiplier --input in.json',
    'prove other --input other.json --proof other-proof.json --public other-public.json',
  ]) {
    const { exitCode, err } = await velumIn(project.root, ...line.split(' '));
    if (exitCode !== 0) throw new Error(`${line}: ${err}`);
  }
  return project;
}

/** What is wrong; files to write (null: taken away); a command line; the code; what the message says of file and place. */
export type Wrong = readonly [
  what: string,
  files: Readonly<Record<string, string | object | null>>,
  line: string,
  code: string,
  says: RegExp,
];

/** Writes the files and runs the command line. */
export async function refusal(project: StrangersProject, cwd: string, [, files, line]: Wrong) {
  for (const [path, content] of Object.entries(files))
    await (content === null ? rm(project.at(path), { force: true }) : project.write(path, content));
  return velumIn(cwd, ...line.split(' '));
}
