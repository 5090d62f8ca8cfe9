import { resolve } from 'node:path';
import { type CircuitEntry, findProject, PROJECT_FILE, type Project } from '../../project/project-file.ts';
import { CIRCUITS, type CircuitName } from '../../proofs/circuits.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import type { ProofSystem } from '../../proofs/registry.ts';
import { circuitName, PLONK_KEYS_DIR } from '../circuit-args.ts';
import { CliError } from '../errors.ts';

/** A circuit of the project that the current folder belongs to. */
export interface OwnCircuitChoice {
  readonly name: string;
  readonly project: Project;
  readonly entry: CircuitEntry;
}

/** What a name on the command line means: a circuit of the project, or one of this package. */
export type Chosen =
  | ({ readonly isOwn: true } & OwnCircuitChoice)
  | { readonly isOwn: false; readonly name: CircuitName };

/** Before the name of a circuit of this package, where the project has one of the same name. */
export const PACKAGE_PREFIX = 'velum:';

/**
 * The circuit of a name: the project's own first, then this package's, which `velum:` names in any case.
 * @throws {ProofsError} CIRCUIT_UNKNOWN naming those that are there; {ProjectError} PROJECT_FILE
 */
export function chooseCircuit(cwd: string, text: string): Chosen {
  if (text.startsWith(PACKAGE_PREFIX))
    return { isOwn: false, name: circuitName(text.slice(PACKAGE_PREFIX.length)) };
  const project = findProject(cwd);
  const entry = project?.circuits.get(text);
  if (project !== undefined && entry !== undefined) return { isOwn: true, name: text, project, entry };
  if (Object.hasOwn(CIRCUITS, text)) return { isOwn: false, name: circuitName(text) };
  const packaged = Object.keys(CIRCUITS);
  const there =
    project === undefined
      ? `${packaged.join(', ')}, and no ${PROJECT_FILE} in ${cwd} or above it`
      : `${[...project.circuits.keys()].join(', ')} in ${project.file}, and ${packaged.map((name) => PACKAGE_PREFIX + name).join(', ')}`;
  throw new ProofsError(
    'CIRCUIT_UNKNOWN',
    `no circuit is called ${JSON.stringify(text)}; there are ${there}`,
  );
}

/** The keys folder that a command means: of a project it is `keys` beside the project file. */
export function keysFolder(
  cwd: string,
  flag: string | undefined,
  chosen: Chosen,
  protocol: ProofSystem = 'groth16',
): string {
  if (chosen.isOwn && protocol === 'plonk')
    throw new CliError('USAGE', 'PLONK is for the circuits of this package: leave out --protocol');
  if (flag !== undefined) return resolve(cwd, flag);
  if (chosen.isOwn) return resolve(chosen.project.root, 'keys');
  return protocol === 'plonk' ? PLONK_KEYS_DIR : KEYS_DIR;
}

/** A name, which must be there unless files are given in its place. @throws {CliError} USAGE */
export function namedCircuit(text: string | undefined, help: string): string {
  if (text !== undefined) return text;
  throw new CliError('USAGE', `name a circuit, or give its files\nSee velum ${help} --help.`);
}
