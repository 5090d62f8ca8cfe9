import { expect, test } from 'vitest';
import { genesisState } from '../../../src/ledger/chain-state.ts';
import { ChainView } from '../../../src/node/chain-view.ts';
import { height, type ItemId, validatorIndex } from '../../../src/params/ids.ts';
import type { Output } from '../../../src/validator/types.ts';
import { answeringNode } from './answering-node.ts';

test('what an epoch settled at its last height is certified as soon as the next one begins, and not when its first height is', () => {
  const { chain, epoch, view } = answeringNode().node;
  const item = 'aa'.repeat(32) as ItemId;
  const state = genesisState(chain, epoch);
  view.said({
    type: 'settled',
    result: {
      height: height(16),
      items: [item],
      settlement: {
        state: state.settlement,
        stateRoot: new Uint8Array(32),
        receiptsRoot: new Uint8Array(32),
      },
    },
  } as unknown as Output);
  expect([view.certified, view.itemStatus(item)]).toEqual([0, { status: 'settled', height: 16 }]);
  const next = { ...epoch, epoch: 2, firstHeight: height(17) };
  const after = new ChainView(chain, next, validatorIndex(0), [], view);
  expect([after.certified, after.itemStatus(item)]).toEqual([16, { status: 'certified', height: 16 }]);
});

test('of an item that nobody has ordered a new epoch knows nothing until it judges it, and a refusal stays', () => {
  const { chain, epoch, view } = answeringNode().node;
  const [waiting, admitted, refused] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32) as ItemId) as [
    ItemId,
    ItemId,
    ItemId,
  ];
  for (const item of [waiting, admitted, refused]) view.submitted(item);
  view.said({ type: 'admitted', item: admitted });
  view.said({ type: 'refused', item: refused, code: 'ITEM_MALFORMED' });
  const next = { ...epoch, epoch: 2, firstHeight: height(17) };
  const after = new ChainView(chain, next, validatorIndex(0), [], view);
  const seen = (item: ItemId) => after.itemStatus(item)?.status;
  expect([waiting, admitted, refused].map(seen)).toEqual([undefined, undefined, 'refused']);
  after.said({ type: 'refused', item: admitted, code: 'ITEM_MALFORMED' });
  expect(seen(admitted)).toBe('refused');
});
