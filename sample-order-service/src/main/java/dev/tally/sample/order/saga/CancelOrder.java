package dev.tally.sample.order.saga;

import dev.tally.sample.order.payments.PaymentCommand;

/**
 * What the saga that cancels an order knows.
 *
 * @param due whether there is something to take back; false as long as that is not known, and for an order that was
 *     cancelled while it was being placed
 */
record CancelOrder(String orderId, boolean due) {

    CancelOrder isDue() {
        return new CancelOrder(orderId, true);
    }

    PaymentCommand.Refund refund() {
        return new PaymentCommand.Refund(orderId);
    }

    StockCommand.GiveBack giveBack() {
        return new StockCommand.GiveBack(orderId);
    }

    /** What both sagas lock. */
    static String lockOf(String orderId) {
        return "order/" + orderId;
    }
}
