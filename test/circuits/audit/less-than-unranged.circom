pragma circom 2.1.5;
include "comparators.circom";

// The commonest mistake: LessThan(32) says nothing of values that are not below 2^32.
template Below() {
  signal input x;
  signal input limit;
  signal output isBelow;
  component lt = LessThan(32);
  lt.in[0] <== x;
  lt.in[1] <== limit;
  isBelow <== lt.out;
}
component main {public [x, limit]} = Below();
