package dev.tally.sample.demo.audit;

/**
 * Something that is not consistent.
 *
 * @param kind what sort of thing
 * @param what the thing, with its ids
 * @since 0.1
 */
public record Finding(Kind kind, String what) {

    /** Sorts of findings. */
    public enum Kind {
        /** An order was never answered, or answered with something that makes no sense. */
        NOT_ANSWERED,
        /** An accepted order is not stored. */
        ORDER_LOST,
        /** An order is stored more than once. */
        ORDER_TWICE,
        /** An order is stored that was not accepted. */
        ORDER_UNKNOWN,
        /** A stored order has other lines than the accepted one. */
        ORDER_DIFFERENT,
        /** Half messages are neither committed nor rolled back. */
        HALF_UNDECIDED,
        /** An order is neither confirmed nor rejected nor cancelled. */
        ORDER_UNSETTLED,
        /** A line of a confirmed order is not reserved: a lost effect. */
        RESERVATION_LOST,
        /** A line is reserved more than once: a double effect. */
        RESERVATION_TWICE,
        /** A reservation has another product or quantity than its line, or there is no such line. */
        RESERVATION_DIFFERENT,
        /** Something is reserved for an order that is not confirmed. */
        RESERVATION_UNDUE,
        /** Something is reserved for an order that does not exist: a phantom. */
        PHANTOM,
        /** A saga has neither ended nor does it wait for a person. */
        SAGA_OPEN,
        /** An order that a saga places has none, or one that none places has. */
        SAGA_LOST,
        /** An order's end is not that of its sagas. */
        SAGA_DIFFERENT,
        /** An accepted cancellation had no effect. */
        CANCELLATION_LOST,
        /** A confirmed order is not charged, or a cancelled one not paid back: a lost effect. */
        PAYMENT_LOST,
        /** An order is charged, or paid back, more than once: a double effect. */
        PAYMENT_TWICE,
        /** Something is charged or paid back for which there is no reason. */
        PAYMENT_UNDUE,
        /** A payment is not the order's price. */
        PAYMENT_DIFFERENT,
        /** A product's figures do not add up. */
        STOCK_DIFFERENT
    }
}
