pragma circom 2.2.0;

include "../../circuits/lib/one-hot.circom";

template SelectAt(n) {
    signal input index;
    signal input values[n];
    signal output hot[n] <== OneHot(n)(index);
    signal output out <== OneHotSelect(n)(values, hot);
}

component main = SelectAt(5);
