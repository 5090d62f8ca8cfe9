pragma circom 2.2.0;

include "pedersen.circom";

component main = Pedersen(253);
