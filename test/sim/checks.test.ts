import { describe, expect, test } from 'vitest';
import { FIRST_HAND } from '../../src/consensus/aba/rules.ts';
import { FirstHandAcs } from '../../src/consensus/acs/first-hand.ts';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import { acsProtocol, type Protocol, type SubsetStep } from '../../src/consensus/protocol.ts';
import { NOTHING } from '../../src/consensus/step.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { fakeNetwork, twisted } from '../../src/sim/adversaries/adversaries.ts';
import { Simulation, type SimulationOptions, type SimulationReport } from '../../src/sim/simulation.ts';
import { type Spoil, spoilt, withMachines } from './crippled.ts';

const exponential = { kind: 'links', delay: { kind: 'exp', meanMs: 100 } } as const;
const run = (
  protocol: Protocol<AcsMessage>,
  more: Partial<SimulationOptions<AcsMessage>> = {},
): SimulationReport =>
  new Simulation({
    n: 4,
    seed: 1,
    heights: 2,
    payloadBytes: 20,
    schedule: { kind: 'links', delay: { kind: 'const', ms: 100 } },
    protocol,
    ...more,
  }).run();
/** What is found when every machine's steps are spoilt like this. */
const found = (spoil: Spoil): Set<string> =>
  new Set(run(spoilt(spoil)).violations.map(({ property }) => property));

describe('a simulation finds', () => {
  test('nothing in the protocol as it is', () => {
    expect(run(spoilt((step) => step)).violations).toEqual([]);
  });

  test('a validator that puts out something else', () => {
    const spoil: Spoil = (step, { self }) =>
      self !== 2
        ? step
        : { ...step, outputs: step.outputs.map((out) => ({ ...out, payloads: out.payloads.slice(1) })) };
    expect(found(spoil)).toContain('agreement');
  });

  test('validators that all change the same proposal', () => {
    const spoil: Spoil = (step) => ({
      ...step,
      outputs: step.outputs.map((out) => ({
        ...out,
        payloads: out.payloads.map((each) => ({
          ...each,
          payload: Uint8Array.of(9, ...each.payload.slice(1)),
        })),
      })),
    });
    expect([...found(spoil)]).toEqual(['validity']);
  });

  test('too few proposals', () => {
    const spoil: Spoil = (step) => ({
      ...step,
      outputs: step.outputs.map((out) => ({ ...out, payloads: out.payloads.slice(0, 2) })),
    });
    expect([...found(spoil)]).toEqual(['validity']);
  });

  test('a validator that never ends, and those that wait for each other', () => {
    const silent: Spoil = (step, { self, height }) =>
      self === 1 && height === 2 ? { ...step, outputs: [] } : step;
    expect([...found(silent)]).toEqual(['convergence']);
    const { violations } = run(spoilt((step) => ({ ...step, effects: [] })));
    expect(violations.map(({ property, node }) => [property, node])).toEqual(
      [0, 1, 2, 3].map((node) => ['convergence', node]),
    );
  });

  test('a correct validator that is blamed', () => {
    const spoil: Spoil = (step, { self }) =>
      self === 3 && step.outputs.length > 0
        ? { ...step, faults: [{ by: at(0), fault: 'ABA_MALFORMED', evidence: {} }] }
        : step;
    expect([...found(spoil)]).toEqual(['fault against correct']);
  });

  test('more messages than any schedule leads to', () => {
    const spoil: Spoil = (step) => ({
      ...step,
      sends: step.sends.flatMap((each) => new Array<typeof each>(40).fill(each)),
    });
    const protocol = spoilt(spoil);
    const noMerge: Protocol<AcsMessage> = {
      ...protocol,
      merge: (_n, steps) => ({
        sends: steps.flatMap(({ sends }) => sends),
        outputs: [],
        effects: [],
        faults: [],
      }),
    };
    expect(new Set(run(noMerge).violations.map(({ property }) => property))).toContain('budget');
  });

  test('talk without end, and stops it', () => {
    const chatter = withMachines('chatter', ({ self }) => {
      const talk: SubsetStep<AcsMessage> = {
        ...NOTHING,
        sends: [
          {
            to: 'all',
            message: { rbc: [{ kind: 'pull', proposer: self, bytes: new Uint8Array(0) }], votes: [] },
          },
        ],
      };
      return {
        propose: () => talk,
        handle: (from) => (from === self ? NOTHING : talk),
        validated: () => NOTHING,
        coin: () => NOTHING,
        status: () => ({ done: false, closed: false }),
      };
    });
    const { violations, events } = run(chatter, { n: 2, heights: 1 });
    expect(violations.some(({ detail }) => detail.startsWith('no end after'))).toBe(true);
    expect(events).toBeLessThan(10_000);
  });

  test('first-hand votes without re-proposals, within some seeds: the deadlock that src/consensus/README.md names', () => {
    const rules = { ...FIRST_HAND, reproposes: false };
    const crippled = withMachines('no re-proposals', ({ n, self }) => new FirstHandAcs({ n, self }, rules));
    const stuck = (protocol: Protocol<AcsMessage>): number =>
      Array.from({ length: 60 }, (_, i) =>
        run(protocol, {
          seed: i + 1,
          heights: 1,
          schedule: exponential,
          faulty: 1,
          adversary: fakeNetwork(),
        }),
      ).filter(({ violations }) => violations.length > 0).length;
    expect(stuck(crippled)).toBeGreaterThan(0);
    expect(stuck(acsProtocol('first-hand', 'digest'))).toBe(0);
  });

  test('a machine that throws', () => {
    const spoil: Spoil = (step, { self, height }) => {
      if (self === 1 && height === 2 && step.effects.length > 0) throw new Error('a peer did it');
      return step;
    };
    const { violations } = run(spoilt(spoil));
    expect(violations).toContainEqual({ property: 'panic', height: 0, node: 1, detail: 'a peer did it' });
    expect(violations.map(({ property }) => property).sort()).toEqual(['convergence', 'panic']);
  });

  test('an adversary that throws, and ends with it: it is not the dead validator that would be left', () => {
    const adversary = twisted<AcsMessage>('broken', () => {
      throw new Error('a slip of the pen');
    });
    expect(() =>
      run(
        spoilt((step) => step),
        { faulty: 1, adversary },
      ),
    ).toThrow(
      expect.objectContaining({
        code: 'SIM_ADVERSARY',
        message: 'the adversary broken, as validator 3: a slip of the pen',
      }),
    );
    const unopened = { ...adversary, open: () => JSON.parse('') };
    expect(() =>
      run(
        spoilt((step) => step),
        { faulty: 1, adversary: unopened },
      ),
    ).toThrow(expect.objectContaining({ code: 'SIM_ADVERSARY' }));
  });

  test('no harm where there is none: a twist that changes nothing leaves the run as it was', () => {
    const same = twisted<AcsMessage>('same', (message) => [message]);
    const honest = run(acsProtocol('bkr', 'digest'));
    const twistedRun = run(acsProtocol('bkr', 'digest'), { faulty: 1, adversary: same });
    expect(twistedRun.violations).toEqual([]);
    expect(twistedRun.heights.map(({ delays, outputs }) => [delays, outputs])).toEqual(
      honest.heights.map(({ delays, outputs }) => [delays, outputs]),
    );
  });
});
