import { blockText, certificateText } from '../../formats/height-files.ts';
import { jsonText } from '../../formats/json-text.ts';
import { versionedText } from '../../formats/versioned.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import type { Settlement } from '../../ledger/transition.ts';
import type { CertifiedHeight } from '../../validator/height-results.ts';
import type { ProvedBatch, ReadyTransfer } from './traders.ts';
import type { HeightResult, OutFile } from './types.ts';

/** The files of one height: what was agreed, who signed it, what it settled to, and every proof that was submitted. */
export function heightFiles(
  certified: CertifiedHeight,
  settlement: Settlement,
  report: Pick<HeightResult, 'height' | 'auctions' | 'fills' | 'accounts' | 'stateRoot' | 'items'>,
  proved: readonly ProvedBatch[],
  transfers: readonly ReadyTransfer[],
): OutFile[] {
  const { block, settlementCertificate } = certified;
  const dir = `height-${report.height}`;
  return [
    { path: `${dir}/block.json`, text: blockText(block, report.items) },
    { path: `${dir}/certificate.json`, text: certificateText(block.certificate, settlementCertificate) },
    {
      path: `${dir}/settlement.json`,
      text: versionedText({
        height: report.height,
        stateRoot: settlement.stateRoot,
        receiptsRoot: settlement.receiptsRoot,
        marks: settlement.state.market.marks,
        auctions: report.auctions,
        fills: report.fills,
        transfers: settlement.transfers,
        receipts: settlement.receipts,
        events: settlement.events,
        accounts: report.accounts,
        fees: settlement.state.fees,
        insurance: settlement.state.insurance,
        pool: settlement.state.pool,
        turnstile: settlement.turnstile,
      }),
    },
    ...proved.flatMap(({ batch, sealed, item }) => proofFiles(dir, batch.name, item.proof, sealed.signals)),
    ...transfers.flatMap(({ transfer, made, item }) =>
      'signals' in made && 'proof' in item ? proofFiles(dir, transfer.name, item.proof, made.signals) : [],
    ),
  ];
}

const proofFiles = (dir: string, name: string, proof: Uint8Array, signals: readonly bigint[]): OutFile[] => [
  { path: `${dir}/proofs/${name}.proof.json`, text: jsonText(proofFromBytes(proof)) },
  { path: `${dir}/proofs/${name}.public.json`, text: jsonText(signals) },
];
