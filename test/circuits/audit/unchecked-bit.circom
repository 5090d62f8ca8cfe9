pragma circom 2.1.5;

// A product in bits, of which one is not held to be a bit: whatever it takes, another bit of the upper half has to give.
template UncheckedBit(n) {
  signal input a;
  signal input b;
  signal output low;
  signal output high;
  signal product <== a * b;
  signal bits[2 * n];
  var sum = 0;
  var lower = 0;
  for (var i = 0; i < 2 * n; i++) {
    bits[i] <-- (product >> i) & 1;
    if (i != 38) bits[i] * (bits[i] - 1) === 0;
    sum += bits[i] * (1 << i);
    if (i < n) lower += bits[i] * (1 << i);
  }
  sum === product;
  low <== lower;
  high <== (sum - lower) / (1 << n);
}

component main {public [a, b]} = UncheckedBit(64);
