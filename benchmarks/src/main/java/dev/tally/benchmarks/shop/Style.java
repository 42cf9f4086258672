package dev.tally.benchmarks.shop;

/** How the shop carries a purchase through its steps. */
public enum Style {
    /** A saga. */
    TALLY,
    /** The same with a barrier that remembers nothing. */
    TALLY_NO_BARRIER,
    /** Idempotent consumers that hand the purchase on, and a column that says how far it is. */
    BY_HAND;

    /** Whether there are sagas. */
    public boolean isTally() {
        return this != BY_HAND;
    }
}
