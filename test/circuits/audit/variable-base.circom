pragma circom 2.2.0;

include "bitify.circom";
include "escalarmulany.circom";

// [k]P for k < 2^6 by circomlib's ladder.
template VariableBase() {
    signal input k;
    signal input P[2];
    signal output out[2];
    signal bits[6] <== Num2Bits(6)(k);
    out <== EscalarMulAny(6)(bits, P);
}

component main = VariableBase();
