pragma circom 2.2.0;

include "../../circuits/lib/ladder.circom";

component main = Ladder();
