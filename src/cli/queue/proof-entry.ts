import { fileURLToPath } from 'node:url';

/** The module of a process that proves. Tests run from src/, where Node cannot fork TypeScript: they fork the build's entry. */
export const PROOF_ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/queue/proof-process.js' : '../../queue/proof-process.js',
    import.meta.url,
  ),
);
