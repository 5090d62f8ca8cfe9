pragma circom 2.2.0;

include "root-hints.circom";

// So many of them that a search among them is long.
template Roots(n) {
    signal input x[n];
    signal output square;
    signal output root[n];
    square <== x[0] * x[0];
    for (var i = 0; i < n; i++) {
        root[i] <== Root()(x[i]);
    }
}

component main = Roots(400);
