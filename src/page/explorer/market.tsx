import { useChain } from '../shell/chain.ts';
import { money, short } from '../shell/format.ts';
import { Lines, Rows } from '../shell/rows.tsx';
import { PriceChart } from './charts.tsx';
import { Tick } from './tick.tsx';

/** Instruments with their marks over the heights that are kept. */
export function Market() {
  const { state, heights } = useChain().seen;
  if (state === undefined) return null;
  const lines = state.instruments.map(({ name }, i) => ({
    name,
    values: heights.flatMap(({ height, marks, auctions }) => {
      const [value, auction] = [marks[i], auctions.find(({ instrument }) => instrument === i)];
      return value === undefined ? [] : [{ height, value, cleared: auction?.price ?? null }];
    }),
  }));
  return (
    <>
      <Rows
        caption={
          <>
            <Tick /> Instruments after height {state.height}
          </>
        }
        head={['Instrument', 'Kind', 'Mark', 'Last cleared', 'Open interest']}
        rows={state.instruments.map(({ name, kind, mark, lastClear, openInterest }) => ({
          key: name,
          cells: [
            name,
            kind,
            money(mark),
            lastClear === null ? '–' : money(lastClear),
            `${openInterest} lots`,
          ],
        }))}
      />
      <div class="figures">
        {lines
          .filter(({ values }) => values.length > 1)
          .map((line) => (
            <PriceChart key={line.name} line={line} />
          ))}
      </div>
    </>
  );
}

/** Accounts, which are public under names that say nothing, and where the money is. */
export function Accounts() {
  const { state, chain } = useChain().seen;
  if (state === undefined) return null;
  const { accounts, accountCount, turnstile } = state;
  const names = chain?.instruments ?? [];
  return (
    <>
      <dl class="turnstile">
        {(
          [
            ['In notes, nobody knows whose', turnstile.pool],
            ['Ever paid in', turnstile.deposits],
            ['Ever paid out', turnstile.withdrawals],
            ['Insurance fund', turnstile.insurance],
            ['Fees', turnstile.fees],
          ] as const
        ).map(([what, units]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{money(units)}</dd>
          </div>
        ))}
      </dl>
      <Rows
        caption={
          <>
            <Tick /> {accounts.length} of {accountCount} accounts after height {state.height}, by equity
          </>
        }
        head={['Account', 'Equity', 'Cash', 'Positions']}
        rows={accounts.map(({ id, equity, cash, positions }) => ({
          key: id,
          cells: [
            <a href={`#explorer/${id}`}>
              <code>{short(id)}</code>
            </a>,
            money(equity),
            money(cash),
            <Lines
              texts={positions.map(({ instrument, lots }) => `${lots} ${names[instrument] ?? instrument}`)}
            />,
          ],
        }))}
      />
    </>
  );
}
