import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { tlsIdentity } from '../../../src/net/identity.ts';
import { SecretFinder } from '../../helpers/secret-finder.ts';

const secret = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 201) & 0xff);
const finder = new SecretFinder(new Map([['it', secret]]));
const number = BigInt(`0x${Buffer.from(secret).toString('hex')}`);

test.each([
  ['hex', `a${Buffer.from(secret).toString('hex')}b`],
  ['HEX', Buffer.from(secret).toString('hex').toUpperCase()],
  ['decimal', `secret ${number}n`],
  ['list', JSON.stringify([...secret])],
  ['list', JSON.stringify({ type: 'Buffer', data: Buffer.from(secret) })],
  ['list', inspect(secret)],
  ['hex', inspect(Buffer.from(secret))],
  ['base64', `x${Buffer.from(secret).toString('base64')}`],
  ['base64', Buffer.concat([Buffer.from('a'), secret, Buffer.from('b')]).toString('base64')],
  ['base64url', Buffer.concat([Buffer.from('ab'), secret]).toString('base64url')],
  ['reversed hex', Buffer.from(secret).reverse().toString('hex')],
])('a secret is found that is written as %s', (form, text) => {
  expect(finder.find(Buffer.from(`before ${text} after`))).toContain(`it as ${form}`);
});

test('a secret is found among other bytes and in a private key, and not where it is not', async () => {
  const { privateKey, certificate } = await tlsIdentity(secret);
  expect(finder.find(Buffer.from(privateKey))).toContain('it as base64');
  expect(finder.find(Buffer.concat([Buffer.alloc(5), secret]))).toContain('it as bytes');
  expect(finder.find(Buffer.from(certificate))).toEqual([]);
});
