import { code, errorsOf } from '../base/errors.ts';

/** A place in a file of a project: its path, and line and column from 1 where there are any. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Circuits of a project: its file, their sources, and the programs that compute witnesses. */
export const ProjectError = errorsOf({
  PROJECT_MISSING: code<{ readonly from: string }>('No circuits.json stands in a folder or above it.'),
  PROJECT_FILE: code<SourcePlace>('A project file is not as it must be.'),
  TOOL_MISSING: code<{ readonly name: string }>('A program that the command needs is not installed.'),
  CIRCUIT_SOURCE: code<SourcePlace>('A source of a circuit is missing or cannot be read.'),
  CIRCUIT_COMPILE: code<SourcePlace>('The compiler refused a circuit.'),
  WITNESS_PROGRAM: code<{ readonly circuit: string }>(
    'A program is not one that circom 2 made over BN254, or behaves as those do not.',
  ),
  WITNESS_LIMIT: code<{ readonly circuit: string; readonly limit: 'time' | 'memory' }>(
    'A witness program was ended at its limit of time or memory.',
  ),
});
