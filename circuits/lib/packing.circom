// Pack: n integers in one word, the first lowest, from which each can be read again.    [circuits/README.md, Packing]
// Input    parts[n]  parts[i] < 2^widths[i]
// Output   word      Σ parts[i]·2^(widths[0] + … + widths[i−1])
// Constraints (each has a failing test of the same number):
//   C1  parts[i] has widths[i] bits
//   C2  word is the sum
// Why it holds: the widths together are at most 253 bits (asserted when it is compiled), so no word wraps around r and no
// decomposition has an alias: equal words have equal parts. C2 is linear and costs nothing at --O2.
// Not checked here: nothing.
pragma circom 2.2.0;

include "bitify.circom";

template Pack(n, widths) {
    signal input parts[n];
    signal output word;

    component range[n];
    var sum = 0;
    var at = 0;
    for (var i = 0; i < n; i++) {
        // C1
        range[i] = Num2Bits(widths[i]);
        range[i].in <== parts[i];
        sum += 2 ** at * parts[i];
        at += widths[i];
    }
    assert(at <= 253);

    // C2
    word <== sum;
}
