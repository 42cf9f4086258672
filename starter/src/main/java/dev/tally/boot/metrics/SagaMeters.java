package dev.tally.boot.metrics;

import dev.tally.saga.SagaListener;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts and times sagas, by definition. Thread-safe. */
final class SagaMeters implements SagaListener {

    private final MeterRegistry registry;

    SagaMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void started(String saga) {
        registry.counter("tally.saga.started", "saga", saga).increment();
    }

    @Override
    public void ended(String saga, SagaState end, Duration took) {
        registry.timer("tally.saga.ended", "saga", saga, "end", end.name()).record(took);
    }

    @Override
    public void parked(String saga, String sagaId, String reason) {
        registry.counter("tally.saga.parked", "saga", saga).increment();
    }

    @Override
    public void stepMoved(String saga, String step, StepState to, @Nullable String reason) {
        registry.counter("tally.saga.steps", "saga", saga, "step", step, "to", to.name())
                .increment();
    }

    @Override
    public void stray(String saga, String sagaId, String why) {
        registry.counter("tally.saga.strays", "saga", saga).increment();
    }

    @Override
    public void overdue(String saga, String sagaId) {
        registry.counter("tally.saga.overdue", "saga", saga).increment();
    }
}
