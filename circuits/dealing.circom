// S4r Dealing: two key shares for one recipient, encrypted so that anybody can verify.       [circuits/README.md, S4r]
// Public   PK8[2]    Edwards  8·PK of the recipient's encryption key, in the subgroup and ≠ O
// Public   context   F_r      H(dealing; session, dealer, recipient)
// Private  t         < 2^251  the dealer's randomness is k = 2^251 + t; one t serves all recipients of a dealing
// Private  share[2]  < 2^251  f(i) and g(i): of the decryption key and of the coin key, integers that stand for residues mod l
// Output   R[2]      Edwards  R' = [t]B
// Output   A[2][2]   Edwards  [share[0]]B, [share[1]]B
// Output   c[2]      F_r      the shares, padded by a keystream of (E, context) with E = [2^251 + t]·PK8
// Constraints (each has a failing test of the same number):
//   C1  the 251 bits of t are bits, and spell t
//   C2  R = [t]B by circomlib's EscalarMulFix
//   C3  E = [2^251 + t]·PK8 by Ladder, from the same bits
//   C4  (z0, z1, z2) = PoseidonEx(3 → 3)(E.x, E.y, context), initial state 0
//   C5  the 251 bits of each share are bits, and spell it
//   C6  A[j] = [share[j]]B by circomlib's EscalarMulFix
//   C7  c[j] = share[j] + z_{j+1}
// Not checked here (the verifier's duty): that PK8 is 8 times the recipient's key and ≠ O; that context is the hash of this
// session, dealer and recipient; that all recipients of a dealing have one R; that the A[j] of all recipients lie on
// polynomials of the degree; canonical public signals. z0 is no signal of a statement: see Seal. That a share may be l or
// more, and t too, is harmless: nothing but [t]B, [k]PK8, [share]B and the sum with the pad reads them.
pragma circom 2.2.0;

include "bitify.circom";
include "escalarmulfix.circom";
include "poseidon.circom";
include "lib/curve.gen.circom";
include "lib/ladder.circom";

// R, A and the integer's bits from one decomposition.
template FixedMultiple() {
    var bits = SCALAR_BITS();
    signal input scalar;
    signal output digits[bits];
    signal output out[2];

    digits <== Num2Bits(bits)(scalar);
    out <== EscalarMulFix(bits, [BASE_X(), BASE_Y()])(digits);
}

template Dealing(keys) {
    var bits = SCALAR_BITS();
    signal input PK8[2];
    signal input context;
    signal input t;
    signal input share[keys];
    signal output R[2];
    signal output A[keys][2];
    signal output c[keys];

    // C1, C2
    signal digits[bits];
    (digits, R) <== FixedMultiple()(t);

    // C3
    signal E[2] <== Ladder()(digits, PK8);

    // C4
    signal z[keys + 1] <== PoseidonEx(3, keys + 1)([E[0], E[1], context], 0);

    // C5 … C7
    signal shareDigits[keys][bits];
    for (var j = 0; j < keys; j++) {
        (shareDigits[j], A[j]) <== FixedMultiple()(share[j]); // C5, C6
        c[j] <== share[j] + z[j + 1]; // C7
    }
}

component main {public [PK8, context]} = Dealing(2);
