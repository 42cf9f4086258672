package dev.tally.boot.saga;

import dev.tally.saga.SagaListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the log what a person may have to see to. */
final class SagaLog implements SagaListener {

    private static final Logger log = LoggerFactory.getLogger(SagaLog.class);

    @Override
    public void parked(String saga, String sagaId, String reason) {
        log.error("saga waits for a person saga={} sagaId={} reason={}", saga, sagaId, reason);
    }

    @Override
    public void stray(String saga, String sagaId, String why) {
        log.info("a reply changed nothing saga={} sagaId={} why={}", saga, sagaId, why);
    }

    @Override
    public void overdue(String saga, String sagaId) {
        log.warn("a saga's deadline has passed, and it goes on saga={} sagaId={}", saga, sagaId);
    }
}
