pragma circom 2.2.0;

include "../../circuits/lib/merkle.circom";

component main = MerkleStep();
