/**
 * Withdrawals from pools as others have them, with Poseidon in place of the hashes of their time, to set beside the project's statements.
 * They are written here for their size only: nothing uses them, and they are not reviewed.
 */

const head = (includes: readonly string[]): string =>
  ['pragma circom 2.0.0;', ...includes.map((path) => `include "${path}";`)].join('\n');

const MERKLE = `
template PathRoot(depth) {
  signal input leaf;
  signal input index[depth];
  signal input sibling[depth];
  signal output root;
  signal level[depth + 1];
  component order[depth];
  component node[depth];
  level[0] <== leaf;
  for (var i = 0; i < depth; i++) {
    index[i] * (index[i] - 1) === 0;
    order[i] = MultiMux1(2);
    order[i].c[0][0] <== level[i];
    order[i].c[0][1] <== sibling[i];
    order[i].c[1][0] <== sibling[i];
    order[i].c[1][1] <== level[i];
    order[i].s <== index[i];
    node[i] = Poseidon(2);
    node[i].inputs[0] <== order[i].out[0];
    node[i].inputs[1] <== order[i].out[1];
    level[i + 1] <== node[i].out;
  }
  root <== level[depth];
}`;

/** Tornado Cash's withdrawal of a note of fixed value: leaf and nullifier by Poseidon, not Pedersen, the path by Poseidon, not MiMC. */
const notePool = (depth: number): string => `
template Withdraw(depth) {
  signal input root;
  signal input recipient;
  signal input relayer;
  signal input fee;
  signal input refund;
  signal input nullifier;
  signal input secret;
  signal input index[depth];
  signal input sibling[depth];
  signal output nullifierHash;
  component leaf = Poseidon(2);
  leaf.inputs[0] <== nullifier;
  leaf.inputs[1] <== secret;
  component spent = Poseidon(1);
  spent.inputs[0] <== nullifier;
  nullifierHash <== spent.out;
  component path = PathRoot(depth);
  path.leaf <== leaf.out;
  path.index <== index;
  path.sibling <== sibling;
  path.root === root;
  signal bound[4];
  bound[0] <== recipient * recipient;
  bound[1] <== relayer * relayer;
  bound[2] <== fee * fee;
  bound[3] <== refund * refund;
}
component main {public [root, recipient, relayer, fee, refund]} = Withdraw(${depth});`;

/**
 * A pool of free amounts: a commitment of value, label and a secret pair, in the pool's tree; its label in a tree of deposits that are vouched for;
 * part of the value leaves, and the rest is a new commitment.
 */
const amountPool = (depth: number): string => `
template Commitment() {
  signal input value;
  signal input label;
  signal input nullifier;
  signal input secret;
  signal output hash;
  signal output nullifierHash;
  component spent = Poseidon(1);
  spent.inputs[0] <== nullifier;
  nullifierHash <== spent.out;
  component inner = Poseidon(2);
  inner.inputs[0] <== nullifier;
  inner.inputs[1] <== secret;
  component outer = Poseidon(3);
  outer.inputs[0] <== value;
  outer.inputs[1] <== label;
  outer.inputs[2] <== inner.out;
  hash <== outer.out;
}
template Withdraw(depth) {
  signal input withdrawn;
  signal input root;
  signal input vouchedRoot;
  signal input context;
  signal input label;
  signal input value;
  signal input nullifier[2];
  signal input secret[2];
  signal input index[2][depth];
  signal input sibling[2][depth];
  signal output nullifierHash;
  signal output changeHash;
  component before = Commitment();
  before.value <== value;
  before.label <== label;
  before.nullifier <== nullifier[0];
  before.secret <== secret[0];
  nullifierHash <== before.nullifierHash;
  component path = PathRoot(depth);
  path.leaf <== before.hash;
  path.index <== index[0];
  path.sibling <== sibling[0];
  path.root === root;
  component vouched = PathRoot(depth);
  vouched.leaf <== label;
  vouched.index <== index[1];
  vouched.sibling <== sibling[1];
  vouched.root === vouchedRoot;
  component fits[2];
  fits[0] = Num2Bits(128);
  fits[0].in <== withdrawn;
  fits[1] = Num2Bits(128);
  fits[1].in <== value - withdrawn;
  component change = Commitment();
  change.value <== value - withdrawn;
  change.label <== label;
  change.nullifier <== nullifier[1];
  change.secret <== secret[1];
  changeHash <== change.hash;
  signal bound;
  bound <== context * context;
}
component main {public [withdrawn, root, vouchedRoot, context]} = Withdraw(${depth});`;

/** @param depth of its trees, two children a level */
export const poolSource = (pool: 'note pool' | 'amount pool', depth: number): string =>
  [
    head([
      'circomlib/circuits/poseidon.circom',
      'circomlib/circuits/mux1.circom',
      'circomlib/circuits/bitify.circom',
    ]),
    MERKLE,
    pool === 'note pool' ? notePool(depth) : amountPool(depth),
    '',
  ].join('\n');
