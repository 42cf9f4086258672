package dev.tally.boot.saga;

import dev.tally.saga.SagaStart;
import dev.tally.saga.Sagas;
import dev.tally.saga.engine.TransactionalSagas;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sagas for beans that the definitions need themselves: the engine is looked for when it is used. Thread-safe. */
final class LazySagas implements Sagas {

    private final Supplier<TransactionalSagas> engine;

    LazySagas(Supplier<TransactionalSagas> engine) {
        this.engine = engine;
    }

    @Override
    public SagaStart start(String saga, String businessKey, Object data) {
        return engine.get().start(saga, businessKey, data);
    }

    @Override
    public boolean signal(String saga, String businessKey, String signal, Object payload) {
        return engine.get().signal(saga, businessKey, signal, payload);
    }

    @Override
    public @Nullable String cancel(String saga, String businessKey, String reason) {
        return engine.get().cancel(saga, businessKey, reason);
    }

    @Override
    public @Nullable SagaStart find(String saga, String businessKey) {
        return engine.get().find(saga, businessKey);
    }
}
