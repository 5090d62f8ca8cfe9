pragma circom 2.2.0;

include "../../circuits/lib/seal.circom";

component main = Seal();
