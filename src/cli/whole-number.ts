import { InvalidArgumentError } from 'commander';

/** Reads the value of an option. @throws {InvalidArgumentError} for anything but a whole number in the range */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`);
  };
}
