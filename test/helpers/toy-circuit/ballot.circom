// Toy: the signals of S1 with next to no constraints, so that keys for tests are made in a second. It proves nothing
// worth proving. The log line stands for a circuit that prints secrets.
// Public   committeeRoot, scope, x
// Private  identitySecret, path[4][4]
// Output   nullifier = (identitySecret·scope)², y = identitySecret + identitySecret·scope·x
// Constraints: committeeRoot = identitySecret·path[0][0]
pragma circom 2.2.0;

template Toy() {
    signal input committeeRoot;
    signal input scope;
    signal input x;
    signal input identitySecret;
    signal input path[4][4];
    signal output nullifier;
    signal output y;

    log("identitySecret", identitySecret);
    signal slope <== identitySecret * scope;
    nullifier <== slope * slope;
    y <== identitySecret + slope * x;
    committeeRoot === identitySecret * path[0][0];
}

component main {public [committeeRoot, scope, x]} = Toy();
