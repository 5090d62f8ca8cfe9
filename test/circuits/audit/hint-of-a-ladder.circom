pragma circom 2.1.5;

include "bitify.circom";
include "comparators.circom";

// A scalar that is a hint drives a ladder of divisions: each step's slope follows from what was before it, so that a second
// witness is found only in the order in which the ladder computes.
template Step() {
    signal input bit;
    signal input x;
    signal input y;
    signal input at[2];
    signal output out[2];
    signal signed <== (2 * bit - 1) * y;
    signal slope <-- (signed - at[1]) / (x - at[0]);
    slope * (x - at[0]) === signed - at[1];
    out[0] <== slope * slope - x - at[0];
    out[1] <== slope * (x - out[0]) - signed;
    signal isSame <== IsEqual()([out[0], x]);
    isSame === 0;
}

template Ladder(n) {
    signal input s;
    signal input x;
    signal input y;
    signal output out[2];
    signal low <-- s & (2 ** n - 1);
    signal high <-- s >> n;
    signal bits[n] <== Num2Bits(n)(low);
    signal more[n] <== Num2Bits(n)(high);
    component step[2 * n];
    for (var i = 0; i < 2 * n; i++) {
        step[i] = Step();
        step[i].bit <== i < n ? bits[i] : more[i - n];
        step[i].x <== x;
        step[i].y <== y;
        step[i].at[0] <== i == 0 ? 5 : step[i - 1].out[0];
        step[i].at[1] <== i == 0 ? 7 : step[i - 1].out[1];
    }
    out <== step[2 * n - 1].out;
}

component main {public [s, x, y]} = Ladder(48);
