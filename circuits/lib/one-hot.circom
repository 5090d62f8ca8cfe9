// OneHot: hot[index] = 1 and every other 0.                                           [circuits/README.md, One-hot]
// Input    index   F_r
// Output   hot[n]  bits
// Constraints (each has a failing test of the same number):
//   C1  hot[i]·(index − i) = 0 for every i
//   C2  Σ hot[i] = 1
// Why it holds: C1 leaves hot[i] ≠ 0 only where index = i, so at most one is not 0, and C2 makes that one 1. An index that
// is none of 0 … n − 1 has no solution: the range comes with it. Linear C2 costs nothing at --O2: n constraints.
// Not checked here: nothing.
pragma circom 2.2.0;

template OneHot(n) {
    signal input index;
    signal output hot[n];

    // C1
    var sum = 0;
    for (var i = 0; i < n; i++) {
        hot[i] <-- index == i ? 1 : 0;
        hot[i] * (index - i) === 0;
        sum += hot[i];
    }

    // C2
    sum === 1;
}

// OneHotSelect: out = values[index] from the hot vector of that index, n constraints a row: one hot vector serves
// many rows, and n need be no power of two. (Select of order.circom halves 2^k leaves by k bits instead: 2^k − 1.)
// Input    values[n]  F_r
// Input    hot[n]     one 1, otherwise 0
// Output   out        F_r
// Constraints:
//   C1  out = Σ hot[i]·values[i]
// Not checked here: that hot is one-hot (OneHot does).
template OneHotSelect(n) {
    signal input values[n];
    signal input hot[n];
    signal output out;

    // C1
    signal product[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        product[i] <== hot[i] * values[i];
        sum += product[i];
    }
    out <== sum;
}
