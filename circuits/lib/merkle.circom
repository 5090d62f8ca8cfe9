// MerkleStep: the running hash h is one of four children; parent is their node.   [circuits/README.md, Merkle]
// Input    h            F_r      leaf or node of the level below
// Input    children[4]  F_r      all four children of the parent, in tree order
// Output   parent       F_r      Poseidon(4)(children), untagged
// Constraints (each has a failing test of the same number):
//   C1  (h − c0)(h − c1)(h − c2)(h − c3) = 0, as three products
//   C2  parent = Poseidon(4)(c0, c1, c2, c3)
// Not checked here: at which of the four places h stands (nothing uses an index); that h is no inner node of another
// level (the depth is fixed and leaves are tagged hashes); that the root is one the ledger knows (the verifier does).
pragma circom 2.2.0;

include "poseidon.circom";

template MerkleStep() {
    signal input h;
    signal input children[4];
    signal output parent;

    // C1
    signal low <== (h - children[0]) * (h - children[1]);
    signal high <== (h - children[2]) * (h - children[3]);
    low * high === 0;

    // C2
    parent <== Poseidon(4)(children);
}

// MerkleMembership: `depth` steps from leaf to root.
// Input    leaf            F_r
// Input    path[depth][4]  F_r   children of every node on the way, leaf level first
// Output   root            F_r
// Not checked here: that root is the public one (the statement does); that leaf ≠ 0 (empty places are 0: 0 has a path).
template MerkleMembership(depth) {
    signal input leaf;
    signal input path[depth][4];
    signal output root;

    signal running[depth + 1];
    running[0] <== leaf;
    for (var level = 0; level < depth; level++) {
        running[level + 1] <== MerkleStep()(running[level], path[level]);
    }
    root <== running[depth];
}
