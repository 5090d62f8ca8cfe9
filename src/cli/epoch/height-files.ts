import { type Block, encodeBlock } from '../../ledger/block.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { proofFromBytes } from '../../proofs/encoding.ts';
import type { CertifiedHeight } from '../../validator/height-results.ts';
import { jsonText } from './json.ts';
import type { ProvedBatch } from './traders.ts';
import type { HeightResult, OutFile } from './types.ts';

/** A block for a reader, with its canonical encoding, from which it can be replayed. */
export function blockJson(block: Block) {
  const { certificate: _, ...rest } = block;
  return { ...rest, encoded: encodeBlock(block) };
}

/** The files of one height: what was agreed, who signed it, what it settled to, and every proof that was submitted. */
export function heightFiles(
  certified: CertifiedHeight,
  settlement: Settlement,
  report: Pick<HeightResult, 'height' | 'auctions' | 'fills' | 'accounts' | 'stateRoot' | 'items'>,
  proved: readonly ProvedBatch[],
): OutFile[] {
  const { block, settlementCertificate } = certified;
  const dir = `height-${report.height}`;
  return [
    { path: `${dir}/block.json`, text: jsonText({ ...blockJson(block), names: report.items }) },
    {
      path: `${dir}/certificate.json`,
      text: jsonText({ header: block.certificate, settlement: settlementCertificate }),
    },
    {
      path: `${dir}/settlement.json`,
      text: jsonText({
        height: report.height,
        stateRoot: settlement.stateRoot,
        receiptsRoot: settlement.receiptsRoot,
        marks: settlement.state.market.marks,
        auctions: report.auctions,
        fills: report.fills,
        receipts: settlement.receipts,
        events: settlement.events,
        accounts: report.accounts,
        fees: settlement.state.fees,
        insurance: settlement.state.insurance,
        pool: settlement.state.pool,
      }),
    },
    ...proved.flatMap(({ batch, sealed, item }) => [
      { path: `${dir}/proofs/${batch.name}.proof.json`, text: jsonText(proofFromBytes(item.proof)) },
      { path: `${dir}/proofs/${batch.name}.public.json`, text: jsonText(sealed.signals) },
    ]),
  ];
}
