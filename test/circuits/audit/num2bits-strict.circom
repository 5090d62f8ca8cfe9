pragma circom 2.2.0;

include "bitify.circom";

// As num2bits-254, with the comparison that forbids the bits of x + r.
template LowHalf() {
    signal input x;
    signal output low;
    component bits = Num2Bits_strict();
    bits.in <== x;
    var sum = 0;
    for (var i = 0; i < 128; i++) {
        sum += bits.out[i] * 2 ** i;
    }
    low <== sum;
}

component main = LowHalf();
