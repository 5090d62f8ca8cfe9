// Ladder: [2^251 + t]P for a variable point P, six constraints a bit.                 [circuits/README.md, Ladder]
// Input    t[251]  bits     lowest first; booleanity is the caller's constraint
// Input    P[2]    Edwards  a point of the subgroup of prime order l, P ≠ O
// Output   out[2]  Edwards  [k]P, k = 2^251 + Σ t[i]·2^i
// Method   k' = k | 1 = 2^251 + 2^250 + Σ_{i<250} e_i·2^i with e_i = 2·t[i+1] − 1: start at [3]P, then 250 merged steps
//          Q ← (Q + e_i·P) + Q from i = 249 down to 0, then subtract P if t[0] = 0. Affine Montgomery coordinates
//          v² = u³ + A·u² + u with A = 168698 (and B = 1), incomplete formulas: no denominator is 0 for k ≢ 0, ±1, −2
//          mod l, and those four residues are unsatisfiable. The proof of both is the README's section.
// Constraints (each has a failing test of the same number):
//   C1  P in Montgomery form: u·(1 − y) = 1 + y, v·x = u
//   C2  Q = [3]P by a merged step whose first addition is the doubling
//   C3  R = (u, e_i·v): signedV = (2·t[i+1] − 1)·v
//   C4  each merged step: λ1, x of Q + R, λ1 + λ2, x and y of (Q + R) + Q
//   C5  D = Q − P: λ, x, y
//   C6  out = t[0] ? Q : D, in Montgomery form
//   C7  out in Edwards form: x·v = u, y·(u + 1) = u − 1
// Not checked here: that P is on the curve, in the subgroup and not O (P is a public input: the verifier's duty).
pragma circom 2.2.0;

include "curve.gen.circom";

function MONTGOMERY_A() { return 168698; }

// (Q + R) + Q from the slope λ1 of Q + R, without the y of Q + R:
// x_S = λ1² − A − x_Q − x_R;  (λ1 + λ2)(x_Q − x_S) = 2·y_Q;  x' = λ2² − A − x_S − x_Q;  y' = λ2(x_Q − x') − y_Q.
template AddAgain() {
    signal input slope;
    signal input Q[2];
    signal input xR;
    signal output out[2];

    signal xS <== slope * slope - MONTGOMERY_A() - Q[0] - xR;
    signal slopes <-- 2 * Q[1] / (Q[0] - xS);
    slopes * (Q[0] - xS) === 2 * Q[1];
    signal second <== slopes - slope;
    out[0] <== second * second - MONTGOMERY_A() - xS - Q[0];
    out[1] <== second * (Q[0] - out[0]) - Q[1];
}

// λ1 of Q + R for x_Q ≠ x_R: λ1·(x_R − x_Q) = y_R − y_Q.
template Slope() {
    signal input Q[2];
    signal input R[2];
    signal output slope;

    slope <-- (R[1] - Q[1]) / (R[0] - Q[0]);
    slope * (R[0] - Q[0]) === R[1] - Q[1];
}

// [3]P = (P + P) + P; the doubling's slope is λ1·2·v = 3u² + 2A·u + 1.
template Triple() {
    signal input P[2];
    signal output out[2];

    signal square <== P[0] * P[0];
    signal slope <-- (3 * square + 2 * MONTGOMERY_A() * P[0] + 1) / (2 * P[1]);
    slope * (2 * P[1]) === 3 * square + 2 * MONTGOMERY_A() * P[0] + 1;
    out <== AddAgain()(slope, P, P[0]);
}

template Ladder() {
    var bits = SCALAR_BITS();
    signal input t[bits];
    signal input P[2];
    signal output out[2];

    // C1
    signal M[2];
    M[0] <-- (1 + P[1]) / (1 - P[1]);
    M[1] <-- M[0] / P[0];
    M[0] * (1 - P[1]) === 1 + P[1];
    M[1] * P[0] === M[0];

    // C2
    signal Q[bits][2];
    Q[bits - 1] <== Triple()(M);

    // C3, C4: Q[i] is the accumulator after the digit e_i
    signal signedV[bits - 1];
    signal slope[bits - 1];
    for (var i = bits - 2; i >= 0; i--) {
        signedV[i] <== (2 * t[i + 1] - 1) * M[1];
        slope[i] <== Slope()(Q[i + 1], [M[0], signedV[i]]);
        Q[i] <== AddAgain()(slope[i], Q[i + 1], M[0]);
    }

    // C5
    signal last <== Slope()(Q[0], [M[0], -M[1]]);
    signal D[2];
    D[0] <== last * last - MONTGOMERY_A() - Q[0][0] - M[0];
    D[1] <== last * (Q[0][0] - D[0]) - Q[0][1];

    // C6
    signal E[2];
    E[0] <== D[0] + t[0] * (Q[0][0] - D[0]);
    E[1] <== D[1] + t[0] * (Q[0][1] - D[1]);

    // C7
    out[0] <-- E[0] / E[1];
    out[1] <-- (E[0] - 1) / (E[0] + 1);
    out[0] * E[1] === E[0];
    out[1] * (E[0] + 1) === E[0] - 1;
}
