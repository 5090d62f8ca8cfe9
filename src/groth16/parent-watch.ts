import { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';

// The entry of a thread (see end-with-parent.ts). The system closes the pipe with the process that holds its other end.
new Socket({ fd: workerData as number })
  .on('error', () => {})
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
