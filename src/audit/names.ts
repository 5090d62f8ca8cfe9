import { parseSym, type R1cs } from '../groth16/r1cs.ts';

/** Names of wires and of inputs that are no wires, as far as a .sym file tells them. */
export interface Names {
  /** By wire; wire 0 is 'one'. */
  readonly wires: readonly string[];
  /** Private inputs of the source that the compiled system does not have. */
  readonly absentInputs: readonly string[];
  /** Signals of the source that the optimiser has substituted away: no wire has them. */
  readonly substituted: readonly string[];
}

/** What a component without a name of its own is called by circom: template, line, number. */
const ANONYMOUS = /\b([A-Z]\w*)_\d+_\d+\b/g;

/**
 * Names relative to main: `nullifier`, `path[0][1]`. Anonymous components (`Seal_118_5228`, whose numbers change with
 * every edit) are called by their template and, if there are several of one, its number: `NoteCommitment#1.pk`.
 * @param sym text of a .sym file, from anybody
 * @throws {Groth16Error} CIRCUIT_FILE if it is none, or one of another circuit
 */
export function namesFromSym(r1cs: R1cs, sym: string): Names {
  const signals = parseSym(sym, r1cs.wireCount);
  const anonymous = new Map<string, Map<string, number>>();
  for (const { name } of signals)
    for (const [full, template] of name.matchAll(ANONYMOUS)) {
      const numbers = anonymous.get(template!) ?? new Map<string, number>();
      if (!numbers.has(full)) numbers.set(full, numbers.size);
      anonymous.set(template!, numbers);
    }
  const readable = (full: string, template: string): string => {
    const numbers = anonymous.get(template)!;
    return numbers.size === 1 ? template : `${template}#${numbers.get(full)}`;
  };
  const wires = namesByNumber(r1cs).wires.slice();
  const absentInputs: string[] = [];
  const substituted: string[] = [];
  const lastInput = r1cs.outputCount + r1cs.publicInputCount + r1cs.declaredPrivateInputs;
  for (const { label, wire, name } of signals) {
    const short = name.replace(/^main\./, '').replace(ANONYMOUS, readable);
    if (wire !== undefined) wires[wire] = short;
    else if (label <= lastInput) absentInputs.push(short);
    else substituted.push(short);
  }
  return { wires, absentInputs, substituted };
}

/** Without a .sym file: `w7` is wire 7. */
export function namesByNumber(r1cs: R1cs): Names {
  return {
    wires: Array.from({ length: r1cs.wireCount }, (_, wire) => (wire === 0 ? 'one' : `w${wire}`)),
    absentInputs: [],
    substituted: [],
  };
}

/** The same name for all elements of an array, all uses of a template: what one sentence can be said about. */
export const patternOf = (name: string): string => name.replace(/\[\d+\]/g, '[*]').replace(/#\d+/g, '#*');
