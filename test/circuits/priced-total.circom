pragma circom 2.1.6;

// A circuit for tests of the test kit: bits by hand, an array, a product, and a check that is no constraint.
template Bits(n) {
    signal input in;
    signal output out[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * 2 ** i;
    }
    sum === in;
}

template PricedTotal() {
    signal input price;
    signal input lots[2];
    signal input limit;
    signal output paid[2];
    signal output left;
    component range[2];
    for (var i = 0; i < 2; i++) {
        range[i] = Bits(8);
        range[i].in <== lots[i];
        paid[i] <== price * lots[i];
    }
    left <== limit - paid[0] - paid[1];
    assert(price != 0);
}

component main {public [price, limit]} = PricedTotal();
