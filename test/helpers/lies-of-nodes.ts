import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import type { Exchange, Lie } from './lying-proxy.ts';
import { changedBlocks, toldOtherwise } from './walk.ts';

/** Every lie about the answers of one method that its honest answers, when they were recorded, give rise to. */

const ALWAYS = Number.POSITIVE_INFINITY;
const error = (code: string): object => ({ code: -32_003, message: 'no', data: { code } });
const REFUSALS = [
  'RPC_UNKNOWN',
  'RPC_PRUNED',
  'RPC_RATE',
  'RPC_INTERNAL',
  'RPC_BUSY',
  'RPC_NOT_READY',
  'ITEM_FEE',
];

type Teller = { readonly where: string; readonly tell: Lie['tell'] };

/** Lies in one place of the answer, and in place of the answer. */
function* tellers(method: string, recorded: readonly Exchange[]): Generator<Teller> {
  const own = recorded.filter((each) => each.method === method);
  const longest = own.reduce((a, b) => (size(b) > size(a) ? b : a));
  const walk = [...toldOtherwise(longest.answer)];
  for (const [k, { where }] of walk.entries())
    yield {
      where,
      tell: ({ answer }) => {
        // The answers of one method have one form: the same place of this one.
        const found = [...toldOtherwise(answer)][k];
        return found?.where === where ? { json: found.value } : undefined;
      },
    };
  for (const code of REFUSALS)
    yield {
      where: `refused with ${code}`,
      tell: ({ answer }) => ({ json: { jsonrpc: '2.0', id: answer.id, error: error(code) } }),
    };
  for (const other of new Set(recorded.map((each) => each.method)))
    if (other !== method) {
      const { answer } = recorded.find((each) => each.method === other)!;
      yield { where: `the answer of ${other}`, tell: () => ({ json: answer }) };
    }
  for (const old of [own[0]!, own.at(-1)!])
    yield {
      where: `an answer of before: ${JSON.stringify(old.params).slice(0, 60)}`,
      tell: ({ answer }) =>
        JSON.stringify(answer) === JSON.stringify(old.answer) ? undefined : { json: old.answer },
    };
  for (const [where, raw] of RAW) yield { where, tell: () => ({ raw }) };
}

const size = ({ answer }: Exchange): number => JSON.stringify(answer).length;
const nothing = (): void => {};

/** What is no answer of JSON-RPC. */
const RAW: readonly (readonly [where: string, raw: (response: ServerResponse) => void])[] = [
  ['nothing', (response) => void response.end()],
  ['no JSON', (response) => void response.end('{"jsonrpc":"2.0",')],
  ['deep brackets', (response) => void response.end('['.repeat(1 << 20))],
  ['a cut connection', (response) => void response.destroy()],
  [
    'half of an answer',
    (response) => {
      response.setHeader('content-length', 1_000);
      response.write('{"jsonrpc"', () => response.destroy());
    },
  ],
  ['an answer that never comes', nothing],
  ['an answer that never ends', (response) => void response.write('{"jsonrpc":"2.0","result":')],
  [
    'a bomb',
    (response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(1 << 26, 0x20)));
    },
  ],
  [
    'another place',
    (response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/' });
      response.end();
    },
  ],
];

/** A block that is changed in one place of what it decodes to. @param every 1 takes all changes, n each n-th */
function* blockTellers(recorded: readonly Exchange[], every: number, first: number): Generator<Teller> {
  const blocks = recorded.filter((each) => each.method === 'block' && each.answer.result !== undefined);
  let k = first;
  for (const { params, answer } of blocks)
    for (const { where, bytes } of changedBlocks(fromHex(answer.result.encoded)!)) {
      if (k++ % every !== 0) continue;
      yield {
        where: `height ${params.height}, ${where}`,
        tell: (exchange) =>
          exchange.params.height === params.height
            ? { json: { ...exchange.answer, result: { ...exchange.answer.result, encoded: toHex(bytes) } } }
            : undefined,
      };
    }
}

/** All lies about a method. @param every of the changes in a decoded block each n-th is told, the first-th first */
export function liesAbout(
  method: string,
  recorded: readonly Exchange[],
  every: number,
  first = 0,
): readonly Lie[] {
  const count = recorded.filter((each) => each.method === method).length;
  const lies = [...tellers(method, recorded)].map(
    (teller, k): Lie => ({
      method,
      ...teller,
      after: k % Math.max(1, count),
      times: k % 3 === 0 ? 1 : ALWAYS,
    }),
  );
  const inBlocks = method === 'block' ? [...blockTellers(recorded, every, first)] : [];
  return [...lies, ...inBlocks.map((teller): Lie => ({ method, ...teller, after: 0, times: ALWAYS }))];
}

/** Statuses of an item that a node may make up. @param tip the last height of the chain when one is told */
export function madeUpStatuses(tip: () => number): readonly Lie[] {
  const heights = [
    ...[-5, -1, 0, 1, 2, 3, 4, 5].map((from) => ({ where: `tip ${from}`, at: () => tip() + from })),
    ...[0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1].map((at) => ({ where: `${at}`, at: () => at })),
  ];
  const results: readonly { readonly where: string; readonly of: () => object }[] = [
    ...['ordered', 'settled', 'certified'].flatMap((status) =>
      heights.map(({ where, at }) => ({ where: `${status} ${where}`, of: () => ({ status, height: at() }) })),
    ),
    ...['waiting', 'admitted', 'lost'].map((status) => ({ where: status, of: () => ({ status }) })),
    ...['ITEM_FEE', 'ITEM_WINDOW', '', '\u001b[2J'].map((code) => ({
      where: `refused ${JSON.stringify(code)}`,
      of: () => ({ status: 'refused', code }),
    })),
  ];
  return results.map(({ where, of }) => ({
    method: 'itemStatus',
    where,
    after: 0,
    times: ALWAYS,
    tell: ({ answer }) => ({ json: { jsonrpc: '2.0', id: answer.id, result: of() } }),
  }));
}
