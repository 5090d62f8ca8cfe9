// Hashes of a validator's identity, each the native function of the same name.      [circuits/README.md, Identity]
// IdentityCommitment  idc        = Poseidon(2)(TAG_VALIDATOR, isk)
// BallotSlope         a1         = Poseidon(3)(TAG_BALLOT_SHARE, isk, scope)
// BallotNullifier     nullifier  = Poseidon(2)(TAG_BALLOT_NULLIFIER, a1)
pragma circom 2.2.0;

include "poseidon.circom";
include "tags.gen.circom";

template IdentityCommitment() {
    signal input identitySecret;
    signal output commitment <== Poseidon(2)([TAG_VALIDATOR(), identitySecret]);
}

template BallotSlope() {
    signal input identitySecret;
    signal input scope;
    signal output a1 <== Poseidon(3)([TAG_BALLOT_SHARE(), identitySecret, scope]);
}

template BallotNullifier() {
    signal input a1;
    signal output nullifier <== Poseidon(2)([TAG_BALLOT_NULLIFIER(), a1]);
}
