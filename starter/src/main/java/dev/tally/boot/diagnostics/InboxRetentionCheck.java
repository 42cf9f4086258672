package dev.tally.boot.diagnostics;

import dev.tally.transport.Transport;
import java.time.Duration;
import org.springframework.beans.factory.InitializingBean;

/** Refuses to start where the inbox is to forget messages that may still come again. */
public final class InboxRetentionCheck implements InitializingBean {

    private final Duration retention;
    private final Transport transport;

    /** @param retention how long the inbox remembers */
    public InboxRetentionCheck(Duration retention, Transport transport) {
        this.retention = retention;
        this.transport = transport;
    }

    /** @throws InboxRetentionTooShortException if it does */
    @Override
    public void afterPropertiesSet() {
        Duration horizon = transport.redeliveryHorizon();
        if (retention.compareTo(horizon) < 0) {
            throw new InboxRetentionTooShortException(retention, transport.name(), horizon);
        }
    }
}
