import type { EpochResult } from '../../../src/cli/epoch/types.ts';
import { accountId, instrumentIndex, itemId, validatorIndex } from '../../../src/params/ids.ts';

const desk = accountId('a1'.repeat(32));
const fresh = accountId('b2'.repeat(32));
const perp = instrumentIndex(0);
const call = instrumentIndex(3);

/** A faulty run with one of everything that a report can show; of the market in examples/market.json. */
export const sampleResult: EpochResult = {
  validators: 4,
  faulty: [{ validator: validatorIndex(3), plays: 'two different ballots at every height' }],
  dissemination: 'stem',
  seed: 7,
  restarts: 0,
  genesis: {
    keys: 'dkg',
    dealers: [0, 1, 2].map(validatorIndex),
    excluded: [{ validator: validatorIndex(3), why: 'late' }],
    decryptionKey: new Uint8Array(64).fill(1),
    coinKey: new Uint8Array(64).fill(2),
  },
  registry: 4,
  epochs: [
    {
      epoch: 1,
      firstHeight: 1,
      committee: [0, 1, 2, 3],
      decryptionKey: new Uint8Array(64).fill(1),
      coinKey: new Uint8Array(64).fill(2),
      dealers: [0, 1, 2],
      excluded: [{ member: 3, why: 'late' }],
    },
  ],
  risk: [],
  trust: ['Bridge: of this run.', 'Proving keys: made on one machine.'],
  heights: [
    {
      height: 1,
      epoch: 1,
      correct: 3,
      timeS: 1_795_507_230n,
      submitted: 3,
      accepted: 2,
      refused: [
        {
          item: 'gia-2',
          code: 'ITEM_NULLIFIER_SPENT',
          sentence: 'The note is spent.',
          by: 'admit',
          validators: 4,
        },
      ],
      dropped: [{ item: 'ana-1', leg: 1, code: 'ENTRY_REDUCE_ONLY', sentence: 'Nothing is left to reduce.' }],
      items: [
        { item: 'mira-1', id: itemId('c3'.repeat(32)) },
        { item: 'ana-1', id: itemId('d4'.repeat(32)) },
      ],
      market: { happenings: ['  - funding of BTC-PERP'], json: { index: '62000' } },
      ballots: 3,
      acsProposers: [0, 1, 2].map(validatorIndex),
      certificateSigners: [0, 1, 2].map(validatorIndex),
      auctions: Array.from({ length: 9 }, (_, i) => ({
        instrument: instrumentIndex(i),
        price: i === 0 ? 62_140_500n : i === 3 ? 49_525_001n : null,
        volume: i === 0 ? 120n : i === 3 ? 12n : 0n,
      })),
      fills: [
        {
          account: fresh,
          item: 'ana-1',
          instrument: perp,
          side: 'buy',
          lots: 120n,
          price: 62_140_500n,
          fee: 2_237_058n,
        },
        {
          account: desk,
          item: 'mira-1',
          instrument: call,
          side: 'sell',
          lots: 12n,
          price: 49_525_001n,
          fee: 178_291n,
        },
      ],
      accounts: [
        {
          account: fresh,
          name: 'fresh:ana-1',
          trader: 'ana',
          before: undefined,
          after: {
            cash: 1_500_250_000n,
            equity: 1_498_000_000n,
            positions: [
              { instrument: perp, lots: 120n },
              { instrument: call, lots: 12n },
            ],
          },
        },
        {
          account: desk,
          name: 'desk',
          trader: 'mira',
          before: {
            cash: 20_000_000_000n,
            equity: 20_100_000_000n,
            positions: [{ instrument: perp, lots: 120n }],
          },
          after: {
            cash: 19_999_000_000n,
            equity: -1_000_000n,
            positions: [{ instrument: call, lots: -12n }],
          },
        },
      ],
      transfers: [
        {
          item: 'hugo-in',
          kind: 'deposit',
          trader: 'hugo',
          account: accountId('f6'.repeat(32)),
          name: 'vault',
          amount: 500_000_000n,
          to: undefined,
          refused: undefined,
        },
        {
          item: 'mira-out',
          kind: 'withdraw',
          trader: 'mira',
          account: desk,
          name: 'desk',
          amount: 25_000_000_000n,
          to: new Uint8Array(32).fill(0xab),
          refused: {
            item: 'mira-out',
            code: 'ITEM_AMOUNT_EXCEEDED',
            sentence: 'Too much.',
            by: 'admit',
            validators: 3,
          },
        },
      ],
      turnstile: {
        before: 86_000_000_000n,
        shielded: 0n,
        spent: 21_420_392_678n,
        after: 64_579_607_322n,
        accounts: 21_920_292_678n,
        fees: 100_000n,
        insurance: 0n,
        deposits: 86_500_000_000n,
        withdrawals: 0n,
      },
      faults: [
        {
          by: validatorIndex(3),
          fault: 'BALLOT_EQUIVOCATION',
          evidence: 'two ballots of one nullifier at height 1, with different messages; both are void',
        },
      ],
      recovered: [{ validator: validatorIndex(3), identitySecret: 255n }],
      stateRoot: 'e5'.repeat(32),
      settledBy: [0, 1, 2].map(validatorIndex),
      ms: { prove: 6_120, admit: 240, consensus: 1_830, decrypt: 95, settle: 12 },
      files: [
        { path: 'height-1/block.json', text: '{}\n' },
        { path: 'height-1/proofs/mira-1.proof.json', text: '{}\n' },
        { path: 'height-1/proofs/mira-1.public.json', text: '[]\n' },
      ],
    },
  ],
  stories: [],
};
