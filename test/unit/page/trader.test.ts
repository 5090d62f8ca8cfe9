import { expect, test } from 'vitest';
import { lockSeed, unlockSeed } from '../../../src/client/locked-seed.ts';
import { parseWalletKey, walletKeyText } from '../../../src/formats/wallet-files.ts';
import { happeningText } from '../../../src/page/trader/happening-text.ts';
import { linkedBy } from '../../../src/page/trader/linked.ts';
import { EMPTY_LEG, wishesOf } from '../../../src/page/trader/order-text.ts';
import { BEFORE_DOOR, isUnderWay, withNews } from '../../../src/page/trader/wallet-seen.ts';
import type { HappeningView, JobView } from '../../../src/page/worker/messages.ts';
import type { Stored } from '../../../src/page/worker/stored-values.ts';
import { importSeed, keptKey, removeKey, unlockKept } from '../../../src/page/worker/wallet-door.ts';
import { freeOf, walletView } from '../../../src/page/worker/wallet-view.ts';
import { walletChain } from '../../helpers/wallet-chain.ts';

const { trader } = walletChain();
const view = walletView(trader, 6);

/** A browser that keeps values in memory. */
function memory(): Stored & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: async (name) => values.get(name),
    put: async (name, value) => void values.set(name, value),
    add: async (name, value) => !values.has(name) && Boolean(values.set(name, value)),
    remove: async (name) => void values.delete(name),
  };
}

const SEED = new Uint8Array(32).fill(7);
const random = (length: number): Uint8Array => new Uint8Array(length).fill(9);
/** Cheap to open: how long a password is stretched stands in the file. */
const keyFile = async (): Promise<string> => walletKeyText(await lockSeed(SEED, 'a password', random, 4));

test('a key file is kept as it was brought, opens with its password alone, and is never written over', async () => {
  const stored = memory();
  const file = await keyFile();
  await expect(unlockKept('a password', stored)).rejects.toMatchObject({ code: 'WALLET_MISSING' });
  await expect(importSeed(file, 'another one', stored)).rejects.toMatchObject({ code: 'WALLET_PASSWORD' });
  expect(await keptKey(stored)).toBeUndefined();
  expect(await importSeed(file, 'a password', stored)).toEqual(SEED);
  expect([...stored.values.values()]).toEqual([file]);
  expect(await unlockKept('a password', stored)).toEqual(SEED);
  await expect(unlockKept('a passwore', stored)).rejects.toMatchObject({ code: 'WALLET_PASSWORD' });
  await expect(importSeed(file, 'a password', stored)).rejects.toMatchObject({ code: 'WALLET_EXISTS' });
  await removeKey(stored);
  expect(stored.values.size).toBe(0);
});

test('of two tabs that make or bring a key at once one is refused, and the key of the other stays', async () => {
  const stored = memory();
  const file = await keyFile();
  const both = [importSeed(file, 'a password', stored), importSeed(file, 'a password', stored)];
  const results = await Promise.allSettled(both);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'WALLET_EXISTS' },
  });
});

test('a kept key that was changed anywhere is refused', async () => {
  const file = await keyFile();
  const [name] = await keptUnder(file);
  const json = JSON.parse(file);
  for (const changed of [
    { ...json, extra: 1 },
    { ...json, version: 2 },
    { ...json, kdf: { ...json.kdf, logN: 30 } },
    { ...json, cipher: { ...json.cipher, nonce: json.cipher.nonce.slice(2) } },
  ]) {
    const stored = memory();
    stored.values.set(name!, JSON.stringify(changed));
    await expect(unlockKept('a password', stored)).rejects.toMatchObject({ code: 'WALLET_FILE' });
  }
  const sealed = `${json.cipher.sealed.startsWith('0') ? '1' : '0'}${json.cipher.sealed.slice(1)}`;
  const other = JSON.stringify({ ...json, cipher: { ...json.cipher, sealed } });
  expect(await unlockSeed(parseWalletKey(other, 'other'), 'a password')).toBeUndefined();
});

async function keptUnder(file: string): Promise<readonly string[]> {
  const stored = memory();
  await importSeed(file, 'a password', stored);
  return [...stored.values.keys()];
}

test('what may leave an account leaves room for the fee, and nothing may leave an empty one', () => {
  const [first] = view.accounts;
  const { account } = trader.accounts[0]!;
  expect(account.positions.size).toBe(0);
  expect(first!.free).toBe(account.cash - view.batchFee);
  expect(freeOf(trader, { ...account, cash: view.batchFee - 1n })).toBe(0n);
});

test('typed orders are taken as numbers, and the first that is none is named', () => {
  const leg = { ...EMPTY_LEG, lots: ' 2', limit: '62.1 ' };
  expect(wishesOf([leg, { ...leg, side: 'sell', instrument: 5, reduceOnly: true }])).toEqual([
    { side: 'buy', lots: 2n, instrument: 0, price: 62_100_000n, reduceOnly: false },
    { side: 'sell', lots: 2n, instrument: 5, price: 62_100_000n, reduceOnly: true },
  ]);
  for (const lots of ['', '1.5', '-1', 'two', '1e3'])
    expect(wishesOf([leg, { ...leg, lots }])).toMatch(/^Leg 2: a whole number of lots/);
  for (const limit of ['', '1,5', '0.0000001', '-2'])
    expect(wishesOf([{ ...leg, limit }])).toMatch(/^Leg 1: a limit/);
});

test('what happened is linked by account, and a refused leg is of the account of its batch', () => {
  const batch = view.history.find(({ kind }) => kind === 'batch')!;
  const refused: HappeningView = { ...batch, kind: 'refused', account: null, leg: 1, code: 'SETTLE_X' };
  const early: HappeningView = { ...refused, id: 'ff'.repeat(32), leg: null };
  const linked = linkedBy([...view.history, refused, early], view.accounts);
  expect(
    linked.map(({ account, happenings }) => [account.number, happenings.map(({ kind }) => kind)]),
  ).toEqual([
    [0, ['deposit', 'shield', 'withdraw']],
    [null, ['batch', 'refused']],
  ]);
  const told = [...view.history, refused].map((each) => happeningText(each, view));
  expect(told[0]).toBe('deposit: 9,000.00');
  expect(told[1]).toMatch(/^shield: 7,000\.00, fee 0\./);
  expect(told.at(-1)).toBe('leg 2: SETTLE_X');
});

test('a lie of the node stays told, and a height takes back that it was out of reach', () => {
  const fault = (isLie: boolean) => ({ kind: 'fault', fault: { code: 'NODE', text: '', isLie } }) as const;
  const next = { ...view, height: view.height + 1 };
  const away = withNews(withNews(BEFORE_DOOR, { kind: 'wallet', wallet: view }), fault(false));
  expect(withNews(away, { kind: 'wallet', wallet: view }).fault).toBeDefined();
  expect(withNews(away, { kind: 'wallet', wallet: next }).fault).toBeUndefined();
  expect(withNews(away, { kind: 'fault', fault: null }).fault).toBeUndefined();
  const caught = withNews(away, fault(true));
  expect(withNews(caught, { kind: 'fault', fault: null })).toBe(caught);
  expect(withNews(withNews(caught, { kind: 'wallet', wallet: next }), fault(false)).fault).toMatchObject({
    isLie: true,
  });
});

test('what is asked to be sent takes the place of what was sent before, and a refusal is of what was asked', () => {
  const job: JobView = {
    ...{ what: 'shield', stage: 'settled', progress: 1, tries: 0, id: null, lastHeight: null },
    ...{ happenings: [], problem: null },
  };
  const done = withNews(BEFORE_DOOR, { kind: 'job', job });
  expect(isUnderWay(done)).toBe(false);
  expect(withNews(done, { kind: 'asked', asked: 'preview' }).job).toBe(job);
  const asked = withNews(done, { kind: 'asked', asked: 'withdraw' });
  expect(asked.job).toBeUndefined();
  const problem = { code: 'WALLET_FUNDS', text: '' };
  expect(withNews(asked, { kind: 'refused', problem }).refused).toEqual({ asked: 'withdraw', problem });
  expect(isUnderWay(withNews(asked, { kind: 'job', job: { ...job, stage: 'sent' } }))).toBe(true);
  expect(withNews(asked, { kind: 'locked' })).toBe(BEFORE_DOOR);
});
