import { code, errorsOf } from '../base/errors.ts';

/** What a test asks that its circuit cannot answer. An expectation that is not met is an AssertionError instead. */
export const TestingError = errorsOf({
  TEST_CIRCUIT: code<{ readonly circuit: string }>('A project has no circuit of the name.'),
  TEST_INPUT: code<{ readonly circuit: string; readonly signal?: string }>(
    'A test gives a circuit what are not its inputs.',
  ),
  TEST_PROGRAM: code<{ readonly circuit: string }>(
    'A witness program and a constraint system are not of the same circuit.',
  ),
  TEST_SIGNAL: code<{ readonly circuit: string; readonly signal: string }>(
    'A test names a signal that the compiled circuit does not have.',
  ),
});
