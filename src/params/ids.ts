/** Branded ids: numbers and strings that must not be mixed up. A brand is a compile-time mark only. */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** One ACS and what it orders; genesis is height 0, the first ordered height is 1. */
export type Height = Branded<number, 'Height'>;
/** A validator's position in its committee, from 0. Its Shamir point is index + 1. */
export type ValidatorIndex = Branded<number, 'ValidatorIndex'>;
/** An instrument's position in its market, 0 … 15. */
export type InstrumentIndex = Branded<number, 'InstrumentIndex'>;
/** 32 bytes as 64 lower-case hex digits: the hash of an item's statement. */
export type ItemId = Branded<string, 'ItemId'>;
/** 16 bytes as 32 lower-case hex digits: the hash of what an item uses up, which no other item ever may. */
export type ItemKey = Branded<string, 'ItemKey'>;
/** 32 bytes as 64 lower-case hex digits: the hash of a ballot's statement. */
export type BallotId = Branded<string, 'BallotId'>;
/** An account's public name A in F_r as 64 lower-case hex digits, big-endian. */
export type AccountId = Branded<string, 'AccountId'>;

export const height = (n: number): Height => n as Height;
export const validatorIndex = (n: number): ValidatorIndex => n as ValidatorIndex;
export const instrumentIndex = (n: number): InstrumentIndex => n as InstrumentIndex;
export const itemId = (hex: string): ItemId => hex as ItemId;
export const itemKey = (hex: string): ItemKey => hex as ItemKey;
export const ballotId = (hex: string): BallotId => hex as BallotId;
export const accountId = (hex: string): AccountId => hex as AccountId;
