import type { LinearForm } from '../system/linear-form.ts';
import type { Multiples } from './multiples.ts';

/**
 * What a step of a proof says. `unique` is about every pair of witnesses that agree in the inputs: the form, its constant
 * left out, has one value in both. All others are about every witness. No rule leads from the first kind to the others.
 */
export type Fact =
  | { readonly kind: 'unique'; readonly form: LinearForm }
  | { readonly kind: 'zero' | 'nonzero'; readonly form: LinearForm }
  /** The wire has an integer representative from low to high. */
  | { readonly kind: 'range'; readonly wire: number; readonly low: bigint; readonly high: bigint }
  /** The wire is one of these elements. */
  | { readonly kind: 'set'; readonly wire: number; readonly values: readonly bigint[] }
  /** Σ weight·representative lies, as an integer, from low to high; each wire is 0 or 1, each weight positive. */
  | { readonly kind: 'sum'; readonly weights: LinearForm; readonly low: bigint; readonly high: bigint }
  /**
   * (u, v) is [k]·base on BabyJubJub for a k of these, and not O: affine Montgomery coordinates, or Edwards coordinates. The
   * base, in Edwards coordinates, is of prime order.
   */
  | {
      readonly kind: 'point';
      readonly curve: 'edwards' | 'montgomery';
      readonly u: LinearForm;
      readonly v: LinearForm;
      readonly base: readonly [LinearForm, LinearForm];
      readonly multiples: Multiples;
    }
  /** There is no witness. */
  | { readonly kind: 'absurd' };

/** A point fact, or what is opposite to it. */
export type SignedPoint = readonly [fact: number, sign: 1 | -1];

/** A constraint or an earlier fact with what it is multiplied by. */
export interface ProofRow {
  readonly of: 'constraint' | 'fact';
  readonly index: number;
  readonly factor: bigint;
}

interface StepBase {
  /** Numbers of the facts that the step rests on. Facts are numbered in the order in which they stand. */
  readonly from: readonly number[];
  readonly facts: readonly Fact[];
}

/** One step: a rule, what it rests on, and what it concludes. `check.ts` says what each rule demands. */
export type ProofStep =
  | (StepBase & { readonly rule: 'combine' | 'sum'; readonly rows: readonly ProofRow[] })
  | (StepBase & { readonly rule: 'digits'; readonly form: LinearForm; readonly scale: bigint })
  | (StepBase & {
      readonly rule: 'one-nonzero';
      readonly form: LinearForm;
      readonly constraints: readonly number[];
    })
  | (StepBase & { readonly rule: 'factor' | 'nonzero-factors'; readonly constraint: number })
  | (StepBase & { readonly rule: 'roots' | 'bounds' | 'square-root'; readonly constraint: number })
  | (StepBase & { readonly rule: 'cases' | 'distinct'; readonly constraints: readonly number[] })
  | (StepBase & { readonly rule: 'apart' | 'clash' })
  | (StepBase & {
      readonly rule: 'residue';
      readonly constraint: number;
      /** A wire and the constraint that is solved for it, in the order in which they are put in. */
      readonly definitions: readonly (readonly [wire: number, constraint: number])[];
    })
  | (StepBase & {
      readonly rule: 'compare';
      readonly rows: readonly ProofRow[];
      /** The bit of the sum that is 0. */
      readonly bit: number;
      /** From the least pair on: the wires of its high and low bit, and the two bits of the constant beside them. */
      readonly pairs: readonly (readonly [high: number, low: number, constant: number])[];
    })
  | (StepBase & {
      readonly rule: 'point-known';
      /** Wires with few values; then wires that constraints define by them, in this order. */
      readonly wires: readonly number[];
      readonly definitions: readonly (readonly [wire: number, constraint: number])[];
      /** k with (u, v) = [k]·base for each combination of the wires' values, the last wire's fastest. */
      readonly logs: readonly bigint[];
    })
  | (StepBase & {
      readonly rule: 'point-coordinates' | 'point-convert' | 'point-add' | 'point-double' | 'point-again';
      readonly points: readonly SignedPoint[];
      readonly constraints: readonly number[];
    })
  | (StepBase & {
      readonly rule: 'point-choose';
      readonly wire: number;
      /** One for each value of the wire. */
      readonly points: readonly SignedPoint[];
      readonly constraints: readonly number[];
    })
  | (StepBase & {
      readonly rule: 'split';
      readonly form: LinearForm;
      readonly zero: readonly ProofStep[];
      readonly nonzero: readonly ProofStep[];
    });

export type RuleName = ProofStep['rule'];
/** Rules about points of BabyJubJub: `points.ts` has them. */
export type PointRule = Extract<RuleName, `point-${string}`>;
/** A step by one of these rules. */
export type StepOf<R extends RuleName> = ProofStep & { readonly rule: R };
/** A fact of one of these kinds. */
export type FactOf<K extends Fact['kind']> = Fact & { readonly kind: K };

/** A proof that the targets have one value for each input, under the assumptions. */
export interface UniquenessCertificate {
  /** Facts that are taken for granted, each with the words that asked for it; numbered first. */
  readonly assumptions: readonly { readonly as: string; readonly fact: Fact }[];
  /** Wires that are proved to have one value, as the file numbers them. */
  readonly proved: readonly number[];
  readonly steps: readonly ProofStep[];
}
