import { expect } from 'vitest';
import { moved } from '../../src/committee/sample-market.ts';
import { CommitteeWorld, type Faulty, type FrameTwist } from '../../src/committee/world.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { decodeMessage, encodeMessage } from '../../src/validator/messages.ts';
import type { Dissemination } from '../../src/validator/types.ts';
import type { Validator } from '../../src/validator/validator.ts';
import { kernels } from '../helpers/kernels.ts';

const FAVOURED = 0;
const SLOW = 1;

/**
 * Byzantine validators that help only as far as they must: one correct validator gets their settlement signatures and
 * certificates, nobody else does, and nobody gets a block. Once `isSilent` they say nothing.
 */
function stingy() {
  const state = { isSilent: false };
  const twist: FrameTwist = (bytes, to) => {
    const { kind } = decodeMessage(bytes)!;
    if (state.isSilent || kind === 'block') return [];
    return (kind === 'settled' || kind === 'cert') && to !== FAVOURED ? [] : [bytes];
  };
  return { state, faulty: { twist } satisfies Faulty };
}

/** One correct validator's links are slow for some heights while f lie; then everything arrives, and the f are silent. */
export function slowLinks(n: number, heights: number, seed: number, dissemination: Dissemination): void {
  const { state, faulty } = stingy();
  const liars = Array.from({ length: quorumOf(n).f }, (_, k) => n - 1 - k);
  const committee = new CommitteeWorld({
    kernels,
    n,
    seed,
    dissemination,
    faulty: new Map(liars.map((i) => [i, faulty])),
  });
  committee.hold(SLOW);
  const others = committee.correct.filter((i) => i !== SLOW);
  for (let at = 1; at <= heights; at++) committee.runHeight(at, moved(at), others);
  expect(committee.view(SLOW, 1).certified).toBeUndefined();
  state.isSilent = true;
  committee.release();
  for (let at = heights + 1; at <= heights + 3; at++) committee.runHeight(at, moved(at));
  for (let at = 1; at <= heights + 3; at++) committee.check(at);
}

/** A validator that was cut off asks one first that answers with bad blocks, and then others. @returns the faults it found */
export function badBlocks(heights: number, seed: number): string[] {
  const liar = 0;
  const lagging = 2;
  const twist: FrameTwist = (bytes) => {
    const message = decodeMessage(bytes)!;
    if (message.kind !== 'block') return [bytes];
    return [encodeMessage({ ...message, bytes: message.bytes.with(-1, message.bytes.at(-1)! ^ 1) })];
  };
  const committee = new CommitteeWorld({ kernels, n: 4, seed, faulty: new Map([[liar, { twist }]]) });
  committee.cutOff(lagging);
  for (let at = 1; at <= heights; at++) committee.runHeight(at, moved(at), [1, 3]);
  committee.heal();
  committee.drain();
  expect(committee.view(lagging, heights).certified, 'no timer is needed').toBeDefined();
  committee.runHeight(heights + 1, moved(heights + 1));
  for (let at = 1; at <= heights + 1; at++) committee.check(at);
  return committee.faultsOf([liar]).map(({ fault }) => fault);
}

/**
 * With the Byzantine ones f validators at most are away, slow or cut off, and every few heights others are; correct ones die
 * here and there. In the end all are there.
 */
export function changingLinks(
  n: number,
  heights: number,
  seed: number,
  dissemination: Dissemination,
  faulty: ReadonlyMap<number, Faulty> = new Map(),
): void {
  const committee = new CommitteeWorld({ kernels, n, seed, dissemination, faulty });
  const { prng, correct } = committee;
  const anyone = (): number => correct[prng.below(correct.length)]!;
  const away = new Set<number>();
  for (let at = 1; at <= heights; at++) {
    if (at === 1 || prng.bit() === 0) {
      committee.release();
      committee.heal();
      away.clear();
      while (away.size < quorumOf(n).f - faulty.size) away.add(anyone());
      for (const i of away) {
        if (prng.bit() === 0) committee.hold(i);
        else committee.cutOff(i);
      }
    }
    committee.drain();
    let left = prng.below(400);
    committee.onDelivery = () => {
      if (left-- === 0) committee.members.kill(anyone());
    };
    const there = correct.filter((i) => !away.has(i));
    committee.runHeight(at, moved(at), there);
  }
  committee.release();
  committee.heal();
  for (let at = heights + 1; at <= heights + 2; at++) committee.runHeight(at, moved(at));
  for (let at = 1; at <= heights + 2; at++) committee.check(at);
}

export interface CaughtUp {
  /** Bytes of the validator's snapshot while it takes blocks, each time that so many were taken. */
  readonly sizes: readonly number[];
  /** Blocks that it was sent. */
  readonly blocks: number;
}

/**
 * A validator is cut off while the others go through some heights, and takes their blocks when it is back; then it takes part in
 * three more. The others kept nothing for it but the last heights' frames.
 * @param every so many blocks its snapshot is measured
 */
export function cutOff(heights: number, seed: number, every: number): CaughtUp {
  const committee = new CommitteeWorld({ kernels, n: 4, seed });
  const lagging = 2;
  const others = [0, 1, 3];
  committee.cutOff(lagging);
  for (let at = 1; at <= heights; at++) committee.runHeight(at, moved(at), others);
  const before = committee.frames.length;
  const sizes: number[] = [];
  committee.onDelivery = () => {
    const taken = committee.views[lagging]!.size;
    if (taken < every * (sizes.length + 1)) return;
    sizes.push((committee.machines[lagging] as Validator).snapshot().length);
  };
  committee.heal();
  committee.drain();
  committee.onDelivery = () => {};
  expect(committee.view(lagging, heights).certified, 'no timer is needed').toBeDefined();
  for (let at = 1; at < heights - 1; at++)
    expect(committee.view(lagging, at).ordered, `height ${at} was taken`).toBeUndefined();
  const blocks = committee.frames
    .slice(before)
    .filter(({ to, bytes }) => to === lagging && decodeMessage(bytes)?.kind === 'block').length;
  const said = committee.behind[lagging]!;
  expect([said[0]?.height, said.at(-1)?.certified]).toEqual([1, heights]);
  for (let at = heights + 1; at <= heights + 3; at++) {
    committee.runHeight(at, moved(at));
    expect(committee.view(lagging, at).certified).toBeDefined();
  }
  for (let at = 1; at <= heights + 3; at++) committee.check(at);
  expect(committee.faults.flat()).toEqual([]);
  return { sizes, blocks };
}
