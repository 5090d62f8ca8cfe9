import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunEpoch } from '../../../src/cli/commands/epoch.ts';
import type { EpochOptions } from '../../../src/cli/epoch/types.ts';
import { CliError } from '../../../src/cli/errors.ts';
import { main } from '../../../src/cli/main.ts';
import { sampleResult } from './sample-result.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-cli-'));
});
afterEach(() => rm(cwd, { recursive: true }));

/** Runs a command line with an engine that records its options and answers with the sample. */
async function velum(args: readonly string[], engine: RunEpoch = async () => sampleResult) {
  const calls: EpochOptions[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const collect = (texts: string[]) => async (text: string) => {
    texts.push(text);
  };
  const exitCode = await main(
    args,
    {
      out: collect(out),
      err: collect(err),
      isErrTty: false,
      hasColour: false,
      cwd,
    },
    async () => (options, hooks) => {
      calls.push(options);
      return engine(options, hooks);
    },
  );
  return { exitCode, out: out.join(''), err: err.join(''), calls };
}

describe('velum epoch', () => {
  test('without options runs the examples from any directory and writes its files', async () => {
    const { exitCode, out, err, calls } = await velum(['epoch']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('Height 1');
    const { market, batches, ...rest } = calls[0]!;
    expect(rest).toEqual({
      validators: 4,
      registry: 4,
      epochs: 1,
      epochHeights: 8,
      keys: 'dkg',
      crashes: 0,
      faulty: 0,
      dissemination: 'direct',
      heights: 2,
      seed: 1,
    });
    expect(market.params.name).toBe('BTC');
    expect(batches).toHaveLength(14);
    expect((await readdir(join(cwd, 'out/epoch'), { recursive: true })).sort()).toEqual([
      'height-1',
      'height-1/block.json',
      'height-1/proofs',
      'height-1/proofs/mira-1.proof.json',
      'height-1/proofs/mira-1.public.json',
      'report.json',
    ]);
    expect(await readdir(join(cwd, 'out'))).toEqual(['epoch']);
  });

  test.each([
    ['examples', 'a directory'],
    ['orders.csv/page.html', 'orders.csv is no directory'],
  ])('refuses --html %s before the run, and with --check', async (html, why) => {
    await mkdir(join(cwd, 'examples'));
    await writeFile(join(cwd, 'orders.csv'), 'x');
    for (const more of [[], ['--check']]) {
      const { exitCode, err, calls } = await velum(['epoch', '--html', html, ...more]);
      expect([exitCode, calls.length]).toEqual([2, 0]);
      expect(err).toContain('FILE_UNWRITABLE');
      expect(err).toContain(why);
    }
    expect((await readdir(cwd)).sort()).toEqual(['examples', 'orders.csv']);
  });

  test('takes --html below the new output, and makes no folder for it while it checks', async () => {
    const args = ['epoch', '--html', 'out/new/pages/page.html', '--out', 'out/new', '--check'];
    expect(await velum(args)).toMatchObject({ exitCode: 0, err: '' });
    expect(await readdir(cwd)).toEqual([]);
  });

  test('takes all options, and heights cut the batches', async () => {
    const args = '--validators 7 --faulty 2 --dissemination stem --seed 9 --heights 1 --out o --json'.split(
      ' ',
    );
    const { exitCode, out, calls } = await velum(['epoch', ...args]);
    expect(exitCode).toBe(0);
    expect(calls[0]).toMatchObject({ validators: 7, faulty: 2, dissemination: 'stem', heights: 1, seed: 9 });
    expect(calls[0]!.batches).toHaveLength(8);
    expect(JSON.parse(out)).toEqual(JSON.parse(await readFile(join(cwd, 'o/report.json'), 'utf8')));
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  test('refuses an existing output before it does any work, and --force replaces it', async () => {
    await velum(['epoch']);
    await writeFile(join(cwd, 'out/epoch/old.txt'), '');
    const again = await velum(['epoch']);
    expect(again).toMatchObject({ exitCode: 2, calls: [] });
    expect(again.err).toMatch(/the output directory .*out\/epoch exists; .*--force \(OUT_EXISTS\)/);
    expect((await velum(['epoch', '--force'])).exitCode).toBe(0);
    expect(await readdir(join(cwd, 'out/epoch'))).not.toContain('old.txt');
    expect(await readdir(join(cwd, 'out'))).toEqual(['epoch']);
  });

  test('never replaces a directory that it did not write, nor a file', async () => {
    await mkdir(join(cwd, 'home'));
    await writeFile(join(cwd, 'home/thesis.txt'), 'x');
    for (const dir of ['home', 'home/thesis.txt', '.'])
      expect(await velum(['epoch', '--out', dir, '--force'])).toMatchObject({ exitCode: 2, calls: [] });
    expect(await readdir(join(cwd, 'home'))).toEqual(['thesis.txt']);
  });

  test('never replaces what came to its place while it worked', async () => {
    const meanwhile: RunEpoch = async () => {
      await mkdir(join(cwd, 'o'));
      await writeFile(join(cwd, 'o/thesis.txt'), 'x');
      return sampleResult;
    };
    for (const force of [[], ['--force']]) {
      const { exitCode, err } = await velum(['epoch', '--out', 'o', ...force], meanwhile);
      expect([exitCode, await readdir(join(cwd, 'o'))]).toEqual([2, ['thesis.txt']]);
      expect(err).toContain('OUT_EXISTS');
      await rm(join(cwd, 'o'), { recursive: true });
    }
  });

  test.each([
    ['--validators 0', 'A whole number from 1 to 16 is expected.'],
    ['--validators 17', 'A whole number from 1 to 16 is expected.'],
    ['--validators 4.5', 'A whole number from 1 to 16 is expected.'],
    ['--faulty 2', '4 validators tolerate 1 faulty, not 2: use --faulty 1 or --validators 7'],
    ['--faulty -1', 'A whole number'],
    ['--dissemination gossip', 'Allowed choices are direct, stem.'],
    ['--seed abc', 'A whole number from 0'],
    ['--heights 3', 'end at height 2: use --heights 1 to 2'],
    [
      `--heights 2 --orders ${resolve('examples/small.csv')}`,
      'has orders for one height: leave --heights out',
    ],
    ['--orders nowhere.csv', 'there is no such file'],
    ['--market .', 'it is a directory'],
    ['--colour', "unknown option '--colour'"],
    ['extra', 'too many arguments'],
  ])('refuses %s with exit code 2 and says what to do', async (args, message) => {
    const { exitCode, out, err, calls } = await velum(['epoch', ...args.split(' ')]);
    expect({ exitCode, out, calls }).toEqual({ exitCode: 2, out: '', calls: [] });
    expect(err).toContain(message);
  });

  test('a fault that nobody plays is no simulation', async () => {
    const { exitCode, err } = await velum(['sim', 'acs', '--fault', 'twins']);
    expect(exitCode).toBe(2);
    expect(err).toContain('add --faulty K');
  });

  test('with --json answers errors as one JSON object on standard output', async () => {
    await writeFile(join(cwd, 'bad.csv'), 'height\n1\n');
    const { exitCode, out, err } = await velum(['epoch', '--orders', 'bad.csv', '--json']);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: '' });
    const { error } = JSON.parse(out);
    expect(error).toMatchObject({ code: 'ORDERS_FILE', file: 'bad.csv' });
    expect(error.problems[0].where).toBe('line 1');
    const usage = await velum(['epoch', '--seed', 'x', '--json']);
    expect(JSON.parse(usage.out).error.code).toBe('USAGE');
  });

  test('says nothing that a terminal would obey', async () => {
    const odd = 'a\u001b[2J\u202e.csv';
    const missing = await velum(['epoch', '--orders', odd]);
    await writeFile(join(cwd, odd), 'height\n');
    const bad = await velum(['epoch', '--orders', odd]);
    const unknown = await velum(['epoch', '--\u001b[31mred']);
    for (const { exitCode, err } of [missing, bad, unknown]) {
      expect(exitCode).toBe(2);
      expect(err.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test('needs oracle prices for every height', async () => {
    const market = JSON.parse(
      await readFile(new URL('../../../examples/market.json', import.meta.url), 'utf8'),
    );
    market.oracle.pop();
    await writeFile(join(cwd, 'm.json'), JSON.stringify(market));
    const { exitCode, err } = await velum(['epoch', '--market', 'm.json']);
    expect(exitCode).toBe(2);
    expect(err).toContain('m.json has oracle prices for heights 0 to 1');
    expect((await velum(['epoch', '--market', 'm.json', '--heights', '1'])).exitCode).toBe(0);
  });

  test('ends with 1 when a height does not settle, with 70 and a trace on a bug; neither leaves files', async () => {
    const stalled = await velum(['epoch'], async () => {
      throw new CliError('EPOCH_STALLED', 'height 1 ended without settlement', { height: 1 });
    });
    expect(stalled).toMatchObject({ exitCode: 1, err: expect.stringContaining('EPOCH_STALLED') });
    const bug = await velum(['epoch'], async () => {
      throw new TypeError('x is not a function');
    });
    expect(bug.exitCode).toBe(70);
    expect(bug.err).toMatch(/x is not a function\nThis is a bug[\s\S]*main\.test\.ts/);
    expect(await readdir(join(cwd, 'out'))).toEqual([]);
  });
});

describe('velum', () => {
  test('without a command is a usage error that names the help', async () => {
    const { exitCode, err } = await velum([]);
    expect(exitCode).toBe(2);
    expect(err).toContain('See velum --help.');
  });

  test.each([['--help'], ['epoch', '--help']])('%s %s prints help on standard output', async (...args) => {
    const { exitCode, out, err } = await velum(args.filter((arg) => arg !== undefined));
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('Usage: velum');
  });

  test('epoch --help shows every option, examples and exit codes', async () => {
    expect((await velum(['epoch', '--help'])).out).toMatchInlineSnapshot(`
      "Usage: velum epoch [options]

      Lets validators order, decrypt and settle the sealed orders of a file: real
      proofs, agreement and decryption.

      Options:
        --validators <n>       validators, 1 to 16 (default: 4)
        --epochs <n>           epochs, each with a committee of its own to which the
                               one before hands the keys on (default: 1)
        --registry <n>         members from whom committees are drawn (default: the
                               validators)
        --epoch-heights <L>    heights after which the next epoch begins, if its keys
                               are made (default: 8)
        --orders <file.csv>    orders to settle (default: examples/orders.csv of the
                               package)
        --market <file.json>   market, notes and oracle prices (default:
                               examples/market.json)
        --heights <n>          settle only the first n heights of the orders file
        --faulty <k>           Byzantine validators, at most (validators - 1)/3
                               (default: 0)
        --dissemination <how>  how ballots spread (choices: "direct", "stem", default:
                               "direct")
        --seed <n>             everything but the randomness of the proofs follows
                               from it (default: 1)
        --crash <n>            drop validators n times, alone or together, also in the
                               middle of a write, and restart them from their logs
                               (default: 0)
        --keys <how>           who makes the threshold keys: the validators together,
                               or one dealer (choices: "dkg", "dealer", default:
                               "dkg")
        --out <dir>            where the files go (default: "out/epoch")
        --force                replace an earlier output (default: false)
        --html <file>          write one page with prices, auctions, equity and events
                               as well
        --check                only check the files: run nothing, write nothing
                               (default: false)
        --json                 print one JSON object instead of tables (default:
                               false)
        -h, --help             display help for command

      Examples:
        velum epoch --orders examples/small.csv --out out/small
        velum epoch --validators 7 --faulty 2 --dissemination stem --seed 42 --out out/faulty --json
        velum epoch --orders examples/small.csv --crash 5 --out out/crash
        velum epoch --validators 16 --heights 1 --keys dealer --out out/quick
        velum epoch --epochs 3 --registry 10 --validators 4 --orders examples/epochs.csv --out out/epochs
      With --epochs, members of the registry register for each next epoch in the first heights of the one before, and its committee deals the keys to
      them in the last 4. Heights without orders go on until the last epoch has settled one; after the last prices of the market file those go on.
      Exit codes: 0 settled, 1 not settled, 2 wrong options or files, 70 a bug.
      The files' formats: examples/README.md.
      "
    `);
  });
});
