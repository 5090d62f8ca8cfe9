// S1 Ballot: one anonymous ballot of a committee member, one a scope.            [circuits/README.md, S1]
// Public   committeeRoot   F_r      root of the committee tree, depth 4 (256 seats)
// Public   scope           F_r      hash of chain, epoch and height
// Public   x               F_r      hash of the ballot's message, ≠ 0
// Private  identitySecret  F_r      isk of one validator for one epoch
// Private  path[4][4]      F_r      the four children of each node on the way from the member's leaf, leaf level first
// Output   nullifier       F_r      H(ballotNullifier; a1)
// Output   y               F_r      isk + a1·x, the Shamir share of isk at x
// Constraints (each has a failing test of the same number):
//   C1  identityCommitment = Poseidon(2)(TAG_VALIDATOR, isk)
//   C2  identityCommitment is a leaf below committeeRoot: at each level (h − c0)(h − c1)(h − c2)(h − c3) = 0
//   C3  at each level parent = Poseidon(4)(c0, c1, c2, c3), the last parent being committeeRoot
//   C4  a1 = Poseidon(3)(TAG_BALLOT_SHARE, isk, scope)
//   C5  nullifier = Poseidon(2)(TAG_BALLOT_NULLIFIER, a1)
//   C6  y = isk + a1·x
// Not checked here (the verifier's duty): that committeeRoot is this epoch's and not 0; that scope names the height at
// hand; that x is the hash of the message at hand and not 0 (x = 0 would publish isk); canonical public signals.
pragma circom 2.2.0;

include "lib/identity.circom";
include "lib/merkle.circom";
include "lib/sizes.gen.circom";

template Ballot(depth) {
    signal input identitySecret;
    signal input path[depth][4];
    signal input committeeRoot;
    signal input scope;
    signal input x;
    signal output nullifier;
    signal output y;

    // C1
    signal identityCommitment <== IdentityCommitment()(identitySecret);

    // C2, C3
    signal root <== MerkleMembership(depth)(identityCommitment, path);
    root === committeeRoot; // C3

    // C4
    signal a1 <== BallotSlope()(identitySecret, scope);

    // C5
    nullifier <== BallotNullifier()(a1);

    // C6
    y <== identitySecret + a1 * x;
}

component main {public [committeeRoot, scope, x]} = Ballot(COMMITTEE_TREE_DEPTH());
