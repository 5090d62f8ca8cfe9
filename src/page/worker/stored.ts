import type { Stored } from './stored-values.ts';

/** What this browser keeps for the page: a few values under names, in one database of its origin. */

const DATABASE = 'velum';
const STORE = 'kept';

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** A request that succeeded may still be taken back, for instance where there is no room: only the end of its transaction keeps it. */
const keptBy = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

/** @throws DOMException where the browser keeps nothing, for instance in a private window */
export async function openStored(): Promise<Stored> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  const database = await answerOf(request);
  const write = (change: (store: IDBObjectStore) => unknown): Promise<void> => {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
    change(transaction.objectStore(STORE));
    return keptBy(transaction);
  };
  return {
    get: (name) => answerOf(database.transaction(STORE).objectStore(STORE).get(name)),
    put: (name, value) => write((store) => store.put(value, name)),
    add: (name, value) =>
      write((store) => store.add(value, name)).then(
        () => true,
        (error: unknown) => {
          if (error instanceof DOMException && error.name === 'ConstraintError') return false;
          throw error;
        },
      ),
    remove: (name) => write((store) => store.delete(name)),
  };
}
