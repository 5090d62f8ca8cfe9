import { resolve } from 'node:path';

/** This file is src/cli/package-root.ts or dist/cli/package-root.js. */
export const PACKAGE_ROOT = resolve(import.meta.dirname, '..', '..');
