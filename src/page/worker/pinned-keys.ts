declare const KEYS_MANIFEST_SHA256: string;

/** SHA-256 of the list of keys that the page was built beside (`vite.config.ts`), in hex. It pins every key file that a node serves to it. */
export const PINNED_MANIFEST = KEYS_MANIFEST_SHA256;
