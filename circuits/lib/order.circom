// Order: one order as an integer of 71 bits, and the reserve it needs.                 [circuits/README.md, Orders]
// Private  active, side, reduceOnly  bits   side: 0 buy, 1 sell
// Private  instrument                0…15
// Private  price                     units per lot, 1 … 2^32; 0 when inactive
// Private  lots                      1 … 2^32; 0 when inactive
// Public   table[2][16]              [0]: ppm of the limit price a buyer deposits, < 2^32; [1]: units a lot, < 2^64
// Output   word                      active + 2·side + 4·reduceOnly + 8·instrument + 2^7·(price−1) + 2^39·(lots−1),
//                                    0 if inactive
// Output   need                      10⁻⁶ units: lots·(buy ? price·table[0][i] : table[1][i]·10⁶), 0 if reduceOnly
// Constraints (each has a failing test of the same number):
//   C1  active, side and reduceOnly are bits
//   C2  instrument has 4 bits
//   C3  price − active has 32 bits
//   C4  lots − active has 32 bits
//   C5  (1 − active)·word = 0
//   C6  entry = table[side][instrument], by 31 binary multiplexers
//   C7  need = lots·(1 − reduceOnly)·entry·(side ? 10⁶ : price)
// Not checked here: the ranges of the table (the verifier does), on which need < 2^116 rests; that the instrument is
// listed, that reduce-only reduces (the market does).
pragma circom 2.2.0;

include "bitify.circom";
include "sizes.gen.circom";

// Select: leaves[Σ bits[i]·2^i] by halving, 2^n − 1 constraints.
// Not checked here: that bits[n] are bits. A "bit" of 2 gives 2·a' − a, which no leaf holds: the caller constrains them, Order
// by C1 (side) and C2 (instrument).
template Select(n) {
    signal input leaves[2 ** n];
    signal input bits[n];
    signal output out;

    var nodes = 2 ** n - 1;
    signal node[nodes];
    var below[2 ** n];
    for (var i = 0; i < 2 ** n; i++) {
        below[i] = leaves[i];
    }
    var next = 0;
    for (var level = 0; level < n; level++) {
        for (var i = 0; i < 2 ** (n - 1 - level); i++) {
            node[next] <== below[2 * i] + bits[level] * (below[2 * i + 1] - below[2 * i]);
            below[i] = node[next];
            next++;
        }
    }
    out <== node[nodes - 1];
}

template Order(instrumentBits, priceBits, lotsBits) {
    signal input active;
    signal input side;
    signal input reduceOnly;
    signal input instrument;
    signal input price;
    signal input lots;
    signal input table[2][2 ** instrumentBits];
    signal output word;
    signal output need;

    // C1
    active * (active - 1) === 0;
    side * (side - 1) === 0;
    reduceOnly * (reduceOnly - 1) === 0;

    // C2
    component which = Num2Bits(instrumentBits);
    which.in <== instrument;

    // C3, C4
    component pricePart = Num2Bits(priceBits);
    pricePart.in <== price - active; // C3
    component lotsPart = Num2Bits(lotsBits);
    lotsPart.in <== lots - active; // C4

    // C5
    var priceAt = 3 + instrumentBits;
    word <== active + 2 * side + 4 * reduceOnly + 8 * instrument + 2 ** priceAt * (price - active)
        + 2 ** (priceAt + priceBits) * (lots - active);
    (1 - active) * word === 0;

    // C6
    component entry = Select(instrumentBits + 1);
    for (var i = 0; i < 2 ** instrumentBits; i++) {
        entry.leaves[i] <== table[0][i];
        entry.leaves[2 ** instrumentBits + i] <== table[1][i];
    }
    for (var i = 0; i < instrumentBits; i++) {
        entry.bits[i] <== which.out[i];
    }
    entry.bits[instrumentBits] <== side;

    // C7
    signal factor <== price + side * (PPM() - price);
    signal perLot <== entry.out * factor;
    signal openingLots <== lots * (1 - reduceOnly);
    need <== openingLots * perLot;
}
