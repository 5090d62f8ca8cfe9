pragma circom 2.1.5;
include "bitify.circom";

// A hint that nothing ties to the input, though it must fit in two sums of bits, one of them longer than the field. A value at
// random fits in neither: a first witness needs the range that the first sum leaves.
template FreeHint() {
  signal input x;
  signal output low[4];
  signal hint <-- x & 0xffff;
  component short = Num2Bits(129);
  short.in <== hint + 7;
  component long = Num2Bits(256);
  long.in <== 3 * hint + 2;
  for (var i = 0; i < 4; i++) low[i] <== long.out[i];
}

component main {public [x]} = FreeHint();
