// SubgroupPoint: P lies in the subgroup of prime order l, by a preimage of the cofactor.   [circuits/README.md, Subgroup]
// Input    P[2]     Edwards  any two numbers of F_r
// Private  S[2]     Edwards  hint: a point of the curve with [8]S = P; there are eight, and nothing else may read S
// Constraints (each has a failing test of the same number):
//   C1  S is on the curve: A·x² + y² = 1 + D·x²·y²
//   C2  P2 = [2]S
//   C3  P4 = [2]P2
//   C4  P = [2]P4
// Why it holds: the curve has 8·l points and [8] kills the part of order 8, so {[8]S} is the subgroup; an S exists for
// its points and for no other. No denominator is 0 on the curve: A is a square, D is not.
// Not checked here: P ≠ O (O is in the subgroup: S = O).
pragma circom 2.2.0;

include "curve.gen.circom";

function EDWARDS_A() { return 168700; }
function EDWARDS_D() { return 168696; }

// [1/8 mod l]P by doubling and adding with the complete law; for the witness only.
function eighth(P) {
    // 8·e = 1 + j·l for one j of 1 … 7, since l is odd.
    var e = 0;
    for (var j = 1; j < 8; j++) {
        if ((1 + j * (SUBGROUP_ORDER() % 8)) % 8 == 0) {
            e = j * (SUBGROUP_ORDER() \ 8) + (1 + j * (SUBGROUP_ORDER() % 8)) \ 8;
        }
    }
    var sum[2] = [0, 1];
    var Q[2] = [P[0], P[1]];
    while (e > 0) {
        if (e % 2 == 1) {
            sum = edwardsAdd(sum, Q);
        }
        Q = edwardsAdd(Q, Q);
        e = e \ 2;
    }
    return sum;
}

function edwardsAdd(P, Q) {
    var cross = EDWARDS_D() * P[0] * Q[0] * P[1] * Q[1];
    return [
        (P[0] * Q[1] + P[1] * Q[0]) / (1 + cross),
        (P[1] * Q[1] - EDWARDS_A() * P[0] * Q[0]) / (1 - cross)
    ];
}

// [2](x, y) of a point of the curve from x², y²: x' = 2xy/(A·x² + y²), y' = (y² − A·x²)/(2 − A·x² − y²).
template Double() {
    signal input P[2];
    signal input xx;
    signal input yy;
    signal output out[2];

    signal xy <== P[0] * P[1];
    out[0] <-- 2 * xy / (EDWARDS_A() * xx + yy);
    out[1] <-- (yy - EDWARDS_A() * xx) / (2 - EDWARDS_A() * xx - yy);
    out[0] * (EDWARDS_A() * xx + yy) === 2 * xy;
    out[1] * (2 - EDWARDS_A() * xx - yy) === yy - EDWARDS_A() * xx;
}

template SubgroupPoint() {
    signal input P[2];

    // C1
    signal S[2] <-- eighth(P);
    signal xx <== S[0] * S[0];
    signal yy <== S[1] * S[1];
    EDWARDS_D() * xx * yy === EDWARDS_A() * xx + yy - 1;

    // C2
    signal P2[2] <== Double()(S, xx, yy);

    // C3
    signal xx2 <== P2[0] * P2[0];
    signal yy2 <== P2[1] * P2[1];
    signal P4[2] <== Double()(P2, xx2, yy2);

    // C4
    signal xx4 <== P4[0] * P4[0];
    signal yy4 <== P4[1] * P4[1];
    signal P8[2] <== Double()(P4, xx4, yy4);
    P8 === P;
}
