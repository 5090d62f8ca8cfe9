import { afterEach, expect, test, vi } from 'vitest';

/** By its name: it has the types of browsers, which are not those of tests. */
const FILE = '../../../src/page/explorer/hearsay.ts';
const { ask } = (await import(FILE)) as { ask(rpc: string): Promise<unknown> };

afterEach(() => void vi.unstubAllGlobals());
const answers = (body: string | ReadableStream): void =>
  void vi.stubGlobal('fetch', async () => new Response(body));

test('an answer without an end is not read to the end', async () => {
  let read = 0;
  const pull = (stream: ReadableStreamDefaultController): void => {
    if (read > 1 << 24) throw new Error('all of it is read');
    read += 1 << 16;
    stream.enqueue(new Uint8Array(1 << 16).fill(0x20));
  };
  answers(new ReadableStream({ pull }));
  expect(await ask('http://127.0.0.1:1/')).toEqual({
    problem: 'The node answers what no validator answers.',
  });
  expect(read).toBeLessThan(1 << 20);
});

test('what is no list of answers is none', async () => {
  for (const body of ['', '[', '{}', '[]', '[{"id":"status","result":{}}]']) {
    answers(body);
    expect(await ask('http://127.0.0.1:1/')).toEqual({
      problem: 'The node answers what no validator answers.',
    });
  }
});
