import { type Axis, type Chart, channel, lineSpec, PALETTE, vegaSpec } from '../../experiments/charts.ts';
import { csvLink, figure, htmlPage, text } from '../../experiments/html-page.ts';
import type { Row } from '../../experiments/row.ts';
import { formatDecimal } from '../../formats/decimal.ts';
import { INDEX_FEED, indexPerLot, type MarketParams } from '../../market/params.ts';
import { max, min } from '../../market/rounding.ts';
import { writeWholeFile } from '../files.ts';
import { statementLines } from './statement-text.ts';
import { eventsOf, type HeightStory, pricesAt, standingOf } from './story.ts';
import { ownerOf, ownersOf } from './story-json.ts';
import { eventText, happenings } from './story-text.ts';

/** Auctions that get a picture of their demand and supply: the first ones that traded. */
const MAX_AUCTIONS = 24;

type Owners = ReturnType<typeof ownersOf>;
const isoOf = (timeS: bigint): string => new Date(Number(timeS) * 1000).toISOString().replace('.000Z', 'Z');
/** What each auction of a height traded, as sentences. */
const tradesOf = ({ instruments }: MarketParams, { settlement }: HeightStory): string[] =>
  settlement.auctions.flatMap(({ instrument, price, volume }) =>
    price === null
      ? []
      : `${instruments[instrument]!.name}: ${volume} ${volume === 1n ? 'lot' : 'lots'} traded at ${formatDecimal(price, 6, 2)}`,
  );
const usdc = (units: bigint): number => Number(units) / 1e6;

/** One page of a run: prices, auctions, equity, events and tables. It needs nothing else. */
export async function marketPage(params: MarketParams, stories: readonly HeightStory[]): Promise<string> {
  const owners = ownersOf(stories);
  const charts = [
    ...priceCharts(params, stories),
    ...equityChart(params, stories, owners),
    ...eventChart(params, stories, owners),
  ];
  const auctions = auctionCharts(params, stories);
  const specs = await Promise.all([...charts, ...auctions].map((chart) => vegaSpec(chart, 'container')));
  const prices = priceRows(params, stories);
  const accounts = accountRows(params, stories, owners);
  const wasHalted = (i: number): boolean => stories[i - 1]?.settlement.events.isHalted ?? false;
  const heights = stories.map((story, i) => {
    const sentences = happenings(params, story, owners, wasHalted(i));
    const { height, state } = story.settlement;
    const list = [...tradesOf(params, story), ...sentences].map((line) => `<li>${text(line)}</li>`).join('');
    const said = list === '' ? '<p>Prices moved, or time passed: nothing else.</p>' : `<ul>${list}</ul>`;
    return `<details><summary>Height ${height}, ${isoOf(state.market.timeS)}</summary>${said}</details>`;
  });
  const last = stories.at(-1)!.settlement.state;
  const parts = [
    `<p>Market ${text(params.name)}, ${stories.length} heights. Money in USDC, prices in USDC a lot. In the end the insurance fund holds ` +
      `${formatDecimal(last.insurance)}, fees are ${formatDecimal(last.fees)}, notes are worth ${formatDecimal(last.pool)}.</p>`,
    ...charts.map((chart, i) => figure(chart, i, `chart-${i + 1}`)),
    `<p>${csvLink('prices.csv', csvOf(prices), 'Prices of all heights as CSV')}, ` +
      `${csvLink('accounts.csv', csvOf(accounts), 'accounts of all heights as CSV')}</p>`,
    '<h2>Auctions</h2>',
    auctions.length === 0
      ? '<p>Nothing traded.</p>'
      : `<details><summary>Demand and supply of the first ${auctions.length} auctions that traded</summary>${auctions
          .map((chart, i) => figure(chart, charts.length + i, `auction-${i + 1}`))
          .join('')}</details>`,
    '<h2>Height by height</h2>',
    ...heights,
    '<h2>Where each unit went</h2>',
    `<pre>${text(statementLines(params, stories).slice(1).join('\n'))}</pre>`,
    '<h2>Accounts at the end</h2>',
    tableOf(
      accounts
        .filter(({ height }) => height === stories.at(-1)!.settlement.height)
        .map((row) => ({
          account: row['account']!,
          'cash, USDC': row['cash']!,
          'equity, USDC': row['equity']!,
          'IM, USDC': row['initialMargin']!,
          'MM, USDC': row['maintenanceMargin']!,
          'positions, lots': row['positions']!,
        })),
    ),
  ];
  return htmlPage(`Velum market ${params.name}`, parts, specs);
}

/** @throws {FileError} FILE_UNWRITABLE */
export async function writePage(
  path: string,
  params: MarketParams,
  stories: readonly HeightStory[],
): Promise<void> {
  await writeWholeFile(path, await marketPage(params, stories));
}

function priceRows(params: MarketParams, stories: readonly HeightStory[]): Row[] {
  return stories.flatMap(({ settlement: { height, auctions, state } }) =>
    params.instruments.flatMap((instrument, i): Row[] => {
      const { marks, medians, timeS, settled } = state.market;
      if (settled[i] !== undefined) return [];
      const common = { height, when: isoOf(timeS), instrument: instrument.name };
      const { price } = auctions[i]!;
      const index = indexPerLot(instrument, medians[INDEX_FEED]!);
      return [
        ...(instrument.kind === 'perp' ? [] : [{ ...common, what: 'mark', price: usdc(marks[i]!) }]),
        ...(instrument.kind === 'perp' ? [{ ...common, what: 'mark = index', price: usdc(index) }] : []),
        ...(price === null ? [] : [{ ...common, what: 'auction', price: usdc(price) }]),
      ];
    }),
  );
}

/** The time of each height; the pointer tells which height it was. */
const TIME_AXIS: Axis = { field: 'when', title: 'time, UTC', time: { said: 'height' } };

function priceCharts(params: MarketParams, stories: readonly HeightStory[]): Chart[] {
  const rows = priceRows(params, stories);
  return params.instruments.flatMap(({ name }): Chart[] => {
    const own = rows.filter(({ instrument }) => instrument === name);
    if (own.length === 0) return [];
    const [lines, points] = [
      own.filter(({ what }) => what !== 'auction'),
      own.filter(({ what }) => what === 'auction'),
    ];
    const prices = own.map(({ price }) => price as number);
    const margin = Math.max(1e-6, (Math.max(...prices) - Math.min(...prices)) * 0.05);
    const domain = [Math.min(...prices) - margin, Math.max(...prices) + margin] as const;
    return [
      {
        title: `${name}: prices`,
        caption:
          'Mark over time, from each height to the next one, and the price of its auction where it traded. USDC a lot. A perpetual is marked at the index.',
        spec: lineSpec({
          rows: lines,
          overlay: points,
          x: TIME_AXIS,
          y: { field: 'price', title: 'USDC a lot', domain },
          series: { field: 'what', title: 'price' },
          plain: true,
          step: true,
        }),
      },
    ];
  });
}

function accountRows(params: MarketParams, stories: readonly HeightStory[], owners: Owners): Row[] {
  return stories.flatMap(({ settlement: { height, state } }) => {
    const prices = pricesAt(params, state);
    return [...state.accounts].map(([id, account]): Row => {
      const { trader, account: name } = ownerOf(owners, id);
      const { cash, equity, initialMargin, maintenanceMargin, positions } = standingOf(prices, account);
      const held = positions.map(({ instrument, lots }) => `${params.instruments[instrument]!.name} ${lots}`);
      return {
        height,
        when: isoOf(state.market.timeS),
        account: `${trader}/${name}`,
        cash: usdc(cash),
        equity: usdc(equity),
        initialMargin: usdc(initialMargin),
        maintenanceMargin: usdc(maintenanceMargin),
        positions: held.join(' '),
      };
    });
  });
}

/** Equity of the accounts that moved most: as many as there are colours. */
function equityChart(params: MarketParams, stories: readonly HeightStory[], owners: Owners): Chart[] {
  const rows = accountRows(params, stories, owners);
  const span = new Map<string, { low: number; high: number }>();
  for (const row of rows) {
    const [name, value] = [row['account'] as string, row['equity'] as number];
    const { low, high } = span.get(name) ?? { low: value, high: value };
    span.set(name, { low: Math.min(low, value), high: Math.max(high, value) });
  }
  const shown = [...span]
    .sort(([, a], [, b]) => b.high - b.low - (a.high - a.low))
    .slice(0, PALETTE.length)
    .map(([name]) => name);
  if (shown.length === 0) return [];
  return [
    {
      title: 'Equity of accounts',
      caption: `E = cash + Σ (quote + lots · mark), USDC${span.size > shown.length ? `; the ${shown.length} accounts that moved most, all ${span.size} are in the CSV` : ''}.`,
      spec: lineSpec({
        rows: rows.filter(({ account }) => shown.includes(account as string)),
        x: TIME_AXIS,
        y: { field: 'equity', title: 'equity, USDC' },
        series: { field: 'account', title: 'account' },
        plain: stories.length > 60,
      }),
    },
  ];
}

function eventChart(params: MarketParams, stories: readonly HeightStory[], owners: Owners): Chart[] {
  const rows = stories.flatMap((story, i) => {
    const wasHalted = stories[i - 1]?.settlement.events.isHalted ?? false;
    return eventsOf(params, story, wasHalted).map((event) => ({
      height: story.settlement.height as number,
      when: isoOf(story.settlement.state.market.timeS),
      event: event.type,
      what: eventText(event, params, owners),
    }));
  });
  if (rows.length === 0) return [];
  return [
    {
      title: 'Events',
      caption: 'What each height did besides auctions; the pointer shows it in words.',
      spec: {
        data: { values: rows },
        mark: { type: 'point', filled: true, size: 70, color: PALETTE[0] },
        encoding: {
          x: channel(TIME_AXIS),
          y: { field: 'event', type: 'nominal', title: null },
          tooltip: [
            { field: 'height', title: 'height' },
            { field: 'what', type: 'nominal', title: 'event' },
          ],
        },
      },
    },
  ];
}

/** Demand and supply at each limit of the orders that stood in an auction; liquidation orders among them. */
function auctionCharts(params: MarketParams, stories: readonly HeightStory[]): Chart[] {
  const charts: Chart[] = [];
  for (const { batches, settlement } of stories) {
    for (const { instrument, price, volume } of settlement.auctions) {
      if (price === null || charts.length === MAX_AUCTIONS) continue;
      const out = new Set(settlement.receipts.map(({ id, leg }) => `${id} ${leg}`));
      const orders = [
        ...batches.flatMap(({ id, content }) =>
          (content?.orders ?? []).flatMap((order, leg) =>
            order?.instrument === instrument && !out.has(`${id} ${leg}`) && !out.has(`${id} undefined`)
              ? [order]
              : [],
          ),
        ),
        ...settlement.events.offers.filter((offer) => offer.instrument === instrument),
      ];
      // Demand falls just above a limit, supply rises at it; beyond the limits the curves go on.
      const steps = [...orders.map((order) => order.price), price].flatMap((at) => [at, at + 1n]);
      const ends = steps.reduce(([low, high], at) => [min(low, at), max(high, at)] as const, [
        price,
        price,
      ] as const);
      const margin = max(max(1n, (ends[1] - ends[0]) / 5n), ends[1] / 1_000n);
      const [low, high] = [max(0n, ends[0] - margin), ends[1] + margin];
      const limits = [...new Set([low, ...steps, high])].sort((a, b) => (a < b ? -1 : 1));
      const sum = (of: 'buy' | 'sell', at: bigint): number =>
        orders.reduce(
          (lots, order) =>
            order.side === of && (of === 'buy' ? order.price >= at : order.price <= at)
              ? lots + Number(order.lots)
              : lots,
          0,
        );
      const rows = limits.flatMap((at): Row[] => [
        { price: usdc(at), lots: sum('buy', at), side: 'demand' },
        { price: usdc(at), lots: sum('sell', at), side: 'supply' },
      ]);
      const { name } = params.instruments[instrument]!;
      charts.push({
        title: `Height ${settlement.height}, ${name}: demand and supply`,
        caption: `Lots that are bid for at a price and asked for at it. It cleared at ${formatDecimal(price, 6, 2)} USDC a lot, ${volume} ${volume === 1n ? 'lot' : 'lots'}.`,
        spec: lineSpec({
          rows,
          overlay: [{ price: usdc(price), lots: Number(volume), side: 'cleared' }],
          x: { field: 'price', title: 'USDC a lot', domain: [usdc(low), usdc(high)] },
          y: { field: 'lots', title: 'lots' },
          series: { field: 'side', title: 'lots', order: ['demand', 'supply', 'cleared'] },
          plain: true,
          step: true,
        }),
      });
    }
  }
  return charts;
}

const cell = (value: unknown): string => {
  const shown = String(value);
  return /[",\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
};

const csvOf = (rows: readonly Row[]): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => cell(row[column] ?? '')).join(',')),
  ].join('\n');
};

function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const head = columns.map((column) => `<th>${text(column)}</th>`).join('');
  const body = rows.map(
    (row) =>
      `<tr>${columns
        .map(
          (column) =>
            `<td class="${typeof row[column] === 'number' ? 'number' : ''}">${text(row[column])}</td>`,
        )
        .join('')}</tr>`,
  );
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
