pragma circom 2.1.5;
include "comparators.circom";
include "bitify.circom";

// Comparisons whose answer must be yes, and one with a constant.
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

// Comparisons whose answer must be no, or an input, or that are with a constant.
template Refused() {
  signal input x;
  signal input y;
  signal input answer;
  signal input factor;
  signal output product;
  component less = LessThan(32);
  less.in <== [x, y];
  less.out === 0;
  component lessEqual = LessEqThan(32);
  lessEqual.in <== [x, y];
  lessEqual.out === 0;
  component greater = GreaterThan(32);
  greater.in <== [y, x];
  greater.out === 0;
  component greaterEqual = GreaterEqThan(32);
  greaterEqual.in <== [y, x];
  greaterEqual.out === 0;
  component below = LessThan(32);
  below.in <== [x, 1000];
  below.out === 1;
  component above = GreaterThan(32);
  above.in <== [1000, x];
  above.out === 1;
  component notAbove = GreaterEqThan(32);
  notAbove.in <== [x, 1000];
  notAbove.out === 0;
  component asked = LessThan(32);
  asked.in <== [x, y];
  asked.out === answer;
  component times = LessThan(32);
  times.in <== [x, y];
  product <== times.out * factor;
}

// The difference of two numbers is checked, and of one number all bits but the last: neither is a comparison.
template RangeChecks() {
  signal input x;
  signal input y;
  component difference = Num2Bits(32);
  difference.in <== x - y;
  component bits = Num2Bits(33);
  bits.in <== x;
  bits.out[32] === 0;
}

// A range of a sum, and of what is compared with it.
template OfSum() {
  signal input x;
  signal input y;
  signal input fee;
  component less = LessThan(32);
  less.in <== [x + fee, y];
  less.out === 1;
  component sum = Num2Bits(32);
  sum.in <== x + fee;
  component yBits = Num2Bits(32);
  yBits.in <== y;
}

// Each of them of bare inputs, of inputs with a range that is said after them, and with one that is a bit too wide.
template All() {
  signal input a[2];
  signal input b[2];
  signal input x[2];
  signal input y[2];
  signal input z[7];
  signal input answer[2];
  signal input factor;
  signal output product[2];
  signal output isSmall[2];
  component aBits = Num2Bits(32);
  aBits.in <== a[0];
  component bBits = Num2Bits(32);
  bBits.in <== b[0];
  component yes[2];
  for (var i = 0; i < 2; i++) {
    yes[i] = Demanded();
    yes[i].x <== a[i];
    yes[i].y <== b[i];
    isSmall[i] <== yes[i].isSmall;
  }
  component bare = Refused();
  component wide = Refused();
  component guarded = Refused();
  bare.x <== x[0];
  bare.y <== y[0];
  wide.x <== z[0];
  wide.y <== z[1];
  guarded.x <== x[1];
  guarded.y <== y[1];
  bare.answer <== answer[0];
  wide.answer <== answer[0];
  guarded.answer <== answer[1];
  bare.factor <== factor;
  wide.factor <== factor;
  guarded.factor <== factor;
  product[0] <== bare.product + wide.product;
  product[1] <== guarded.product;
  component xBits = Num2Bits(32);
  xBits.in <== x[1];
  component yBits = Num2Bits(16);
  yBits.in <== y[1];
  // One bit more than the comparison has.
  component wideX = Num2Bits(33);
  wideX.in <== z[0];
  component wideY = Num2Bits(33);
  wideY.in <== z[1];
  component checks = RangeChecks();
  checks.x <== z[5];
  checks.y <== z[6];
  component sum = OfSum();
  sum.x <== z[2];
  sum.y <== z[3];
  sum.fee <== z[4];
}

component main = All();
