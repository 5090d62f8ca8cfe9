pragma circom 2.2.0;

include "bitify.circom";
include "escalarmulfix.circom";

// [k]Base8 for k < 2^9 by circomlib's windows of three bits.
template FixedBase() {
    signal input k;
    signal output out[2];
    signal bits[9] <== Num2Bits(9)(k);
    out <== EscalarMulFix(9, [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ])(bits);
}

component main = FixedBase();
