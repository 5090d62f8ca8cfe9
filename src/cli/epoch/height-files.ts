import { blockText, certificateText, settlementText } from '../../formats/height-files.ts';
import { jsonText } from '../../formats/json-text.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import type { SettlementState } from '../../ledger/settlement-state.ts';
import type { Settlement } from '../../ledger/transition.ts';
import type { CertifiedHeight } from '../../validator/height-results.ts';
import type { ProvedBatch, ReadyTransfer } from './traders.ts';
import type { OutFile } from './types.ts';

/** The files of one height: what was agreed, who signed it, what it settled to, and every proof that was submitted. */
export function heightFiles(
  certified: CertifiedHeight,
  before: SettlementState,
  settlement: Settlement,
  proved: readonly ProvedBatch[],
  transfers: readonly ReadyTransfer[],
): OutFile[] {
  const { block, settlementCertificate, height } = certified;
  const dir = `height-${height}`;
  return [
    { path: `${dir}/block.json`, text: blockText(block) },
    { path: `${dir}/certificate.json`, text: certificateText(block.certificate, settlementCertificate) },
    { path: `${dir}/settlement.json`, text: settlementText(block, before, settlement) },
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
