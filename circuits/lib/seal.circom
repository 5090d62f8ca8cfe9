// Seal: one wide permutation pads three words and gives a tag of (K, context).          [circuits/README.md, Seal]
// Private  words[3]  F_r   plaintext m0, m1, m2
// Private  K[2]      F_r   affine coordinates of the shared point
// Public   context   F_r   hash of chain, market, window and height of the reserve table
// Output   ct[3]     F_r   ct_i = m_i + z_{i+1}
// Output   tag       F_r   z4
// Constraints (each has a failing test of the same number):
//   C1  (z0 … z4) = PoseidonEx(4 → 5)(TAG_SEAL, K.x, K.y, context), initial state 0
//   C2  ct_i = m_i + z_{i+1}
//   C3  tag = z4
// The tag tells a wrong K or context. It says nothing about ct: whoever changes a word of ct keeps the tag. That ct is the
// prover's is what the proof of the statement says, in which ct is a public signal.
// Not checked here: that K is fresh (two messages under one K share their pads: the prover's own loss). z0 is never
// published: the whole state could be inverted, and guessed plaintexts confirmed.
pragma circom 2.2.0;

include "poseidon.circom";
include "sizes.gen.circom";
include "tags.gen.circom";

template Seal() {
    var n = CIPHERTEXT_WORDS();
    signal input words[n];
    signal input K[2];
    signal input context;
    signal output ct[n];
    signal output tag;

    // C1
    signal z[n + 2] <== PoseidonEx(n + 1, n + 2)([TAG_SEAL(), K[0], K[1], context], 0);

    // C2
    for (var i = 0; i < n; i++) {
        ct[i] <== words[i] + z[i + 1];
    }

    // C3
    tag <== z[n + 1];
}
