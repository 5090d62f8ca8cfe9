pragma circom 2.2.0;

include "bitify.circom";

// The low half of x by a decomposition of 254 bits: for a small x there is another one, of x + r.
template LowHalf() {
    signal input x;
    signal output low;
    component bits = Num2Bits(254);
    bits.in <== x;
    var sum = 0;
    for (var i = 0; i < 128; i++) {
        sum += bits.out[i] * 2 ** i;
    }
    low <== sum;
}

component main = LowHalf();
