import { encodeState } from '../../src/base/state-codec.ts';
import { commitHash } from '../../src/host/chained.ts';
import { type KeptEffect, sealHost } from '../../src/host/host-snapshot.ts';
import { frameRecord } from '../../src/host/log.ts';
import type { NumberedSending } from '../../src/host/outbox.ts';
import { encodeRecord, type HostRecord } from '../../src/host/records.ts';
import { encodeSecret } from '../../src/node/secret-file.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';
import type { Input } from '../../src/validator/types.ts';
import { bytes, domain, item } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const from = validatorIndex(3);

/** One of each type: an input without a vector does not compile. */
const INPUTS: { readonly [T in Input['type']]: Extract<Input, { type: T }> } = {
  item: { type: 'item', bytes: bytes(20, 110) },
  message: { type: 'message', from, bytes: bytes(21, 111) },
  connected: { type: 'connected', peer: from },
  forgotten: { type: 'forgotten', nonce: bytes(16, 130) },
  observe: { type: 'observe', prices: [1_101n, 1_102n], observedS: 1_103n, clockS: 1_104n },
  ballotDue: { type: 'ballotDue' },
  announceDue: { type: 'announceDue' },
  resend: { type: 'resend' },
  block: { type: 'block', bytes: bytes(22, 112) },
  verified: {
    type: 'verified',
    verdicts: [
      { ref: { type: 'ballot', height: height(5), copy: 'c' }, ok: true },
      { ref: { type: 'item', copy: 'd' }, ok: false },
    ],
  },
  proved: {
    type: 'proved',
    ref: { type: 'own', height: height(6), items: [item(1)] },
    proof: bytes(256, 113),
  },
  stored: { type: 'stored', ref: { type: 'block', to: from, height: height(7) }, bytes: bytes(23, 114) },
  dealDue: { type: 'dealDue' },
  dealt: { type: 'dealt', ref: { type: 'deal', session: 1_110n }, bytes: bytes(24, 131) },
  dealingsVerified: {
    type: 'dealingsVerified',
    ref: { type: 'dealings', session: 1_111n, dealers: [from] },
    bad: [from],
  },
};

const RECORDS: { readonly [T in Exclude<HostRecord['type'], 'input'>]: Extract<HostRecord, { type: T }> } = {
  header: {
    type: 'header',
    version: 99,
    chain: bytes(32, 115),
    epoch: bytes(32, 116),
    self: 4,
    dissemination: 'stem',
    after: bytes(32, 117),
  },
  commit: { type: 'commit', hash: bytes(32, 118) },
};

const secrets = {
  identitySecret: 1_105n,
  blsSecret: bytes(32, 124),
  signSecret: bytes(32, 125),
  decryptionShare: 1_106n,
  coinShare: 1_107n,
  seed: bytes(32, 126),
};

const REGISTRANT = {
  identitySecret: 1_114n,
  blsSecret: bytes(32, 135),
  signSecret: bytes(32, 136),
  encryptionSecret: 1_115n,
};
const owner = { chainHash: domain.chainHash, member: 12, epoch: 3 };

const KEPT: { readonly [T in KeptEffect['type']]: Extract<KeptEffect, { type: T }> } = {
  verify: {
    type: 'verify',
    request: {
      ref: { type: 'item', copy: 'd' },
      circuit: 'account',
      proofs: [{ signals: [1_108n, 1_109n], proof: bytes(256, 127) }],
    },
  },
  prove: { type: 'prove', ref: { type: 'own', height: height(8), items: [item(2), item(3)] } },
  serveBlock: { type: 'serveBlock', ref: { type: 'block', to: from, height: height(9) } },
  deal: { type: 'deal', ref: { type: 'deal', session: 1_112n } },
  verifyDealings: {
    type: 'verifyDealings',
    ref: { type: 'dealings', session: 1_113n, dealers: [from] },
    dealings: [bytes(26, 132)],
  },
};

export function hostVectors(): Vectors {
  const state = [
    undefined,
    true,
    false,
    0,
    -1,
    2 ** 40,
    12n,
    -13n,
    2n ** 200n,
    'text',
    bytes(5, 119),
    [1, [2]],
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
    new Set([3n, 2n]),
  ];
  const sends: readonly NumberedSending[] = [
    { to: 'all' as const, numbers: [1, 2], bytes: bytes(9, 120) },
    { to: from, numbers: [3], bytes: bytes(8, 121) },
  ];
  return {
    ...named('node', {
      'secret/keys': encodeSecret(owner, 'keys', secrets),
      'secret/registrant': encodeSecret(owner, 'registrant', REGISTRANT),
      'secret/registration': encodeSecret(owner, 'registration', bytes(27, 133)),
      'secret/dealing': encodeSecret(owner, 'dealing', bytes(28, 134)),
    }),
    ...named('host', {
      state: encodeState(state),
      snapshot: sealHost({
        header: RECORDS.header,
        machine: bytes(25, 128),
        received: [10, 11, 12],
        outbox: [{ last: 13, waiting: [{ number: 14, bytes: bytes(7, 129), at: height(10) }] }],
        unanswered: [KEPT.verify, KEPT.prove, KEPT.serveBlock],
      }),
      generationSnapshot: sealHost({
        header: RECORDS.header,
        machine: bytes(25, 133),
        received: [10],
        outbox: [],
        unanswered: [KEPT.deal, KEPT.verifyDealings],
      }),
      framed: frameRecord(bytes(24, 122)),
      commitHash: commitHash(bytes(32, 123), sends),
    }),
    ...named(
      'host/record',
      Object.fromEntries(Object.values(RECORDS).map((record) => [record.type, encodeRecord(record)])),
    ),
    ...named(
      'host/input',
      Object.fromEntries(
        Object.values(INPUTS).map((input, i) => [
          input.type,
          encodeRecord({ type: 'input', number: 30 + i, input }),
        ]),
      ),
    ),
  };
}
