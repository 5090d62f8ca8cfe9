import { RBC_NAMES } from '../consensus/protocol.ts';
import { type Chart, lineSpec } from './charts.ts';
import {
  type CostPoint,
  type CostRow,
  type Failing,
  FIELD_VARIANTS,
  faultsOf,
  isOn,
  isOwn,
  VARIANTS,
} from './height-cost.ts';
import { rustReceives } from './honeybadger-formats.ts';
import { meanPoints } from './mean-points.ts';

const FAULT_ORDER: readonly Failing[] = ['none', 'serves f + 1', 'serves f + 1, lies', 'crashed'];
const KIB: Readonly<Record<number, string>> = { 256: '256 B', 4096: '4 KiB', 65536: '64 KiB' };

const fieldName = ({ acs, rbc }: Pick<CostPoint, 'acs' | 'rbc'>): string =>
  rbc === 'none' || acs === 'fin' ? acs : `${acs}, ${rbc}`;

/** What a height costs, as pictures. */
export function costCharts(all: readonly CostRow[]): Chart[] {
  const rows = all.filter(isOwn);
  const calm = rows.filter(isOn('const', 'none'));
  const nameOf = ({ acs, rbc }: Pick<CostPoint, 'acs' | 'rbc'>): string => `${acs}, ${rbc}`;
  const small = calm.filter(({ payloadBytes }) => payloadBytes === 256);
  const others = [
    ['hbbft', ({ rustBytes }: CostRow) => rustBytes],
    ['Python', ({ pythonBytes }: CostRow) => pythonBytes],
  ] as const;
  const order = [...VARIANTS.map(nameOf), 'hbbft', 'Python'];
  const first = VARIANTS[0]!;
  const ofFirst = (row: CostRow): boolean => nameOf(row) === nameOf(first);
  const bytes = [
    ...small.map((row) => ({ what: nameOf(row), n: row.n, value: row.bytes })),
    ...others.flatMap(([what, of]) =>
      small.filter(ofFirst).map((row) => ({ what, n: row.n, value: of(row) })),
    ),
  ];
  const counts = small
    .filter(({ rbc }) => rbc === 'digest')
    .flatMap(({ acs, n, messages, frames }) => [
      { what: `${acs}, messages`, n, value: messages },
      { what: `${acs}, frames`, n, value: frames },
    ]);
  const hbbftMessages = small
    .filter(ofFirst)
    .map(({ n }) => ({ what: 'hbbft, messages', n, value: rustReceives(n, 256, 0, false).messages }));
  const atTen = calm.filter(({ n }) => n === 10);
  const ratios = [
    ...atTen.map((row) => ({
      what: nameOf(row),
      payload: KIB[row.payloadBytes]!,
      value: row.bytes / row.rustBytes!,
    })),
    ...atTen.filter(ofFirst).flatMap((row) => [
      { what: 'Python', payload: KIB[row.payloadBytes]!, value: row.pythonBytes! / row.rustBytes! },
      {
        what: 'hbbft, all late',
        payload: KIB[row.payloadBytes]!,
        value: row.rustMostBytes! / row.rustBytes!,
      },
    ]),
  ];
  const served = rows.filter(
    (row) =>
      row.acs === 'first-hand' && isOn('const', 'none', 'serves f + 1')(row) && row.payloadBytes === 65_536,
  );
  const servedSizes = new Set(served.filter(isOn('const', 'serves f + 1')).map(({ n }) => n));
  const hit = served
    .filter(({ n }) => servedSizes.has(n))
    .map((row) => ({ what: `${row.rbc}, ${row.fault}`, n: row.n, value: row.bytesMost }));
  const times = meanPoints(
    rows.filter((row) => row.delay === 'exp' && row.acs === 'first-hand'),
    ['rbc', 'fault', 'n'],
    ({ ms }) => ms,
    (row) => ({ what: `${row.rbc}, ${row.fault}`, n: row.n }),
  );
  const faultOrder = RBC_NAMES.flatMap((rbc) =>
    faultsOf(rbc, FAULT_ORDER).map((fault) => `${rbc}, ${fault}`),
  );
  const field = all
    .filter(isOn('const', 'none'))
    .filter(
      ({ acs, rbc, payloadBytes, n }) =>
        payloadBytes === 256 && n <= 31 && (acs !== 'bkr' || rbc === 'digest'),
    )
    .map((row) => ({ what: fieldName(row), n: row.n, value: row.bytes / row.outputs }));
  const fieldOrder = [...VARIANTS, ...FIELD_VARIANTS].map(fieldName);
  const x = { field: 'n', title: 'validators', log: true } as const;
  return [
    {
      title: 'Bytes received a validator and height, proposals of 256 B',
      caption:
        'Votes of all agreements share frames as bitmaps, which is most of the difference at small payloads. hbbft in its cheapest case and the Python implementation by their message formats, common subset alone.',
      spec: lineSpec({
        rows: bytes,
        x,
        y: { field: 'value', title: 'bytes', log: true, format: '~s' },
        series: { field: 'what', title: '', order },
      }),
    },
    {
      title: 'Messages and frames a validator and height',
      caption: 'Messages grow with n², frames, which are what a network sees, with n.',
      spec: lineSpec({
        rows: [...counts, ...hbbftMessages],
        x,
        y: { field: 'value', title: 'count', log: true, format: '~s' },
        series: { field: 'what', title: '' },
      }),
    },
    {
      title: 'Bytes beside hbbft’s common subset at n = 10',
      caption:
        'By its bytes in its cheapest case; below 1 is cheaper. AVID sends each whole shard to all, as the Python implementation does; hbbft to all but f, if CanDecode comes in time.',
      spec: lineSpec({
        rows: ratios,
        x: { field: 'payload', title: 'proposal', order: Object.values(KIB) },
        y: { field: 'value', title: 'bytes / hbbft’s' },
        series: { field: 'what', title: '', order: [...VARIANTS.map(nameOf), 'Python', 'hbbft, all late'] },
        rule: { at: 1, text: 'hbbft, none late' },
      }),
    },
    {
      title: 'What the validator receives that receives most, f proposers serving f + 1, 64 KiB',
      caption:
        'First-hand, constant links. Over digest a validator that is left out asks f others for each missing payload; over AVID it needs nothing more.',
      spec: lineSpec({
        rows: hit,
        x,
        y: { field: 'value', title: 'bytes a height', log: true, format: '~s' },
        series: { field: 'what', title: '', order: faultOrder },
      }),
    },
    {
      title: 'A height on exponential links of mean 100 ms',
      caption:
        'First-hand, by what f validators do. Proposals that some hold and others do not split the votes.',
      spec: lineSpec({
        rows: times,
        x,
        y: { field: 'value', title: 'ms' },
        series: { field: 'what', title: '', order: faultOrder },
      }),
    },
    {
      title: 'Bytes received for each proposal that comes out, 256 B',
      caption:
        'All correct, even links. PBFT and HotStuff put out one proposal a height, FIN and Alea a quorum, the others all.',
      spec: lineSpec({
        rows: field,
        x,
        y: { field: 'value', title: 'bytes / proposal', log: true, format: '~s' },
        series: { field: 'what', title: '', order: fieldOrder.filter((name) => name !== 'first-hand, avid') },
      }),
    },
  ];
}
