import { code, errorsOf } from '../base/errors.ts';

/** Why a host does not start from what its store holds. */
export const HostError = errorsOf({
  HOST_LOG_DAMAGED: code<{ readonly at?: number; readonly inputs?: number }>(
    'The log of a validator is damaged before its end.',
  ),
  HOST_LOG_VERSION: code<{ readonly version: number; readonly reads: number }>(
    'The log of a validator was written by another version of this program.',
  ),
  HOST_LOG_OTHER: code<{ readonly what: string }>('The log is that of another validator, chain or epoch.'),
  HOST_DIVERGED: code<{ readonly height: number; readonly inputs?: number }>(
    'The replay of a log sends something else than was sent.',
  ),
});

/** What to do about a damaged log, as every message about one ends. */
export const WHEN_DAMAGED =
  'an old copy of it is no better. Move its .log and .snapshot files away and start the validator with its keys alone: it follows the chain ' +
  'in silence, and takes part again when it can no longer contradict what it said';
