package dev.tally.request;

import dev.tally.consume.ConsumeListener;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/** Tells the log and the listener what became of requests; keys are not told, only the ids made of them. Thread-safe. */
final class RequestReport {

    private static final Logger log = LoggerFactory.getLogger(RequestReport.class);

    private final ConsumeListener listener;
    private final String group;

    RequestReport(ConsumeListener listener, String group) {
        this.listener = listener;
        this.group = group;
    }

    static String reasonOf(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        return root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage());
    }

    void handled(String operation, MessageId id, Duration took) {
        log.debug("request handled requestId={} operation={}", id, operation);
        observe(l -> l.handled(operation, group, took));
    }

    void duplicate(String operation, MessageId id) {
        log.debug("request repeated, not handled again requestId={} operation={}", id, operation);
        observe(l -> l.duplicate(operation, group));
    }

    void takenBack(String operation, MessageId id, Duration took, String reason) {
        log.debug(
                "request taken back, its key can be used again requestId={} operation={} reason={}",
                id,
                operation,
                reason);
        observe(l -> l.failed(operation, group, took, reason));
    }

    private void observe(Consumer<ConsumeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            log.warn("a consume listener failed", e);
        }
    }
}
