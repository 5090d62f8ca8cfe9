pragma circom 2.2.0;

include "../../circuits/lib/encapsulation.circom";

component main = Encapsulation();
