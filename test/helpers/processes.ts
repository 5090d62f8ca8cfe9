import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** All processes; one that has ended and only waits for its parent to notice is none. */
const processes = () =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, ppid, stat, ...command]) => ({
      pid: Number(pid),
      ppid: Number(ppid),
      stat,
      command: command.join(' '),
    }))
    .filter(({ stat }) => stat !== undefined && !stat.startsWith('Z'));

/** Ids of the living proving processes of a process. */
export const proversOf = (parent: number): number[] =>
  processes()
    .filter(({ ppid, command }) => ppid === parent && command.includes('prover-process'))
    .map(({ pid }) => pid);

export const isAlive = (pid: number): boolean => processes().some((found) => found.pid === pid);

/** Hundredths of a second that a process has computed, as Linux counts them. */
export function processorTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
