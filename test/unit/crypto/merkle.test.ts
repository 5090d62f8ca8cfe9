import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Children, hash, merkleNode } from '../../../src/crypto/hash.ts';
import { type MerklePath, MerkleTree, verifyPath } from '../../../src/crypto/merkle.ts';
import { r } from '../../../src/params/fields.ts';

const leafOf = (i: number): bigint => hash('note', BigInt(i), 1n, 2n);

function treeOf(depth: number, size: number): MerkleTree {
  const tree = new MerkleTree(depth);
  for (let i = 0; i < size; i++) tree.append(leafOf(i));
  return tree;
}

/** The root by definition: hash all 4^depth leaves, empty ones 0, level by level. */
function rootByDefinition(depth: number, leaves: readonly bigint[]): bigint {
  let level = Array.from({ length: 4 ** depth }, (_, i) => leaves[i] ?? 0n);
  while (level.length > 1) {
    level = Array.from({ length: level.length / 4 }, (_, i) =>
      merkleNode(level.slice(4 * i, 4 * i + 4) as unknown as Children),
    );
  }
  return level[0]!;
}

const depths = fc.integer({ min: 1, max: 3 });
const trees = depths.chain((depth) =>
  fc.integer({ min: 1, max: 4 ** depth }).map((size) => ({ depth, size: Math.min(size, 24) })),
);

describe('a Merkle tree', () => {
  test('has the root of all its leaves, the empty ones 0', () => {
    fc.assert(
      fc.property(trees, ({ depth, size }) => {
        const leaves = Array.from({ length: size }, (_, i) => leafOf(i));
        expect(treeOf(depth, size).root).toBe(rootByDefinition(depth, leaves));
        expect(MerkleTree.from(depth, leaves).root).toBe(rootByDefinition(depth, leaves));
        const tree = treeOf(depth, size);
        const read = MerkleTree.read(depth, leaves, tree.writeNodes())!;
        expect(read.root).toBe(tree.root);
        expect(read.path(size - 1)).toEqual(tree.path(size - 1));
        if (size < 4 ** depth) for (const each of [tree, read]) each.append(leafOf(99));
        expect(read.root).toBe(tree.root);
        const nodes = tree.writeNodes();
        for (const other of [nodes.subarray(32), Uint8Array.from([...nodes, ...nodes])])
          expect(MerkleTree.read(depth, tree.leaves, other)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  test('without leaves has the root of zeros', () => {
    expect(new MerkleTree(3).root).toBe(rootByDefinition(3, []));
  });

  test('proves every leaf, and each proof only its leaf, root and depth', () => {
    fc.assert(
      fc.property(trees, ({ depth, size }) => {
        const tree = treeOf(depth, size);
        for (let index = 0; index < size; index++) {
          const path = tree.path(index);
          const leaf = tree.leaf(index)!;
          expect(verifyPath(leaf, path, tree.root, depth)).toBe(true);
          expect(verifyPath(leafOf(1000 + index), path, tree.root, depth)).toBe(false);
          expect(verifyPath(leaf, path, (tree.root + 1n) % r, depth)).toBe(false);
          expect(verifyPath(leaf, path, tree.root, depth + 1)).toBe(false);
          expect(verifyPath(leaf, path.slice(1), tree.root, depth - 1)).toBe(false);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('a path with any one child changed does not verify', () => {
    const tree = treeOf(3, 20);
    const path = tree.path(17);
    for (let level = 0; level < 3; level++) {
      for (let child = 0; child < 4; child++) {
        const changed = path.map((children, i) =>
          i === level ? children.map((c, j) => (j === child ? (c + 1n) % r : c)) : children,
        ) as unknown as MerklePath;
        expect(verifyPath(tree.leaf(17)!, changed, tree.root, 3)).toBe(false);
      }
    }
  });

  test('malformed paths from outside are false, not errors', () => {
    const tree = treeOf(2, 5);
    const path = tree.path(0);
    const three = [path[0]!.slice(0, 3), path[1]!] as unknown as MerklePath;
    const alias = [path[0]!.map((c) => c + r), path[1]!] as unknown as MerklePath;
    expect(verifyPath(tree.leaf(0)!, three, tree.root, 2)).toBe(false);
    expect(verifyPath(tree.leaf(0)! + r, alias, tree.root, 2)).toBe(false);
    expect(verifyPath(tree.root, [], tree.root, 0)).toBe(false);
  });

  test('does not prove an empty leaf', () => {
    const tree = treeOf(2, 5);
    expect(tree.path(4)[0]).toContain(0n);
    expect(verifyPath(0n, tree.path(4), tree.root, 2)).toBe(false);
  });

  test('has empty leaves between others only where it is told to, and they stay empty', () => {
    const leaves = [5n, 0n, 7n];
    expect(() => MerkleTree.from(2, leaves)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    const tree = MerkleTree.from(2, leaves, 'gaps');
    expect(tree.root).toBe(rootByDefinition(2, leaves));
    expect(verifyPath(7n, tree.path(2), tree.root, 2)).toBe(true);
    expect(verifyPath(0n, tree.path(1), tree.root, 2)).toBe(false);
    expect(() => MerkleTree.from(2, [-1n], 'gaps')).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });

  test('refuses empty leaves, leaves outside the field, and a leaf too many', () => {
    const tree = treeOf(1, 4);
    expect(() => tree.append(leafOf(4))).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => new MerkleTree(2).append(0n)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => new MerkleTree(2).append(r)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => new MerkleTree(0)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => tree.path(4)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });

  test('is the same tree whether it is looked at after each leaf, after some, or once, also by a copy made between', () => {
    for (const pause of [1, 3, 5, 22]) {
      let tree = new MerkleTree(3);
      for (let i = 0; i < 21; i++) {
        tree.append(leafOf(i));
        if (i % pause === 0) tree.path(i);
        if (i % 7 === 3) tree = tree.clone();
      }
      const whole = MerkleTree.from(
        3,
        Array.from({ length: 21 }, (_, i) => leafOf(i)),
      );
      expect(tree.writeNodes()).toEqual(whole.writeNodes());
      expect(MerkleTree.read(3, tree.leaves, tree.writeNodes())!.root).toBe(whole.root);
      for (const i of [0, 12, 20]) expect(verifyPath(leafOf(i), tree.path(i), whole.root, 3)).toBe(true);
    }
  });

  test('a clone goes its own way', () => {
    const tree = treeOf(3, 6);
    const copy = tree.clone();
    expect(copy.root).toBe(tree.root);
    expect(copy.append(leafOf(6))).toBe(6);
    expect(tree.size).toBe(6);
    expect(tree.root).toBe(treeOf(3, 6).root);
    expect(copy.root).toBe(treeOf(3, 7).root);
  });
});
