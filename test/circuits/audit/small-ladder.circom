pragma circom 2.2.0;

include "bitify.circom";
include "../../../circuits/lib/ladder.circom";

// [3·2^4 + Σ (2·t − 1)·2^i]P in Montgomery form for four bits t: the first steps of the Ladder.
template SmallLadder() {
    signal input k;
    signal input P[2];
    signal output out[2];
    signal t[4] <== Num2Bits(4)(k);

    signal M[2];
    M[0] <-- (1 + P[1]) / (1 - P[1]);
    M[1] <-- M[0] / P[0];
    M[0] * (1 - P[1]) === 1 + P[1];
    M[1] * P[0] === M[0];

    signal Q[5][2];
    Q[4] <== Triple()(M);
    signal signedV[4];
    signal slope[4];
    for (var i = 3; i >= 0; i--) {
        signedV[i] <== (2 * t[i] - 1) * M[1];
        slope[i] <== Slope()(Q[i + 1], [M[0], signedV[i]]);
        Q[i] <== AddAgain()(slope[i], Q[i + 1], M[0]);
    }
    out <== Q[0];
}

component main = SmallLadder();
