pragma circom 2.2.0;

include "../../circuits/lib/order.circom";

component main = Order(INSTRUMENT_BITS(), PRICE_BITS(), LOTS_BITS());
