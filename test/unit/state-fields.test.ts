import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** Fields that no state holds, and what they follow from. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  // Empty between two inputs.
  blamed: ['SubsetMachine'],
  buffer: ['MmrAba', 'DigestRbc', 'AvidRbc', 'SubsetMachine'],
  // Counts of what is in the state.
  counts: ['DigestTally', 'Terms'],
  total: ['DigestTally'],
  ones: ['SubsetMachine'],
  undecided: ['SubsetMachine'],
  missing: ['SubsetMachine'],
  bytes: ['EarlyBox'],
  keys: ['KeptItems'],
  holders: ['Announcements'],
  judged: ['ItemPulls'],
  waiting: ['BallotBox'],
  open: ['BallotBox'],
  // Kept by the owner, who hands it over.
  task: ['FinishBox'],
  ordering: ['Settling'],
  // Computed from the dealings that were chosen.
  made: ['KeyGeneration'],
};

interface Written {
  readonly name: string;
  readonly fields: readonly string[];
  readonly writes: string;
}

/** Classes that can be written down: their fields but for those that only the constructor sets, and the method that writes. */
function writtenClasses(): Written[] {
  const files = ['consensus', 'ledger', 'validator'].flatMap((room) =>
    readdirSync(join(src, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(src, room, name), 'utf8')),
  );
  return files.flatMap((text) =>
    text.split(/^(?=(?:export )?(?:abstract )?(?:export abstract )?class )/m).flatMap((body) => {
      const name = /class (\w+)/.exec(body.split('\n')[0]!)?.[1];
      const writes = /^ {2}(?:override )?(?:state|snapshot)\(\)[^{]*\{[\s\S]*?^ {2}\}/m.exec(body)?.[0];
      if (name === undefined || writes === undefined) return [];
      const declared = body.matchAll(
        /^ {2}(?:private |protected )?(readonly )?(#?\w+)(?::[^=;()]*)?( = [^;]*)?;$/gm,
      );
      const fields = [...declared]
        .filter(([, readonly, , initial]) => readonly === undefined || initial !== undefined)
        .map(([, , field]) => field!.replace('#', ''));
      return [{ name, fields, writes }];
    }),
  );
}

test('every field of a machine is in the state that it writes, or follows from it', () => {
  const classes = writtenClasses();
  expect(classes.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['MmrAba', 'RoundVotes', 'Terms', 'DigestRbc', 'AvidRbc', 'DigestTally'],
      ...['SubsetMachine', 'FirstHandAcs', 'OrderingState', 'BallotBox', 'BundleJudge', 'CoinBox'],
      ...['FinishBox', 'OwnBallot'],
      ...['Mempool', 'KeptItems', 'ItemProofs', 'ItemPulls', 'WantedItems', 'Announcements'],
      ...[
        'AcsPort',
        'Settling',
        'HeightRound',
        'EarlyBox',
        'SendWindow',
        'CatchUp',
        'BlockServer',
        'Validator',
        'DealingBox',
        'KeyGeneration',
      ],
    ]),
  );
  // The rule sees fields at all.
  expect(classes.find(({ name }) => name === 'BallotBox')!.fields.length).toBeGreaterThanOrEqual(9);
  expect(classes.find(({ name }) => name === 'MmrAba')!.fields.length).toBeGreaterThanOrEqual(9);
  const forgotten = classes.flatMap(({ name, fields, writes }) =>
    fields
      .filter((field) => !new RegExp(`\\b${field}\\b`).test(writes) && !DERIVED[field]?.includes(name))
      .map((field) => `${name}.${field}`),
  );
  expect(forgotten).toEqual([]);
});
