import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../src/cli/node/settings.ts';

const FILE = { validator: 2, logLevel: 'warn', peers: ['a:1', '[::1]:2'], rpc: '127.0.0.1:9' };

describe('settings of a node', () => {
  test('come from an option before the environment, from that before the file, from that before a default', () => {
    const environment = { VELUM_LOG_LEVEL: 'error', VELUM_RPC: '127.0.0.1:8', VELUM_ALLOW_DEV_KEYS: 'true' };
    const { settings, sources } = readSettings({ logLevel: 'debug' }, environment, FILE);
    expect(settings).toMatchObject({
      logLevel: 'debug',
      rpc: { host: '127.0.0.1', port: 8 },
      allowDevKeys: true,
      validator: 2,
      listen: { host: '0.0.0.0', port: 26_600 },
      peers: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
    });
    expect(sources).toMatchObject({
      logLevel: 'option',
      rpc: 'environment',
      validator: 'file',
      listen: 'default',
      market: 'not set',
    });
  });

  test.each([
    [{ listen: 'nowhere' }, {}, {}, '--listen: HOST:PORT'],
    [{ listen: '127.0.0.1:70000' }, {}, {}, '--listen: HOST:PORT'],
    [{ peers: 'a:1,,b:2' }, {}, {}, '--peers'],
    [{}, { VELUM_VALIDATOR: '1e1' }, {}, 'VELUM_VALIDATOR: the index'],
    [{}, { VELUM_ALLOW_DEV_KEYS: '' }, {}, 'VELUM_ALLOW_DEV_KEYS: true or false'],
    [{}, {}, { logLevel: 'loud' }, '"logLevel" of the configuration file: one of'],
    [{}, {}, { loglevel: 'info' }, 'names loglevel, which is no setting'],
    [{ clockOffsetS: '1.5' }, {}, {}, '--clock-offset-s: seconds from'],
    [{ keepEpochs: '0' }, {}, {}, '--keep-epochs: a number from 1'],
    [{}, {}, { keepEpochs: 0 }, '"keepEpochs" of the configuration file'],
    [{}, {}, { validator: 100 }, '"validator" of the configuration file'],
  ])('that are not valid are refused by place and name: %j %j %j', (flags, environment, file, said) => {
    expect(() => readSettings(flags, environment, file)).toThrow(said);
  });
});
