package dev.tally.transport.jms;

import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/** What the client says of one connection when it breaks. Thread-safe. */
final class Lost {

    private volatile @Nullable String reason;

    void because(String why) {
        reason = why;
    }

    boolean isSaid() {
        return reason != null;
    }

    /** Throws what was said. */
    void check() throws JMSException {
        String why = reason;
        if (why != null) {
            throw new JMSException(why);
        }
    }
}
