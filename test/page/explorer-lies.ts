import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import type { Json } from '../helpers/lying-proxy.ts';
import { type Page, until, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { isVerifiedTo, type PageLab } from '../helpers/page-lab.ts';
import { inResultOf, type PageLie } from '../helpers/page-proxy.ts';
import { type Shown, settled, shownIn } from '../helpers/shown-facts.ts';
import { changedBlocks, toldOtherwise, UNBOUND } from '../helpers/walk.ts';

/** One false answer to each question about the chain, and what has to come of it. */
interface Case {
  readonly where: string;
  readonly lie: PageLie;
  readonly outcome: string;
}

const RED_BLOCK = 'red NODE_BLOCK_FALSE';
/** What a false status of each field comes to; of all other fields the page reads nothing. */
const STATUS_OUTCOMES: Readonly<Record<string, string>> = {
  '$.chain': 'red NODE_OTHER_CHAIN',
  '$.certified': 'red NODE_BLOCK_MISSING',
};
/** Another type than that of the field, in each place of an answer. */
const OTHER_TYPE = /as \{"toString":1\}$/;
/** Where two texts differ, and what the first one says there. */
function difference(one: string, other: string): string {
  const at = [...one].findIndex((c, i) => c !== other[i]);
  return one === other ? '' : one.slice(Math.max(0, at - 30), at + 60) || 'less';
}

const fieldOf = (where: string): string => where.replace(/\[\d+\]/g, '[]').replace(/\.\d+\b/g, '[]');

/** The first way to tell each field of a result otherwise and keep its form, and the first of another type. */
function changedFields(result: Json): Map<string, Json> {
  const fields = new Map<string, Json>();
  for (const { where, value } of toldOtherwise(result)) {
    const field = fieldOf(where);
    const isFirst = !fields.has(field) && (!where.includes(' as ') || OTHER_TYPE.test(where));
    if (isFirst && value !== undefined && !where.endsWith('left out')) fields.set(field, value);
  }
  return fields;
}

const refusal =
  (method: string, code: string): PageLie =>
  (asked, _params, answer) => {
    const error = { code: -32_003, message: 'no', data: { code } };
    return asked === method ? { jsonrpc: '2.0', id: answer.id, error } : answer;
  };

export function nodeThatLies(lab: PageLab): void {
  let tip: number;
  let blocks: readonly string[];
  /** The height with the largest block: one that settled orders. */
  let fullest: number;
  /** By height, from 0, what the page shows that has verified so much. */
  const truth: Shown[] = [];

  const at = (url: string): string => `${url}#explorer/${fullest}`;
  let page: Page | undefined;
  /** What is shown to whoever opens the page while the node lies. The browser keeps nothing of it but the page's files. */
  const told = async (lie: PageLie, indent?: number): Promise<Shown> => {
    lab.proxy.begin(lie, indent);
    if (page === undefined) ({ page } = await lab.visit(at(lab.page)));
    else await page.reload();
    return settled(page);
  };
  afterEach(() => {
    page = undefined;
  });
  /** In words of a table; never is anything shown as verified that did not happen. */
  const outcomeOf = (where: string, { tone, verdict, height, facts, all }: Shown): string => {
    expect([where, verdict, difference(facts, truth[height]?.facts ?? 'nothing')]).toEqual([
      where,
      verdict,
      '',
    ]);
    const code = /[A-Z]+_[A-Z_]+$/.exec(verdict)?.[0];
    if (tone === 'bad' || tone === 'warn') return `${tone === 'bad' ? 'red' : 'named'} ${code}`;
    return height < tip ? 'less is shown' : all === truth[height]!.all ? 'nothing else' : '○ the node’s word';
  };
  async function expectOutcomes(method: string, cases: Iterable<Case>): Promise<void> {
    const rows: string[] = [];
    const wrong: unknown[] = [];
    for (const { where, lie, outcome } of cases) {
      const found = outcomeOf(where, await told(lie));
      rows.push(`${method}  ${where}  ${found}`);
      if (found !== outcome || lab.proxy.told === 0) wrong.push([where, found, outcome, lab.proxy.told]);
    }
    process.stdout.write(`${rows.join('\n')}\n`);
    expect(wrong).toEqual([]);
  }

  /** A chain goes on by itself; to these tests it stays as it is now. */
  async function asNow(): Promise<PageLie> {
    const answers = new Map<string, Json>();
    for (const method of ['status', 'health', 'progress', 'peers'])
      answers.set(method, await lab.answer(method));
    answers.get('status').result.certified = tip;
    return (method, { height }, answer) => {
      if (method === 'block' && height > tip) return refusal('block', 'RPC_UNKNOWN')(method, {}, answer);
      const now = answers.get(method);
      return now === undefined ? answer : { ...now, id: answer.id };
    };
  }

  beforeAll(async () => {
    blocks = await lab.blocks();
    tip = blocks.length;
    fullest = 1 + blocks.findIndex((each) => each.length === Math.max(...blocks.map(({ length }) => length)));
    lab.proxy.truth = await asNow();
    for (let height = 0; height <= tip; height++) {
      const upTo = inResultOf('status', (status) => ({ ...status, certified: height }));
      truth.push(await told(upTo));
      expect(truth[height]).toMatchObject({ height, tone: height === 0 ? 'idle' : 'good' });
    }
    await lab.rest();
    page = undefined;
  });

  afterAll(() => {
    lab.proxy.truth = (_method, _params, answer) => answer;
  });

  test('is asked by the page for these answers, each of which is changed below', () => {
    const methods = [...lab.proxy.methods].sort();
    expect(methods).toEqual(['block', 'genesis.json', 'health', 'peers', 'progress', 'status']);
  });

  test('and says the same in another layout is believed: these tests notice lies and nothing else', async () => {
    const shown = await told((_method, _params, answer) => ({ ...answer }), 2);
    expect(lab.proxy.told).toBeGreaterThan(tip);
    expect(outcomeOf('another layout', shown)).toBe('nothing else');
  });

  test('a fact that is shown otherwise is noticed by these tests, and what is not verified is none', async () => {
    lab.proxy.begin();
    ({ page } = await lab.visit(at(lab.page)));
    const honest = await settled(page);
    const written = async (cell: string): Promise<Shown> => {
      await page!.evaluate(`document.querySelector('${cell}').append('0')`);
      return shownIn(page!);
    };
    const heard = await written('section[aria-labelledby=validators-title] tbody td:nth-of-type(5)');
    expect(heard.facts).toBe(honest.facts);
    expect(outcomeOf('hearsay', heard)).toBe('○ the node’s word');
    const forged = await written('section[aria-labelledby=accounts-title] tbody td:nth-of-type(2)');
    expect(() => outcomeOf('a fact', forged)).toThrow();
  });

  describe('of a block', () => {
    const insteadOf = (height: number, encoded: string): PageLie =>
      inResultOf('block', (result, params) => (params.height === height ? { ...result, encoded } : result));

    function* falseBlocks(): Generator<Case> {
      const places = new Set<string>();
      const heights = [fullest, ...blocks.map((_, i) => i + 1).filter((height) => height !== fullest)];
      for (const height of heights)
        for (const { where, bytes } of changedBlocks(fromHex(blocks[height - 1]!)!)) {
          const place = fieldOf(where);
          if (places.has(place)) continue;
          places.add(place);
          const outcome = UNBOUND.test(place) ? 'nothing else' : RED_BLOCK;
          yield { where: `height ${height}, ${place}`, lie: insteadOf(height, toHex(bytes)), outcome };
        }
      expect(places.size).toBeGreaterThan(45);
    }

    test('a change in any of its fields turns the verdict red with height, reason and code', () =>
      expectOutcomes('block', falseBlocks()));

    test('what is no block, another block, or none, is named', () => {
      const other = blocks[fullest - 2] ?? blocks[fullest]!;
      return expectOutcomes('block', [
        { where: 'no hex', lie: insteadOf(fullest, 'no'), outcome: RED_BLOCK },
        { where: 'no block', lie: insteadOf(fullest, 'ff'), outcome: RED_BLOCK },
        { where: 'of another height', lie: insteadOf(fullest, other), outcome: RED_BLOCK },
        {
          where: 'of another type',
          lie: inResultOf('block', () => ({ encoded: 7 })),
          outcome: 'named NODE_REFUSED',
        },
        { where: 'refused', lie: refusal('block', 'RPC_UNKNOWN'), outcome: 'red NODE_BLOCK_MISSING' },
        {
          where: 'no JSON',
          lie: (method, _, answer) => (method === 'block' ? '{"jsonrpc":' : answer),
          outcome: 'named NODE_REFUSED',
        },
      ]);
    });

    test('the verdict says the height and the reason, and stays red when the node tells the truth or nothing', async () => {
      lab.proxy.begin(insteadOf(fullest, 'ff'));
      const { page } = await lab.visit(lab.page);
      const red = await verdictOf(page, 'bad');
      expect(red).toBe(
        `✗ The node shows what is not true of height ${fullest}: It shows a block that is not the next one of the chain. Height ${fullest}: it encodes no block. NODE_BLOCK_FALSE`,
      );
      lab.proxy.begin();
      await waitFor(page, `document.querySelector('a[href="#explorer/${fullest}"]') !== null`);
      expect(await verdictOf(page, 'bad')).toBe(red);
      await lab.cutProxy();
      await waitFor(page, `document.body.textContent.includes('The node does not answer.')`);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await verdictOf(page, 'bad')).toBe(red);
    });
  });

  describe('of its status', () => {
    test('each field is not read, or named with a code', async () => {
      const { result } = lab.proxy.truth('status', {}, {});
      const cases = [...changedFields(result)].map(([where, value]): Case => {
        const outcome =
          STATUS_OUTCOMES[where] ?? (OTHER_TYPE.test(where) ? 'named NODE_REFUSED' : 'nothing else');
        return { where, lie: inResultOf('status', () => value), outcome };
      });
      expect(cases.length).toBeGreaterThan(15);
      await expectOutcomes('status', cases);
    });

    test('less than is certified shows less, and nothing that did not happen; less than was verified is named', async () => {
      const less = inResultOf('status', (status) => ({ ...status, certified: tip - 1 }));
      expect(outcomeOf('less', await told(less))).toBe('less is shown');
      lab.proxy.begin();
      const { page } = await lab.visit(lab.page);
      await isVerifiedTo(page, tip);
      lab.proxy.begin(less);
      expect(await verdictOf(page, 'bad')).toContain('NODE_BEHIND');
    });

    test('a refusal, and what is no JSON, is named', () =>
      expectOutcomes('status', [
        { where: 'refused', lie: refusal('status', 'RPC_INTERNAL'), outcome: 'named NODE_REFUSED' },
        {
          where: 'no JSON',
          lie: (method, _, answer) => (method === 'status' && answer.id === 1 ? '[' : answer),
          outcome: 'named NODE_REFUSED',
        },
      ]));
  });

  describe.each(['health', 'progress', 'peers'])('of %s', (method) => {
    /** Until the page asks again, having shown what it was told. */
    const heard = async (lie: PageLie): Promise<void> => {
      lab.proxy.begin(lie);
      await until(() => lab.proxy.told >= 3);
    };

    test('changes nothing but what stands there as its word', async () => {
      const { result } = lab.proxy.truth(method, {}, {});
      lab.proxy.begin();
      const { page } = await lab.visit(at(lab.page));
      await settled(page);
      const outcomes = new Map<string, string>();
      for (const [where, value] of changedFields(result)) {
        await heard(inResultOf(method, () => value));
        outcomes.set(where, outcomeOf(where, await shownIn(page)));
      }
      const rows = [...outcomes].map(([where, outcome]) => `${method}  ${where}  ${outcome}`);
      process.stdout.write(`${rows.join('\n')}\n`);
      expect(new Set(outcomes.values())).toEqual(new Set(['nothing else', '○ the node’s word']));
    });
  });
}
