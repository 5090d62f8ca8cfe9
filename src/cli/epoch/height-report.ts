import { toHex } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import { identityCommitment } from '../../crypto/identity.ts';
import type { Item } from '../../ledger/items.ts';
import { REFUSALS, SETTLEMENT_REFUSALS } from '../../ledger/refusals.ts';
import { accountIdOf, type SettlementState } from '../../ledger/settlement-state.ts';
import type { Settlement } from '../../ledger/transition.ts';
import type { ValidatorKeys } from '../../ledger/validator-keys.ts';
import { type Account, equity } from '../../market/account.ts';
import { ENTRY_CODES } from '../../market/entry.ts';
import type { MarketParams } from '../../market/params.ts';
import { type AccountId, type ItemId, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { evidenceText, type PeerFault } from '../../validator/faults.ts';
import type { OrderedHeight } from '../../validator/height-results.ts';
import { changedAccounts, type HeightStory } from '../market/story.ts';
import { ownerOf, storyJson } from '../market/story-json.ts';
import { happenings } from '../market/story-text.ts';
import type { HeightView } from './committee.ts';
import { heightFiles } from './height-files.ts';
import type { ProvedBatch, ReadyTransfer } from './traders.ts';
import type {
  AccountChange,
  AccountView,
  FaultReport,
  HeightMs,
  HeightResult,
  RecoveredIdentity,
  Refused,
} from './types.ts';

const SENTENCES: Readonly<Record<string, string>> = { ...REFUSALS, ...SETTLEMENT_REFUSALS, ...ENTRY_CODES };
const sentenceOf = (code: string): string => SENTENCES[code] ?? '';

/** All that is known of a height when it is over. */
export interface HeightEnd {
  /** Perpetuals and options of the market. */
  /** By index. */
  readonly validators: readonly ValidatorKeys[];
  readonly proved: readonly ProvedBatch[];
  readonly transfers: readonly ReadyTransfer[];
  /** By validator index. */
  readonly views: readonly HeightView[];
  readonly correct: readonly ValidatorIndex[];
  readonly before: SettlementState;
  /** The replica's settlement of the block; the validators' roots are compared with it. */
  readonly settlement: Settlement;
  readonly params: MarketParams;
  /** Of all accounts so far; this height's are added. */
  readonly owners: Map<AccountId, { trader: string; account: string }>;
  /** Whether the height before was halted. */
  readonly wasHalted: boolean;
  readonly epoch: number;
  readonly ms: HeightMs;
}

/** What a person and --json are told of a height. */
export function reportHeight(end: HeightEnd): { result: HeightResult; story: HeightStory } {
  const { proved, transfers, views, correct, settlement, before, params, owners, wasHalted } = end;
  const certified = views[correct[0]!]!.certified!.result;
  const ordered = orderedIn(end);
  const names = new Map([
    ...proved.map(({ batch, sealed }) => [sealed.id, batch.name] as const),
    ...transfers.map(({ transfer, id }) => [id, transfer.name] as const),
    ...ordered.accepted.flatMap(({ id, item }) => {
      const name = nameOfOffice(item);
      return name === undefined ? [] : [[id, name] as const];
    }),
  ]);
  const nameOf = (id: ItemId): string => names.get(id) ?? id;
  const refused = proved.flatMap(({ sealed }) => refusalOf(end, sealed.id, nameOf(sealed.id)) ?? []);
  const transferReports = transfers.map(({ transfer, account, id }) => {
    const { name: item, kind, trader, account: name, amount, to } = transfer;
    return { item, kind, trader, account, name, amount, to, refused: refusalOf(end, id, item) };
  });
  const settled = correct.filter(
    (i) => toHex(views[i]!.settled!.result.settlement.stateRoot) === toHex(settlement.stateRoot),
  );
  for (const { transfer, account } of transfers)
    owners.set(account, { trader: transfer.trader, account: transfer.account });
  for (const { batch, sealed } of proved)
    owners.set(accountIdOf(sealed.content.account), {
      trader: batch.trader,
      account: batch.account ?? `fresh:${batch.name}`,
    });
  const isAccepted = (id: ItemId): boolean => ordered.accepted.some((row) => row.id === id);
  const story: HeightStory = {
    before,
    settlement,
    batches: proved
      .filter(({ sealed }) => isAccepted(sealed.id))
      .map(({ sealed: { id, content } }) => ({ kind: 'batch', id, fee: params.batchFee, content })),
    names,
    owners,
    refused: [...refused, ...transferReports.flatMap(({ refused: row }) => row ?? [])].flatMap(
      ({ item, code, by }) => (by === 'settle' ? [] : [{ item, code }]),
    ),
  };
  const { accounts: _, ...json } = storyJson(params, story, owners, wasHalted, 'changed');
  // What never came into the height has lines of its own in the report for a person.
  const lines = happenings(params, { ...story, refused: [] }, owners, wasHalted);
  const market = { happenings: lines, json };
  const report = {
    height: ordered.height,
    epoch: end.epoch,
    correct: correct.length,
    timeS: certified.block.header.timeS,
    submitted: proved.length,
    accepted: proved.length - refused.length,
    refused,
    dropped: settlement.receipts.flatMap(({ id, leg, code }) =>
      leg === undefined ? [] : [{ item: nameOf(id), leg, code, sentence: sentenceOf(code) }],
    ),
    items: ordered.accepted.map(({ id }) => ({ item: nameOf(id), id })),
    ballots: ordered.ballots,
    acsProposers: ordered.proposers,
    certificateSigners: certified.block.certificate.signers.flatMap((signed, i) =>
      signed ? [validatorIndex(i)] : [],
    ),
    auctions: settlement.auctions,
    fills: settlement.fills.map(({ id, leg: _, ...fill }) => ({ ...fill, item: nameOf(id) })),
    accounts: accountChanges(end, story),
    market,
    transfers: transferReports,
    turnstile: settlement.turnstile,
    ...faultsOf(end),
    stateRoot: toHex(settlement.stateRoot),
    settledBy: settled,
    ms: end.ms,
  };
  return {
    result: { ...report, files: heightFiles(certified, before, settlement, proved, transfers) },
    story,
  };
}

/** What is ordered for the next epoch has its author's name. */
const nameOfOffice = (item: Item): string | undefined =>
  item.kind === 'registration'
    ? `registration of member ${item.registryIndex}`
    : item.kind === 'dealing'
      ? `dealing of validator ${item.dealer}`
      : undefined;

/** Why an item had no effect: refused at admission, at the re-check, or as a whole at settlement. */
function refusalOf(end: HeightEnd, id: ItemId, name: string): Refused | undefined {
  const { views, correct, settlement } = end;
  const entry = (code: string, by: Refused['by']): Refused => ({
    item: name,
    code,
    sentence: sentenceOf(code),
    by,
  });
  const { accepted, refused } = orderedIn(end);
  const lost = refused.find((row) => row.id === id);
  if (lost !== undefined) return entry(lost.code, 'recheck');
  if (accepted.some((row) => row.id === id)) {
    const whole = settlement.receipts.find((row) => row.id === id && row.leg === undefined);
    return whole === undefined ? undefined : entry(whole.code, 'settle');
  }
  const codes = correct.flatMap((i) => views[i]!.refused.find(({ item }) => item === id)?.code ?? []);
  return { ...entry(codes[0] ?? 'ITEM_NOT_ENDORSED', 'admit'), validators: codes.length };
}

/** Every account that the height changed, by its own order or not. */
function accountChanges({ params, owners }: HeightEnd, story: HeightStory): AccountChange[] {
  const { before, settlement } = story;
  const { state } = settlement;
  const count = params.instruments.length;
  return changedAccounts(story).map((account) => {
    const { trader, account: name } = ownerOf(owners, account);
    const old = before.accounts.get(account);
    const was = old === undefined ? undefined : viewOf(old, before.market.marks, count);
    const after = viewOf(state.accounts.get(account)!, state.market.marks, count);
    return { account, name, trader, before: was, after };
  });
}

function viewOf(account: Account, marks: readonly bigint[], instruments: number): AccountView {
  const positions = [...account.positions]
    .filter(([instrument]) => instrument < instruments)
    .sort(([a], [b]) => a - b)
    .map(([instrument, { lots }]) => ({ instrument, lots }));
  return { cash: account.cash, equity: equity(account, marks), positions };
}

/** How the height was ordered: whoever lagged took its block instead. */
function orderedIn({ views, correct }: HeightEnd): OrderedHeight {
  const ordered = correct.map((i) => views[i]!.ordered).find((each) => each !== undefined);
  assert(ordered !== undefined, 'somebody ordered what was certified');
  return ordered.result;
}

/** Faults that correct validators recorded, each once, and the identity secrets that equivocations gave away. */
function faultsOf({ validators, views, correct }: HeightEnd): {
  faults: FaultReport[];
  recovered: RecoveredIdentity[];
} {
  const seen = new Map<string, { fault: PeerFault; witnesses: Set<ValidatorIndex> }>();
  for (const i of correct) {
    for (const fault of views[i]!.faults) {
      const key = `${fault.by}/${fault.fault}`;
      const entry = seen.get(key) ?? { fault, witnesses: new Set() };
      entry.witnesses.add(i);
      seen.set(key, entry);
    }
  }
  const recovered = new Map<string, RecoveredIdentity>();
  for (const { ordered } of correct.map((i) => views[i]!)) {
    for (const { identitySecret } of ordered?.result.evidence ?? [])
      addRecovered(recovered, validators, identitySecret);
  }
  for (const { fault } of seen.values()) {
    if (fault.fault === 'BALLOT_EQUIVOCATION')
      addRecovered(recovered, validators, fault.evidence.identitySecret);
  }
  const faults = [...seen.values()].map(
    ({ fault, witnesses }): FaultReport => ({
      by: fault.by,
      fault: fault.fault,
      evidence: `${evidenceText(fault)}; seen by ${[...witnesses].join(', ')}`,
    }),
  );
  return { faults, recovered: [...recovered.values()] };
}

/** Its ballots were proved, so a revealed secret opens the commitment of a seat. */
function addRecovered(
  into: Map<string, RecoveredIdentity>,
  validators: readonly ValidatorKeys[],
  identitySecret: bigint,
): void {
  const commitment = identityCommitment(identitySecret);
  const seat = validators.findIndex((keys) => keys.identityCommitment === commitment);
  assert(seat >= 0, 'a revealed identity secret belongs to a seat of the committee');
  into.set(`${seat}`, { validator: validatorIndex(seat), identitySecret });
}
