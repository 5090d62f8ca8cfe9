// S2 Orders: an owned note pays a sealed batch of four orders.                              [circuits/README.md, S2]
// Public   noteRoot          F_r      a recent root of the note tree, depth 10
// Public   Y8[2]             Edwards  8·Y, Y the committee's encryption key
// Public   context           F_r      hash of chain, market, fromHeight, toHeight, tableHeight
// Public   fee               < 2^64   units
// Public   table[2][16]               reserve table: [0] buy, ppm of the limit, < 2^32; [1] sell, units a lot, < 2^64
// Private  spendingKey       F_r      sk
// Private  value, rho        < 2^64, F_r   of the note that is spent
// Private  path[10][4]       F_r      the four children of each node on the way from the note, leaf level first
// Private  salt              F_r      of the account
// Private  deposit           < 2^64   units that move to the account
// Private  active, side, reduceOnly, instrument, price, lots [4]      the orders (lib/order.circom)
// Private  sealRandomness    Z_l      r ∉ {0, ±1, −2}
// Output   nullifier         F_r      H(nullifier; sk, cm)
// Output   changeCommitment  F_r      H(note; value − deposit − fee, pk, H(changeNote; sk, nullifier))
// Output   U[2]              Edwards  [r]B
// Output   ct[3], tag        F_r      (A, deposit ‖ order0 ‖ order1, order2 ‖ order3) sealed under [r]Y8 and context
// Constraints (each has a failing test of the same number):
//   C1   pk = Poseidon(2)(TAG_OWNER, sk)
//   C2   cm = Poseidon(4)(TAG_NOTE, value, pk, rho)
//   C3   cm is a leaf below noteRoot: at each level (h − c0)(h − c1)(h − c2)(h − c3) = 0
//   C4   at each level parent = Poseidon(4)(c0, c1, c2, c3), the last parent being noteRoot
//   C5   nullifier = Poseidon(3)(TAG_NULLIFIER, sk, cm)
//   C6   value has 64 bits
//   C7   change = value − deposit − fee has 64 bits
//   C8   deposit has 64 bits
//   C9   changeRho = Poseidon(3)(TAG_CHANGE_NOTE, sk, nullifier)
//   C10  changeCommitment = Poseidon(4)(TAG_NOTE, change, pk, changeRho)
//   C11  A = Poseidon(3)(TAG_ACCOUNT, sk, salt)
//   C12  active, side, reduceOnly of each order are bits
//   C13  instrument of each order has 4 bits
//   C14  price − active of each order has 32 bits
//   C15  lots − active of each order has 32 bits
//   C16  (1 − active)·word = 0: an inactive order is all zero
//   C17  entry = table[side][instrument]
//   C18  need = lots·(1 − reduceOnly)·entry·(side ? 10⁶ : price)
//   C19  deposit·10⁶ − Σ need has 84 bits
//   C20  the bits of t are bits, k = 2^251 + t
//   C21  U = [k]B
//   C22  K = [k]Y8
//   C23  (z0 … z4) = PoseidonEx(4 → 5)(TAG_SEAL, K.x, K.y, context)
//   C24  ct = (A, deposit + 2^64·word0 + 2^135·word1, word2 + 2^71·word3) + (z1, z2, z3)
//   C25  tag = z4
// Not checked here (the verifier's duty): that noteRoot is a recent root and not 0; Y8 in the prime-order subgroup and
// ≠ O; fee < 2^64; the ranges of the table and that it is the market's; U ≠ O; canonical public signals. The ledger's:
// nullifier unused, change note new, window and minimum fee. The market's: instruments listed, margin, reduce-only.
pragma circom 2.2.0;

include "bitify.circom";
include "lib/encapsulation.circom";
include "lib/merkle.circom";
include "lib/notes.circom";
include "lib/order.circom";
include "lib/seal.circom";
include "lib/sizes.gen.circom";

template Orders(depth, orders, instrumentBits) {
    signal input noteRoot;
    signal input Y8[2];
    signal input context;
    signal input fee;
    signal input table[2][2 ** instrumentBits];
    signal input spendingKey;
    signal input value;
    signal input rho;
    signal input path[depth][4];
    signal input salt;
    signal input deposit;
    signal input active[orders];
    signal input side[orders];
    signal input reduceOnly[orders];
    signal input instrument[orders];
    signal input price[orders];
    signal input lots[orders];
    signal input sealRandomness;
    signal output nullifier;
    signal output changeCommitment;
    signal output U[2];
    signal output ct[CIPHERTEXT_WORDS()];
    signal output tag;

    // C1 … C5
    signal pk <== OwnerKey()(spendingKey); // C1
    signal commitment <== NoteCommitment()(value, pk, rho); // C2
    signal root <== MerkleMembership(depth)(commitment, path); // C3, C4
    root === noteRoot; // C4
    nullifier <== NoteNullifier()(spendingKey, commitment); // C5

    // C6 … C10
    signal change <== value - deposit - fee;
    component valueBits = Num2Bits(VALUE_BITS());
    valueBits.in <== value; // C6
    component changeBits = Num2Bits(VALUE_BITS());
    changeBits.in <== change; // C7
    component depositBits = Num2Bits(VALUE_BITS());
    depositBits.in <== deposit; // C8
    signal changeRho <== ChangeRho()(spendingKey, nullifier); // C9
    changeCommitment <== NoteCommitment()(change, pk, changeRho); // C10

    // C11
    signal account <== AccountName()(spendingKey, salt);

    // C12 … C18
    signal word[orders];
    signal need[orders];
    var needed = 0;
    for (var i = 0; i < orders; i++) {
        (word[i], need[i]) <== Order(instrumentBits, PRICE_BITS(), LOTS_BITS())(
            active[i], side[i], reduceOnly[i], instrument[i], price[i], lots[i], table);
        needed += need[i];
    }

    // C19
    component slackBits = Num2Bits(SLACK_BITS());
    slackBits.in <== deposit * PPM() - needed;

    // C20 … C22
    signal K[2];
    (U, K) <== Encapsulation()(sealRandomness, Y8);

    // C23 … C25
    (ct, tag) <== Seal()([
        account,
        deposit + 2 ** VALUE_BITS() * word[0] + 2 ** (VALUE_BITS() + ORDER_BITS()) * word[1],
        word[2] + 2 ** ORDER_BITS() * word[3]
    ], K, context);
}

component main {public [noteRoot, Y8, context, fee, table]} =
    Orders(NOTE_TREE_DEPTH(), ORDERS_PER_BATCH(), INSTRUMENT_BITS());
