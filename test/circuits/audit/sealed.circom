pragma circom 2.2.0;

include "../../../circuits/lib/seal.circom";
include "poseidon.circom";

// A seal whose plaintext is committed to, so that no word of it is whatever the ciphertext says.
template Sealed() {
    signal input words[3];
    signal input K[2];
    signal input context;
    signal output ct[3];
    signal output tag;
    signal output commitment;
    (ct, tag) <== Seal()(words, K, context);
    commitment <== Poseidon(3)(words);
}

component main {public [context]} = Sealed();
