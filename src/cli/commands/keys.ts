import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../formats/problems.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { keyUse } from '../../proofs/keys/manifest.ts';
import { MAX_BEACON_EXPONENT, readManifest } from '../../proofs/keys/manifest-file.ts';
import { loadKeys, type ProofSystem } from '../../proofs/registry.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { openKeyProgress } from '../key-progress.ts';
import { type KeyFlags, type KeyTarget, keyTarget, listedFolder } from '../own/key-target.ts';
import { table } from '../table.ts';

interface KeysFlags extends KeyFlags {
  readonly json: boolean;
}

interface SetupFlags extends KeysFlags {
  readonly ptau?: string;
  readonly dev: boolean;
  readonly protocol: ProofSystem;
  readonly force: boolean;
}

interface ContributeFlags {
  readonly name?: string;
  readonly from?: string;
  readonly ptau?: string;
}

interface BeaconFlags {
  readonly beacon: string;
  readonly iterations: number;
  readonly name: string;
  readonly ceremony?: string;
}

/** `velum keys …`: making, checking and exporting keys. */
export function addKeysCommand(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .description('Makes, checks and exports the keys of circuits.')
    .helpCommand(false)
    .addHelpText('after', HELP);
  addMaking(keys, terminal);
  addReading(keys, terminal);
}

const HELP = `
Example, a ceremony whose folder is handed on from one to the next:
  velum keys setup ballot --ptau powersOfTau28_hez_final_12.ptau --keys ceremony
  velum keys contribute ballot --keys ceremony --name "first of three"
  velum keys beacon ballot --keys ceremony --beacon 0102030405060708 --ceremony "Ada, Bob and Eve"
  velum keys verify ballot --keys ceremony --ptau powersOfTau28_hez_final_12.ptau
Keys made on one machine are for development: whoever made them could forge proofs. The stock tool checks them too:
  npx snarkjs zkey verify build/circuits/ballot.r1cs FILE.ptau ceremony/ballot/proving.zkey`;

const CONTRIBUTE_HELP = `
Example:
  velum keys contribute ballot --keys ceremony --name "first of three"
Of somebody with the stock tool, who got ceremony/ballot/proving.zkey as in.zkey and sends ada.zkey back:
  npx snarkjs zkey contribute in.zkey ada.zkey --name=Ada
  velum keys contribute ballot --keys ceremony --from ada.zkey --ptau powersOfTau28_hez_final_12.ptau
Exit codes: 0 contributed, 1 refused by a check, 2 wrong options or files, 70 a bug.`;

const folder = (command: Command): Command =>
  command
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false);

function addMaking(keys: Command, terminal: Terminal): void {
  folder(keys.command('setup').description('Makes the first keys of a circuit from powers of tau.'))
    .argument('<circuit>', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .option('--ptau <file>', 'powers of tau; a public file is known by its BLAKE2b')
    .option('--dev', 'makes powers of tau and a contribution here: keys for development, complete', false)
    .option('--r1cs <file>', 'a compiled circuit in place of one by its name, which then may be any')
    .option('--wasm <file>', 'with --r1cs: its witness program')
    .addOption(
      new Option('--protocol <which>', 'PLONK for study').choices(['groth16', 'plonk']).default('groth16'),
    )
    .option('--force', 'replace keys that are there', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum keys setup ballot --ptau powersOfTau28_hez_final_12.ptau --keys ceremony\n  velum keys setup multiplier --dev',
    )
    .action(async (text: string, flags: SetupFlags) => {
      const { setupKeys } = await import('../../proofs/keys/ceremony.ts');
      if ((flags.ptau === undefined) !== flags.dev)
        throw new CliError(
          'USAGE',
          'say --ptau FILE, or --dev for keys of this machine\nSee velum keys setup --help.',
        );
      const { protocol, force: replace } = flags;
      const target = keyTarget(terminal.cwd, text, flags, protocol);
      if (flags.ptau === undefined) return setupDev(target, flags, terminal);
      const { circuit, keysDir, compile } = target;
      const ptau = resolve(terminal.cwd, flags.ptau);
      const record = await openKeyProgress(terminal, (onProgress) =>
        setupKeys({ circuit, keysDir, compile, ptau, protocol, replace, onProgress }),
      );
      const trust =
        record.ptau.trust === 'public ceremony'
          ? 'a file of the public ceremony'
          : 'no published file: its maker must be trusted';
      const next =
        protocol === 'plonk'
          ? 'complete, as PLONK has no phase 2'
          : 'no verifier takes them before `velum keys contribute`';
      await answer(terminal, flags, { circuit, ...record }, [
        `made keys of ${circuit} from ${record.ptau.name}, ${trust}; ${next}`,
      ]);
    });
  folder(
    keys
      .command('contribute')
      .description('Adds a contribution to a key: of fresh entropy, or one made elsewhere.'),
  )
    .argument('<circuit>', 'ballot, orders, …')
    .option('--name <text>', 'what the transcript calls it, at most 64 bytes', contributionName)
    .addOption(new Option('--from <zkey>', 'takes what was contributed elsewhere, checked').conflicts('name'))
    .option('--ptau <file>', 'with --from: the powers of tau the keys were made from')
    .option('--r1cs <file>', 'with --from: the compiled circuit, where its sources are not at hand')
    .addHelpText('after', CONTRIBUTE_HELP)
    .action(async (text: string, flags: KeysFlags & ContributeFlags) => {
      const target = keyTarget(terminal.cwd, text, flags);
      const { circuit, keysDir } = target;
      if (flags.from !== undefined) return importFrom(target, flags.from, flags, terminal);
      const { name } = flags;
      if (name === undefined || flags.ptau !== undefined)
        throw new CliError('USAGE', 'say --name TEXT to contribute, or --from FILE --ptau FILE');
      const { contribute } = await import('../../proofs/keys/ceremony.ts');
      const made = await openKeyProgress(terminal, (onProgress) =>
        contribute({ circuit, keysDir, name, onProgress }),
      );
      await answer(terminal, flags, { circuit, ...made }, [
        `contributed to ${circuit}; publish this hash:`,
        made.hash,
      ]);
    });
  folder(keys.command('beacon').description('Adds the last contribution, which follows from a public value.'))
    .argument('<circuit>', 'ballot, orders, …')
    .requiredOption(
      '--beacon <hex>',
      'a value nobody knew before all had contributed, 1 to 255 bytes',
      beaconHex,
    )
    .option('--iterations <n>', `2^n hashes of it, 10 to ${MAX_BEACON_EXPONENT}`, iterations, 10)
    .option('--name <text>', 'what the transcript calls it', contributionName, 'beacon')
    .option(
      '--ceremony <text>',
      'who contributed, each on a machine of their own: no more dev keys',
      ceremonyText,
    )
    .addHelpText(
      'after',
      '\nExample:\n  velum keys beacon ballot --keys ceremony --beacon 0102030405060708 --ceremony "Ada, Bob and Eve"',
    )
    .action(async (text: string, flags: KeysFlags & BeaconFlags) => {
      const { applyBeacon } = await import('../../proofs/keys/ceremony.ts');
      const { circuit, keysDir } = keyTarget(terminal.cwd, text, flags);
      const { beacon, iterations: iterationsExponent, name, ceremony } = flags;
      const claim = ceremony === undefined ? {} : { ceremony };
      const made = await openKeyProgress(terminal, (onProgress) =>
        applyBeacon({ circuit, keysDir, name, beacon, iterationsExponent, ...claim, onProgress }),
      );
      await answer(terminal, flags, { circuit, ...made }, [
        `applied the beacon to ${circuit}; its hash:`,
        made.hash,
      ]);
    });
}

/** `velum keys setup CIRCUIT --dev`: what `--ptau` and `contribute` do, with powers of tau of this machine. */
async function setupDev(target: KeyTarget, flags: SetupFlags, terminal: Terminal): Promise<void> {
  const { circuit, keysDir, compile, powersDir } = target;
  const { makeDevKeys } = await import('../../proofs/keys/dev-keys.ts');
  if (flags.protocol === 'plonk')
    throw new CliError('USAGE', '--dev makes keys of Groth16: give --ptau FILE');
  const made = await openKeyProgress(terminal, (onProgress) =>
    makeDevKeys({ circuit, keysDir, compile, powersDir, replace: flags.force, onProgress }),
  );
  await answer(terminal, flags, { circuit, dev: true, ...made }, [
    `made keys of ${circuit} in ${keysDir}, for development only: whoever made them can forge proofs`,
  ]);
}

/** `velum keys contribute CIRCUIT --from FILE`. */
async function importFrom(
  { circuit, keysDir, compile }: KeyTarget,
  from: string,
  flags: KeysFlags & ContributeFlags,
  terminal: Terminal,
): Promise<void> {
  if (flags.ptau === undefined)
    throw new CliError('USAGE', '--from needs --ptau FILE, the powers of tau the keys were made from');
  const { importContributions } = await import('../../proofs/keys/import-contributions.ts');
  const job = {
    circuit,
    keysDir,
    from: resolve(terminal.cwd, from),
    ptau: resolve(terminal.cwd, flags.ptau),
  };
  const contributions = await openKeyProgress(terminal, (onProgress) =>
    importContributions({ ...job, compile, onProgress }),
  ).catch((error: unknown) => {
    if (!ProofsError.is(error, 'NOT_VERIFIED') && !Groth16Error.is(error, 'KEYS_UNSAFE')) throw error;
    const no = { circuit, from, contributions: [], reason: error.message };
    return answerNo(terminal, flags, no, error);
  });
  await answer(terminal, flags, { circuit, from, contributions, reason: null }, [
    `took ${from} as the key of ${circuit}; its makers publish these hashes:`,
    ...contributions.flatMap(({ name, hash }) => [name === '' ? '(no name)' : name, hash]),
  ]);
}

function addReading(keys: Command, terminal: Terminal): void {
  folder(keys.command('verify').description('Checks keys against circuit, powers of tau and transcript.'))
    .argument('<circuit>', 'ballot, orders, …')
    .requiredOption('--ptau <file>', 'the powers of tau the keys were made from')
    .option('--r1cs <file>', 'the compiled circuit, where its sources are not at hand')
    .addOption(new Option('--protocol <which>').choices(['groth16', 'plonk']).default('groth16'))
    .addHelpText(
      'after',
      '\nExample:\n  velum keys verify ballot --ptau powersOfTau28_hez_final_12.ptau\nExit codes: 0 verified, 1 not verified, 2 wrong options or files, 70 a bug.',
    )
    .action(async (text: string, flags: KeysFlags & { ptau: string; protocol: ProofSystem }) => {
      const { verifyKeys } = await import('../../proofs/keys/verify-keys.ts');
      const { circuit, keysDir, compile } = keyTarget(terminal.cwd, text, flags, flags.protocol);
      const ptau = resolve(terminal.cwd, flags.ptau);
      const checks = await openKeyProgress(terminal, (onProgress) =>
        verifyKeys({ circuit, keysDir, compile, ptau, onProgress }),
      );
      const lines = checks.map(({ what, ok }) => `  ${ok ? 'yes' : 'NO '}  ${what}`);
      const verified = checks.every(({ ok }) => ok);
      const reason = verified ? null : `the keys of ${circuit} are not what they claim`;
      const said = { circuit, verified, checks, reason };
      if (reason !== null) {
        const no = new ProofsError('NOT_VERIFIED', `${reason}:\n${lines.join('\n')}`, { circuit });
        return answerNo(terminal, flags, said, no);
      }
      await answer(terminal, flags, said, [...lines, `verified the keys of ${circuit}`]);
    });
  folder(keys.command('list').description('Lists keys, where they come from and who contributed.'))
    .addOption(new Option('--protocol <which>').choices(['groth16', 'plonk']).default('groth16'))
    .addHelpText('after', '\nExample:\n  velum keys list --json')
    .action(async (flags: KeysFlags & { protocol: ProofSystem }) => {
      const keysDir = listedFolder(terminal.cwd, flags.keys, flags.protocol);
      const manifest = await readManifest(keysDir);
      if (manifest === undefined)
        throw new ProofsError('KEYS_MISSING', `${keysDir} has no MANIFEST.json: no keys were made there`);
      const circuits = Object.entries(manifest.circuits);
      const rows = circuits.map(([name, record]) => [
        printable(name),
        record.protocol ?? 'groth16',
        printable(record.ptau.name),
        record.ptau.trust,
        record.vkey.slice(0, 12),
        keyUse(record),
      ]);
      const head = ['circuit', 'protocol', 'powers of tau', 'trust', 'vkey', 'for'];
      const steps = circuits.flatMap(([name, { contributions }]) =>
        contributions.map((made, i) => [
          printable(name),
          String(i + 1),
          made.hash.slice(0, 12),
          printable(made.name),
        ]),
      );
      await answer(terminal, flags, manifest, [
        ...table([head, ...rows], [], 0),
        ...(steps.length === 0 ? [] : ['', ...table([['circuit', 'step', 'hash', 'by'], ...steps], [], 0)]),
        ...circuits.flatMap(([name, { ceremony }]) =>
          ceremony === undefined ? [] : [printable(`${name}: ${ceremony}`)],
        ),
        ...(manifest.dev
          ? ['for development only: made on one machine, or from a phase 1 that is not public']
          : []),
      ]);
    });
  folder(keys.command('export-vkey').description('Writes the verification key as snarkjs does.'))
    .argument('<circuit>', 'ballot, orders, …')
    .option('--out <file>', 'where it goes', 'verification_key.json')
    .addHelpText('after', '\nExample:\n  velum keys export-vkey ballot --out verification_key.json')
    .action(async (text: string, flags: KeysFlags & { out: string }) => {
      await checkOutFiles(terminal.cwd, flags.out);
      const { circuit, keysDir } = keyTarget(terminal.cwd, text, flags);
      const { read } = await loadKeys(circuit, keysDir);
      await writeWholeFile(resolve(terminal.cwd, flags.out), await read('vkey'));
      await answer(terminal, flags, { circuit, out: flags.out }, [`wrote ${flags.out}`]);
    });
}

async function answer(
  terminal: Terminal,
  { json }: KeysFlags,
  value: unknown,
  lines: readonly string[],
): Promise<void> {
  await terminal.out(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
}

function contributionName(text: string): string {
  if (text.length > 0 && Buffer.byteLength(text) <= 64 && !/\p{Cc}/u.test(text)) return text;
  throw new InvalidArgumentError('1 to 64 bytes of text are expected.');
}

function ceremonyText(text: string): string {
  if (/^\P{Cc}{1,1000}$/u.test(text)) return text;
  throw new InvalidArgumentError('1 to 1,000 characters of text are expected.');
}

function beaconHex(text: string): string {
  if (/^([0-9a-f]{2}){1,255}$/.test(text.toLowerCase())) return text.toLowerCase();
  throw new InvalidArgumentError('1 to 255 bytes in hex are expected.');
}

function iterations(text: string): number {
  if (/^\d\d$/.test(text) && Number(text) >= 10 && Number(text) <= MAX_BEACON_EXPONENT) return Number(text);
  throw new InvalidArgumentError(`A whole number from 10 to ${MAX_BEACON_EXPONENT} is expected.`);
}
