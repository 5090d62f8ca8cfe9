import { hasher } from '@chainsafe/persistent-merkle-tree/hasher/noble';
import './ssz-buffer.browser.ts';

/** SHA-256 in JavaScript: a browser has no native one that answers at once. */
export const rootHasher = hasher;
