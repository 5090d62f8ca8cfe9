import { code, errorsOf } from '../base/errors.ts';

/** What is wrong with the files of a validator. */
export const NodeError = errorsOf({
  NODE_KEYS_MISSING: code<{ readonly path: string }>('The file with the keys of a validator is missing.'),
  NODE_KEYS_EXPOSED: code<{ readonly path: string }>(
    'Others than its user can read the file with the keys of a validator.',
  ),
  NODE_KEYS_FILE: code<{ readonly path: string }>(
    'The file with the keys of a validator is damaged, or holds those of another one.',
  ),
  NODE_STORE_EXISTS: code<{ readonly path: string }>(
    'A folder in which a store is to be made holds one already.',
  ),
  NODE_CONFIG: code<{ readonly setting?: string }>('A setting of a validator’s process is not valid.'),
  NODE_DEV_KEYS: code<{ readonly path: string }>(
    'Proving keys for development are not for a network on which anything is at stake.',
  ),
  NODE_PROCESS_ENDED: code('A process that works for a validator ended.'),
  NODE_KEY_ALARM: code<{ readonly dealer: number; readonly recipient: number }>(
    'A dealing whose proofs hold gave its recipient no shares: the proving key of dealings is forged or broken.',
  ),
  NODE_PAGE: code<{ readonly path: string }>(
    'The files of the page that a validator is to serve are missing or damaged.',
  ),
  NODE_FOLDER_LOCKED: code<{ readonly path: string }>('Another process has the folder of a validator.'),
});
