package dev.tally.sample.demo.place;

/**
 * Which of the order service's ways an order takes.
 *
 * @since 0.1
 */
public enum Via {
    /** The message leaves through the outbox. */
    OUTBOX("orders"),
    /** The message is at the broker, invisible, before the order commits. */
    HALF_MESSAGE("orders/express"),
    /** A saga reserves and charges. */
    SAGA("orders/saga");

    private final String path;

    Via(String path) {
        this.path = path;
    }

    /** Two fifths one way, two fifths the other, and one fifth by sagas. */
    static Via of(int position) {
        if (position % 5 == 4) {
            return SAGA;
        }
        return position % 5 % 2 == 0 ? OUTBOX : HALF_MESSAGE;
    }

    String path() {
        return path;
    }
}
