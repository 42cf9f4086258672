package dev.tally.broker.half;

import java.io.IOException;

/**
 * Is told of remembered decisions.
 *
 * @since 0.1
 */
public interface DecisionVisitor {

    /** Takes one. */
    void decided(DecidedEntry entry) throws IOException;
}
