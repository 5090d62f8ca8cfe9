pragma circom 2.1.5;
include "comparators.circom";
include "bitify.circom";

// Comparisons whose answer must be yes, and one with a constant: once of bare inputs, once of inputs with a range.
template Demanded() {
  signal input x;
  signal input y;
  signal output isSmall;
  component less = LessThan(32);
  less.in <== [x, y];
  less.out === 1;
  component lessEqual = LessEqThan(32);
  lessEqual.in <== [x, y];
  lessEqual.out === 1;
  component greater = GreaterThan(32);
  greater.in <== [y, x];
  greater.out === 1;
  component greaterEqual = GreaterEqThan(32);
  greaterEqual.in <== [y, x];
  greaterEqual.out === 1;
  component small = LessThan(32);
  small.in <== [x, 1000];
  isSmall <== small.out;
}

template Both() {
  signal input a[2];
  signal input b[2];
  signal output isSmall[2];
  component aBits = Num2Bits(32);
  aBits.in <== a[0];
  component bBits = Num2Bits(32);
  bBits.in <== b[0];
  component guarded = Demanded();
  guarded.x <== a[0];
  guarded.y <== b[0];
  isSmall[0] <== guarded.isSmall;
  component bare = Demanded();
  bare.x <== a[1];
  bare.y <== b[1];
  isSmall[1] <== bare.isSmall;
}

component main = Both();
