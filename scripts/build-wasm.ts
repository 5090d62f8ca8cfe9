/**
 * Compiles src/wasm/assembly to two modules: products by fused multiply-adds (relaxed SIMD), and by integers.
 * `tsx scripts/build-wasm.ts` writes; `--check` compares byte for byte and fails, naming the fix.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';
import { fmaProducts, scalarProducts } from './wasm-products.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'src/wasm');
const isCheck = process.argv.includes('--check');
const stale: string[] = [];

/** Writes a file, or notes that it is not what it would be. */
function put(path: string, content: Uint8Array): void {
  if (!isCheck) return writeFileSync(path, content);
  let there: Uint8Array | undefined;
  try {
    there = readFileSync(path);
  } catch {}
  if (there === undefined || Buffer.compare(there, content) !== 0) stale.push(path);
}

put(join(folder, 'assembly/fma.gen.ts'), Buffer.from(fmaProducts()));
put(join(folder, 'assembly/scalar.gen.ts'), Buffer.from(scalarProducts()));

const PATHS = { 'kernels-relaxed-simd.wasm': 'simd,relaxed-simd', 'kernels-scalar.wasm': 'simd' };
for (const [name, features] of Object.entries(PATHS)) {
  const built = new Map<string, Uint8Array>();
  const args = ['assembly/index.ts', '--outFile', name, '--enable', features, '--runtime', 'stub'];
  const { error, stderr } = await asc.main(
    [...args, '-O3', '--noAssert', '--disableWarning', '201', '--use', 'abort='],
    {
      readFile: (file, base) => {
        try {
          return readFileSync(resolve(folder, base, file), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (file, content) => {
        built.set(file, Buffer.from(content));
      },
      listFiles: () => null,
    },
  );
  const module = built.get(name);
  if (error !== null || module === undefined)
    throw new Error(`${name}: ${stderr.toString()}`, { cause: error });
  put(join(folder, name), module);
}

if (stale.length > 0) {
  console.error(`not what their sources say: ${stale.join(', ')}\nrun \`npx tsx scripts/build-wasm.ts\``);
  process.exit(1);
}
