pragma circom 2.2.0;

include "../../circuits/lib/subgroup.circom";

component main = SubgroupPoint();
