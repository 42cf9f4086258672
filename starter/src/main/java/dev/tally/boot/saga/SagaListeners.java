package dev.tally.boot.saga;

import dev.tally.saga.SagaListener;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All listeners as one; what one throws is logged and hurts nobody. */
final class SagaListeners implements SagaListener {

    private static final Logger log = LoggerFactory.getLogger(SagaListeners.class);

    private final List<SagaListener> listeners;

    SagaListeners(List<SagaListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    private void each(Consumer<SagaListener> event) {
        for (SagaListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                log.warn("a listener of sagas failed listener={}", listener, e);
            }
        }
    }

    @Override
    public void started(String saga) {
        each(listener -> listener.started(saga));
    }

    @Override
    public void ended(String saga, SagaState end, Duration took) {
        each(listener -> listener.ended(saga, end, took));
    }

    @Override
    public void parked(String saga, String sagaId, String reason) {
        log.error("saga waits for a person saga={} sagaId={} reason={}", saga, sagaId, reason);
        each(listener -> listener.parked(saga, sagaId, reason));
    }

    @Override
    public void stepMoved(String saga, String step, StepState to, @Nullable String reason) {
        each(listener -> listener.stepMoved(saga, step, to, reason));
    }

    @Override
    public void stray(String saga, String sagaId, String why) {
        log.info("a reply changed nothing saga={} sagaId={} why={}", saga, sagaId, why);
        each(listener -> listener.stray(saga, sagaId, why));
    }

    @Override
    public void overdue(String saga, String sagaId) {
        log.warn("a saga's deadline has passed, and it goes on saga={} sagaId={}", saga, sagaId);
        each(listener -> listener.overdue(saga, sagaId));
    }
}
