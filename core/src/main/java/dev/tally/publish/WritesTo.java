package dev.tally.publish;

/** A publisher that knows in which data sources it can write. */
interface WritesTo {

    /** Whether it can take part in transactions on {@code resource}. */
    boolean writesTo(Object resource);

    /** The data sources, for messages. */
    String targets();
}
