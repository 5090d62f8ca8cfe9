// Hashes of notes and accounts, each the native function of the same name.             [circuits/README.md, Notes]
// OwnerKey        pk         = Poseidon(2)(TAG_OWNER, sk)
// NoteCommitment  cm         = Poseidon(4)(TAG_NOTE, value, pk, rho)
// NoteNullifier   nullifier  = Poseidon(3)(TAG_NULLIFIER, sk, cm)
// AccountName     A          = Poseidon(3)(TAG_ACCOUNT, sk, salt)
// Not checked here: any range; sk, rho and salt are arbitrary elements of F_r.
pragma circom 2.2.0;

include "poseidon.circom";
include "tags.gen.circom";

template OwnerKey() {
    signal input spendingKey;
    signal output pk <== Poseidon(2)([TAG_OWNER(), spendingKey]);
}

template NoteCommitment() {
    signal input value;
    signal input pk;
    signal input rho;
    signal output commitment <== Poseidon(4)([TAG_NOTE(), value, pk, rho]);
}

template NoteNullifier() {
    signal input spendingKey;
    signal input commitment;
    signal output nullifier <== Poseidon(3)([TAG_NULLIFIER(), spendingKey, commitment]);
}

template AccountName() {
    signal input spendingKey;
    signal input salt;
    signal output account <== Poseidon(3)([TAG_ACCOUNT(), spendingKey, salt]);
}

// ChangeRho       rho        = Poseidon(3)(TAG_CHANGE_NOTE, sk, nullifier), nullifier of the note whose change it is
template ChangeRho() {
    signal input spendingKey;
    signal input nullifier;
    signal output rho <== Poseidon(3)([TAG_CHANGE_NOTE(), spendingKey, nullifier]);
}
