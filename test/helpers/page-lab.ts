import { expect } from 'vitest';
import type { Json } from './lying-proxy.ts';
import { type Page, PageBrowser, type Visit, waitFor } from './page-browser.ts';
import { PageProxy } from './page-proxy.ts';
import { RunningDevnet } from './running-devnet.ts';
import { asked } from './running-rpc.ts';

/** A devnet of four processes that has settled some orders, a browser, and a proxy between them that may lie. */
export class PageLab {
  readonly devnet = new RunningDevnet();
  #browser: PageBrowser | undefined;
  #proxy: PageProxy | undefined;
  /** Where the devnet's first node serves the page. */
  #served = '';
  readonly #visits: Visit[] = [];

  async start(): Promise<void> {
    this.#browser = await PageBrowser.start();
    await this.devnet.up('--orders', 'examples/small.csv', '--until-settled');
    const nodes = await this.devnet.nodes();
    expect(nodes.map(({ pid }) => typeof pid)).toEqual(Array(4).fill('number'));
    const { host, port } = nodes[0]!.rpc;
    this.#served = `http://${host}:${port}/`;
    this.#proxy = await new PageProxy(this.#served).open();
  }

  async end(): Promise<void> {
    this.#proxy?.close();
    await this.#browser?.close();
    await this.devnet.end();
  }

  /** Where browsers find the page. */
  get page(): string {
    return this.proxy.page;
  }

  get proxy(): PageProxy {
    return this.#proxy!;
  }

  async visit(url: string, width?: number, height?: number): Promise<Visit> {
    const one = await this.#browser!.visit(url, width, height);
    this.#visits.push(one);
    return one;
  }

  /** Ends all visits, and whatever the proxy told. */
  async rest(): Promise<void> {
    this.proxy.begin();
    await Promise.all(this.#visits.splice(0).map((each) => each.leave()));
  }

  /** Takes its proxy away, as a node that is stopped, and opens another one. */
  async cutProxy(): Promise<void> {
    const { truth } = this.proxy;
    this.proxy.close();
    this.#proxy = await new PageProxy(this.#served).open();
    this.proxy.truth = truth;
  }

  /** What the node answers to whoever is no page. */
  answer(method: string, params: object = {}): Promise<Json> {
    return asked(new URL(this.#served).host, method, params);
  }

  /** The last height that the node has certified. */
  async tip(): Promise<number> {
    return (await this.answer('status')).result.certified;
  }

  /** By height, from 1, the blocks as the node shows them, in hex. */
  async blocks(): Promise<readonly string[]> {
    const heights = Array.from({ length: await this.tip() }, (_, i) => i + 1);
    return Promise.all(
      heights.map(async (height) => (await this.answer('block', { height })).result.encoded as string),
    );
  }

  /** A deposit into an account makes a height. @returns it */
  async fund(account: string): Promise<number> {
    return (await this.devnet.run('fund', account, '7')).height;
  }
}

/** Waits until a page has verified a height. */
export const isVerifiedTo = (page: Page, height: number): Promise<void> =>
  waitFor(
    page,
    `Number(/up to height (\\d+)/.exec(document.querySelector('.verdict.good')?.textContent)?.[1]) >= ${height}`,
  );
