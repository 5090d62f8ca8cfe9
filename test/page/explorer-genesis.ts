import { expect, test } from 'vitest';
import type { Json } from '../helpers/lying-proxy.ts';
import { type Page, verdictOf, waitFor } from '../helpers/page-browser.ts';
import { isVerifiedTo, type PageLab } from '../helpers/page-lab.ts';
import type { PageLie } from '../helpers/page-proxy.ts';

const genesisAs =
  (tell: (genesis: Json) => Json): PageLie =>
  (method, _params, answer) =>
    method === 'genesis.json' ? tell(answer) : answer;

const withValidator = (genesis: Json, change: (validator: Json) => Json): Json => {
  const { validators } = genesis.epoch;
  return { ...genesis, epoch: { ...genesis.epoch, validators: validators.with(0, change(validators[0])) } };
};

/** A genesis that says something else, and with which code the page refuses it where it has taken another one before. */
const OTHERS: readonly (readonly [what: string, code: string, change: (genesis: Json) => Json])[] = [
  [
    'the seats in another order',
    'PAGE_OTHER_GENESIS',
    (genesis) => ({
      ...genesis,
      epoch: { ...genesis.epoch, validators: genesis.epoch.validators.toReversed() },
    }),
  ],
  [
    'a validator elsewhere',
    'PAGE_OTHER_GENESIS',
    (genesis) => withValidator(genesis, (validator) => ({ ...validator, address: '127.0.0.1:1' })),
  ],
  [
    'threshold keys exchanged',
    'PAGE_OTHER_GENESIS',
    (genesis) => {
      const { decryptionKey, coinKey } = genesis.epoch;
      return { ...genesis, epoch: { ...genesis.epoch, decryptionKey: coinKey, coinKey: decryptionKey } };
    },
  ],
  [
    'another length of the epoch',
    'PAGE_OTHER_GENESIS',
    (genesis) => ({
      ...genesis,
      epoch: { ...genesis.epoch, epochHeights: genesis.epoch.epochHeights + 1 },
    }),
  ],
  [
    'a BLS key of which nobody has shown the secret',
    'RUN_FILES',
    (genesis) =>
      withValidator(genesis, (validator) => ({ ...validator, blsKey: genesis.epoch.validators[1].blsKey })),
  ],
  ['another name', 'RUN_FILES', (genesis) => ({ ...genesis, chain: { ...genesis.chain, chainId: 'other' } })],
  ['no first committee', 'RUN_FILES', ({ epoch: _, ...genesis }) => genesis],
  ['another format', 'OTHER_FORMAT', (genesis) => ({ ...genesis, format: genesis.format + 1 })],
];

export function otherGenesis(lab: PageLab): void {
  const summary = async (page: Page): Promise<string> =>
    (await page.locator('.verdict summary').textContent()) ?? '';
  /** A page that has taken the chain for that of its address, and is opened again. */
  async function takenBefore(): Promise<Page> {
    const { page } = await lab.visit(lab.page);
    await isVerifiedTo(page, await lab.tip());
    expect(await summary(page)).toContain('seen here for the first time');
    await page.click('.verdict summary');
    await page.click('.verdict label');
    await page.click('.verdict details button');
    await waitFor(page, `document.querySelector('.verdict summary').textContent.includes('knows here')`);
    return page;
  }

  test('once it was taken for that of this address, any other is refused and nothing is followed from it', async () => {
    const page = await takenBefore();
    for (const [what, code, change] of OTHERS) {
      lab.proxy.begin(genesisAs(change));
      await page.reload();
      const said = await verdictOf(page, code.startsWith('PAGE') ? 'bad' : 'warn');
      expect([what, said]).toEqual([what, expect.stringMatching(new RegExp(`${code}$`))]);
      // Long enough for a page that follows it to show something.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect([what, await page.locator('a[href^="#explorer/"]').count()]).toEqual([what, 0]);
      expect([what, await page.locator('.verdict.good').count()]).toEqual([what, 0]);
    }
  });

  test('the same in another layout is the same, after all of that', async () => {
    const page = await takenBefore();
    lab.proxy.begin(genesisAs((genesis) => ({ ...genesis, epoch: { ...genesis.epoch, epochHeights: 1 } })));
    await page.reload();
    await waitFor(page, `document.querySelector('.verdict:is(.bad, .warn)')`);
    lab.proxy.begin(
      genesisAs((genesis) => ({ ...genesis })),
      2,
    );
    await page.reload();
    await isVerifiedTo(page, await lab.tip());
    expect(await summary(page)).toContain('the one that this browser knows here');
  });

  test('of another committee shows nothing of the chain to whoever was never there either', async () => {
    const [, , change] = OTHERS[0]!;
    lab.proxy.begin(genesisAs(change));
    const { page } = await lab.visit(lab.page);
    const said = await verdictOf(page, 'bad');
    expect(said).toContain('of height 1:');
    expect(said).toContain('NODE_BLOCK_FALSE');
  });
}
