package dev.tally.broker.half;

import java.io.IOException;

/**
 * Is told of undecided half messages.
 *
 * @since 0.1
 */
public interface HalfVisitor {

    /** Takes one. */
    void undecided(HalfEntry entry) throws IOException;
}
