import { code, errorsOf } from '../base/errors.ts';

/** What the ledger refuses from its caller; what an item breaks is a refusal code instead. */
export const LedgerError = errorsOf({
  LEDGER_INPUT: code('A ledger function got a value that its caller must not pass.'),
});
