pragma circom 2.2.0;

include "babyjub.circom";

component main = BabyPbk();
