package dev.tally.half;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps an observer's failure away from what it observes. */
final class SafeListener {

    private static final Logger log = LoggerFactory.getLogger(SafeListener.class);

    private final HalfMessageListener listener;

    SafeListener(HalfMessageListener listener) {
        this.listener = listener;
    }

    void tell(Consumer<HalfMessageListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a half message listener failed", e);
        }
    }
}
