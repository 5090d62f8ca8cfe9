pragma circom 2.2.0;

include "root-hints.circom";

component main = Root();
