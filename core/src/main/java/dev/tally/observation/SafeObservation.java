package dev.tally.observation;

import io.micrometer.observation.Observation;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running observation, current on its thread, that keeps its handlers' failures away from what it observes. */
final class SafeObservation {

    private static final Logger log = LoggerFactory.getLogger(SafeObservation.class);

    private final Observation observation;
    private final Observation.Scope scope;

    private SafeObservation(Observation observation, Observation.Scope scope) {
        this.observation = observation;
        this.scope = scope;
    }

    static SafeObservation start(Supplier<Observation> created) {
        Observation observation = Observation.NOOP;
        Observation.Scope scope = Observation.Scope.NOOP;
        try {
            observation = created.get().start();
            scope = observation.openScope();
        } catch (RuntimeException e) {
            log.warn("an observation did not start", e);
        }
        return new SafeObservation(observation, scope);
    }

    /** To be called once, on the thread that started it. */
    void stop(@Nullable Throwable failure) {
        leave();
        end(failure);
    }

    /** It is no longer current; to be called once, on the thread that started it, and {@link #end} after it. */
    void leave() {
        safely(scope::close);
    }

    /** To be called once, on any thread. */
    void end(@Nullable Throwable failure) {
        safely(() -> {
            if (failure != null) {
                observation.error(failure);
            }
            observation.stop();
        });
    }

    private static void safely(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.warn("an observation did not end", e);
        }
    }
}
