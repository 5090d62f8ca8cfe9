pragma circom 2.1.5;
include "comparators.circom";
include "bitify.circom";

// Each comparison of circomlib inside another component, once with and once without what it needs of its operands.
template Guarded() {
  signal input a;
  signal input b;
  signal output ok[4];
  component aBits = Num2Bits(32);
  aBits.in <== a;
  component bBits = Num2Bits(32);
  bBits.in <== b;
  ok[0] <== LessThan(32)([a, b]);
  ok[1] <== LessEqThan(32)([a, b]);
  ok[2] <== GreaterThan(32)([a, b]);
  ok[3] <== GreaterEqThan(32)([a, b]);
}

template Bare() {
  signal input a;
  signal input b;
  signal output ok[4];
  component less = LessThan(32);
  less.in <== [a, b];
  ok[0] <== less.out;
  component lessEqual = LessEqThan(32);
  lessEqual.in <== [a, b];
  ok[1] <== lessEqual.out;
  component greater = GreaterThan(32);
  greater.in <== [a, b];
  ok[2] <== greater.out;
  component greaterEqual = GreaterEqThan(32);
  greaterEqual.in <== [a, b];
  ok[3] <== greaterEqual.out;
}

template Both() {
  signal input x[2];
  signal input y[2];
  signal output guarded[4];
  signal output bare[4];
  component inner = Guarded();
  inner.a <== x[0];
  inner.b <== y[0];
  guarded <== inner.ok;
  component open = Bare();
  open.a <== x[1];
  open.b <== y[1];
  bare <== open.ok;
}

component main = Both();
