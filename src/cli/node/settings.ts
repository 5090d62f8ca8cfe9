import { z } from 'zod';
import { textOf } from '../../formats/json-file.ts';
import type { Address } from '../../net/transport.ts';
import { NodeError } from '../../node/errors.ts';
import { LOG_LEVELS } from '../../node/node-log.ts';
import { MAX_VALIDATORS } from '../../params/sizes.ts';

/** The settings of a node, each from one of four places: an option, an environment variable, the configuration file, its default. */

const MAX_DELAY_MS = 60_000;
/** A clock is wrong by no more than about three years. */
const MAX_CLOCK_OFFSET_S = 10 ** 8 - 1;
const MAX_KEPT_EPOCHS = 9_999;
/** Where validators listen if nothing is said. */
export const DEFAULT_PORT = 26_600;

const address = textOf('HOST:PORT such as "127.0.0.1:26600"', parseAddress);
const peers = z.array(address, 'a list of HOST:PORT is expected').min(1).max(MAX_VALIDATORS);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'true or false is expected',
});
const index = z.union(
  [
    z
      .int()
      .min(0)
      .max(MAX_VALIDATORS - 1),
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number),
  ],
  { error: 'the index of a validator is expected' },
);

const delay = z.union(
  [
    z.int().min(0).max(MAX_DELAY_MS),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
  ],
  {
    error: `milliseconds from 0 to ${MAX_DELAY_MS} are expected`,
  },
);

const offset = z.union(
  [
    z.int().min(-MAX_CLOCK_OFFSET_S).max(MAX_CLOCK_OFFSET_S),
    z
      .string()
      .regex(/^-?\d{1,8}$/)
      .transform(Number),
  ],
  { error: `seconds from -${MAX_CLOCK_OFFSET_S} to ${MAX_CLOCK_OFFSET_S} are expected` },
);

const epochs = z.union(
  [
    z.int().min(1).max(MAX_KEPT_EPOCHS),
    z
      .string()
      .regex(/^[1-9]\d{0,3}$/)
      .transform(Number),
  ],
  { error: `a number from 1 to ${MAX_KEPT_EPOCHS} is expected` },
);

interface Setting {
  readonly flag: string;
  readonly about: string;
  readonly schema: z.ZodType;
  /** Of a text from an option or the environment; the text itself where nothing is said. */
  readonly fromText?: (text: string) => unknown;
  readonly value?: unknown;
}

export const SETTINGS = {
  validator: {
    flag: '--validator <i>',
    about: 'index of this member in the registry of the chain',
    schema: index,
  },
  listen: {
    flag: '--listen <host:port>',
    about: 'where it listens for other validators',
    schema: address,
    value: `0.0.0.0:${DEFAULT_PORT}`,
  },
  address: {
    flag: '--address <host:port>',
    about: 'where others reach it, as it registers (default: where it listens)',
    schema: address,
  },
  peers: {
    flag: '--peers <list>',
    about: 'HOST:PORT of every member by index, with commas between, in place of what they have registered',
    schema: peers,
    fromText: (text: string) => text.split(','),
  },
  rpc: {
    flag: '--rpc <host:port>',
    about: 'where it answers requests',
    schema: address,
    value: '127.0.0.1:26700',
  },
  page: {
    flag: '--page',
    about: 'serve the page of explorer and trader where it answers requests, on loopback alone',
    schema: flag,
    value: false,
  },
  market: {
    flag: '--market <file.json>',
    about: 'its feed: a market file with prices',
    schema: z.string().min(1),
  },
  dissemination: {
    flag: '--dissemination <how>',
    about: 'how its ballots spread, direct or stem',
    schema: z.enum(['direct', 'stem'], 'direct or stem is expected'),
    value: 'direct',
  },
  logLevel: {
    flag: '--log-level <level>',
    about: LOG_LEVELS.join(', '),
    schema: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')} is expected`),
    value: 'info',
  },
  delayMs: {
    flag: '--delay-ms <ms>',
    about: 'hand on what comes from others so much later, to try out distance',
    schema: delay,
    value: 0,
  },
  clockOffsetS: {
    flag: '--clock-offset-s <s>',
    about: 'run with a clock that is wrong by so many seconds, on a devnet alone',
    schema: offset,
    value: 0,
  },
  keepEpochs: {
    flag: '--keep-epochs <n>',
    about: 'keep the blocks of so many epochs before the one in office (default: of all)',
    schema: epochs,
  },
  allowDevKeys: {
    flag: '--allow-dev-keys',
    about: 'take proving keys that are for development',
    schema: flag,
    value: false,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
/** What the options of a command line said; as commander names them. */
export type SettingFlags = { readonly [N in SettingName]?: string | boolean };
type ValueOf<N extends SettingName> = z.output<(typeof SETTINGS)[N]['schema']>;

/** Settings that a node cannot start without may be undefined where they are only shown. */
export type Settings = { readonly [N in SettingName]: ValueOf<N> | undefined };
export type SettingSource = 'option' | 'environment' | 'file' | 'default' | 'not set';

/** `VELUM_LOG_LEVEL` for `logLevel`. */
export const variableOf = (name: SettingName): string =>
  `VELUM_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/**
 * Each setting from the first place that names it: option, environment, file, default.
 * @param file what the configuration file holds
 * @throws {NodeError} NODE_CONFIG naming the setting, the place and what is expected
 */
export function readSettings(
  flags: SettingFlags,
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>>,
): { readonly settings: Settings; readonly sources: Readonly<Record<SettingName, SettingSource>> } {
  const unknown = Object.keys(file).find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined)
    throw new NodeError('NODE_CONFIG', `the configuration file names ${unknown}, which is no setting`, {
      setting: unknown,
    });
  const settings: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const name of SETTING_NAMES) {
    const setting: Setting = SETTINGS[name];
    const read = (text: unknown): unknown =>
      typeof text === 'string' ? (setting.fromText?.(text) ?? text) : text;
    const places: readonly (readonly [SettingSource, string, unknown])[] = [
      ['option', setting.flag.split(' ')[0]!, read(flags[name])],
      ['environment', variableOf(name), read(environment[variableOf(name)])],
      ['file', `"${name}" of the configuration file`, file[name]],
      ['default', name, setting.value],
    ];
    const place = places.find(([, , value]) => value !== undefined);
    sources[name] = place?.[0] ?? 'not set';
    if (place === undefined) continue;
    const parsed = setting.schema.safeParse(place[2]);
    if (!parsed.success)
      throw new NodeError('NODE_CONFIG', `${place[1]}: ${parsed.error.issues[0]!.message}`, {
        setting: name,
      });
    settings[name] = parsed.data;
  }
  return { settings: settings as Settings, sources: sources as Record<SettingName, SettingSource> };
}

/** "host:port", "[::1]:port". */
export function parseAddress(text: string): Address | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [v6 ?? name, Number(digits)];
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

export const addressText = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
