pragma circom 2.1.5;
include "comparators.circom";
include "bitify.circom";

// The same with what it needs: both operands are below 2^32.
template Below() {
  signal input x;
  signal input limit;
  signal output isBelow;
  component xBits = Num2Bits(32);
  xBits.in <== x;
  component limitBits = Num2Bits(32);
  limitBits.in <== limit;
  component lt = LessThan(32);
  lt.in[0] <== x;
  lt.in[1] <== limit;
  isBelow <== lt.out;
}
component main {public [x, limit]} = Below();
