import { money } from '../shell/format.ts';
import type { InstrumentView } from '../worker/messages.ts';
import type { LegText } from './order-text.ts';

export interface LegProps {
  readonly number: number;
  readonly leg: LegText;
  readonly instruments: readonly InstrumentView[];
  readonly onChange: (leg: LegText) => void;
}

/** The fields of one order. */
export function LegFields({ number, leg, instruments, onChange }: LegProps) {
  return (
    <fieldset>
      <legend>Leg {number}</legend>
      <div class="row">
        <label>
          Side
          <br />
          <select
            name="side"
            value={leg.side}
            onChange={({ currentTarget: { value } }) => onChange({ ...leg, side: value as LegText['side'] })}
          >
            <option value="buy">buy</option>
            <option value="sell">sell</option>
          </select>
        </label>
        <label>
          Lots
          <br />
          <input
            name="lots"
            class="short"
            inputMode="numeric"
            autocomplete="off"
            required
            value={leg.lots}
            onInput={({ currentTarget: { value } }) => onChange({ ...leg, lots: value })}
          />
        </label>
        <label>
          Instrument
          <br />
          <select
            name="instrument"
            value={String(leg.instrument)}
            onChange={({ currentTarget: { value } }) => onChange({ ...leg, instrument: Number(value) })}
          >
            {instruments.map(({ name }, i) => (
              <option key={name} value={String(i)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Limit, USDC a lot
          <br />
          <input
            name="limit"
            class="short"
            inputMode="decimal"
            autocomplete="off"
            required
            value={leg.limit}
            onInput={({ currentTarget: { value } }) => onChange({ ...leg, limit: value })}
          />
        </label>
        <label>
          <input
            type="checkbox"
            name="reduce"
            checked={leg.reduceOnly}
            onChange={({ currentTarget: { checked } }) => onChange({ ...leg, reduceOnly: checked })}
          />{' '}
          only close a position
        </label>
      </div>
      <p>Its mark is {money(instruments[leg.instrument]!.mark)} USDC a lot.</p>
    </fieldset>
  );
}
