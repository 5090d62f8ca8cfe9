import { code, errorsOf } from '../base/errors.ts';

/** What an audit cannot be made of. */
export const AuditError = errorsOf({
  AUDIT_WITNESS: code('A witness does not satisfy the circuit that is audited.'),
  ASSUMPTION: code('What is to be assumed of inputs is not understood.'),
  AUDIT_FIELD: code('The circuit is not over a prime field.'),
  AUDIT_MEMORY: code('The circuit needs more memory than an audit takes.'),
  AUDIT_PROGRAM: code('A file is no witness program of the circuit.'),
  AUDIT_TARGET: code('A name is none of a public input.'),
  CERTIFICATE_FILE: code('The file is no certificate of an audit.'),
  SNAPSHOT_FILE: code('The file is no snapshot of a circuit.'),
  WAIVERS_FILE: code('The file of waivers is not valid.'),
});
