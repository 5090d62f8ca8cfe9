import { VelumError } from '../../base/errors.ts';
import { experimentAt, loadOwnExperiment } from '../../experiments/own-experiment.ts';
import { tryExperiment } from '../../experiments/trial.ts';
import type { WorkerAnswer, WorkerRequest } from '../../experiments/workers.ts';
import { endWithParent } from '../../groth16/end-with-parent.ts';
import { openErasureCode } from '../../node/erasure-code.ts';

// The entry of a worker process (see src/experiments/workers.ts): one request at a time.
const erasure = openErasureCode();

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    if (request.type === 'check') {
      const { experiment } = await loadOwnExperiment(request.path);
      const measured = (await experiment.measure?.(true)) ?? {};
      const context = { erasure: await erasure, measured };
      return { type: 'checked', problems: await tryExperiment(experiment, context) };
    }
    const experiment = await experimentAt(request.place);
    if (request.type === 'measure')
      return { type: 'measured', measured: await experiment.measure!(request.quick) };
    const { job, measured } = request;
    const startMs = performance.now();
    const rows = await experiment.run(job.point, job.seed, { erasure: await erasure, measured });
    return { type: 'ran', rows, ms: performance.now() - startMs };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return error instanceof VelumError
      ? { type: 'failed', code: error.code, message: error.message }
      : { type: 'failed', message };
  }
}

endWithParent();
process.on('message', (request: WorkerRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
