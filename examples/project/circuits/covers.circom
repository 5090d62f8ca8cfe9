pragma circom 2.1.9;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";

// A committed balance covers a public amount; neither the balance nor what is left of it is told.
//
// Public   amount      of n bits
// Private  balance     of n bits
//          salt        a random field element, so that nobody finds the balance by trying
// Output   commitment  Poseidon(balance, salt)
template Covers(n) {
    signal input amount;
    signal input balance;
    signal input salt;
    signal output commitment;

    // Without these ranges a balance below the amount would wrap around the field's order, and cover it.
    component balanceBits = Num2Bits(n);
    balanceBits.in <== balance;
    component restBits = Num2Bits(n);
    restBits.in <== balance - amount;
    component amountBits = Num2Bits(n);
    amountBits.in <== amount;

    component hash = Poseidon(2);
    hash.inputs[0] <== balance;
    hash.inputs[1] <== salt;
    commitment <== hash.out;
}
