import { relative } from 'node:path';
import type { Waiver } from '../../audit/waivers.ts';
import { shownFrom } from '../../project/includes.ts';
import { type OpenedCircuit, openFiles } from '../audit-open.ts';
import type { OwnCircuitChoice } from './chosen.ts';
import { openCompiled } from './opened.ts';

/** A circuit of the project for the audit: compiled, with its sources, what its callers promise and what was explained. */
export interface AuditedCircuit {
  readonly opened: OpenedCircuit;
  readonly waivers: readonly Waiver[];
}

/** @throws {ProjectError} what compiling throws */
export async function openAudited(choice: OwnCircuitChoice, cwd: string): Promise<AuditedCircuit> {
  const { name, project, entry } = choice;
  const { built } = await openCompiled(choice);
  const { r1cs, sym, wasm } = built;
  const opened = await openFiles({ r1cs: relative(cwd, r1cs), sym: relative(cwd, sym), wasm }, cwd);
  const shown = shownFrom(project.root);
  // Findings are for who wrote the circuit: not for packages, nor for the main component that was generated.
  const sources = built.sources
    .filter(({ path }) => path !== built.main || entry.template === undefined)
    .filter(({ path }) => !path.includes('node_modules'))
    .map(({ path, text }) => ({ name: shown(path), text }));
  return {
    opened: { ...opened, sources, file: sources[0]?.name ?? opened.file },
    waivers: entry.waivers.map((waiver) => ({ circuit: name, ...waiver })),
  };
}
