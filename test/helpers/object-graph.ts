import { Session } from 'node:inspector';
import { builtinModules } from 'node:module';
import { types } from 'node:util';

/** What a walk meets: every primitive value and a copy of every byte array. */
export interface Leaves {
  readonly bigints: bigint[];
  readonly strings: string[];
  readonly bytes: Uint8Array[];
  /** Objects and functions visited. */
  objects: number;
}

interface Remote {
  readonly objectId?: string;
  readonly type: string;
  readonly unserializableValue?: string;
  readonly value?: unknown;
  readonly description?: string;
}
interface Property {
  readonly name: string;
  readonly value?: Remote;
}
interface Properties {
  readonly result: Property[];
  readonly privateProperties?: Property[];
  readonly internalProperties?: Property[];
}

const PLAIN: readonly unknown[] = [Object.prototype, Array.prototype, Map.prototype, Set.prototype, null];
/** What vitest adds to the scope of a module; through it one would get to the test itself. */
const RUNNER = /^__vite_ssr_(?!import_\d)/;
/** Behind them is Node itself, and through it the test. */
const LEADS_INTO_NODE = [TextDecoder, URL] as const;
const NODE: readonly object[] = builtinModules
  .filter((name) => !/^(_|punycode$|sys$|wasi$)/.test(name))
  .map((name) => process.getBuiltinModule(name))
  .flatMap((module = {}) => [module, ...Object.values(module)])
  .filter((value) => (typeof value === 'object' && value !== null) || typeof value === 'function');
/** Scopes of a function that belong to one closure, not to a module or to the world. */
const OWN_SCOPE = /^(Closure|Block|Catch|With)/;

/**
 * Walks everything reachable from some roots. Plain containers are read as usual; of every other object and function V8's
 * inspector tells the #private fields, the entries of weak collections and the variables that closures captured.
 */
export class ObjectGraph {
  readonly #session = new Session();
  readonly #seen = new Set<object>();
  readonly #exchange: { current: unknown; got: unknown[] } = { current: undefined, got: [] };
  readonly #exchangeId: string;

  constructor() {
    this.#session.connect();
    (globalThis as Record<string, unknown>)['__objectGraph'] = this.#exchange;
    this.#exchangeId = this.#evaluate('__objectGraph');
  }

  close(): void {
    this.#session.disconnect();
    delete (globalThis as Record<string, unknown>)['__objectGraph'];
  }

  walk(roots: readonly unknown[]): Leaves {
    this.#seen.clear();
    for (const own of NODE) this.#seen.add(own);
    const leaves: Leaves = { bigints: [], strings: [], bytes: [], objects: 0 };
    const queue = [...roots];
    for (let value = queue.pop(); value !== undefined || queue.length > 0; value = queue.pop()) {
      if (typeof value === 'bigint') leaves.bigints.push(value);
      else if (typeof value === 'number') leaves.strings.push(String(value));
      else if (typeof value === 'string') leaves.strings.push(value);
      else if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
        if (this.#seen.has(value) || LEADS_INTO_NODE.some((kind) => value instanceof kind)) continue;
        this.#seen.add(value);
        leaves.objects += 1;
        if (ArrayBuffer.isView(value)) {
          leaves.bytes.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
        } else queue.push(...this.#children(value));
      }
    }
    return leaves;
  }

  #children(parent: object): unknown[] {
    const children: unknown[] = [];
    // Not by `instanceof`: a prototype that inherits from Map is none, and libraries have such.
    if (types.isMap(parent)) for (const [key, value] of parent) children.push(key, value);
    if (types.isSet(parent)) children.push(...parent);
    for (const key of Reflect.ownKeys(parent)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(parent, key)!;
      children.push(key, descriptor.value, descriptor.get, descriptor.set);
    }
    const prototype = Object.getPrototypeOf(parent);
    if (!PLAIN.includes(prototype)) children.push(prototype, ...this.#hidden(parent));
    return children.filter((child) => child !== undefined && typeof child !== 'symbol');
  }

  /** Values of #private fields, of weak entries and of captured variables. */
  #hidden(parent: object): unknown[] {
    this.#exchange.current = parent;
    const id = this.#evaluate('__objectGraph.current');
    const { privateProperties = [], internalProperties = [] } = this.#properties(id);
    const hidden = [...privateProperties];
    for (const { name, value } of internalProperties) {
      if (name === '[[Entries]]') hidden.push(...this.#properties(value!.objectId!).result);
      if (name !== '[[Scopes]]') continue;
      for (const scope of this.#properties(value!.objectId!).result) {
        if (!OWN_SCOPE.test(scope.value?.description ?? '')) continue;
        const captured = this.#properties(scope.value!.objectId!).result;
        hidden.push(...captured.filter((variable) => !RUNNER.test(variable.name)));
      }
    }
    return this.#values(hidden);
  }

  #values(properties: readonly Property[]): unknown[] {
    const remotes = properties.flatMap(({ value }) => value ?? []);
    const primitives = remotes.flatMap(({ objectId, type, unserializableValue, value }) => {
      if (objectId !== undefined) return [];
      return [type === 'bigint' ? BigInt(unserializableValue!.slice(0, -1)) : value];
    });
    this.#exchange.got = [];
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#exchangeId,
      functionDeclaration: 'function (...values) { this.got = values; }',
      arguments: remotes.flatMap(({ objectId }) => (objectId === undefined ? [] : [{ objectId }])),
    });
    return [...primitives, ...this.#exchange.got];
  }

  #evaluate(expression: string): string {
    return this.#post<{ result: Remote }>('Runtime.evaluate', { expression }).result.objectId!;
  }

  #properties(objectId: string): Properties {
    return this.#post<Properties>('Runtime.getProperties', { objectId, ownProperties: true });
  }

  /** Within one thread the inspector answers before `post` returns. */
  #post<T>(method: string, parameters: object): T {
    let answer: T | undefined;
    this.#session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result as T;
    });
    if (answer === undefined) throw new Error(`the inspector did not answer ${method}`);
    return answer;
  }
}
