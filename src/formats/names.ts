/** Names of traders, accounts and batches: they become map keys and file names. */
export const isName = (text: string): boolean => /^[A-Za-z0-9._-]{1,32}$/.test(text) && !/^\.+$/.test(text);

/** isName for a person. */
export const NAME_RULE = 'a name of 1 to 32 letters, digits, ".", "_" or "-"';
