pragma circom 2.2.0;

include "../../circuits/lib/packing.circom";

component main = Pack(3, [64, 71, 118]);
