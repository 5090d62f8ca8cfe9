// Encapsulation: U = [k]B and K = [k]Y8 for one integer k, k = 2^251 + t.      [circuits/README.md, Encapsulation]
// Private  sealRandomness  Z_l      r; a hint only: the witness takes t = (r − 2^251) mod l, so k ≡ r mod l
// Public   Y8[2]           Edwards  8·Y, in the subgroup and ≠ O
// Output   U[2], K[2]      Edwards  ElGamal pair; both products read the same 251 bits
// Constraints (each has a failing test of the same number):
//   C1  t[i]·(t[i] − 1) = 0 for 251 bits
//   C2  U = [t]B + [2^251]B by circomlib's EscalarMulFix and one complete addition
//   C3  K = [2^251 + t]Y8 by Ladder
// Not checked here: that t is the smallest of its residue (t and t + l give the same U and K, and nothing else reads t);
// that U ≠ O (r = 0 has no witness, and the verifier refuses it again); that Y8 is what it should be (the verifier does).
pragma circom 2.2.0;

include "babyjub.circom";
include "escalarmulfix.circom";
include "curve.gen.circom";
include "ladder.circom";

template Encapsulation() {
    var bits = SCALAR_BITS();
    signal input sealRandomness;
    signal input Y8[2];
    signal output U[2];
    signal output K[2];

    // C1
    var residue = (sealRandomness + 2 * SUBGROUP_ORDER() - 2 ** bits) % SUBGROUP_ORDER();
    signal t[bits];
    for (var i = 0; i < bits; i++) {
        t[i] <-- (residue >> i) & 1;
        t[i] * (t[i] - 1) === 0;
    }

    // C2
    signal low[2] <== EscalarMulFix(bits, [BASE_X(), BASE_Y()])(t);
    component shifted = BabyAdd();
    shifted.x1 <== low[0];
    shifted.y1 <== low[1];
    shifted.x2 <== SHIFT_X();
    shifted.y2 <== SHIFT_Y();
    U[0] <== shifted.xout;
    U[1] <== shifted.yout;

    // C3
    K <== Ladder()(t, Y8);
}
