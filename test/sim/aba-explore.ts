import type { AbaModel, ModelNode, ModelState } from './aba-model.ts';

/** A state that breaks a property, and how it came about: the sorted states on the way, one line a state. */
export interface CounterExample {
  readonly property: 'agreement' | 'validity' | 'sure' | 'ahead' | 'driven' | 'stuck';
  readonly trace: readonly string[];
}

export interface Exploration {
  /** Different states, correct validators being interchangeable. */
  readonly states: number;
  /** States in which nothing is due: what a run may end in. */
  readonly ends: number;
  readonly counterExamples: ReadonlyMap<CounterExample['property'], CounterExample>;
}

/**
 * Which steps that only grow what is possible are taken at once, and alone. Postponing such a step leads to nothing new:
 * - `none` of them: every state is visited;
 * - `due`: those that happen anyhow. All ends are the same; of what lies before them some is left out;
 * - `all`: those that liars must help too. What is decided can be the same, but fewer runs get stuck.
 */
export type Eager = 'none' | 'due' | 'all';

/**
 * Visits every state that the model reaches, and looks for one in which
 * - agreement: two correct validators decided differently;
 * - validity: a bit is decided that was no correct validator's input;
 * - sure: V was {0} in round 0 although 2f + 1 FIRST may be heard, f + 1 of them from correct validators;
 * - ahead: a correct validator voted in a round that no correct one has entered;
 * - driven: one that has decided is in a later round in which no correct validator sent an AUX or CONF;
 * - stuck: nothing is due, fewer than f + 1 correct TERM are out, and one that has not decided waits in a round that is explored.
 * @param starts where it begins: all at the start of round 0, without inputs, by default
 * @throws if there are more states than `limit`
 */
export function explore(
  model: AbaModel,
  eager: Eager,
  limit: number,
  starts: readonly ModelState[] = [model.initial],
): Exploration {
  const counterExamples = new Map<CounterExample['property'], CounterExample>();
  const stack: ModelState[] = starts.map(({ nodes, coins }) => ({ nodes: sorted(nodes), coins }));
  const parents = new Map(stack.map((state) => [keyOf(state), '']));
  let ends = 0;
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    const key = keyOf(state);
    let isDue = false;
    for (const next of successors(model, state, eager)) {
      isDue ||= next.due;
      const nextKey = keyOf(next.state);
      if (parents.has(nextKey)) continue;
      parents.set(nextKey, key);
      if (parents.size > limit) throw new Error(`more than ${limit} states`);
      stack.push(next.state);
    }
    if (!isDue) ends += 1;
    const broken = brokenProperty(model, state, isDue);
    if (broken !== undefined && !counterExamples.has(broken)) {
      counterExamples.set(broken, { property: broken, trace: traceOf(parents, key) });
    }
  }
  return { states: parents.size, ends, counterExamples };
}

/** Where a run can stand at the start of round r: any estimates, or some that decided in the round before and all others of their mind. */
export function beginnings(model: AbaModel, r: number): ModelState[] {
  const all = Array.from({ length: model.correct + 1 }, (_, k) => k);
  const decided = all.slice(1).flatMap((k) => [model.begin(r, 0, k), model.begin(r, model.correct, k)]);
  return [...all.map((ones) => model.begin(r, ones)), ...decided];
}

/**
 * Whether the coin comes too late for the adversary: in every state of the last round in which the coin may be found out (shares of correct
 * validators and f more suffice), at most one V = {b} can still occur. For all estimates to begin with.
 * @returns the states visited, and one in which both can occur, if there is one
 */
export function exploreBinding(model: AbaModel): { states: number; open: string | undefined } {
  const futures = new Map<string, number>();
  const last = model.options.rounds - 1;
  let open: string | undefined;
  // Steps only add, so the graph has no circle and is not deeper than there are things to send.
  const visit = (state: ModelState): number => {
    const key = keyOf(state);
    const known = futures.get(key);
    if (known !== undefined) return known;
    const values = state.nodes.map(({ rounds }) => rounds[last]!.values);
    let singles = values.reduce((mask, set) => (set === 1 || set === 2 ? mask | set : mask), 0);
    for (const next of successors(model, state, 'all')) {
      if (next.state.nodes.every(({ round }) => round === last)) singles |= visit(next.state);
    }
    futures.set(key, singles);
    const shares = values.filter((set) => set !== 0).length;
    if (singles === 3 && shares + model.f >= model.sharesRequired) open ??= key;
    return singles;
  };
  for (let ones = 0; ones <= model.correct; ones++) visit(model.begin(last, ones));
  return { states: futures.size, open };
}

function successors(model: AbaModel, state: ModelState, eager: Eager): { state: ModelState; due: boolean }[] {
  const out: { state: ModelState; due: boolean }[] = [];
  for (let i = 0; i < state.nodes.length; i++) {
    // Equal validators do equal things: one of them is enough.
    if (i > 0 && state.nodes[i] === state.nodes[i - 1]) continue;
    for (const { node, coins, due, grows } of model.actions(state, state.nodes[i]!)) {
      const next = { state: { nodes: sorted(state.nodes.with(i, node)), coins }, due };
      if (grows && (eager === 'all' || (eager === 'due' && due))) return [next];
      out.push(next);
    }
  }
  return out;
}

function brokenProperty(
  model: AbaModel,
  { nodes }: ModelState,
  isDue: boolean,
): CounterExample['property'] | undefined {
  const decided = nodes.reduce((mask, node) => mask | node.decided, 0);
  const inputs = nodes.reduce((mask, node) => mask | node.input, 0);
  if (decided === 3) return 'agreement';
  if (decided & ~inputs) return 'validity';
  const firsts = nodes.filter(({ rounds }) => rounds[0]!.first).length;
  if (firsts > model.f && nodes.some(({ round, rounds }) => round > 0 && rounds[0]!.values === 1))
    return 'sure';
  const last = Math.max(...nodes.map(({ round }) => round));
  if (nodes.some(({ rounds }) => rounds.some(({ bval }, r) => r > last && bval !== 0))) return 'ahead';
  if (nodes.some(({ round, termRound }) => round > termRound && model.speakers(nodes, round) === 0))
    return 'driven';
  if (isDue || decidedCount(nodes) > model.f) return undefined;
  return nodes.some(({ closed, decided, round }) => !closed && decided === 0 && round < model.options.rounds)
    ? 'stuck'
    : undefined;
}

const decidedCount = (nodes: readonly ModelNode[]): number =>
  nodes.filter(({ decided }) => decided !== 0).length;

const interned = new WeakMap<ModelNode, string>();
const byKey = new Map<string, ModelNode>();

export function nodeKey(node: ModelNode): string {
  const known = interned.get(node);
  if (known !== undefined) return known;
  const key = `${node.input}${node.round}${node.decided}${node.termRound}${node.closed ? 'c' : '-'}${node.rounds
    .map((r) => `/${r.bval}${r.first ? 'f' : '-'}${r.bin}${r.aux}${r.conf}${r.values}`)
    .join('')}`;
  interned.set(node, key);
  return key;
}

/** One object for equal validators, in the order of their keys. */
const sorted = (nodes: readonly ModelNode[]): ModelNode[] =>
  nodes
    .map((node) => {
      const key = nodeKey(node);
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, node);
      return known ?? node;
    })
    .sort((a, b) => (nodeKey(a) < nodeKey(b) ? -1 : 1));

export const keyOf = ({ nodes, coins }: ModelState): string =>
  `${nodes.map(nodeKey).join(' ')} ${coins.join('')}`;

function traceOf(parents: ReadonlyMap<string, string>, end: string): string[] {
  const trace: string[] = [];
  for (let key = end; key !== ''; key = parents.get(key)!) trace.push(key);
  return trace.reverse();
}
