import { code, errorsOf } from '../base/errors.ts';

/** One thing that is wrong with a file: where (a line and column, or a JSON path) and why. */
export interface Problem {
  readonly where: string;
  readonly reason: string;
}

export interface FileProblems {
  readonly file: string;
  readonly problems?: readonly Problem[];
}

/** Files of people that are not as they must be. */
export const FormatError = errorsOf({
  ORDERS_FILE: code<FileProblems>('The orders file has bad rows.'),
  MARKET_FILE: code<FileProblems>('The market file is not valid.'),
  BOOK_FILE: code<FileProblems>('The book file has bad rows.'),
  PORTFOLIO_FILE: code<FileProblems>('The portfolio file is not valid.'),
  FUNDING_FILE: code<FileProblems>('The funding file is not valid.'),
  WALLET_FILE: code<FileProblems>('A file of a wallet is not valid.'),
  RUN_FILES: code<FileProblems>('The files of a run are not what a run writes.'),
  EVIDENCE_FILE: code<FileProblems>('The evidence file is none.'),
  EVIDENCE_REFUSED: code<{ readonly file: string }>('The evidence convinces nobody.'),
  OTHER_FORMAT: code<{ readonly file: string; readonly found?: number; readonly reads: number }>(
    'A file was written by another version of this program.',
  ),
  REPLAY_REFUSED: code<{ readonly file: string } | { readonly height: number }>(
    'A block does not replay to what the run says.',
  ),
});
