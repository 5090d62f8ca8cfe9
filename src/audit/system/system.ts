import type { LinearForm } from './linear-form.ts';
import type { PrimeField } from './prime-field.ts';

/** Whether the time for a piece of work is over. */
export type IsOver = () => boolean;

/** Asks it now and then: the clock costs more than a step of most loops. */
export const isOverAt = (step: number, isOver: IsOver): boolean => (step & 1023) === 1023 && isOver();

/** a·b = c. A linear constraint has a and b empty. */
export interface Quadratic {
  readonly a: LinearForm;
  readonly b: LinearForm;
  readonly c: LinearForm;
  /** Index of the constraint of the file that it comes from. */
  readonly origin: number;
}

/** What a wire is in terms of the one that stands for it: factor·wire + constant; wire 0 for a constant, factor 0. */
export interface Substitution {
  readonly wire: number;
  readonly factor: bigint;
  readonly constant: bigint;
}

/**
 * A constraint system in normal form: constants and copies are substituted, so that it is the same whether the compiler did
 * that or not. Statements about it are statements about the file: a wire that is gone is a function of one that stands.
 */
export interface ConstraintSystem {
  readonly field: PrimeField;
  readonly wireCount: number;
  /** Wires that both witnesses of a pair share. */
  readonly isInput: readonly boolean[];
  /** Wires whose uniqueness is asked: the outputs, and named public inputs. */
  readonly targets: readonly number[];
  readonly constraints: readonly Quadratic[];
  /** By wire: indexes of the constraints that read it. */
  readonly readers: readonly (readonly number[])[];
  readonly resolve: (wire: number) => Substitution;
}
