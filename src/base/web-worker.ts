/**
 * What is used of a browser's workers. These types stand here because the library is compiled without those of a browser, which would let
 * any other file use one.
 * @see WHATWG HTML, Web workers
 */
export interface WebWorker {
  onmessage: ((event: { readonly data: never }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

export type WebWorkerClass = new (url: URL, options: { readonly type: 'module' }) => WebWorker;

/** The global object of a worker. */
export interface WebWorkerScope {
  onmessage: ((event: { readonly data: never }) => void) | null;
  postMessage(message: unknown): void;
}
