pragma circom 2.0.0;
include "lib/range.circom";
include "circomlib/circuits/comparators.circom";

// A withdrawal that is done if the balance covers it. Both are below 2^n.
template Withdraw(n) {
    signal input balance;
    signal input amount;
    signal output isDone;
    signal output left;

    component small[2];
    small[0] = Range(n);
    small[0].in <== balance;
    small[1] = Range(n);
    small[1].in <== amount;

    component covered = LessEqThan(n);
    covered.in[0] <== amount;
    covered.in[1] <== balance;
    isDone <== covered.out;

    left <== balance - isDone * amount;
}
