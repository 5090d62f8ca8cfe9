import type { Stored } from './stored-values.ts';

/** What this browser keeps for the page: a few values under names, in one database of its origin. */

const DATABASE = 'velum';
const STORE = 'kept';

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @throws DOMException where the browser keeps nothing, for instance in a private window */
export async function openStored(): Promise<Stored> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  const database = await answerOf(request);
  const store = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(STORE, mode).objectStore(STORE);
  return {
    get: (name) => answerOf(store('readonly').get(name)),
    put: async (name, value) => void (await answerOf(store('readwrite').put(value, name))),
    remove: async (name) => void (await answerOf(store('readwrite').delete(name))),
  };
}
