import type { HappeningView, OwnAccountView } from '../worker/messages.ts';

/** What everybody can tell to be of one owner, as it is of one account. */
export interface Linked {
  readonly account: Pick<OwnAccountView, 'id' | 'number'>;
  readonly happenings: readonly HappeningView[];
}

/**
 * What happened by account. The legs and refusals of a batch are of its account, though only the batch says which it is.
 * @param accounts of the wallet, for their numbers
 */
export function linkedBy(
  history: readonly HappeningView[],
  accounts: readonly Pick<OwnAccountView, 'id' | 'number'>[],
): readonly Linked[] {
  const ofItem = new Map<string, string>();
  for (const { id, account } of history) if (account !== null) ofItem.set(id, account);
  const byAccount = new Map<string, HappeningView[]>();
  for (const each of history) {
    const account = each.account ?? ofItem.get(each.id);
    // What was refused before it was settled has told nobody an account.
    if (account !== undefined) byAccount.set(account, [...(byAccount.get(account) ?? []), each]);
  }
  return [...byAccount].map(([id, happenings]) => ({
    account: accounts.find((each) => each.id === id) ?? { id, number: null },
    happenings,
  }));
}
