import { toHex, utf8 } from '../../src/base/bytes.ts';
import { sealSession } from '../../src/client/locked-seed.ts';
import { Wallet } from '../../src/client/wallet.ts';
import { genesisText } from '../../src/formats/genesis-file.ts';
import { blockText, certificateText } from '../../src/formats/height-files.ts';
import { actionMessage, actionSignals } from '../../src/ledger/actions.ts';
import { packBatch } from '../../src/ledger/batch-words.ts';
import {
  acceptedRoot,
  encodeBlock,
  evidenceRoot,
  headerHash,
  settlementHash,
} from '../../src/ledger/block.ts';
import { encodeCertification, encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { chainHash, foundationHash } from '../../src/ledger/chain-genesis.ts';
import { depositIdOf } from '../../src/ledger/deposits.ts';
import { encodeEpochChange } from '../../src/ledger/epoch-change.ts';
import { domainBytes, epochHash } from '../../src/ledger/epoch-config.ts';
import { tieKeyOf } from '../../src/ledger/height-ledger.ts';
import { batchSignals, contextOf, encodeItem, itemIdOf } from '../../src/ledger/items.ts';
import { marketHash } from '../../src/ledger/market-encoding.ts';
import { accountOf, changeRho, noteCommitment, noteNullifier, ownerKey } from '../../src/ledger/notes.ts';
import { encodeOrdering, hashOrdering, orderingSummary } from '../../src/ledger/ordering-encoding.ts';
import { recheckOrder } from '../../src/ledger/ordering-state.ts';
import { receiptsRoot } from '../../src/ledger/receipts.ts';
import { encodeSettlement, stateRoot } from '../../src/ledger/settlement-state.ts';
import { height, instrumentIndex } from '../../src/params/ids.ts';
import { ordering, receipts, settlement } from './ledger-states.ts';
import {
  batch,
  block,
  bytes,
  certificate,
  certification,
  certified,
  chain,
  deposit,
  domain,
  epoch,
  header,
  item,
  market,
  point,
  shield,
  table,
  withdrawal,
} from './samples.ts';
import { named, type Vectors } from './vector.ts';

const order = {
  side: 'sell',
  instrument: instrumentIndex(2),
  price: 601n,
  lots: 602n,
  reduceOnly: true,
} as const;
const words = packBatch({
  account: 603n,
  deposit: 604n,
  orders: [
    order,
    undefined,
    { ...order, side: 'buy', price: 605n, lots: 606n, reduceOnly: false },
    undefined,
  ],
});

export function ledgerVectors(): Vectors {
  const context = contextOf({ chainHash: domain.chainHash, market: 'PIN', ...batch });
  const signals = batchSignals(batch, { context, Y8: point(210n), table });
  const wallet = new Wallet(bytes(32, 21), foundationHash(chain));
  const { stateRoot: after, receiptsRoot: said } = certification;
  return {
    ...named('ledger', {
      marketHash: marketHash(market),
      chainHash: chainHash(chain),
      foundationHash: foundationHash(chain),
      epochHash: epochHash(epoch),
      domainBytes: domainBytes(domain),
      'note/owner': ownerKey(607n),
      'note/commitment': noteCommitment(608n, 609n, 610n),
      'note/nullifier': noteNullifier(611n, 612n),
      'note/account': accountOf(613n, 614n),
      'note/changeRho': changeRho(617n, 618n),
      context,
      'batch/words': words.join(' '),
      'batch/signals': signals.join(' '),
      'batch/id': itemIdOf(signals),
      'batch/item': encodeItem(batch),
      'shield/message': actionMessage(domain.chainHash, shield),
      'shield/id': itemIdOf(actionSignals(domain.chainHash, shield)),
      'shield/item': encodeItem(shield),
      'withdraw/message': actionMessage(domain.chainHash, withdrawal),
      'withdraw/signals': actionSignals(domain.chainHash, withdrawal).join(' '),
      'withdraw/id': itemIdOf(actionSignals(domain.chainHash, withdrawal)),
      'withdraw/item': encodeItem(withdrawal),
      'deposit/id': depositIdOf(domain.chainHash, deposit),
      'deposit/item': encodeItem(deposit),
      itemOrder: recheckOrder([1, 2, 3, 4, 5].map(item), bytes(64, 22)).join(' '),
      fillOrder: tieKeyOf(item(1), 3, bytes(64, 23)),
      acceptedRoot: acceptedRoot([1, 2, 3].map(item)),
      evidenceRoot: evidenceRoot([bytes(128, 24), bytes(128, 25)]),
      headerHash: headerHash(header),
      settlementHash: settlementHash({ ...domain, height: height(72), stateRoot: after, receiptsRoot: said }),
      block: encodeBlock(block),
      certifiedBlock: encodeCertifiedBlock(certified),
      certification: encodeCertification(certification),
      receiptsRoot: receiptsRoot(receipts),
      stateRoot: stateRoot(settlement),
      'settlement/state': encodeSettlement(settlement),
      orderingRoot: hashOrdering(
        orderingSummary(ordering, {
          nullifiers: { root: bytes(32, 26) },
          deposits: { root: bytes(32, 27) },
          registered: { root: bytes(32, 28) },
        }),
      ),
      epochChange: encodeEpochChange({
        header,
        certificate,
        evidence: [bytes(3, 29)],
        ordering: bytes(4, 30),
        rotation: bytes(5, 31),
      }),
      'ordering/state': encodeOrdering(ordering),
    }),
    ...named('file', {
      genesis: toHex(utf8(genesisText({ chain, epoch }))),
      block: toHex(utf8(blockText(block))),
      certificate: toHex(utf8(certificateText(certificate, certified.settlementCertificate))),
    }),
    ...named('wallet', {
      genesisNotes: [wallet.genesisNote(615n), wallet.genesisNote(616n)].join(' '),
      account: wallet.accountNamed('main'),
      batchAccount: wallet
        .seal(
          { account: undefined, orders: [] },
          {
            ...{ chainHash: bytes(32, 32), market: 'market', Y8: point(33n) },
            ...{ fromHeight: height(1), toHeight: height(2), tableHeight: height(0), table, fee: 5n },
            notes: { noteRoot: 617n, notePath: () => [] },
          },
          (n) => bytes(n, 34),
        )!
        .content.account.toString(),
      shieldedNote: wallet
        .authorise(
          { account: wallet.accountNamed('main'), amount: 618n, destination: undefined },
          { chainHash: bytes(32, 32), sequence: 619n, lastHeight: height(3) },
        )
        .statement.commitment.toString(),
      session: sealSession(bytes(32, 35), bytes(32, 36), bytes(5, 37), (n) => bytes(n, 38)),
    }),
  };
}
