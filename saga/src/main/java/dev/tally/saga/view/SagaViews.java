package dev.tally.saga.view;

import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.StoredSaga;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What people want to know of sagas. Reads only. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaViews {

    private final SagaStore store;
    private final SagaDefinitions definitions;

    /** Creates the views. */
    public SagaViews(SagaStore store, SagaDefinitions definitions) {
        this.store = store;
        this.definitions = definitions;
    }

    /** All that is known of a saga; empty if there is none. */
    public Optional<SagaExplanation> explain(String id) {
        return store.find(id).map(this::explain);
    }

    /** All that is known of the saga with a business key; empty if there is none. */
    public Optional<SagaExplanation> explain(String name, String businessKey) {
        return store.find(name, businessKey).map(this::explain);
    }

    private SagaExplanation explain(StoredSaga saga) {
        List<Mail> mail = new ArrayList<>();
        for (Mail.Kind kind : Mail.Kind.values()) {
            mail.addAll(store.mail(List.of(saga.id()), kind));
        }
        String diagram = definitions
                .find(saga.name(), saga.definitionVersion())
                .map(definition -> SagaDiagram.of(definition, saga))
                .orElse(null);
        return SagaExplanation.of(saga, store.history(saga.id()), mail, diagram);
    }
}
