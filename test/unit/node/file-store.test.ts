import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import type { Store } from '../../../src/host/store.ts';
import { FileStore, readFolder } from '../../../src/node/file-store.ts';
import { height } from '../../../src/params/ids.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-store-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const shown = (store: Pick<Store, 'load'>) =>
  store.load().map(({ snapshot, log }) => [snapshot && [...snapshot], [...log]]);

function created(dir: string): FileStore {
  FileStore.create(dir);
  return new FileStore(dir);
}

/** What a host may do to a store, step by step. */
const STEPS: readonly ((store: Store) => void)[] = [
  (store) => store.append(bytes(1, 2, 3), () => {}),
  (store) => store.append(bytes(4, 5), () => {}),
  (store) => store.cut(4),
  (store) => store.append(bytes(6), () => {}),
  (store) => store.begin(bytes(10)),
  (store) => store.putBlock(height(1), bytes(9, 9)),
  (store) => store.append(bytes(7), () => {}),
  (store) => store.begin(bytes(20)),
  (store) => store.append(bytes(8), () => {}),
  (store) => store.cut(0),
];

test('a folder holds what a store in memory holds, after every step and after it is opened again', () => {
  const dir = join(scratch, 'steps');
  const memory = new MemoryStore();
  FileStore.create(dir);
  for (const step of STEPS) {
    step(memory);
    const files = new FileStore(dir);
    step(files);
    expect(shown(files)).toEqual(shown(memory));
    files.close();
    expect(shown(readFolder(dir))).toEqual(shown(memory));
  }
  expect(readFolder(dir).block(height(1))).toEqual(bytes(9, 9));
  expect(readFolder(dir).block(height(2))).toBeUndefined();
  expect(readdirSync(dir).sort()).toEqual(['1.log', '1.snapshot', '2.log', '2.snapshot', 'blocks']);
});

test('what a crash leaves half made counts for nothing', () => {
  const dir = join(scratch, 'half');
  const store = created(dir);
  store.append(bytes(1), () => {});
  writeFileSync(join(dir, '1.snapshot.part'), bytes(1, 1));
  writeFileSync(join(dir, '1.log'), bytes());
  expect(shown(readFolder(dir))).toEqual([[undefined, [1]]]);
  store.begin(bytes(10));
  expect(shown(store)).toEqual([
    [undefined, [1]],
    [[10], []],
  ]);
  store.close();
});

/** What a folder holds after two heights and a little of the third. */
function twoHeights(name: string): string {
  const dir = join(scratch, name);
  const store = created(dir);
  for (const snapshot of [10, 20]) {
    store.append(bytes(snapshot / 10), () => {});
    store.begin(bytes(snapshot));
  }
  store.append(bytes(3), () => {});
  store.close();
  return dir;
}

test.each(['2.snapshot', '2.log', '1.snapshot', '1.log'])(
  'a folder that lost %s is damaged, not older',
  (name) => {
    const dir = twoHeights(`without-${name}`);
    rmSync(join(dir, name));
    const damaged = expect.objectContaining({
      code: 'HOST_LOG_DAMAGED',
      message: expect.stringContaining(`${name} is missing in ${dir}`),
    });
    const left = readdirSync(dir).sort();
    expect(() => readFolder(dir).load()).toThrow(damaged);
    expect(() => new FileStore(dir)).toThrow(damaged);
    expect(readdirSync(dir).sort()).toEqual(left);
  },
);

test('a folder that lost its first log, or both snapshots, is damaged', () => {
  const first = join(scratch, 'first');
  const store = created(first);
  store.append(bytes(1), () => {});
  store.begin(bytes(10));
  store.close();
  rmSync(join(first, '0.log'));
  expect(() => new FileStore(first)).toThrow(/0\.log is missing/);
  const both = twoHeights('both');
  for (const name of ['1.snapshot', '2.snapshot']) rmSync(join(both, name));
  expect(() => readFolder(both).load()).toThrow(/1\.snapshot is missing/);
});

test('a crash at any step of beginning a segment leaves a folder that opens', () => {
  const dir = twoHeights('steps-of-begin');
  writeFileSync(join(dir, '3.log'), bytes());
  const before = [
    [[10], [2]],
    [[20], [3]],
  ];
  expect(shown(readFolder(dir))).toEqual(before);
  writeFileSync(join(dir, '3.snapshot.part'), bytes(30));
  expect(shown(readFolder(dir))).toEqual(before);
  writeFileSync(join(dir, '3.snapshot'), bytes(30));
  const after = [
    [[20], [3]],
    [[30], []],
  ];
  expect(shown(readFolder(dir))).toEqual(after);
  rmSync(join(dir, '1.log'));
  expect(shown(readFolder(dir))).toEqual(after);
  const store = new FileStore(dir);
  expect(shown(store)).toEqual(after);
  store.close();
});

test('says that it is durable once it is in the file', () => {
  const dir = join(scratch, 'durable');
  const store = created(dir);
  let seen: unknown;
  store.append(bytes(5), () => {
    seen = shown(readFolder(dir));
  });
  expect(seen).toEqual([[undefined, [5]]]);
  store.close();
});

test('a log that is no file, or larger than any log, is refused', () => {
  const dir = join(scratch, 'hostile');
  new FileStore(dir).close();
  appendFileSync(join(dir, '0.log'), '');
  rmSync(join(dir, '0.log'));
  writeFileSync(join(scratch, 'plain'), '');
  expect(() => new FileStore(join(scratch, 'plain', 'below'))).toThrow(/cannot write/);
  expect(() => readFolder(join(scratch, 'nothing')).load()).toThrow(/cannot read/);
});

describe('a folder without a store', () => {
  test('is that of a validator that has lost it, and says so until something is logged and after that', () => {
    const dir = join(scratch, 'lost');
    const lost = new FileStore(dir);
    const nonce = lost.forgotten;
    expect(nonce).toHaveLength(16);
    lost.close();
    const again = new FileStore(dir);
    expect(again.forgotten).toEqual(nonce);
    again.append(bytes(1), () => {});
    again.close();
    rmSync(join(dir, '0.log'));
    const anew = new FileStore(dir);
    expect(anew.forgotten).not.toEqual(nonce);
    anew.close();
  });

  test('is that of a young validator where the store was made with it, once', () => {
    const dir = join(scratch, 'young');
    created(dir).close();
    const young = new FileStore(dir);
    expect(young.forgotten).toBeUndefined();
    young.close();
    expect(() => FileStore.create(dir)).toThrow(expect.objectContaining({ code: 'NODE_STORE_EXISTS' }));
  });
});

describe('a folder belongs to one process', () => {
  const lock = (dir: string, text: string): void => {
    FileStore.create(dir);
    writeFileSync(join(dir, 'lock'), text);
  };
  const refused = expect.objectContaining({ code: 'NODE_FOLDER_LOCKED' });

  test('a second store on it is refused, in this process and in another, until the first one is closed', () => {
    const dir = join(scratch, 'locked');
    const store = created(dir);
    expect(() => new FileStore(dir)).toThrow(refused);
    const open = `import { FileStore } from '${join(process.cwd(), 'src/node/file-store.ts')}'; new FileStore('${dir}').close()`;
    const tsx = ['--import', 'tsx', '--input-type=module', '-e', open];
    const second = spawnSync(process.execPath, tsx, { encoding: 'utf8' });
    expect(second.stderr).toContain(`belongs to process ${process.pid}`);
    store.close();
    expect(spawnSync(process.execPath, tsx, { encoding: 'utf8' })).toMatchObject({ status: 0 });
    expect(readdirSync(dir)).not.toContain('lock');
  });

  test('a lock of a process that died is taken over, also where its number is another’s now', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const texts = [`process ${pid} of ${hostname()}, started some time`];
    if (process.platform === 'linux')
      texts.push(`process ${process.pid} of ${hostname()}, started another/1`);
    for (const [i, text] of texts.entries()) {
      const dir = join(scratch, `dead-${i}`);
      lock(dir, text);
      new FileStore(dir).close();
    }
  });

  test('a lock of another machine, or one that nobody can read, stands', () => {
    for (const [i, text] of ['process 1 of elsewhere, started some time', 'what?'].entries()) {
      const dir = join(scratch, `elsewhere-${i}`);
      lock(dir, text);
      expect(() => new FileStore(dir)).toThrow(refused);
      expect(readdirSync(dir)).toContain('lock');
    }
  });
});
