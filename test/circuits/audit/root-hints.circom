pragma circom 2.2.0;

// The fifth and the seventh root of x are hints that a witness program computes and constraints alone do not lead to: without it no first
// witness is found. The sign of `root` is the prover's to choose.
template Root() {
    signal input x;
    signal output root;
    signal fifth <-- x ** 17510594297471420177797124596205820070838691520332827474958563349260646796493;
    signal fifth2 <== fifth * fifth;
    signal fifth4 <== fifth2 * fifth2;
    fifth4 * fifth === x;
    signal seventh <-- x ** 12507567355336728698426517568718442907741922514523448196398973820900461997495;
    signal seventh2 <== seventh * seventh;
    signal seventh4 <== seventh2 * seventh2;
    signal seventh6 <== seventh4 * seventh2;
    seventh6 * seventh === x;
    root <-- fifth;
    root * root === fifth2;
}
