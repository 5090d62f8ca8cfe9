// S3 Account: the owner of an account acts on it, once; the cash may go to a note of the same owner. [circuits/README.md, S3]
// Public   account      F_r      A = H(account; sk, salt)
// Public   amount       < 2^64   units
// Public   commitment   F_r      cm = H(note; amount, pk, rho)
// Public   message      F_r      hash of chain, kind, sequence, destination, last height
// Private  spendingKey  F_r      sk
// Private  salt         F_r      of the account
// Private  rho          F_r      of the note
// Constraints (each has a failing test of the same number):
//   C1  account = Poseidon(3)(TAG_ACCOUNT, sk, salt)
//   C2  pk = Poseidon(2)(TAG_OWNER, sk)
//   C3  commitment = Poseidon(4)(TAG_NOTE, amount, pk, rho)
//   C4  messageSquare = message², so that no public signal is unused
// Not checked here (the verifier's duty): that amount < 2^64; that message is the hash of the action at hand, for the
// account's current sequence; canonical public signals. The ledger's: that the account exists and holds the amount, that
// the commitment is new in the tree (or, for a withdrawal, not put there at all).
pragma circom 2.2.0;

include "lib/notes.circom";

template Account() {
    signal input account;
    signal input amount;
    signal input commitment;
    signal input message;
    signal input spendingKey;
    signal input salt;
    signal input rho;

    // C1
    signal name <== AccountName()(spendingKey, salt);
    name === account;

    // C2
    signal pk <== OwnerKey()(spendingKey);

    // C3
    signal note <== NoteCommitment()(amount, pk, rho);
    note === commitment;

    // C4
    signal messageSquare <== message * message;
}

component main {public [account, amount, commitment, message]} = Account();
