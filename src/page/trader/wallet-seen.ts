import type { FromWallet, JobView, PageProblem, ToWallet, WalletView } from '../worker/messages.ts';

/** All that the wallet worker has told so far, and what it is doing. */
export interface WalletSeen {
  /** `closed`: the worker has not looked yet. */
  readonly door: 'closed' | 'none' | 'locked' | 'open';
  readonly wallet: WalletView | undefined;
  readonly preview: Extract<FromWallet, { kind: 'preview' }> | undefined;
  /** The key file, once it was asked for. */
  readonly key: string | undefined;
  /** The last thing that was sent. */
  readonly job: JobView | undefined;
  readonly fault: NonNullable<Extract<FromWallet, { kind: 'fault' }>['fault']> | undefined;
  /** What was asked last; `undefined` once it is answered. */
  readonly asked: ToWallet['kind'] | undefined;
  /** Why what was asked last was refused. */
  readonly refused: { readonly asked: ToWallet['kind']; readonly problem: PageProblem } | undefined;
}

export const BEFORE_DOOR: WalletSeen = {
  door: 'closed',
  wallet: undefined,
  preview: undefined,
  key: undefined,
  job: undefined,
  fault: undefined,
  asked: undefined,
  refused: undefined,
};

/** What the worker says, what is asked of it, and that its wallet was locked. */
export type WalletNews =
  | FromWallet
  | { readonly kind: 'asked'; readonly asked: ToWallet['kind'] }
  | { readonly kind: 'locked' };

/** What becomes a job, in place of the one before. */
const SENDING: ReadonlySet<ToWallet['kind']> = new Set(['submit', 'shield', 'withdraw']);

/** What is known after one more of them. */
export function withNews(seen: WalletSeen, news: WalletNews): WalletSeen {
  switch (news.kind) {
    case 'asked':
      return {
        ...{ ...seen, asked: news.asked, refused: undefined },
        job: SENDING.has(news.asked) ? undefined : seen.job,
      };
    case 'locked':
      return BEFORE_DOOR;
    case 'door':
      return { ...seen, door: news.door, asked: undefined };
    case 'wallet': {
      // A verified height takes back that a node was out of reach, and no lie.
      const isFurther = news.wallet.height > (seen.wallet?.height ?? -1);
      const fault = seen.fault?.isLie || !isFurther ? seen.fault : undefined;
      return { ...seen, wallet: news.wallet, fault };
    }
    case 'preview':
      return { ...seen, preview: news, asked: undefined };
    case 'key':
      return { ...seen, key: news.file, asked: undefined };
    case 'job':
      return { ...seen, job: news.job, asked: undefined };
    case 'fault':
      if (news.fault === null)
        return seen.fault === undefined || seen.fault.isLie ? seen : { ...seen, fault: undefined };
      return seen.fault?.isLie && !news.fault.isLie ? seen : { ...seen, fault: news.fault };
    case 'refused':
      return {
        ...seen,
        asked: undefined,
        refused: { asked: seen.asked ?? 'open', problem: news.problem },
      };
  }
}

/** Whether what was sent last is still on its way. */
export const isUnderWay = ({ job }: WalletSeen): boolean =>
  job !== undefined && job.stage !== 'settled' && job.stage !== 'failed';
