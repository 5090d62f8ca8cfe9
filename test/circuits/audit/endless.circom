pragma circom 2.2.0;

// Its witness program never ends unless the input is 0.
template Endless() {
    signal input x;
    signal input y;
    signal output q;
    var v = x;
    while (v != 0) {
        v = v * 2;
    }
    q <-- y + v;
    q * x === y;
}

component main = Endless();
