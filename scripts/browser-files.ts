import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What of a plugin of Vite is used here. */
interface BrowserFiles {
  readonly name: string;
  readonly enforce: 'pre';
  resolveId(source: string, importer: string | undefined): string | undefined;
  transform(code: string, id: string): string | undefined;
}

/**
 * Gives the page `x.browser.ts` where a file of src imports `x.ts` and there is one: what the field `browser` of package.json says to
 * whoever bundles the built package.
 */
export const browserFiles = (): BrowserFiles => ({
  name: 'browser-files',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('.') || !source.endsWith('.ts') || importer === undefined) return undefined;
    const twin = resolve(dirname(importer), source.replace(/\.ts$/, '.browser.ts'));
    return existsSync(twin) ? twin : undefined;
  },
  // Workers are named as the built package has them.
  transform: (code, id) =>
    id.endsWith('.browser.ts')
      ? code.replaceAll(".browser.js', import.meta.url", ".browser.ts', import.meta.url")
      : undefined,
});
