import { fileURLToPath } from 'node:url';

/** The module of a worker process. Tests run from src/, where Node cannot fork TypeScript: they fork the build's entry. */
export const WORKER_ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/cli/experiment/worker.js' : './worker.js',
    import.meta.url,
  ),
);
